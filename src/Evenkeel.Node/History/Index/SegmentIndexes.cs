using System.Collections.Concurrent;

namespace Evenkeel.Node.History;

/// <summary>The indexes of the sealed segments, loaded when first asked for. Any thread.</summary>
internal sealed class SegmentIndexes(SegmentSet segments)
{
    private readonly ConcurrentDictionary<ulong, SegmentIndex> _loaded = [];

    /// <summary>Null when the segment is not indexed (yet): its rows must be looked at one by one.</summary>
    public SegmentIndex? Find(ulong segment)
    {
        if (_loaded.TryGetValue(segment, out var index))
        {
            return index;
        }

        return
            segments.TryReadSeal(segment, out var seal)
            && SegmentIndex.TryLoad(segments, seal) is { } loaded
            ? _loaded.GetOrAdd(segment, loaded)
            : null;
    }

    /// <summary>Forgets an index that was found damaged, and its file.</summary>
    public void Drop(ulong segment)
    {
        _loaded.TryRemove(segment, out _);
        var path = segments.PathOf(segment, HistoryFormat.IndexExtension);
        segments.Handles.Forget(path);
        File.Delete(path);
    }

    /// <summary>Forgets what was loaded: files are about to be cut.</summary>
    public void Clear() => _loaded.Clear();
}
