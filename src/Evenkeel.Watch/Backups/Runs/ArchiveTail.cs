using System.Globalization;
using Evenkeel.Replication;

namespace Evenkeel.Watch.Backups;

/// <summary>A range of archive entries as a sealed segment file.</summary>
/// <param name="Path">The file, in a scratch directory.</param>
internal sealed record CopiedEntries(
    string Path,
    ulong First,
    ulong Last,
    ChainHash Chain,
    ulong LastTime
);

/// <summary>
/// Copies whole records out of the segment that a running node is writing. A record that is only
/// partly there is waited for; one that stays torn is damage and said.
/// </summary>
internal sealed class ArchiveTail(
    string archive,
    Lineage history,
    Throttle throttle,
    TimeProvider time
)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    public static string FileName(ulong first) =>
        first.ToString("D20", CultureInfo.InvariantCulture) + ".eka";

    /// <summary>Copies the entries from one on.</summary>
    /// <param name="from">First entry to copy.</param>
    /// <param name="previous">Chain hash before it.</param>
    /// <param name="to">Last entry; null stops where the archive ended when the copy began.</param>
    /// <param name="scratch">Where the file is made.</param>
    /// <returns>Null when there are no such entries.</returns>
    /// <exception cref="BackupException">A record is damaged, or the chain is another.</exception>
    public async Task<CopiedEntries?> CopyAsync(
        ulong from,
        ChainHash previous,
        ulong? to,
        string scratch,
        CancellationToken cancellationToken
    )
    {
        // A busy node writes on: the end is where it stood when the copy began.
        var bytesMax = to is null ? LengthFrom(from) : long.MaxValue;
        var path = Path.Combine(scratch, $"tail-{FileName(from)}");
        File.Delete(path);
        ulong lastTime = 0;
        using var writer = new ArchiveSegmentWriter(path, from, history.Of(from), previous);
        var torn = (Entry: 0UL, Since: 0L);
        while (writer.LastIndex < (to ?? ulong.MaxValue) && writer.Bytes < bytesMax)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                using var reader = new ArchiveReader(archive, writer.LastIndex + 1, to, history);
                while (writer.Bytes < bytesMax && reader.Read())
                {
                    writer.Append(reader.Index, reader.Term, reader.Payload.Span);
                    if (writer.Chain != reader.Chain)
                    {
                        throw new BackupException(
                            BackupProblem.SourceDamaged,
                            $"entry {reader.Index} does not continue the chain of the copy"
                        );
                    }
                    lastTime = EntryTime.Of(reader.Payload.Span) ?? lastTime;
                    await throttle.TakeAsync(reader.Payload.Length, cancellationToken);
                }
                break;
            }
            catch (ArchiveDamageException damage)
            {
                if (torn.Entry != damage.Damage.Entry)
                {
                    torn = (damage.Damage.Entry, time.GetTimestamp());
                }
                else if (time.GetElapsedTime(torn.Since) > BackupLimits.TornTailMax)
                {
                    throw new BackupException(BackupProblem.SourceDamaged, damage.Message, damage);
                }
                await Task.Delay(Poll, time, cancellationToken);
            }
        }
        if (writer.LastIndex < from)
        {
            return null;
        }
        writer.Seal();
        return new(path, from, writer.LastIndex, writer.Chain, lastTime);
    }

    private long LengthFrom(ulong from) =>
        ArchiveSegments
            .List(archive)
            .Where(s => s.LastIndex is null || s.LastIndex >= from)
            .Sum(static s => new FileInfo(s.Path).Length);
}
