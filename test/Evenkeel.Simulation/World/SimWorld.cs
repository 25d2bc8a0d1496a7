using Evenkeel.Node.Batching;

namespace Evenkeel.Simulation.World;

/// <summary>One thread, one queue of events, one seed.</summary>
internal sealed class SimWorld : IDisposable
{
    private const int Members_ = 3;
    private const int Clients = 4;
    private const int WishesOfEach = 12;
    private const int ChaosMs = 4_000;
    private const int QuietMs = 30_000;

    private static readonly Stack<EntryGroup> s_groups = [];

    private readonly PriorityQueue<Action, (long At, long Order)> _queue = new();
    private readonly HashSet<(int From, int To)> _cut = [];
    private readonly Dictionary<UInt128, ulong> _forks = [];
    private readonly List<SimClient> _clients = [];
    private readonly string _directory;
    private long _order;
    private int _intents;
    private UInt128 _lineage = 1;

    public SimWorld(ulong seed, Bug bug)
    {
        Chance = new Chance(seed);
        Bug = bug;
        _directory = Path.Combine(Scratch, $"evenkeel-simulation-{Guid.NewGuid():N}");
        Checker = new Checker(this);
        Consumer = new SimConsumer(this);
        for (int id = 0; id < Members_; id++)
        {
            Nodes.Add(new SimNode(this, id, _directory));
            Members.Add(id);
        }
        for (int id = 0; id < Clients; id++)
        {
            _clients.Add(new SimClient(this, id) { Wishes = WishesOfEach });
        }
    }

    public Chance Chance { get; }
    public Bug Bug { get; }
    public SimTime Time { get; } = new();
    public long NowMs => Time.NowMs;
    public Trace Trace { get; } = new();
    public Checker Checker { get; }
    public SimConsumer Consumer { get; }
    public List<SimNode> Nodes { get; } = [];

    /// <summary>Who has a say; in the order of their numbers.</summary>
    public SortedSet<int> Members { get; } = [];

    /// <summary>Intents that were acknowledged on a branch that people gave up.</summary>
    public HashSet<int> Lost { get; } = [];

    private bool IsQuiet => NowMs >= ChaosMs;

    // Databases in memory where there is such a place: nothing here measures a disk.
    private static string Scratch => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    public void Run()
    {
        foreach (SimNode node in Nodes)
        {
            node.Start();
        }
        foreach (SimClient client in _clients)
        {
            After(Chance.Between(300, 900), client.Next);
        }
        After(100, Consumer.Poll);
        After(500, Misfortune);
        if (Chance.Percent(12) || (Bug == Bug.BelieveLostLineage && Chance.Percent(60)))
        {
            After(Chance.Between(1_500, 3_500), LoseQuorum);
        }
        while (!IsDone())
        {
            if (NowMs > ChaosMs + QuietMs)
            {
                throw new BrokenPromiseException(
                    "no progress though nothing fails any more: "
                        + string.Join(", ", Nodes.Select(n => n.ToString()))
                        + $"; committed {Checker.Committed}, lineage {_lineage}, "
                        + $"{_clients.Count(c => !c.IsIdle)} clients wait"
                );
            }
            if (!_queue.TryDequeue(out Action? action, out (long At, long Order) when))
            {
                throw new BrokenPromiseException("nothing is left to happen");
            }
            Time.NowMs = when.At;
            action();
        }
        Checker.End();
    }

    public void After(int delayMs, Action action) =>
        _queue.Enqueue(action, (NowMs + delayMs, _order++));

    public int NextIntent() => _intents++;

    public IEnumerable<int> Others(int id) => Enumerable.Range(0, Nodes.Count).Where(n => n != id);

    /// <summary>The branch that the members go on with.</summary>
    public UInt128 Lineage => _lineage;

    public ulong ForkOf(UInt128 lineage) => _forks[lineage];

    /// <summary>Delayed, sometimes lost, sometimes twice, in any order.</summary>
    public void Send(int from, int to, Message message)
    {
        if (!IsQuiet && Chance.Percent(4))
        {
            return;
        }
        int copies = !IsQuiet && Chance.Percent(3) ? 2 : 1;
        for (int i = 0; i < copies; i++)
        {
            int delayMs = Chance.Percent(92) ? Chance.Between(1, 8) : Chance.Between(10, 250);
            After(
                delayMs,
                () =>
                {
                    if (IsQuiet || !_cut.Contains((from, to)))
                    {
                        Nodes[to].Receive(from, message);
                    }
                }
            );
        }
    }

