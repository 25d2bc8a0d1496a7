using System.Text.Json.Serialization;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Money;
using Evenkeel.Simulators.Atm;

namespace Evenkeel.Host.Simulators;

/// <summary>What the machine prints.</summary>
internal static class AtmReceipts
{
    public static void Print(Terminal output, AtmReceipt receipt, long asked, uint currency)
    {
        output.Line(
            receipt.Result switch
            {
                AtmResult.Paid => Text.AtmPaid(Amount(receipt.Given)),
                AtmResult.PaidInPart => Text.AtmPaidInPart(Amount(receipt.Given), Amount(asked)),
                AtmResult.Jammed => Text.AtmJammed,
                AtmResult.Refused => Text.AtmRefused(receipt.Code ?? ""),
                AtmResult.BankSilent => Text.AtmBankSilent,
                AtmResult.NoNotes => Text.AtmNoNotes,
                AtmResult.LineDown => Text.AtmLineDown,
                AtmResult.BadPin => Text.AtmBadPin,
                AtmResult.Balance => Text.AtmShowsBalance(
                    Amount(receipt.Booked ?? 0),
                    Amount(receipt.Available ?? 0)
                ),
                AtmResult.None => throw new InvalidOperationException("A receipt of nothing."),
                _ => throw new InvalidOperationException("An unknown result."),
            }
        );
        if (receipt.Offline)
        {
            output.Line(Text.AtmPaidOffline);
        }
        if (receipt.Rrn.Length > 0)
        {
            output.Line(Text.AtmReference(receipt.Rrn, receipt.LastFour));
        }
        output.Line(Text.AtmCardReturned);
        output.Object(receipt, AtmOutputJson.Default.AtmReceipt);

        string Amount(long minor) => Show.AmountWithCurrency(minor, currency);
    }

    public static int ExitCodeOf(AtmReceipt receipt) =>
        receipt.Result switch
        {
            AtmResult.Paid or AtmResult.PaidInPart or AtmResult.Balance => ExitCode.Ok,
            _ => ExitCode.NotDone,
        };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(AtmReceipt))]
internal sealed partial class AtmOutputJson : JsonSerializerContext;
