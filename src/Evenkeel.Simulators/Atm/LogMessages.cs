using Evenkeel.Channels.Iso8583.Codec;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Simulators.Atm;

/// <summary>Lines of the simulated machine; a card is its last four digits, and only in the receipt.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(9201, LogLevel.Information, "{Terminal}: signed on")]
    public static partial void AtmSignedOn(this ILogger log, string terminal);

    [LoggerMessage(9202, LogLevel.Warning, "{Terminal}: the line is down: {Why}")]
    public static partial void AtmLineDown(this ILogger log, string terminal, string why);

    [LoggerMessage(9203, LogLevel.Warning, "{Terminal}: no answer to {Mti}")]
    public static partial void AtmNoAnswer(this ILogger log, string terminal, Mti mti);

    [LoggerMessage(
        9204,
        LogLevel.Warning,
        "{Terminal}: a late {Mti} is dropped (68): its request is reversed"
    )]
    public static partial void AtmLateAnswer(this ILogger log, string terminal, Mti mti);

    [LoggerMessage(9205, LogLevel.Information, "{Terminal}: the bank's business date is {Date}")]
    public static partial void AtmCutOver(this ILogger log, string terminal, string date);

    [LoggerMessage(9206, LogLevel.Information, "{Terminal}: {Mti} of {Rrn} delivered: {Code}")]
    public static partial void AtmDelivered(
        this ILogger log,
        string terminal,
        Mti mti,
        string rrn,
        string code
    );

    [LoggerMessage(
        9207,
        LogLevel.Information,
        "{Terminal}: payout {Payout} {Result}, {Given} of {Asked} minor units came out"
    )]
    public static partial void AtmPaid(
        this ILogger log,
        string terminal,
        long payout,
        AtmResult result,
        long given,
        long asked
    );

    [LoggerMessage(
        9208,
        LogLevel.Warning,
        "{Terminal}: payout {Payout} was cut short; {Given} minor units had come out"
    )]
    public static partial void AtmRecovered(
        this ILogger log,
        string terminal,
        long payout,
        long given
    );
}
