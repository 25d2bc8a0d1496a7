using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Simulation.World;

/// <content>Elections, replication, commitment: Raft as published, without its comforts.</content>
internal sealed partial class SimNode
{
    private const int EntriesPerMessageMax = 20;
    private const long TermsBetweenLineages = 1_000;

    private readonly HashSet<int> _votes = [];
    private readonly Dictionary<int, ulong> _next = [];
    private readonly Dictionary<int, ulong> _match = [];

    /// <summary>A survivor of a lost quorum leads by decision of people, on a new lineage.</summary>
    public void LeadAlone(UInt128 lineage)
    {
        Disk.Lineage = lineage;
        // Those that were lost may have led terms that this one never heard of.
        Disk.Term += TermsBetweenLineages;
        Disk.Vote = Id;
        BecomeLeader();
        Advance();
    }

    private void Campaign()
    {
        DropGroups();
        Disk.Term++;
        Disk.Vote = Id;
        Role = Role.Candidate;
        _electionAtMs = NextElection();
        _votes.Clear();
        _votes.Add(Id);
        _world.Trace.Add($"{_world.NowMs} n{Id} asks for term {Disk.Term}");
        foreach (int peer in _world.Others(Id))
        {
            _world.Send(Id, peer, new AskVote(Disk.Term, Disk.LastIndex, LastTerm()));
        }
        BecomeLeaderIfChosen();
    }

    private void Vote(int from, AskVote ask)
    {
        bool isUpToDate =
            (ask.LastTerm, ask.LastIndex).CompareTo((LastTerm(), Disk.LastIndex)) >= 0;
        if (ask.Term < Disk.Term || !isUpToDate || (Disk.Vote is { } given && given != from))
        {
            return;
        }
        Disk.Vote = _world.Bug == Bug.ForgetVote ? null : from;
        _electionAtMs = NextElection();
        _world.Send(Id, from, new GiveVote(Disk.Term));
    }

    private void BecomeLeaderIfChosen()
    {
        if (
            Role == Role.Candidate
            && _votes.Count(_world.Members.Contains) > _world.Members.Count / 2
        )
        {
            BecomeLeader();
        }
    }

    private void BecomeLeader()
    {
        Role = Role.Leader;
        _world.Checker.Leads(Id, Disk.Term);
        _next.Clear();
        _match.Clear();
        _lastStamp = Replica.Ledger.LastTimestamp;
        for (ulong i = Disk.Trimmed + 1; i <= Disk.LastIndex; i++)
        {
            byte[] payload = Disk[i].Payload;
            if (payload.Length > 0)
            {
                ulong stamp = MemoryMarshal.Read<EntryHeader>(payload).Timestamp;
                _lastStamp = Math.Max(_lastStamp, stamp);
            }
        }
        Replica.Clock.Observe(_lastStamp);
        Append(new SimEntry(Disk.Term, []));
        SendToAll();
    }

    private void BecomeFollower(long term)
    {
        if (term > Disk.Term)
        {
            Disk.Term = term;
            Disk.Vote = null;
        }
        if (Role != Role.Follower)
        {
            Role = Role.Follower;
            DropGroups();
        }
    }

    private void SendToAll()
    {
        foreach (int peer in _world.Others(Id))
        {
            SendTo(peer);
        }
    }

    private void SendTo(int peer)
    {
        ulong next = _next.GetValueOrDefault(peer, Disk.LastIndex + 1);
        next = Math.Min(next, Disk.LastIndex + 1);
        if (next <= Disk.Trimmed || Disk.TermAt(next - 1) is not { } previousTerm)
        {
            _world.Send(Id, peer, new InstallSnapshot(Disk.Term, Disk.Snapshot!, Disk.Lineage));
            return;
        }
        var entries = new List<SimEntry>();
        for (ulong i = next; i <= Disk.LastIndex && entries.Count < EntriesPerMessageMax; i++)
        {
            entries.Add(Disk[i]);
        }
        _world.Send(
            Id,
            peer,
            new AppendEntries(Disk.Term, next - 1, previousTerm, [.. entries], Commit)
        );
    }

