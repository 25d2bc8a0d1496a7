using Evenkeel.Replication;

namespace Evenkeel.Node.Recovery;

/// <summary>Asks the log whether it takes entries, but not more often than needed.</summary>
internal sealed class DiskWatch(RaftLog log, TimeProvider time)
{
    private readonly Lock _gate = new();
    private string? _problem;
    private long _askedAt = long.MinValue;

    public string? Problem()
    {
        lock (_gate)
        {
            if (
                _askedAt == long.MinValue
                || time.GetElapsedTime(_askedAt).TotalMilliseconds >= NodeLimits.DiskCheckMs
            )
            {
                _problem = log.Disk.Reason;
                _askedAt = time.GetTimestamp();
            }
            return _problem;
        }
    }
}
