using System.Text;
using Evenkeel.Banking;
using Evenkeel.Banking.Cards;
using Evenkeel.CardKeys;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;
using static Evenkeel.Demo.DemoOutcomes;

namespace Evenkeel.Demo.Building;

/// <summary>Issues the plan's cards, through the bank's own doors.</summary>
internal sealed class DemoCardIssue(Bank bank, SoftwareCardKeys keys)
{
    /// <summary>The pad at which a new holder chooses the PIN.</summary>
    private const string Pad = "ISSUING";

    /// <exception cref="InvalidOperationException">The bank refused.</exception>
    public Task IssueAsync(
        DemoCustomer customer,
        DemoCard card,
        AccountNumber account,
        CancellationToken cancellationToken
    ) => IssueAsync($"{customer.Reference}/card", card, account, cancellationToken);

    /// <inheritdoc cref="IssueAsync(DemoCustomer, DemoCard, AccountNumber, CancellationToken)"/>
    public async Task IssueAsync(
        string reference,
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
        _ = Done(
            await bank.Cards.IssueAsync(
                DemoBuilder.Opener,
                reference,
                new CardIssue(
                    account,
                    name,
                    Pan.LastFour(number),
                    card.ExpiryYearMonth,
                    verifier.ToStored()
                ),
                cancellationToken
            ),
            reference
        );
        _ = Done(
            await bank.Cards.SetStateAsync(
                DemoBuilder.Opener,
                $"{reference}/active",
                name,
                CardState.Active,
                cancellationToken
            ),
            reference
        );
    }
}
