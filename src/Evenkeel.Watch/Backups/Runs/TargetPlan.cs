using Evenkeel.Replication;

namespace Evenkeel.Watch.Backups;

/// <summary>What one target has and gets during a run.</summary>
internal sealed class TargetPlan(IBackupTarget target)
{
    private readonly List<SetObject> objects = [];
    private int stored;
    private int reused;
    private long storedBytes;

    public IBackupTarget Target { get; } = target;

    /// <summary>The set that this one builds on; null makes a full one.</summary>
    public SetManifest? Base { get; set; }

    /// <summary>Objects that are there, with their lengths.</summary>
    public IReadOnlyDictionary<string, long> Present { get; set; } =
        new Dictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Why this target gets no set; the others go on.</summary>
    public BackupException? Problem { get; set; }

    public IReadOnlyList<SetObject> Objects => objects;

    public ulong LogTime => objects.Count == 0 ? 0 : objects.Max(static o => o.LastTime);

    public bool TryReuse(ulong first, ulong last, ChainHash chain)
    {
        var known = Base?.Objects.FirstOrDefault(o =>
            o.Kind == SetObjectKind.Archive
            && o.First == first
            && o.Last == last
            && string.Equals(o.Chain, chain.ToString(), StringComparison.Ordinal)
        );
        if (known is null || !IsPresent(known))
        {
            return false;
        }
        Reuse([known]);
        return true;
    }

    /// <summary>Pieces of the base that join from an entry on.</summary>
    public IReadOnlyList<SetObject> Tail(ulong from)
    {
        var pieces = new List<SetObject>();
        var archive = (Base?.Objects ?? [])
            .Where(o => o.Kind == SetObjectKind.Archive && o.First >= from)
            .OrderBy(static o => o.First);
        foreach (var piece in archive)
        {
            if (piece.First != from || !IsPresent(piece))
            {
                break;
            }
            pieces.Add(piece);
            from = piece.Last + 1;
        }
        return pieces;
    }

    public void Reuse(IEnumerable<SetObject> known)
    {
        foreach (var one in known)
        {
            objects.Add(one);
            reused++;
        }
    }

    public void Add(SetObject added)
    {
        objects.Add(added);
        stored++;
        storedBytes += added.Length;
    }

    public async Task TryAsync(Func<Task> action)
    {
        if (Problem is not null)
        {
            return;
        }
        try
        {
            await action();
        }
        catch (BackupException failed)
        {
            Problem = failed;
        }
    }

    public TargetOutcome Outcome() => new(Target.Name, Problem, stored, reused, storedBytes);

    private bool IsPresent(SetObject known) =>
        Present.TryGetValue(known.Path, out var length) && length == known.Length;
}
