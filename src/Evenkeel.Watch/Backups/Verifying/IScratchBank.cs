using Evenkeel.Client;

namespace Evenkeel.Watch.Backups;

/// <summary>What a verification needs of a bank: to replay, to serve and to be judged.</summary>
public interface IScratchBank
{
    /// <summary>Names the program; goes into the certificate.</summary>
    string Program { get; }

    /// <summary>
    /// Applies the archive of a directory from nothing, without a node.
    /// </summary>
    /// <param name="digestAt">An entry after which the state is digested, besides the last; 0 = none.</param>
    /// <param name="last">The last entry to apply.</param>
    /// <returns>The state by entry.</returns>
    /// <exception cref="BackupException"><see cref="BackupProblem.StateDiffers"/>: it can't be applied.</exception>
    Task<IReadOnlyDictionary<ulong, ReplayedState>> ReplayAsync(
        string dataDirectory,
        ulong digestAt,
        ulong last,
        CancellationToken cancellationToken
    );

    /// <summary>Starts a node on the directory; it answers when this returns.</summary>
    /// <exception cref="BackupException"><see cref="BackupProblem.StateDiffers"/>: it does not start.</exception>
    Task<IServingBank> StartAsync(string dataDirectory, CancellationToken cancellationToken);

    /// <summary>Judges archive, history and checkpoints by the independent verifier.</summary>
    /// <returns>Null when sound; else what is wrong.</returns>
    Task<string?> JudgeAsync(string dataDirectory, CancellationToken cancellationToken);
}

/// <summary>The state after an entry.</summary>
/// <param name="Digest">Of the ledger, 32 hexadecimal digits.</param>
/// <param name="Rows">Rows of history.</param>
public sealed record ReplayedState(string Digest, ulong Rows);

/// <summary>A bank that serves until it is disposed.</summary>
public interface IServingBank : IAsyncDisposable
{
    EvenkeelClient Client { get; }
}
