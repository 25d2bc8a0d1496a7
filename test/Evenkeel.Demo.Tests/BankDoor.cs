using System.Text;
using Evenkeel.Banking;
using Evenkeel.CardKeys;
using Evenkeel.Demo.Load;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Tests;

/// <summary>
/// A way to the bank without any channel between, that loses some answers: the asker never hears what was
/// done all the same.
/// </summary>
internal sealed class BankDoor(
    Bank bank,
    DemoDirectory directory,
    SoftwareCardKeys keys,
    DemoOptions options,
    int losesEvery
) : IDoor
{
    private int _asked;

    public async Task<Told> AskAsync(Act act, CancellationToken cancellationToken)
    {
        if (!act.Moves)
        {
            return new Told(ToldOutcome.Shown, Tries: 1);
        }
        var outcome = await bank.Payments.SubmitAsync(InstructionOf(act), cancellationToken);
        if (Interlocked.Increment(ref _asked) % losesEvery == 0)
        {
            return new Told(ToldOutcome.Unknown, Tries: 1);
        }
        return outcome switch
        {
            PaymentOutcome.Done done => new Told(
                ToldOutcome.Done,
                Tries: 1,
                Minor: done.Receipt.Amount.Minor
            ),
            PaymentOutcome.NotDone no => new Told(
                ToldOutcome.NotDone,
                Tries: 1,
                ReasonTable.Of(no.Reason).Slug
            ),
            _ => new Told(ToldOutcome.BeingResolved, Tries: 1),
        };
    }

    private PaymentInstruction InstructionOf(Act act) =>
        new()
        {
            Id = act.Id!.Value,
            Actor = act switch
            {
                { Terminal: not null } => new Actor.CardNetwork("line"),
                { Teller: { } teller } => new Actor.Staff(teller.Login, teller.Branch),
                { Kind: ActKind.Program } => new Actor.ApiClient(
                    act.Customer.Reference,
                    directory.Customers[act.Customer.Reference]
                ),
                _ => new Actor.Customer(
                    directory.Customers[act.Customer.Reference],
                    Assurance.Strong
                ),
            },
            Origin = new Origin(
                act.Kind switch
                {
                    ActKind.Purchase => Channel.PointOfSale,
                    ActKind.Withdrawal => Channel.CashMachine,
                    ActKind.CounterDeposit or ActKind.CounterWithdrawal => Channel.Counter,
                    ActKind.Program => Channel.Api,
                    _ => Channel.Online,
                },
                OriginMode.Normal,
                TerminalOf(act)
            ),
            Movement = MovementOf(act),
            Amount = act.Amount,
            References = act.Terminal is null
                ? new References { EndToEndId = act.Reference }
                : new References { Rrn = act.Reference },
            AskedAt = act.At,
        };

    private Movement MovementOf(Act act) =>
        act.Kind switch
        {
            ActKind.Bill => new Movement.BillPayment(
                act.Debtor!.Value,
                new BillerCode(act.Biller!),
                act.Reference
            ),
            ActKind.Purchase => new Movement.CardPurchase(
                UseOf(act, withPin: false),
                new Merchant(TerminalOf(act)!.Value, "SHOP", "5411", "SHOP")
            ),
            ActKind.Withdrawal => new Movement.CashWithdrawal(
                new Funding.OfCard(UseOf(act, withPin: true)),
                TerminalOf(act)!.Value
            ),
            ActKind.CounterDeposit => new Movement.CashDeposit(
                act.Creditor!.Value,
                TerminalOf(act)!.Value
            ),
            ActKind.CounterWithdrawal => new Movement.CashWithdrawal(
                new Funding.OfAccount(act.Debtor!.Value),
                TerminalOf(act)!.Value
            ),
            _ => new Movement.CreditTransfer(
                act.Debtor!.Value,
                new Creditor.Here(act.Creditor!.Value)
            ),
        };

    private static TerminalId? TerminalOf(Act act) =>
        (act.Terminal?.Id ?? act.Teller?.Till) is { } id ? new TerminalId(id) : null;

    private CardUse UseOf(Act act, bool withPin)
    {
        var card = DemoCards.Of(options, act.Customer)!;
        var pan = Encoding.ASCII.GetBytes(card.Number);
        Payments.SealedPin? pin = null;
        if (withPin)
        {
            var terminal = act.Terminal!.Id;
            using var pad = keys.KeysOf(terminal);
            pin = new Payments.SealedPin(
                keys.SealPin(
                    pad.EncryptPin(Encoding.ASCII.GetBytes(card.Pin), pan)!,
                    pan,
                    terminal,
                    Encoding.ASCII.GetBytes(act.Id!.Value.ToString())
                )!.Value.Bytes
            );
        }
        return new CardUse(
            new Payments.CardToken(keys.TokenOf(pan).ToString()),
            card.ExpiryYearMonth,
            pin
        );
    }
}
