using System.Net;
using System.Security.Cryptography.X509Certificates;
using Evenkeel.Channels.Iso8583.Codec;

namespace Evenkeel.Channels.Iso8583;

/// <summary>Whose PIN and MAC keys protect a message.</summary>
public enum IsoKeyScope : byte
{
    /// <summary>The terminal's that field 41 names: machines on the bank's own lines.</summary>
    Terminal = 0,

    /// <summary>The line's: an acquirer's switch that translates for its terminals.</summary>
    Line = 1,
}

/// <summary>How the ISO 8583 listener listens, and what it bears.</summary>
public sealed record Iso8583Options
{
    /// <summary>Loopback unless configured otherwise.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 = any free port.</summary>
    public int Port { get; init; } = 4183;

    /// <summary>
    /// Shown to whoever connects, who then speaks TLS only; null = no TLS. Beyond loopback a line without
    /// it shows card numbers to everybody on the way.
    /// </summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>From the connection to the end of its TLS handshake.</summary>
    public TimeSpan HandshakeMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Under what name the bank knows who is at the other end; with <see cref="IsoKeyScope.Line"/> also
    /// the name of the keys.
    /// </summary>
    public string Line { get; init; } = "atm";

    public IsoKeyScope KeyScope { get; init; }

    public IsoBitmaps Bitmaps { get; init; }

    /// <summary>A message without a MAC, or with a wrong one, ends the connection.</summary>
    public bool MacRequired { get; init; } = true;

    /// <summary>Connections at once; the next one is closed at once.</summary>
    public int ConnectionsMax { get; init; } = 256;

    /// <summary>Messages of one connection that wait for the bank; reading stops at the limit.</summary>
    public int InFlightMax { get; init; } = 64;

    /// <summary>Without a message, not even an echo, the connection is closed.</summary>
    public TimeSpan IdleMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>From a message's first byte to its last.</summary>
    public TimeSpan FrameMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Until an answer must be off our hands.</summary>
    public TimeSpan WriteMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the bank may take. Below what acquirers wait (15 to 30 s), so that an answer is not
    /// sent into a reversal.
    /// </summary>
    public TimeSpan AnswerMax { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>At the end: how long messages in the house may finish.</summary>
    public TimeSpan DrainMax { get; init; } = TimeSpan.FromSeconds(5);
}