    private void Take(int from, AppendEntries append)
    {
        BecomeFollower(append.Term);
        _electionAtMs = NextElection();
        Disk.Lineage = _world.Nodes[from].Disk.Lineage;
        bool matches =
            append.PreviousIndex <= Disk.LastIndex
            && (
                append.PreviousIndex < Math.Max(Disk.Trimmed, Disk.Snapshot?.Index ?? 0)
                || Disk.TermAt(append.PreviousIndex) == append.PreviousTerm
                || _world.Bug == Bug.SkipLogMatching
            );
        if (!matches)
        {
            ulong hint = Math.Min(append.PreviousIndex - 1, Disk.LastIndex);
            _world.Send(Id, from, new Appended(Disk.Term, Matches: false, hint));
            return;
        }
        ulong index = append.PreviousIndex;
        foreach (SimEntry entry in append.Entries)
        {
            index++;
            if (
                index <= Disk.Trimmed
                || (index <= Disk.LastIndex && Disk[index].Term == entry.Term)
            )
            {
                continue;
            }
            if (index <= Disk.LastIndex)
            {
                Checker.Cuts(this, index);
                Disk.CutAfter(index - 1);
            }
            Disk.Append(entry);
        }
        ulong matched = append.PreviousIndex + (ulong)append.Entries.Length;
        if (_world.Bug == Bug.AcknowledgeBeforeFlush)
        {
            _world.Send(Id, from, new Appended(Disk.Term, Matches: true, matched));
            Flush(() => { });
        }
        else
        {
            Flush(() => _world.Send(Id, from, new Appended(append.Term, Matches: true, matched)));
        }
        Commit = Math.Max(Commit, Math.Min(append.Commit, matched));
        ApplyCommitted();
    }

    private void Note(int from, Appended appended)
    {
        if (!appended.Matches)
        {
            _next[from] = Math.Max(1, appended.Index + 1);
            SendTo(from);
            return;
        }
        ulong match = Math.Max(_match.GetValueOrDefault(from), appended.Index);
        _match[from] = match;
        _next[from] = match + 1;
        if (match >= Commit && !_world.Members.Contains(from))
        {
            // A member that lost its files has a say again once it holds all that was committed.
            _world.Members.Add(from);
            _world.Trace.Add($"{_world.NowMs} n{from} is a member again");
        }
        Advance();
        if (match < Disk.LastIndex)
        {
            SendTo(from);
        }
    }

    private void Advance()
    {
        for (ulong index = Disk.LastIndex; index > Commit; index--)
        {
            if (Disk.TermAt(index) != Disk.Term)
            {
                return;
            }
            int holders = _world.Members.Count(m =>
                m == Id ? Disk.Flushed >= index : _match.GetValueOrDefault(m) >= index
            );
            if (holders > _world.Members.Count / 2)
            {
                Commit = index;
                ApplyCommitted();
                return;
            }
        }
    }

    private void Append(SimEntry entry)
    {
        Disk.Append(entry);
        long term = Disk.Term;
        Flush(() =>
        {
            if (Role == Role.Leader && Disk.Term == term)
            {
                Advance();
            }
        });
    }

    private void Flush(Action done)
    {
        int life = Life;
        int delayMs =
            _world.Bug == Bug.AcknowledgeBeforeFlush
                ? _world.Chance.Between(5, 120)
                : _world.Chance.Between(1, 9);
        _world.After(
            delayMs,
            () =>
            {
                if (life == Life && _replica is not null)
                {
                    Disk.Flushed = Disk.LastIndex;
                    done();
                }
            }
        );
    }

    private void Install(int from, InstallSnapshot install)
    {
        BecomeFollower(install.Term);
        _electionAtMs = NextElection();
        if (install.Snapshot.Index > Replica.AppliedIndex)
        {
            // As the product does it: a member that is too far behind ends and starts from the snapshot.
            DropGroups();
            _replica!.Dispose();
            _replica = null;
            Disk.Install(install.Snapshot);
            Disk.Lineage = install.Lineage;
            Archive = [.. _world.Nodes[from].Archive[..((int)install.Snapshot.Index + 1)]];
            Start();
        }
        _world.Send(Id, from, new Appended(install.Term, Matches: true, install.Snapshot.Index));
    }

    private long LastTerm() => Disk.TermAt(Disk.LastIndex) ?? Disk.Snapshot!.Term;
}
