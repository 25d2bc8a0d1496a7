using Evenkeel.Model;

namespace Evenkeel.Simulation.World;

internal abstract record Message(long Term);

internal sealed record AskVote(long Term, ulong LastIndex, long LastTerm) : Message(Term);

internal sealed record GiveVote(long Term) : Message(Term);

internal sealed record AppendEntries(
    long Term,
    ulong PreviousIndex,
    long PreviousTerm,
    SimEntry[] Entries,
    ulong Commit
) : Message(Term);

internal sealed record Appended(long Term, bool Matches, ulong Index) : Message(Term);

internal sealed record InstallSnapshot(long Term, SimSnapshot Snapshot, UInt128 Lineage)
    : Message(Term);

/// <summary>A request as a client sends it; a retry sends the very same one.</summary>
/// <param name="Intent">What the client wants, counted over all clients.</param>
internal sealed record ClientRequest(
    int Client,
    int Intent,
    OperationCode Operation,
    uint Count,
    byte[] Body
);

internal enum Outcome
{
    Answered,
    NotLeader,
    Unknown,
}

/// <param name="Index">Entry that answered, as far as the node knew.</param>
internal sealed record ClientReply(int Intent, Outcome Outcome, byte[] Results, ulong Index);
