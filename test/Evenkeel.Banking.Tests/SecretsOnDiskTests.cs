using Evenkeel.Payments;
using Xunit;
using static Evenkeel.Banking.Tests.Steps;

namespace Evenkeel.Banking.Tests;

public sealed class SecretsOnDiskTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Names_texts_card_numbers_and_sealed_PINs_are_in_no_file_of_the_node()
    {
        await using var bank = await TestBank.StartAsync(isKept: true);
        var (payer, from) = await bank.OpenAsync(100_000);
        var (_, to) = await bank.OpenAsync(0);
        var card = await bank.IssueCardAsync(from);
        var machine = await bank.OpenMachineAsync(100_000);
        Actor line = new Actor.CardNetwork("LINE-1");
        var pay = Pay(payer, from, to, 700);
        await bank.DoesAsync(
            pay with
            {
                Movement = new Movement.CreditTransfer(from, new Creditor.Here(to, "Landlady Li")),
                Remittance = "Rent of a secret flat",
                References = new References { EndToEndId = "FOUND-ON-DISK" },
            }
        );
        await bank.Services.AddPayeeAsync(
            new Actor.Customer(payer, Assurance.Strong),
            "a",
            new Creditor.Elsewhere(new BankCode("OTHRBANK"), "DE4711OUTSIDE", "Uncle Otto"),
            Token
        );
        var id = InstructionId.From(Channel.CashMachine, "scan", "1");
        var pin = bank.SealPin(card, card.Pin, id);
        await bank.DoesAsync(
            New(
                new Movement.CashWithdrawal(
                    new Funding.OfCard(new CardUse(card.Token, card.ExpiryYearMonth, pin)),
                    machine
                ),
                1_000,
                line,
                Channel.CashMachine
            ) with
            {
                Id = id,
            }
        );
        await bank.DoesAsync(
            New(
                new Movement.CardPurchase(
                    new CardUse(card.Token, card.ExpiryYearMonth, Pin: null),
                    new Merchant(new TerminalId("SHOP0001"), "ACCEPTOR", "5411", "Pharmacy Pang")
                ),
                1_000,
                line,
                Channel.PointOfSale
            )
        );

        string[] secrets =
        [
            "Person 1",
            "Person 2",
            "Landlady Li",
            "Rent of a secret flat",
            "DE4711OUTSIDE",
            "Uncle Otto",
            "Pharmacy Pang",
            card.Number,
            Convert.ToBase64String(pin.Bytes.Span),
            Convert.ToHexString(pin.Bytes.Span),
            Convert.ToHexStringLower(pin.Bytes.Span),
        ];
        // What must be found shows that the scan sees anything at all.
        var (found, bytes) = await bank.ScanAsync([.. secrets, "FOUND-ON-DISK"]);

        Assert.NotEmpty(found);
        Assert.All(
            found,
            static hit => Assert.EndsWith(": FOUND-ON-DISK", hit, StringComparison.Ordinal)
        );
        Assert.True(bytes > 10_000);
    }
}
