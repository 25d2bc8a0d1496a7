using System.Runtime.InteropServices;
using Evenkeel.Journal;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Evenkeel.Replication;

namespace Evenkeel.Simulation.World;

/// <summary>A promise was broken.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);

/// <summary>
/// Knows everything that any node ever committed, and every answer that any client ever heard; compares
/// after each step, and once more at the end.
/// </summary>
internal sealed class Checker(SimWorld world)
{
    private readonly List<Truth> _truth = [new(0, [], default, 0, 0, 0)];
    private readonly Dictionary<long, int> _leaders = [];
    private readonly Dictionary<int, Promise> _promises = [];

    /// <summary>Last entry that the newest lineage shares with the one before.</summary>
    private ulong _common = ulong.MaxValue;

    public int PromiseCount => _promises.Count;

    public ulong Committed => (ulong)_truth.Count - 1;

    public int Lost { get; private set; }

    public void Leads(int node, long term)
    {
        world.Trace.Add($"{world.NowMs} n{node} leads term {term}");
        if (!_leaders.TryAdd(term, node) && _leaders[term] != node)
        {
            Broken($"two leaders in term {term}: n{_leaders[term]} and n{node}");
        }
    }

    /// <summary>A follower gives entries up: never committed ones.</summary>
    public static void Cuts(SimNode node, ulong from)
    {
        if (from <= node.Replica.AppliedIndex)
        {
            Broken(
                $"n{node.Id} cuts its log at {from}, it has applied {node.Replica.AppliedIndex}"
            );
        }
    }

    public void Applied(SimNode node, ulong index, SimEntry entry)
    {
        SimReplica replica = node.Replica;
        UInt128 digest = replica.Ledger.Digest();
        world.Trace.Add($"{world.NowMs} n{node.Id} applies {index} {digest:x}");
        Balance(node);
        ulong logTime = LogTime(entry, index);
        if (index == Committed + 1)
        {
            _truth.Add(
                new Truth(
                    entry.Term,
                    entry.Payload,
                    replica.Chain,
                    digest,
                    replica.RecordsDigest,
                    logTime
                )
            );
            return;
        }
        Truth truth = _truth[(int)index];
        if (truth.Term != entry.Term || !truth.Payload.AsSpan().SequenceEqual(entry.Payload))
        {
            Broken($"forked history: n{node.Id} applied another entry {index} than others before");
        }
        if (truth.Chain != replica.Chain)
        {
            Broken($"n{node.Id} has another chain hash after entry {index}");
        }
        if (truth.Digest != digest)
        {
            Broken($"n{node.Id} has another state after entry {index}");
        }
        if (truth.Records is { } known && replica.RecordsDigest is { } records && known != records)
        {
            Broken($"n{node.Id} has other records after entry {index}");
        }
        if (truth.Records is null)
        {
            _truth[(int)index] = truth with { Records = replica.RecordsDigest };
        }
    }

    /// <param name="lineage">The branch at the moment when the reply was sent.</param>
    public void Acknowledged(ClientRequest request, ClientReply reply, UInt128 lineage)
    {
        world.Trace.Add(
            $"{world.NowMs} c{request.Client} is told {request.Intent} at {reply.Index}"
        );
        if (lineage != world.Lineage && reply.Index > _common)
        {
            // It was on its way when people gave up the branch that it speaks of.
            Lose(request.Intent);
            return;
        }
        var promise = new Promise(request, reply.Index, []);
        if (request.Operation == OperationCode.CreateTransfers)
        {
            foreach (
                CreateTransferResult result in MemoryMarshal.Cast<byte, CreateTransferResult>(
                    reply.Results
                )
            )
            {
                promise.IsDone.Add(
                    result.Status is CreateTransferStatus.Created or CreateTransferStatus.Exists
                );
            }
        }
        else if (request.Operation == OperationCode.Operation)
        {
            promise.IsDone.Add(
                OperationCodec.DecodeResult(reply.Results) is { Status: OperationStatus.Done }
            );
        }
        _promises[request.Intent] = promise;
    }

