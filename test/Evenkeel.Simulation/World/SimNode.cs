using Evenkeel.Model;
using Evenkeel.Node.Batching;
using Evenkeel.Replication;

namespace Evenkeel.Simulation.World;

internal enum Role
{
    Follower,
    Candidate,
    Leader,
}

/// <summary>
/// One member: the node's real state machine behind a small consensus of the simulation's own. The
/// consensus is there to be crashed, delayed and deposed; the product's engine is tested with real processes.
/// </summary>
internal sealed partial class SimNode : IDisposable
{
    private readonly SimWorld _world;
    private readonly Dictionary<ulong, EntryGroup> _groups = [];
    private readonly List<SimRequest> _waiting = [];
    private readonly List<ClientRequest> _waitingBodies = [];
    private SimReplica? _replica;
    private long _electionAtMs;
    private ulong _lastStamp;
    private bool _pumpIsDue;

    public SimNode(SimWorld world, int id, string directory)
    {
        _world = world;
        Id = id;
        Records = Path.Combine(directory, $"n{id}", "records.db");
        Directory.CreateDirectory(Path.GetDirectoryName(Records)!);
        Clock = new NodeClock(world.Time) { SkewMs = world.Chance.Between(-400, 400) };
    }

    public int Id { get; }
    public string Records { get; }
    public NodeClock Clock { get; }
    public SimDisk Disk { get; private set; } = new();

    /// <summary>Chain hashes of the archive by entry, from entry 0 (zeros) on; survives crashes.</summary>
    public List<ChainHash> Archive { get; private set; } = [default];
    public Role Role { get; private set; }
    public ulong Commit { get; private set; }

    /// <summary>Counts lives: a timer or a flush of an earlier life finds nobody.</summary>
    public int Life { get; private set; }

    public bool IsAlive => _replica is not null;

    public SimReplica Replica => _replica!;

    public void Start()
    {
        Check.That(_replica is null);
        Life++;
        _replica = new SimReplica(Disk, Records, Clock, _world.Bug);
        Archive.RemoveRange(
            (int)Replica.AppliedIndex + 1,
            Math.Max(0, Archive.Count - (int)Replica.AppliedIndex - 1)
        );
        Commit = Replica.AppliedIndex;
        Role = Role.Follower;
        _pumpIsDue = false;
        _electionAtMs = NextElection();
        _world.Trace.Add($"{_world.NowMs} n{Id} starts at {Replica.AppliedIndex}");
        Tick(Life);
    }

    /// <summary>The process dies; with power also what its disk had not flushed.</summary>
    public void Crash(bool losesPower)
    {
        if (_replica is null)
        {
            return;
        }
        _world.Trace.Add($"{_world.NowMs} n{Id} dies{(losesPower ? " with its power" : "")}");
        DropGroups();
        _replica.Dispose();
        _replica = null;
        if (losesPower && Disk.Flushed < Disk.LastIndex)
        {
            // Any part of what was not flushed may be there all the same.
            ulong unflushed = Disk.LastIndex - Disk.Flushed;
            Disk.CutAfter(Disk.Flushed + (ulong)_world.Chance.Below((int)unflushed + 1));
        }
    }

    /// <summary>All its files are lost.</summary>
    public void Wipe()
    {
        Crash(losesPower: true);
        Disk = new SimDisk();
        Archive = [default];
        foreach (string suffix in (string[])["", "-wal", "-shm"])
        {
            File.Delete(Records + suffix);
        }
    }

    public void TakeSnapshot()
    {
        if (_replica is null || Replica.AppliedIndex == (Disk.Snapshot?.Index ?? 0))
        {
            return;
        }
        long term = Disk.TermAt(Replica.AppliedIndex)!.Value;
        Disk.Snapshot = SimSnapshot.Take(Replica, term);
        Disk.Flushed = Math.Max(Disk.Flushed, Disk.Snapshot.Index);
        if (_world.Chance.Percent(60))
        {
            Disk.TrimTo(Disk.Snapshot.Index);
        }
        _world.Trace.Add($"{_world.NowMs} n{Id} snapshot {Disk.Snapshot.Index}");
    }

    public void Receive(int from, Message message)
    {
        if (_replica is null)
        {
            return;
        }
        if (message.Term > Disk.Term)
        {
            BecomeFollower(message.Term);
        }
        switch (message)
        {
            case AskVote ask:
                Vote(from, ask);
                break;
            case GiveVote vote when Role == Role.Candidate && vote.Term == Disk.Term:
                _votes.Add(from);
                BecomeLeaderIfChosen();
                break;
            case AppendEntries append when append.Term == Disk.Term:
                Take(from, append);
                break;
            case Appended appended when Role == Role.Leader && appended.Term == Disk.Term:
                Note(from, appended);
                break;
            case InstallSnapshot install when install.Term == Disk.Term:
                Install(from, install);
                break;
        }
    }

