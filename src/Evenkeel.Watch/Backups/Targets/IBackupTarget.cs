namespace Evenkeel.Watch.Backups;

/// <summary>An object in a target.</summary>
/// <param name="Name">Parts separated by '/'.</param>
/// <param name="Length">Stored bytes.</param>
public sealed record StoredObject(string Name, long Length, DateTimeOffset StoredAt);

/// <summary>
/// A place that keeps objects. Objects are written once, whole, and never changed; a target refuses
/// to write over one.
/// </summary>
public interface IBackupTarget : IAsyncDisposable
{
    /// <summary>As given on the command line, without secrets.</summary>
    string Name { get; }

    /// <summary>All objects whose names begin so.</summary>
    Task<IReadOnlyList<StoredObject>> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Stores a file durably under a new name.</summary>
    /// <param name="retainUntil">Not to be deleted before; null without a window.</param>
    /// <exception cref="BackupException">The name is taken, or the target fails.</exception>
    Task PutAsync(
        string name,
        string file,
        DateTimeOffset? retainUntil,
        CancellationToken cancellationToken
    );

    /// <summary>Opens an object for reading from its beginning.</summary>
    /// <exception cref="BackupException"><see cref="BackupProblem.Missing"/>, or the target fails.</exception>
    Task<Stream> OpenAsync(string name, CancellationToken cancellationToken);

    /// <summary>Lengthens an object's own window, where the target keeps one.</summary>
    Task RetainAsync(string name, DateTimeOffset until, CancellationToken cancellationToken);

    Task DeleteAsync(string name, CancellationToken cancellationToken);
}
