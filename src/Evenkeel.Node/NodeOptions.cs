using System.Security.Cryptography;
using Evenkeel.Ledger;
using Evenkeel.Model;
using Evenkeel.Node.Protocol;
using Evenkeel.Records;
using Evenkeel.Replication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Evenkeel.Node;

/// <summary>How a node runs.</summary>
public sealed record NodeOptions
{
    /// <summary>
    /// Everything the node keeps; made when absent, locked against other processes. Null keeps
    /// nothing: a node for tests and demonstrations that forgets all when it stops.
    /// </summary>
    public required string? DataDirectory { get; init; }

    /// <summary>Where the binary protocol is served; null = not at all.</summary>
    public ProtocolOptions? Protocol { get; init; } = new();

    public NodeBudgets Budgets { get; init; } = new();

    /// <summary>
    /// Memory layout of the ledger. Each node keys its id hash by a secret of its own: ids that were
    /// chosen to collide would otherwise stop every node at the same entry.
    /// </summary>
    public LedgerOptions Ledger { get; init; } =
        new()
        {
            HugePages = true,
            HashSeed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))),
        };

    /// <summary>What records are indexed by.</summary>
    public IReadOnlyList<RecordIndex> RecordIndexes { get; init; } = [];

    /// <summary>Adjusts the log's options (sizes, timeouts, members); its directory is the node's.</summary>
    public Func<RaftLogOptions, RaftLogOptions> ConfigureLog { get; init; } = static o => o;

    /// <summary>
    /// The highest state version this node applies; below the program's own only to play an older
    /// program in a test of mixed versions.
    /// </summary>
    public uint StateVersionMax { get; init; } = StateVersions.Newest;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILoggerFactory Logging { get; init; } = NullLoggerFactory.Instance;

    /// <summary>
    /// Called when the node can't go on (a broken invariant, a failed disk). Ends the process at
    /// once, so that nothing wrong is served or written; tests put something else here.
    /// </summary>
    public Action<Exception> OnFatal { get; init; } =
        static reason => Environment.FailFast($"Evenkeel stops: {reason.Message}", reason);
}
