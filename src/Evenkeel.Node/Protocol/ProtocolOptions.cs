using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Evenkeel.Node.Protocol;

/// <summary>Where and how the binary protocol is served.</summary>
public sealed record ProtocolOptions
{
    /// <summary>The port that is used when none is configured.</summary>
    public const int PortDefault = 4190;

    /// <summary>Loopback unless configured; port 0 picks a free one.</summary>
    public IPEndPoint Endpoint { get; init; } = new(IPAddress.Loopback, PortDefault);

    /// <summary>With its private key; null = no TLS.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Connections at the same time.</summary>
    public int ConnectionsMax { get; init; } = NodeLimits.ConnectionsMax;

    /// <summary>Time for TLS and hello together, milliseconds.</summary>
    public int HelloTimeoutMs { get; init; } = NodeLimits.HelloTimeoutMs;

    /// <summary>Time from a frame's first byte to its last, milliseconds.</summary>
    public int FrameTimeoutMs { get; init; } = NodeLimits.FrameTimeoutMs;

    /// <summary>A connection without a request for so long is closed, milliseconds.</summary>
    public int IdleTimeoutMs { get; init; } = NodeLimits.IdleTimeoutMs;

    /// <summary>A reply that the network doesn't take for so long closes the line, milliseconds.</summary>
    public int SendTimeoutMs { get; init; } = NodeLimits.SendTimeoutMs;
}
