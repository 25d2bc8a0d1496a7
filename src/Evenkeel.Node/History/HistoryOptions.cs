using Evenkeel.Model;

namespace Evenkeel.Node.History;

/// <summary>How a history is kept.</summary>
internal sealed record HistoryOptions
{
    /// <summary>The directory of the segment files; made when absent.</summary>
    public required string Directory { get; init; }

    /// <summary>The lineage this node is on; written into new segments.</summary>
    public required UInt128 Lineage { get; init; }

    /// <summary>Lineages that this one forked from: their segments are accepted too.</summary>
    public IReadOnlyList<UInt128> Ancestors { get; init; } = [];

    /// <summary>Rows of one segment file; fixed for the life of a history.</summary>
    public int RowsPerSegment { get; init; } = HistoryLimits.RowsPerSegment;

    /// <summary>Rows kept in RAM, a power of two; one entry may make at most half of it.</summary>
    public int RingRows { get; init; } = HistoryLimits.RingRows;

    /// <summary>Sealed rows that wake the writer.</summary>
    public int WriteRowsMin { get; init; } = HistoryLimits.WriteRowsMin;

    public int WriteRetryMs { get; init; } = HistoryLimits.WriteRetryMs;

    /// <summary>Threads that read and verify during a scan, besides the one that receives.</summary>
    public int ScanThreads { get; init; } = 2;

    public IHistoryFiles Files { get; init; } = new DirectHistoryFiles();

    public void Verify()
    {
        Check.That(RowsPerSegment > 0 && RowsPerSegment % HistoryLimits.UnitRows == 0);
        Check.That(RowsPerSegment <= 1 << 20);
        Check.That(int.IsPow2(RingRows) && RingRows >= 4 * HistoryLimits.UnitRows);
        Check.That(WriteRowsMin > 0 && WriteRowsMin <= RingRows / 4);
        Check.That(ScanThreads > 0 && WriteRetryMs > 0);
    }
}
