using System.Text;
using Evenkeel.Banking;
using Evenkeel.Banking.Cards;
using Evenkeel.Banking.Cash;
using Evenkeel.Banking.Desk;
using Evenkeel.CardKeys;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo;

/// <summary>Issues the plan's cards and fills its cash machines, through the bank's own doors.</summary>
internal sealed class DemoCardIssue(Bank bank, SoftwareCardKeys keys, Actor opener)
{
    /// <summary>Minor units in a new machine.</summary>
    private const long MachineCashMinor = 50_000_000;

    /// <summary>The pad at which a new holder chooses the PIN.</summary>
    private const string Pad = "ISSUING";

    /// <returns>Null when it is done; else why not.</returns>
    public async Task<OutcomeReason?> IssueAsync(
        DemoCustomer customer,
        DemoCard card,
        AccountNumber account,
        CancellationToken cancellationToken
    )
    {
        var number = Encoding.ASCII.GetBytes(card.Number);
        var token = keys.TokenOf(number);
        using var pad = keys.KeysOf(Pad);
        var block = pad.EncryptPin(Encoding.ASCII.GetBytes(card.Pin), number)!;
        var chosen = keys.SealPin(block, number, Pad, context: default)!.Value;
        var verifier = keys.MakeVerifier(chosen, token, context: default)!.Value;
        Payments.CardToken name = new(token.ToString());
        var issued = await bank.Cards.IssueAsync(
            opener,
            $"{customer.Reference}/card",
            new CardIssue(
                account,
                name,
                Pan.LastFour(number),
                card.ExpiryYearMonth,
                verifier.ToStored()
            ),
            cancellationToken
        );
        if (ReasonOf(issued) is { } refused)
        {
            return refused;
        }
        return ReasonOf(
            await bank.Cards.SetStateAsync(
                opener,
                $"{customer.Reference}/card/active",
                name,
                CardState.Active,
                cancellationToken
            )
        );
    }

    /// <returns>Null when it is done; else why not.</returns>
    public async Task<OutcomeReason?> OpenMachineAsync(
        DemoTerminal machine,
        uint currency,
        CancellationToken cancellationToken
    )
    {
        TerminalId id = new(machine.Id);
        var registered = await bank.Cash.RegisterAsync(
            opener,
            $"machine/{machine.Id}",
            id,
            TerminalKind.CashMachine,
            machine.Owner,
            currency,
            cancellationToken
        );
        return ReasonOf(registered)
            ?? ReasonOf(
                await bank.Cash.FillAsync(
                    opener,
                    $"machine/{machine.Id}/fill",
                    id,
                    new Money(MachineCashMinor, currency),
                    cancellationToken
                )
            );
    }

    private static OutcomeReason? ReasonOf<T>(TaskOutcome<T> outcome) =>
        outcome is TaskOutcome<T>.NotDone notDone ? notDone.Reason : null;
}
