using System.Globalization;
using System.Text.Json;
using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Import;

/// <summary>Carries a plan into the bank, from wherever an earlier run stopped.</summary>
internal sealed class Loader(
    PatientTarget target,
    ImportPlan plan,
    int batchTransfers,
    IProgress<ImportStep> progress
)
{
    /// <summary>Loads what is not loaded yet; returns when all of the plan is in the bank.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Check.That(batchTransfers is >= 2 and <= Limits.BatchEventsMax);
        var done = await ReadProgressAsync(cancellationToken).ConfigureAwait(false);
        for (var i = done.Operations; i < plan.Operations.Count; i++)
        {
            await ProposeAsync(plan.Operations[i], $"records {i}", cancellationToken)
                .ConfigureAwait(false);
            progress.Report(new ImportStep(ImportStage.Records, i + 1, plan.Operations.Count));
        }
        if (done.Operations < plan.Operations.Count)
        {
            done = done with { Operations = plan.Operations.Count };
            await SaveAsync(done, cancellationToken).ConfigureAwait(false);
        }

        var transfers = plan.Transfers as Transfer[] ?? [.. plan.Transfers];
        while (done.Transfers < transfers.Length)
        {
            var count = BatchLength(transfers, done.Transfers);
            await CreateAsync(transfers.AsMemory(done.Transfers, count), cancellationToken)
                .ConfigureAwait(false);
            done = done with { Transfers = done.Transfers + count };
            await SaveAsync(done, cancellationToken).ConfigureAwait(false);
            Report(done.Transfers);
        }
    }

    private void Report(int transfers)
    {
        var openings = Math.Min(transfers, plan.Openings);
        if (plan.Openings > 0)
        {
            progress.Report(new ImportStep(ImportStage.Openings, openings, plan.Openings));
        }
        if (transfers > plan.Openings)
        {
            var total = plan.Transfers.Count - plan.Openings;
            progress.Report(
                new ImportStep(ImportStage.Movements, transfers - plan.Openings, total)
            );
        }
    }

    /// <summary>As many as asked, without tearing a linked chain or mixing openings with the rest.</summary>
    private int BatchLength(Transfer[] transfers, int first)
    {
        var end = first < plan.Openings ? plan.Openings : transfers.Length;
        var last = Math.Min(end, first + batchTransfers);
        while (
            last > first && (transfers[last - 1].Flags & TransferFlags.Linked) != TransferFlags.None
        )
        {
            last--;
        }
        Check.That(last > first);
        return last - first;
    }

    private async Task CreateAsync(ReadOnlyMemory<Transfer> batch, CancellationToken token)
    {
        var results = await target.CreateTransfersAsync(batch, token).ConfigureAwait(false);
        Check.That(results.Length == batch.Length);
        for (var i = 0; i < results.Length; i++)
        {
            var status = results[i].Status;
            if (status is CreateTransferStatus.Created or CreateTransferStatus.Exists)
            {
                continue;
            }
            if (plan.RefusalsExpected && IsExpected(status))
            {
                continue;
            }
            var kind = status.ToString().StartsWith("ExistsWith", StringComparison.Ordinal)
                ? ImportFailureKind.OtherContent
                : ImportFailureKind.Refused;
            var id = batch.Span[i].Id.ToString(CultureInfo.InvariantCulture);
            throw new ImportFailedException(kind, $"transfer {id}", 0, status.ToString());
        }
    }

    /// <summary>
    /// Refused for want of money, now or when first asked; or the other half of a linked pair of
    /// which one half was refused so, or is there already.
    /// </summary>
    private static bool IsExpected(CreateTransferStatus status) =>
        status
            is CreateTransferStatus.ExceedsCredits
                or CreateTransferStatus.IdAlreadyFailed
                or CreateTransferStatus.LinkedEventFailed;

    private async Task ProposeAsync(Operation operation, string step, CancellationToken token)
    {
        var result = await target.ProposeAsync(operation, token).ConfigureAwait(false);
        if (result.Status == OperationStatus.Done)
        {
            return;
        }
        var kind =
            result.Status == OperationStatus.IdReusedWithOtherContent
                ? ImportFailureKind.OtherContent
                : ImportFailureKind.Refused;
        var detail = string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Status}, {result.FailedIndex}, {result.FailedStatus}"
        );
        throw new ImportFailedException(kind, step, 0, detail);
    }

    private async Task<ImportProgress> ReadProgressAsync(CancellationToken token)
    {
        RecordQuery query = new()
        {
            Collection = ImportProgress.Collection,
            Key = plan.Source.Alias,
            Limit = 1,
        };
        var page = await target.ReadRecordsAsync(query, token).ConfigureAwait(false);
        if (page.Records.Count == 0)
        {
            return new ImportProgress(plan.Digest, 0, 0);
        }
        var json = page.Records[0].Json.Span;
        var stored = JsonSerializer.Deserialize(json, ImportJson.Default.ImportProgress);
        if (stored is null || !string.Equals(stored.Digest, plan.Digest, StringComparison.Ordinal))
        {
            throw new ImportFailedException(
                ImportFailureKind.OtherContent,
                plan.Source.Alias,
                0,
                stored?.Digest ?? ""
            );
        }
        return stored;
    }

    /// <summary>The id is made of how far it is, so that saving the same progress again is a repeat.</summary>
    private Task SaveAsync(ImportProgress done, CancellationToken token)
    {
        var number = ((ulong)done.Operations << 32) | (uint)done.Transfers;
        var json = JsonSerializer.SerializeToUtf8Bytes(done, ImportJson.Default.ImportProgress);
        RecordKey key = new(ImportProgress.Collection, plan.Source.Alias);
        Operation operation = new()
        {
            Id = new OperationId(plan.Source.Id(SourceKind.Progress, number)),
            Principals = [],
            Writes = [new RecordWrite(key, json)],
        };
        return ProposeAsync(operation, "progress", token);
    }
}