    public void SendRequest(int to, ClientRequest request)
    {
        if (IsQuiet || !Chance.Percent(6))
        {
            After(Chance.Between(1, 20), () => Nodes[to].Ask(request));
            if (!IsQuiet && Chance.Percent(3))
            {
                After(Chance.Between(1, 900), () => Nodes[to].Ask(request));
            }
        }
    }

    public void Reply(int client, ClientReply reply)
    {
        if (IsQuiet || !Chance.Percent(8))
        {
            UInt128 lineage = _lineage;
            After(Chance.Between(1, 20), () => _clients[client].Hear(reply, lineage));
        }
    }

    /// <summary>True now and then: the entry that is applied next ends in a crash.</summary>
    public bool CrashesNow() => !IsQuiet && Chance.Below(400) == 0;

    public void CrashAndRestart(SimNode node, bool losesPower)
    {
        node.Crash(losesPower);
        int life = node.Life;
        After(
            Chance.Between(20, 700),
            () =>
            {
                if (!node.IsAlive && node.Life == life)
                {
                    node.Start();
                }
            }
        );
    }

    public static EntryGroup RentGroup() => s_groups.TryPop(out EntryGroup? group) ? group : new();

    public static void ReturnGroup(EntryGroup group)
    {
        group.Reset();
        s_groups.Push(group);
    }

    public void Dispose()
    {
        foreach (SimNode node in Nodes)
        {
            node.Dispose();
        }
        Directory.Delete(_directory, recursive: true);
    }

    private void Misfortune()
    {
        if (IsQuiet)
        {
            _cut.Clear();
            return;
        }
        SimNode node = Nodes[Chance.Below(Nodes.Count)];
        switch (Chance.Below(12))
        {
            case < 3:
                CrashAndRestart(node, losesPower: Chance.Percent(60));
                break;
            case 3:
                foreach (SimNode each in Nodes)
                {
                    CrashAndRestart(each, losesPower: true);
                }
                break;
            case < 6:
                Cut(node.Id, Chance.Below(Nodes.Count), bothWays: Chance.Percent(60));
                break;
            case 6:
                _cut.Clear();
                break;
            case 7:
                foreach (int peer in Others(node.Id))
                {
                    Cut(node.Id, peer, bothWays: true);
                }
                break;
            case < 10:
                node.TakeSnapshot();
                break;
            default:
                node.Clock.SkewMs += Chance.Between(-3_000, 3_000);
                break;
        }
        After(Chance.Between(40, 400), Misfortune);
    }

    private void Cut(int from, int to, bool bothWays)
    {
        Trace.Add($"{NowMs} cut {from} to {to}, both ways {bothWays}");
        _cut.Add((from, to));
        if (bothWays)
        {
            _cut.Add((to, from));
        }
        After(
            Chance.Between(100, 1_200),
            () =>
            {
                _cut.Remove((from, to));
                _cut.Remove((to, from));
            }
        );
    }

    /// <summary>Two members are lost for good; people go on with the third on a new lineage.</summary>
    private void LoseQuorum()
    {
        SimNode survivor = Nodes[Chance.Below(Nodes.Count)];
        if (!survivor.IsAlive || Members.Count < Nodes.Count)
        {
            return;
        }
        Trace.Add($"{NowMs} quorum lost, n{survivor.Id} goes on");
        foreach (int id in Others(survivor.Id))
        {
            Nodes[id].Wipe();
            Members.Remove(id);
            SimNode lost = Nodes[id];
            After(
                Chance.Between(100, 500),
                () =>
                {
                    if (!lost.IsAlive)
                    {
                        lost.Start();
                    }
                }
            );
        }
        _lineage++;
        _forks[_lineage] = Checker.Fork(survivor);
        survivor.LeadAlone(_lineage);
    }

    private bool IsDone() =>
        IsQuiet
        && _clients.TrueForAll(c => c.IsIdle && c.Wishes == 0)
        && Nodes.TrueForAll(n =>
            n.IsAlive && n.Replica.AppliedIndex == Checker.Committed && n.Disk.Lineage == _lineage
        );
}
