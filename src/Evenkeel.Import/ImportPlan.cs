using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Import;

/// <summary>How an import is to run.</summary>
public sealed record ImportOptions
{
    /// <summary>Transfers in one request, 2 to <see cref="Limits.BatchEventsMax"/>.</summary>
    public int BatchTransfers { get; init; } = ImportLimits.BatchTransfersDefault;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>
/// All that a source puts into the bank, in the order in which it has to happen. The same source
/// always gives the same plan, ids included: that is what makes an import resumable.
/// </summary>
internal sealed record ImportPlan
{
    public required SourceIds Source { get; init; }

    /// <summary>Names the source's content.</summary>
    public required string Digest { get; init; }

    /// <summary>Accounts and records, first to last.</summary>
    public required IReadOnlyList<Operation> Operations { get; init; }

    /// <summary>Transfers after that, first to last.</summary>
    public required IReadOnlyList<Transfer> Transfers { get; init; }

    /// <summary>How many of the transfers are opening balances.</summary>
    public int Openings { get; init; }

    /// <summary>
    /// True when some transfers may exceed a balance and are then left out; else a refusal ends the
    /// import.
    /// </summary>
    public bool RefusalsExpected { get; init; }

    /// <summary>Operations that create accounts together with the records about them.</summary>
    public static IEnumerable<Operation> InOperations(
        SourceIds source,
        ulong firstNumber,
        IReadOnlyList<Account> accounts,
        IReadOnlyList<RecordWrite> writes
    )
    {
        var number = firstNumber;
        var count = Math.Max(accounts.Count, writes.Count);
        for (var first = 0; first < count; first += ImportLimits.RecordsPerOperation)
        {
            yield return new Operation
            {
                Id = new OperationId(source.Id(SourceKind.Operation, number)),
                Principals = [],
                Accounts = [.. accounts.Skip(first).Take(ImportLimits.RecordsPerOperation)],
                Writes = [.. writes.Skip(first).Take(ImportLimits.RecordsPerOperation)],
            };
            number++;
        }
    }
}
