using System.Net;
using Evenkeel.Gateway.Attempts;

namespace Evenkeel.Gateway;

/// <summary>A node of the primary, as the gateway reaches it.</summary>
/// <param name="Name">Shown to customers in <c>Evenkeel-Served-By</c>; at most 32 characters.</param>
/// <param name="Rest">The root of its REST interface.</param>
public sealed record NodeAddress(string Name, Uri Rest);

/// <summary>How the gateway listens, whom it asks, how long it waits and what it bears.</summary>
public sealed record GatewayOptions
{
    /// <summary>Every node that may lead.</summary>
    public required IReadOnlyList<NodeAddress> Nodes { get; init; }

    /// <summary>
    /// The nodes as they are now, since members come and go; null, or an answer of null, changes nothing.
    /// </summary>
    public Func<IReadOnlyList<NodeAddress>?>? NodesNow { get; init; }

    /// <summary>How often <see cref="NodesNow"/> is asked.</summary>
    public TimeSpan NodesEvery { get; init; } = TimeSpan.FromSeconds(1);

    public required AttemptOptions Attempts { get; init; }

    /// <summary>Loopback unless configured otherwise.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 = any free port.</summary>
    public int Port { get; init; } = 4170;

    /// <summary>
    /// Port for metrics and health on loopback only; 0 = any free port, null = not served. Metrics say
    /// nothing about a customer, but a rate is nobody's business either.
    /// </summary>
    public int? OperationsPort { get; init; }

    /// <summary>PEM file of the certificate chain; TLS is on when set.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>PEM file of the private key of <see cref="CertificatePath"/>.</summary>
    public string? CertificateKeyPath { get; init; }

    /// <summary>PEM file of the authority that signs the nodes' certificates; null = the machine's trust.</summary>
    public string? NodeAuthorityPath { get; init; }

    /// <summary>Bytes of the largest request body; the same as the API's own.</summary>
    public long BodyBytesMax { get; init; } = 8 << 20;

    /// <summary>
    /// Bytes of the largest answer. An answer is read whole before its first byte goes on, so that one
    /// that breaks in the middle can be asked for again.
    /// </summary>
    public long AnswerBytesMax { get; init; } = 16 << 20;

    /// <summary>Bytes of all request bodies and answers held at once.</summary>
    public long BufferedBytesMax { get; init; } = 256 << 20;

    /// <summary>Requests in the house at once: held, waiting for a place, or at the leader.</summary>
    public int RequestsMax { get; init; } = 4_096;

    /// <summary>
    /// Requests at the leader at once; others wait for a place. Below the API's own limit, so that a
    /// rush after an election is not answered with refusals.
    /// </summary>
    public int RequestsAtLeaderMax { get; init; } = 384;

    public int ConnectionsMax { get; init; } = 8_192;

    /// <summary>From a request's arrival until no further try is begun.</summary>
    public TimeSpan HoldMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>One try, from its first byte to the last of the answer; above the API's own limit.</summary>
    public TimeSpan TryMax { get; init; } = TimeSpan.FromSeconds(35);

    /// <summary>Connecting to a node.</summary>
    public TimeSpan ConnectMax { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The first pause after a node's "not I"; doubles up to <see cref="RetryPauseMax"/>.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(2);

    public TimeSpan RetryPauseMax { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How often each node is asked whether it leads while nobody is known to.</summary>
    public TimeSpan ProbeWhileUnknownEvery { get; init; } = TimeSpan.FromMilliseconds(15);

    /// <summary>How often each node is asked whether it leads while one is known to.</summary>
    public TimeSpan ProbeWhileKnownEvery { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A node that does not answer a probe within this does not lead, for now.</summary>
    public TimeSpan ProbeMax { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// How long a former leader that still answers may finish what it has; then those requests go to
    /// the new one.
    /// </summary>
    public TimeSpan FormerLeaderGrace { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan HeadersMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes a second of a request body, after <see cref="BodyGrace"/>; slower is dropped.</summary>
    public int BodyBytesPerSecondMin { get; init; } = 240;

    public TimeSpan BodyGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The bank behind the nodes and its channels; null = the ledger's interface only.</summary>
    public Banking.BankLink? Bank { get; init; }

    internal bool UsesTls => CertificatePath is not null;
}

/// <summary>Limits of the gateway that are not for configuration, each with its unit.</summary>
internal static class GatewayLimits
{
    /// <summary>Seconds that a refused client is asked to wait.</summary>
    public const int RetryAfterSeconds = 1;

    /// <summary>Bytes of a node's problem details that the gateway reads to learn the reason.</summary>
    public const int ProblemBytesMax = 64 * 1_024;

    /// <summary>Tries of one request that ended in "the server failed", which may be the request's own doing.</summary>
    public const int FailedTriesMax = 3;

    /// <summary>Characters of a node's name.</summary>
    public const int NodeNameCharsMax = 32;

    /// <summary>Bytes of the answer to a probe that are read.</summary>
    public const int ProbeBytesMax = 4_096;
}
