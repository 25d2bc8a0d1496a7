using System.Collections.Concurrent;
using System.Globalization;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Rails;

/// <summary>
/// One account for what was sent and one for what came, for each settlement date: their balances are
/// the bank's own word on its position, and are zero again once it is settled.
/// </summary>
internal sealed class SettlementAccounts(Bank bank)
{
    private readonly ConcurrentDictionary<(DateOnly, uint), bool> _known = new();

    public static UInt128 Sent(DateOnly date, uint currency) =>
        LedgerIds.Of(GlCode.ClearingOutgoing, currency, ValueDates.ToNumber(date));

    public static UInt128 Received(DateOnly date, uint currency) =>
        LedgerIds.Of(GlCode.ClearingIncoming, currency, ValueDates.ToNumber(date));

    /// <summary>Sent and not answered yet, whatever the date.</summary>
    public static UInt128 OnTheWay(uint currency) =>
        LedgerIds.Of(GlCode.ClearingOutgoing, currency);

    /// <summary>The clearing's reference of something that it has settled: its date, then its number.</summary>
    public static string ReferenceOf(DateOnly date, long sequence) =>
        string.Create(CultureInfo.InvariantCulture, $"{date:yyyyMMdd}-{sequence}");

    /// <summary>The date in such a reference; null when there is none.</summary>
    public static DateOnly? DateOf(string? reference) =>
        reference is { Length: > 8 }
        && DateOnly.TryParseExact(
            reference.AsSpan(0, 8),
            "yyyyMMdd",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var date
        )
            ? date
            : null;

    /// <summary>Opens them when they are not open; asking again changes nothing.</summary>
    /// <exception cref="BankUnavailableException">Nothing is known.</exception>
    public async ValueTask OpenAsync(
        DateOnly date,
        uint currency,
        CancellationToken cancellationToken
    )
    {
        if (_known.ContainsKey((date, currency)))
        {
            return;
        }
        var id = InstructionId.From(
            Channel.Internal,
            "settlement-accounts",
            string.Create(CultureInfo.InvariantCulture, $"{date:yyyyMMdd}/{currency}")
        );
        var result = Answers.Value(
            await bank.Journal.ProposeAsync(
                new Operation
                {
                    Id = new OperationId(id.Value),
                    Principals = [new Principal(PrincipalKinds.Node, "rail")],
                    Accounts =
                    [
                        new Account
                        {
                            Id = Sent(date, currency),
                            Ledger = currency,
                            Code = (ushort)GlCode.ClearingOutgoing,
                            Flags = AccountFlags.DebitsMustNotExceedCredits | AccountFlags.History,
                        },
                        new Account
                        {
                            Id = Received(date, currency),
                            Ledger = currency,
                            Code = (ushort)GlCode.ClearingIncoming,
                            Flags = AccountFlags.CreditsMustNotExceedDebits | AccountFlags.History,
                        },
                    ],
                },
                cancellationToken
            )
        );
        Check.That(result.Status == OperationStatus.Done);
        _known[(date, currency)] = true;
    }
}
