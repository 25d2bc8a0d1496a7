using Evenkeel.Ledger;
using Evenkeel.Model;

namespace Evenkeel.Node.History;

/// <summary>
/// Reads sealed segments back at a bounded rate, so that damage is found while the archive to mend
/// it from is at hand, not when a customer asks for a statement.
/// </summary>
internal sealed class HistoryScrub(
    SegmentSet segments,
    SegmentIndexes indexes,
    Action<ulong> remakeIndex,
    long bytesPerSecond,
    TimeProvider time
)
{
    private long _start;
    private long _bytes;

    /// <summary>One pass over the segments below <paramref name="sealedSegments"/>.</summary>
    /// <param name="report">Called with each finding.</param>
    /// <returns>Segments that were read.</returns>
    public ulong Run(
        ulong sealedSegments,
        Action<HistoryDamage> report,
        CancellationToken cancellationToken
    )
    {
        Check.That(bytesPerSecond > 0);
        _start = time.GetTimestamp();
        _bytes = 0;
        for (var segment = 0UL; segment < sealedSegments; segment++)
        {
            var pass = SegmentPass.Run(
                segments,
                segment,
                cancellationToken,
                (_, rows) => Pace(rows.Length, cancellationToken)
            );
            foreach (var damage in pass.Damages)
            {
                report(damage);
            }

            if (pass.IsWhole && SealFault(segment, pass.Seal) is { } fault)
            {
                report(segments.DamageOfHeader(segment, fault));
            }

            if (indexes.Find(segment)?.Verify(cancellationToken) is { } indexFault)
            {
                // Reported, and mended at once: the rows are the truth.
                report(segments.DamageOfHeader(segment, indexFault));
                indexes.Drop(segment);
                remakeIndex(segment);
            }
        }

        return sealedSegments;
    }

    // Rows that are whole one by one may still be other rows than those that were sealed.
    private string? SealFault(ulong segment, in SegmentSeal now)
    {
        if (!segments.TryReadSeal(segment, out var sealedThen))
        {
            return "seal is missing or damaged";
        }

        return sealedThen.ContentHash == now.ContentHash
            ? null
            : "rows are not those that were sealed";
    }

    private void Pace(int rows, CancellationToken cancellationToken)
    {
        _bytes += (long)rows * HistoryRow.Size;
        var due = TimeSpan.FromSeconds((double)_bytes / bytesPerSecond);
        var ahead = due - time.GetElapsedTime(_start);
        if (ahead > TimeSpan.Zero)
        {
            using var timer = new ManualResetEventSlim();
            using var wake = time.CreateTimer(
                static state => ((ManualResetEventSlim)state!).Set(),
                timer,
                ahead,
                Timeout.InfiniteTimeSpan
            );
            timer.Wait(cancellationToken);
        }
    }
}