    public void Ask(ClientRequest request)
    {
        if (_replica is null)
        {
            return;
        }
        if (Role != Role.Leader)
        {
            _world.Reply(request.Client, new ClientReply(request.Intent, Outcome.NotLeader, [], 0));
            return;
        }
        _waiting.Add(new SimRequest(request, reply => _world.Reply(request.Client, reply)));
        _waitingBodies.Add(request);
        if (!_pumpIsDue)
        {
            _pumpIsDue = true;
            int life = Life;
            _world.After(_world.Chance.Between(1, 4), () => Pump(life));
        }
    }

    public override string ToString() =>
        $"n{Id} {(IsAlive ? $"{Role} at {Replica.AppliedIndex}" : "dead")} in term {Disk.Term} of lineage {Disk.Lineage}";

    public void Dispose() => _replica?.Dispose();

    private void Tick(int life)
    {
        if (life != Life || _replica is null)
        {
            return;
        }
        if (Role == Role.Leader)
        {
            if (Replica.Machine.NextExpiry <= Replica.Clock.Now())
            {
                Propose(static group =>
                    group.Add(null, OperationCode.Tick, count: 0, principal: 0, [])
                );
            }
            SendToAll();
        }
        else if (_world.NowMs >= _electionAtMs && _world.Members.Contains(Id))
        {
            Campaign();
        }
        _world.After(30, () => Tick(life));
    }

    private void Pump(int life)
    {
        if (life != Life || _replica is null)
        {
            return;
        }
        _pumpIsDue = false;
        if (Role != Role.Leader || _waiting.Count == 0)
        {
            FailWaiting();
            return;
        }
        SimRequest[] requests = [.. _waiting];
        ClientRequest[] bodies = [.. _waitingBodies];
        _waiting.Clear();
        _waitingBodies.Clear();
        Propose(group =>
        {
            for (int i = 0; i < requests.Length; i++)
            {
                ClientRequest b = bodies[i];
                group.Add(requests[i], b.Operation, b.Count, principal: 7, b.Body);
            }
        });
        if (_world.Bug == Bug.AcknowledgeBeforeCommit)
        {
            foreach (ClientRequest body in bodies)
            {
                byte[] results = Intents.AllWell(body);
                _world.Reply(
                    body.Client,
                    new ClientReply(body.Intent, Outcome.Answered, results, Disk.LastIndex)
                );
            }
        }
    }

    private void Propose(Action<EntryGroup> fill)
    {
        EntryGroup group = SimWorld.RentGroup();
        fill(group);
        ulong earliest = _lastStamp + Limits.ExpiriesPerEntryMax + group.Writer.EventCount;
        ulong stamp =
            _world.Bug == Bug.StampByOwnClock
                ? (ulong)Clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000
                : Math.Max(Replica.Clock.Now(), earliest);
        _lastStamp = stamp;
        Replica.Clock.Observe(stamp);
        group.Stamp((ulong)Disk.Term, stamp);
        group.Seal(Replica.Machine.StateVersion);
        Append(new SimEntry(Disk.Term, group.Payload.ToArray()));
        _groups[Disk.LastIndex] = group;
        SendToAll();
    }

    private void ApplyCommitted()
    {
        while (_replica is not null && Replica.AppliedIndex < Commit)
        {
            ulong index = Replica.AppliedIndex + 1;
            if (Disk.TermAt(index) is null)
            {
                return;
            }
            SimEntry entry = Disk[index];
            _groups.Remove(index, out EntryGroup? group);
            if (_world.CrashesNow())
            {
                Replica.History.CrashAfter(_world.Chance.Below(4));
            }
            try
            {
                Replica.Apply(index, entry, group);
            }
            catch (SimulatedCrashException)
            {
                _world.CrashAndRestart(this, losesPower: false);
                return;
            }
            Replica.History.CrashAfter(-1);
            Archive.Add(Replica.Chain);
            Check.That(Archive.Count == (int)index + 1);
            _world.Checker.Applied(this, index, entry);
            if (group is not null)
            {
                group.CompleteAll();
                SimWorld.ReturnGroup(group);
            }
        }
    }

    private void DropGroups()
    {
        foreach ((_, EntryGroup group) in _groups.OrderBy(g => g.Key))
        {
            group.FailAll(FrameStatus.Unknown, "deposed");
            SimWorld.ReturnGroup(group);
        }
        _groups.Clear();
        FailWaiting();
    }

    private void FailWaiting()
    {
        foreach (SimRequest request in _waiting)
        {
            request.TryFail(FrameStatus.NotLeader, "deposed");
        }
        _waiting.Clear();
        _waitingBodies.Clear();
    }

    private long NextElection() => _world.NowMs + _world.Chance.Between(150, 400);
}
