using Evenkeel.Channels.Iso8583.Codec;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Channels.Iso8583;

/// <summary>
/// Lines of the ISO 8583 channel: types, field numbers and codes; never a field's content, because
/// card numbers and PIN blocks are among them.
/// </summary>
internal static partial class LogMessages
{
    [LoggerMessage(9101, LogLevel.Information, "ISO 8583 listens at {EndPoint} as line {Line}")]
    public static partial void IsoListens(this ILogger log, string endPoint, string line);

    [LoggerMessage(9102, LogLevel.Information, "ISO 8583 {Connection}: connected from {Peer}")]
    public static partial void IsoConnected(this ILogger log, long connection, string peer);

    [LoggerMessage(9103, LogLevel.Information, "ISO 8583 {Connection}: ended: {Why}")]
    public static partial void IsoEnded(this ILogger log, long connection, string why);

    [LoggerMessage(
        9104,
        LogLevel.Warning,
        "ISO 8583 refuses a connection from {Peer}: {Limit} are open"
    )]
    public static partial void IsoTooMany(this ILogger log, string peer, int limit);

    [LoggerMessage(
        9105,
        LogLevel.Warning,
        "ISO 8583 {Connection}: {Mti} is malformed: {Fault} at field {Field}"
    )]
    public static partial void IsoMalformed(
        this ILogger log,
        long connection,
        Mti mti,
        IsoFault fault,
        int field
    );

    [LoggerMessage(
        9106,
        LogLevel.Warning,
        "ISO 8583 {Connection}: {Mti} misses field {Field} or may not have it"
    )]
    public static partial void IsoIncomplete(this ILogger log, long connection, Mti mti, int field);

    [LoggerMessage(
        9107,
        LogLevel.Warning,
        "ISO 8583 {Connection}: {Mti} has no MAC or a wrong one; the line is closed"
    )]
    public static partial void IsoBadMac(this ILogger log, long connection, Mti mti);

    [LoggerMessage(9108, LogLevel.Information, "ISO 8583 {Connection}: network management {Code}")]
    public static partial void IsoNetwork(this ILogger log, long connection, string code);

    [LoggerMessage(
        9109,
        LogLevel.Warning,
        "ISO 8583 {Connection}: {Mti} {Instruction} gets no answer: {Why}"
    )]
    public static partial void IsoUnanswered(
        this ILogger log,
        long connection,
        Mti mti,
        string instruction,
        string why
    );

    [LoggerMessage(9110, LogLevel.Debug, "ISO 8583 {Connection}: {Mti} {Instruction}: {Code}")]
    public static partial void IsoAnswered(
        this ILogger log,
        long connection,
        Mti mti,
        string instruction,
        string code
    );

    [LoggerMessage(9111, LogLevel.Error, "ISO 8583 {Connection}: {Mti} broke the bank's contract")]
    public static partial void IsoBroke(
        this ILogger log,
        Exception exception,
        long connection,
        Mti mti
    );
}
