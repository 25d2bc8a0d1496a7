namespace Evenkeel.Replication;

/// <summary>Where a member gets its files from: the cluster, or in tests a directory.</summary>
public interface ISeedSource
{
    /// <summary>A plan of the member that leads now, confirmed by its read barrier.</summary>
    /// <exception cref="SeedSourceException">Nobody could be asked, or nobody leads.</exception>
    Task<SeedPlan> PlanAsync(CancellationToken cancellationToken);

    /// <summary>Copies the bytes of a file of a plan from an offset to its end there.</summary>
    /// <exception cref="SeedSourceException">The member went away or no longer has the file.</exception>
    Task CopyAsync(
        SeedPlan plan,
        SeedFile file,
        long offset,
        Stream destination,
        CancellationToken cancellationToken
    );
}

/// <summary>The cluster can't give what is asked for now; it is asked again.</summary>
public sealed class SeedSourceException(string message, Exception? inner = null)
    : Exception(message, inner);

/// <summary>What arrived is not what was promised, twice: a copy is damaged where it comes from.</summary>
public sealed class SeedDamagedException(string message) : Exception(message);
