using Evenkeel.Gateway.Forwarding;

namespace Evenkeel.Gateway.Attempts;

/// <summary>A request and what became of it.</summary>
public sealed record Attempt
{
    public required DateTimeOffset When { get; init; }
    public required AttemptRequest Request { get; init; }

    /// <summary>Null: no end is recorded.</summary>
    public AttemptEnd? End { get; init; }

    public AttemptOutcome Outcome => End?.Outcome ?? AttemptOutcome.NotRecorded;

    /// <summary>Reads aside: it may have changed something.</summary>
    public bool IsWrite =>
        Request.Service
            is Service.CreateTransfers
                or Service.PutTransfer
                or Service.ProposeOperation
                or Service.CreateAccounts
                or Service.PutAccount
                or Service.UpdateAccounts
                or Service.OtherWrite
                or Service.SubmitInstruction
        || (Request.Service == Service.Keys && Request.Method is "POST" or "DELETE");
}

/// <summary>Joins records to attempts, and answers who was told what.</summary>
public sealed record AttemptReport
{
    /// <summary>
    /// Longer than a request can live in the gateway: an attempt without a known outcome that began
    /// earlier than this before a position was over by then.
    /// </summary>
    private static readonly TimeSpan LifeMax = TimeSpan.FromMinutes(2);

    /// <summary>Attempts in the order of their beginning.</summary>
    public required IReadOnlyList<Attempt> Attempts { get; init; }

    /// <summary>Where attempts are missing.</summary>
    public required IReadOnlyList<AttemptGap> Gaps { get; init; }

    /// <summary>Everything that a gateway's directory holds.</summary>
    public static AttemptReport Read(string directory)
    {
        var attempts = new List<Attempt>();
        var begun = new Dictionary<Guid, int>();
        var gaps = new List<AttemptGap>();
        foreach (AttemptEntry entry in AttemptReader.Read(directory))
        {
            switch (entry)
            {
                case { Kind: AttemptKind.Begun, Request: { } request }:
                    begun[request.RequestId] = attempts.Count;
                    attempts.Add(new Attempt { When = entry.When, Request = request });
                    break;
                case { Kind: AttemptKind.Ended, End: { } end }:
                    if (begun.Remove(end.RequestId, out int at))
                    {
                        attempts[at] = attempts[at] with { End = end };
                    }
                    break;
                case { Kind: AttemptKind.Whole, Request: { } request }:
                    attempts.Add(
                        new Attempt
                        {
                            When = entry.When,
                            Request = request,
                            End = entry.End,
                        }
                    );
                    break;
                case { Gap: { } gap }:
                    gaps.Add(gap);
                    break;
                default:
                    break;
            }
        }
        return new AttemptReport { Attempts = attempts, Gaps = gaps };
    }

    /// <summary>
    /// The writes that a restore to a position takes back or may take back: acknowledged after it, or
    /// without a known outcome and not certainly over before it. Gaps of that time are kept: the list
    /// is then "at least".
    /// </summary>
    /// <param name="lineage">Of the position; acknowledgements of other lineages count as after it.</param>
    /// <param name="index">The last entry that the restored bank has.</param>
    public AttemptReport After(UInt128 lineage, ulong index)
    {
        DateTimeOffset since = DateTimeOffset.MinValue;
        foreach (Attempt attempt in Attempts)
        {
            if (
                attempt.End is { Outcome: AttemptOutcome.Done, Index: > 0 } end
                && end.Lineage == lineage
                && end.Index <= index
                && attempt.When > since
            )
            {
                since = attempt.When;
            }
        }
        DateTimeOffset from = since == DateTimeOffset.MinValue ? since : since - LifeMax;
        return new AttemptReport
        {
            Attempts = [.. Attempts.Where(a => a.IsWrite && IsAfter(a, lineage, index, from))],
            Gaps = [.. Gaps.Where(g => g.Until >= from)],
        };
    }

    private static bool IsAfter(
        Attempt attempt,
        UInt128 lineage,
        ulong index,
        DateTimeOffset from
    ) =>
        attempt.End switch
        {
            { Outcome: AttemptOutcome.NotDone } => false,
            { Outcome: AttemptOutcome.Done, Index: > 0 } end => end.Lineage != lineage
                || end.Index > index,
            _ => attempt.When >= from,
        };
}
