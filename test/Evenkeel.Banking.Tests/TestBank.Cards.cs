using System.Globalization;
using System.Text;
using Evenkeel.Banking.Cards;
using Evenkeel.Banking.Cash;
using Evenkeel.CardKeys;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Xunit;

namespace Evenkeel.Banking.Tests;

/// <content>Cards, machines and tills.</content>
public sealed partial class TestBank
{
    private const string Pad = "PAD-1";
    private const int Expiry = 3_012;

    private readonly SoftwareCardKeys _cardKeys;

    public ICustomerServices Services => Bank.Services;

    public ICardKeys CardKeys => _cardKeys;

    /// <summary>What is loaded into a machine; the caller disposes it.</summary>
    public TerminalKeys KeysOf(TerminalId terminal) => _cardKeys.KeysOf(terminal.Value);

    public async Task<TerminalId> OpenMachineAsync(long cashMinor)
    {
        TerminalId machine = new($"ATM{Interlocked.Increment(ref _serial):D5}");
        await RegisterAsync(machine, TerminalKind.CashMachine);
        if (cashMinor > 0)
        {
            await FillAsync(machine, cashMinor);
        }
        return machine;
    }

    /// <summary>A till that a teller has opened.</summary>
    public async Task<TerminalId> OpenTillAsync(string teller, long cashMinor)
    {
        TerminalId till = new($"TILL{Interlocked.Increment(ref _serial):D5}");
        await RegisterAsync(till, TerminalKind.Till);
        if (cashMinor > 0)
        {
            await FillAsync(till, cashMinor);
        }
        Done(
            await Bank.Cash.OpenTillAsync(
                new Actor.Staff(teller, "B1"),
                $"open-{till}",
                till,
                Token
            )
        );
        return till;
    }

    public async Task<TestCard> IssueCardAsync(AccountNumber account)
    {
        var serial = Interlocked.Increment(ref _serial);
        var digits = string.Create(CultureInfo.InvariantCulture, $"62280000{serial:D7}");
        var number = digits + (char)Pan.CheckDigit(Encoding.ASCII.GetBytes(digits));
        var token = _cardKeys.TokenOf(Encoding.ASCII.GetBytes(number));
        TestCard card = new(new Payments.CardToken(token.ToString()), Expiry, number, "2468");
        var context = InstructionId.From(Channel.Internal, "issue", number);
        var verifier = _cardKeys.MakeVerifier(
            new Evenkeel.CardKeys.SealedPin(SealPin(card, card.Pin, context).Bytes),
            token,
            Encoding.ASCII.GetBytes(context.ToString())
        );
        Done(
            await Bank.Cards.IssueAsync(
                Staff,
                $"issue-{number}",
                new CardIssue(
                    account,
                    card.Token,
                    number[^4..],
                    Expiry,
                    verifier!.Value.ToStored()
                ),
                Token
            )
        );
        Done(
            await Bank.Cards.SetStateAsync(
                Staff,
                $"activate-{number}",
                card.Token,
                CardState.Active,
                Token
            )
        );
        return card;
    }

    public Payments.SealedPin SealPin(TestCard card, string pin, InstructionId context)
    {
        var number = Encoding.ASCII.GetBytes(card.Number);
        using var pad = _cardKeys.KeysOf(Pad);
        var made = _cardKeys.SealPin(
            pad.EncryptPin(Encoding.ASCII.GetBytes(pin), number),
            number,
            Pad,
            Encoding.ASCII.GetBytes(context.ToString())
        );
        Assert.NotNull(made);
        return new Payments.SealedPin(made.Value.Bytes);
    }

    private async Task RegisterAsync(TerminalId terminal, TerminalKind kind) =>
        Done(
            await Bank.Cash.RegisterAsync(
                Staff,
                $"register-{terminal}",
                terminal,
                kind,
                "B1",
                IBankUnderTest.Cny,
                Token
            )
        );

    private async Task FillAsync(TerminalId terminal, long minor) =>
        Done(
            await Bank.Cash.FillAsync(
                Staff,
                $"fill-{terminal}",
                terminal,
                new Money(minor, IBankUnderTest.Cny),
                Token
            )
        );
}
