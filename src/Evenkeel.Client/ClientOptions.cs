using System.Net;
using System.Net.Security;

namespace Evenkeel.Client;

/// <summary>How a client finds its bank and how long it waits.</summary>
public sealed record ClientOptions
{
    /// <summary>Nodes, tried in turn: host names or addresses with ports.</summary>
    public required IReadOnlyList<EndPoint> Endpoints { get; init; }

    /// <summary>The key's whole text.</summary>
    public required string ApiKey { get; init; }

    /// <summary>Speak TLS; the certificate must be for this name. Null = no TLS.</summary>
    public string? TlsHost { get; init; }

    /// <summary>Judges the node's certificate; null = by the machine's trust.</summary>
    public RemoteCertificateValidationCallback? ValidateCertificate { get; init; }

    /// <summary>Time for one call, from the moment it is made; milliseconds.</summary>
    public int TimeoutMs { get; init; } = 10_000;

    /// <summary>Time for connecting and saying hello; milliseconds.</summary>
    public int ConnectTimeoutMs { get; init; } = 3_000;

    /// <summary>Unanswered calls of this client; further ones wait.</summary>
    public int InFlightMax { get; init; } = 256;

    /// <summary>The first pause before a call is sent again; doubles up to the next; milliseconds.</summary>
    public int RetryPauseMs { get; init; } = 20;

    public int RetryPauseMsMax { get; init; } = 1_000;

    /// <summary>
    /// The longest pause while the leader is looked for among several nodes: after one round of all
    /// without a pause; milliseconds.
    /// </summary>
    public int SearchPauseMsMax { get; init; } = 50;

    /// <summary>
    /// How long one node may take to answer a hello before the next one is asked as well;
    /// milliseconds.
    /// </summary>
    public int NextEndpointAfterMs { get; init; } = 100;

    /// <summary>
    /// Silence on a line with unanswered calls after which the node is asked whether it is there;
    /// only with several nodes; milliseconds.
    /// </summary>
    public int PingAfterMs { get; init; } = 250;

    /// <summary>
    /// Silence on a line with unanswered calls after which it is given up, so that a node that hangs
    /// does not hold calls until their time is over; only with several nodes; milliseconds.
    /// </summary>
    public int DeadAfterMs { get; init; } = 750;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
