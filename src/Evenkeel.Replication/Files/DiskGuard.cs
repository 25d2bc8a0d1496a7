namespace Evenkeel.Replication;

/// <summary>
/// Refuses writes while the volume still has room, since a full disk under the consensus log ends
/// the process. Writes resume by themselves when space is back.
/// </summary>
public sealed class DiskGuard
{
    /// <summary>How old a measurement may be before the next proposal takes a new one.</summary>
    private static readonly TimeSpan MeasureEvery = TimeSpan.FromMilliseconds(100);

    private readonly IFileLayer files;
    private readonly TimeProvider time;
    private readonly string directory;
    private readonly Lock gate = new();
    private long measuredAt;
    private bool measured;
    private long freeBytes = long.MaxValue;
    private long proposedBytes;
    private bool accepting = true;

    internal DiskGuard(string directory, long floorBytes, IFileLayer files, TimeProvider time)
    {
        this.directory = directory;
        this.files = files;
        this.time = time;
        FloorBytes = floorBytes;
    }

    /// <summary>Free bytes below which writes are refused.</summary>
    public long FloorBytes { get; }

    /// <summary>Free bytes at which refused writes resume: an eighth above the floor.</summary>
    public long ResumeBytes => FloorBytes + (FloorBytes / 8);

    /// <summary>Free bytes at the last measurement.</summary>
    public long FreeBytes => Interlocked.Read(ref freeBytes);

    /// <summary>Measures if the last measurement is old, and says whether writes are accepted.</summary>
    public bool AcceptingWrites => Admit(0);

    /// <summary>Why writes are refused; null while they are accepted.</summary>
    public string? Reason =>
        AcceptingWrites
            ? null
            : $"disk nearly full: {FreeBytes >> 20} MiB free, floor {FloorBytes >> 20} MiB "
                + $"({directory}); writes resume at {ResumeBytes >> 20} MiB";

    /// <summary>True when so many more bytes may be written.</summary>
    internal bool Admit(int bytes)
    {
        lock (gate)
        {
            // What was let in since the last measurement reaches the disk several times over:
            // consensus log, archive, history.
            proposedBytes += bytes;
            if (
                !measured
                || time.GetElapsedTime(measuredAt) >= MeasureEvery
                || proposedBytes > FloorBytes / 16
            )
            {
                Measure();
            }
            return accepting;
        }
    }

    private void Measure()
    {
        Interlocked.Exchange(ref freeBytes, files.FreeBytes(directory));
        measured = true;
        measuredAt = time.GetTimestamp();
        proposedBytes = 0;
        accepting = accepting ? freeBytes >= FloorBytes : freeBytes >= ResumeBytes;
    }
}
