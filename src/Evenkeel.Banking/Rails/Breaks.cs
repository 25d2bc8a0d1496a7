using Evenkeel.Banking.Storage;
using Evenkeel.Journal;

namespace Evenkeel.Banking.Rails;

/// <summary>Something that does not end by itself: a person must look at it.</summary>
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

internal static class Breaks
{
    /// <summary>One for each kind and subject: a second of the same is the same.</summary>
    public static RecordWrite Open(
        string kind,
        string subject,
        long amountMinor,
        uint currency,
        DateTimeOffset now
    ) =>
        Collections.Breaks.Write(
            $"{kind}/{subject}",
            new BreakDocument(kind, subject, amountMinor, currency, now)
        );
}
