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

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
