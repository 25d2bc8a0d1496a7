namespace Evenkeel.Demo.Load;

/// <summary>What the bank says now against what its customers were told then. Lists hold ids.</summary>
/// <param name="Asked">Instructions that were asked.</param>
/// <param name="Unanswered">Of those, never told anything, or that nobody knows: asked for by reference.</param>
/// <param name="Lost">Told done, and the bank does not say so, or it is in no statement.</param>
/// <param name="Reborn">Told not done or taken back, and money moved.</param>
/// <param name="Twice">In a statement more than once.</param>
/// <param name="OtherAmount">In a statement with another amount than was asked or told.</param>
/// <param name="NotFound">Done, and its reference does not find it.</param>
/// <param name="FoundDone">Of the unanswered: found, done, and in the statements once.</param>
/// <param name="FoundNotDone">Of the unanswered: found as not done, or never reached the bank; no money moved.</param>
/// <param name="Open">Still being resolved.</param>
/// <param name="Accounts">Whose statements were read.</param>
/// <param name="Lines">That stand in those statements.</param>
public sealed record TruthReport(
    long Asked,
    long Unanswered,
    IReadOnlyList<string> Lost,
    IReadOnlyList<string> Reborn,
    IReadOnlyList<string> Twice,
    IReadOnlyList<string> OtherAmount,
    IReadOnlyList<string> NotFound,
    long FoundDone,
    long FoundNotDone,
    long Open,
    int Accounts,
    long Lines
)
{
    public bool IsKept => !Faults.Any();

    public IEnumerable<string> Faults =>
        Lost.Concat(Reborn).Concat(Twice).Concat(OtherAmount).Concat(NotFound);
}
