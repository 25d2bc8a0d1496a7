namespace Evenkeel.Banking.Rails;

/// <summary>
/// As exception items of the rails were kept at first. Only read: none is written any more.
/// </summary>
/// <param name="Kind">"clearing-silent", "give-back-in-suspense", "position-differs"...</param>
/// <param name="Subject">The instruction, or the date and currency of a position.</param>
internal sealed record BreakDocument(
    string Kind,
    string Subject,
    long AmountMinor,
    uint Currency,
    DateTimeOffset Since,
    string State = "open"
);
