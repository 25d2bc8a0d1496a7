using Evenkeel.Model;

namespace Evenkeel.Replication;

/// <summary>
/// How far the engine may forget. A snapshot that has just become durable covers entries that a
/// follower may be asking for at this moment; dropped at once, whoever is a few entries behind would
/// have to be seeded, and counts for no majority until it is. So the last entries stay. Not
/// thread-safe: the caller holds its gate.
/// </summary>
/// <param name="keptBytes">Bytes of entries that stay behind any snapshot; 0 keeps none.</param>
/// <param name="archived">
/// Where the archive's own thread is, the entry applied last at most. Being behind only keeps more.
/// </param>
internal sealed class LogTrail(long keptBytes, Func<ArchivePoint> archived)
{
    /// <summary>Points in one trail: so much more than asked for is kept at most.</summary>
    private const int StepsPerTrail = 8;

    private readonly Queue<(ArchivePoint Point, long End)> points = new();
    private readonly long stepBytes = keptBytes / StepsPerTrail;
    private ArchivePoint released;
    private ArchivePoint durable;
    private long end;
    private long noted;

    /// <summary>An entry of so many bytes was applied.</summary>
    public void Applied(int bytes)
    {
        if (keptBytes == 0)
        {
            return;
        }
        end += bytes;
        if (end - noted >= stepBytes)
        {
            noted = end;
            points.Enqueue((archived(), end));
        }
    }

    /// <summary>A snapshot at this point is durable, and the archive up to it.</summary>
    public void Covered(ArchivePoint point)
    {
        Check.That(point.Index >= durable.Index);
        durable = point;
    }

    /// <summary>
    /// The point up to which nobody needs the engine's copy: covered by a snapshot, and so many bytes
    /// of entries lie behind it. Index 0 while there is none.
    /// </summary>
    public ArchivePoint Release()
    {
        if (keptBytes == 0)
        {
            return durable;
        }
        while (
            points.TryPeek(out var oldest)
            && oldest.Point.Index <= durable.Index
            && end - oldest.End >= keptBytes
        )
        {
            released = points.Dequeue().Point;
        }
        return released;
    }
}