    /// <summary>A quorum is lost and people go on with what one member holds.</summary>
    /// <returns>The last entry that the new lineage shares with the old one.</returns>
    public ulong Fork(SimNode survivor)
    {
        ulong common = survivor.Replica.AppliedIndex;
        while (
            common < Committed
            && survivor.Disk.TermAt(common + 1) is { } term
            && term == _truth[(int)common + 1].Term
        )
        {
            common++;
        }
        _common = common;
        _truth.RemoveRange((int)common + 1, _truth.Count - (int)common - 1);
        foreach (int intent in _promises.Keys.Order().ToArray())
        {
            if (_promises[intent].Index > common)
            {
                _promises.Remove(intent);
                Lose(intent);
            }
        }
        return survivor.Replica.AppliedIndex;
    }

    public void End()
    {
        foreach (SimNode node in world.Nodes)
        {
            if (node.Replica.AppliedIndex != Committed)
            {
                Broken($"n{node.Id} stands at {node.Replica.AppliedIndex}, others at {Committed}");
            }
            CheckPromises(node);
        }
        CheckConsumer();
    }

    /// <summary>Named to the people who decide; from here on nobody may count on it.</summary>
    private void Lose(int intent)
    {
        world.Lost.Add(intent);
        Lost++;
    }

    private void CheckPromises(SimNode node)
    {
        var rows = new Dictionary<(UInt128 Intent, ulong Part), UInt128>();
        foreach (HistoryRow row in node.Replica.History.First(node.Replica.History.Count))
        {
            if (
                row.Kind == HistoryRowKind.Transfer
                && !rows.TryAdd((row.UserData128, row.UserData64), row.Id)
            )
            {
                Broken($"posted twice: intent {row.UserData128}, part {row.UserData64}");
            }
        }
        long done = 0;
        foreach ((int intent, Promise promise) in _promises.OrderBy(p => p.Key))
        {
            if (promise.Request.Operation == OperationCode.CreateTransfers)
            {
                for (int k = 0; k < promise.IsDone.Count; k++)
                {
                    bool isThere = rows.ContainsKey(((UInt128)intent, (ulong)k));
                    if (isThere != promise.IsDone[k])
                    {
                        Broken(
                            isThere
                                ? $"intent {intent} was refused and posted all the same on n{node.Id}"
                                : $"acknowledged and lost: intent {intent}, part {k}, on n{node.Id}"
                        );
                    }
                }
            }
            else if (promise.Request.Operation == OperationCode.Operation)
            {
                done += promise.IsDone[0] ? 1 : 0;
            }
        }
        long counted = node.Replica.Counter("done", "all");
        // A repeated answer may have come later than what it was about: lost ones may be there still.
        if (counted < done || counted > done + world.Lost.Count)
        {
            Broken($"n{node.Id} counts {counted} operations, clients were told of {done}");
        }
    }

    private void CheckConsumer()
    {
        SimNode node = world.Nodes[0];
        world.Consumer.Follow(node);
        for (int i = 0; i < world.Consumer.Taken.Count; i++)
        {
            if (i >= _truth.Count || world.Consumer.Taken[i] != _truth[i].Chain)
            {
                Broken($"the consumer took in entry {i} of a branch that is no history");
            }
        }
    }

    private static void Balance(SimNode node)
    {
        UInt128 debits = 0;
        UInt128 credits = 0;
        UInt128 held = 0;
        UInt128 holding = 0;
        foreach (Account account in node.Replica.Accounts())
        {
            debits += account.DebitsPosted;
            credits += account.CreditsPosted;
            held += account.DebitsPending;
            holding += account.CreditsPending;
        }
        if (debits != credits || held != holding)
        {
            Broken($"n{node.Id}: debits {debits} and credits {credits} differ");
        }
    }

    private ulong LogTime(SimEntry entry, ulong index)
    {
        ulong before = _truth[(int)Math.Min(index, Committed + 1) - 1].LogTime;
        if (entry.Payload.Length == 0)
        {
            return before;
        }
        ulong stamp = MemoryMarshal.Read<EntryHeader>(entry.Payload).Timestamp;
        if (stamp <= before && index == Committed + 1 && world.Bug != Bug.StampByOwnClock)
        {
            // A tick without effect may be forgotten with a trimmed log; its time is no event's.
            return before;
        }
        return Math.Max(before, stamp);
    }

    private static void Broken(string what) => throw new BrokenPromiseException(what);

    private sealed record Truth(
        long Term,
        byte[] Payload,
        ChainHash Chain,
        UInt128 Digest,
        UInt128? Records,
        ulong LogTime
    );

    private sealed record Promise(ClientRequest Request, ulong Index, List<bool> IsDone);
}
