using System.Globalization;
using System.Text;
using Evenkeel.Banking;
using Evenkeel.Banking.Cash;
using Evenkeel.Banking.Desk;
using Evenkeel.CardKeys;
using Evenkeel.Demo.Building;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Month;

/// <summary>
/// Notes and cards of a simulated month: a till that is opened, worked at and counted each day, a machine
/// that gives notes and sometimes fewer than it was asked for, and purchases in shops.
/// </summary>
internal sealed class MonthCash(Bank bank, MonthOptions options, SoftwareCardKeys keys)
{
    private const long TillFloatMinor = 20_000_000;
    private const long MachineMinor = 50_000_000;
    private const string Pad = "MONTH";

    /// <summary>Every so many days a till is counted short.</summary>
    private const int ShortEveryDays = 5;

    private const long ShortMinor = 1_00;
    private const long NoteMinor = 100_00;

    private static readonly TerminalId Till = new("TILLMNTH");
    private static readonly TerminalId Machine = new("ATMMONTH");
    private static readonly TerminalId Shop = new("POSMONTH");
    private static readonly Actor.Staff Teller = new("month-teller", "B1");
    private static readonly Actor Network = new Actor.CardNetwork("month");

    private readonly MonthSubmission _submission = new(bank, options);

    /// <summary>Machine, till and cards: on the first day.</summary>
    public async Task OpenAsync(MonthCast cast, CancellationToken token)
    {
        await RegisterAsync(Till, TerminalKind.Till, TillFloatMinor, token);
        await RegisterAsync(Machine, TerminalKind.CashMachine, MachineMinor, token);
        DemoCardIssue issue = new(bank, keys);
        for (var i = 0; i < cast.Persons.Count; i++)
        {
            await issue.IssueAsync(Ref($"person-{i}"), CardOf(i), cast.Persons[i].Salary, token);
        }
    }

    public async Task DayAsync(MonthCast cast, DateOnly date, CancellationToken token)
    {
        var random = new Random(unchecked((options.Seed * 31_337) + date.DayNumber) & int.MaxValue);
        await CounterAsync(cast, date, random, token);
        var (at, shopper) = (random.Next(cast.Persons.Count), random.Next(cast.Persons.Count));
        var notes = NoteMinor * random.Next(1, 10);
        var withdrawal = _submission.Of(
            $"{date:O}/machine",
            Network,
            Channel.CashMachine,
            new Movement.CashWithdrawal(new Funding.OfCard(Use(at, $"{date:O}/machine")), Machine),
            notes,
            date
        );
        var gave = await _submission.SubmitAsync(withdrawal, token);
        if (gave is PaymentOutcome.Done && date.Day % 4 == 0)
        {
            // The machine jammed: one note less came out.
            await _submission.SubmitAsync(
                _submission.Of(
                    $"{date:O}/machine/jam",
                    Network,
                    Channel.CashMachine,
                    new Movement.Reversal(
                        withdrawal.Id,
                        new Money(notes - NoteMinor, MonthBank.Cny)
                    ),
                    notes,
                    date
                ),
                token
            );
        }
        await _submission.SubmitAsync(
            _submission.Of(
                $"{date:O}/shop",
                Network,
                Channel.PointOfSale,
                new Movement.CardPurchase(
                    new CardUse(TokenOf(shopper), DemoCards.ExpiryYearMonth, Pin: null),
                    new Merchant(Shop, "MONTHSHOP", "5411", "Shop")
                ),
                random.Next(1_00, 300_00),
                date
            ),
            token
        );
    }

    /// <summary>A day at the counter, which ends with the count of the till.</summary>
    private async Task CounterAsync(
        MonthCast cast,
        DateOnly date,
        Random random,
        CancellationToken token
    )
    {
        Done(await bank.Cash.OpenTillAsync(Teller, Ref($"{date:O}/open"), Till, token));
        foreach (var isDeposit in (bool[])[true, false])
        {
            var account = cast.Persons[random.Next(cast.Persons.Count)].Salary;
            var reference = $"{date:O}/counter/{(isDeposit ? "in" : "out")}";
            await _submission.SubmitAsync(
                _submission.Of(
                    reference,
                    Teller,
                    Channel.Counter,
                    isDeposit
                        ? new Movement.CashDeposit(account, Till)
                        : new Movement.CashWithdrawal(new Funding.OfAccount(account), Till),
                    NoteMinor * random.Next(1, 20),
                    date
                ),
                token
            );
        }
        // Closed already when a stop came after it: its count stands.
        if (
            await bank.Cash.FindAsync(Till, token) is
            { State: not TerminalState.Closed, Cash: var cash }
        )
        {
            var missing = date.DayNumber % ShortEveryDays == 0 ? ShortMinor : 0;
            Done(
                await bank.Cash.CloseTillAsync(
                    Teller,
                    Ref($"{date:O}/close"),
                    Till,
                    cash with
                    {
                        Minor = cash.Minor - missing,
                    },
                    token
                )
            );
        }
    }

    private async Task RegisterAsync(
        TerminalId terminal,
        TerminalKind kind,
        long minor,
        CancellationToken token
    )
    {
        Done(
            await bank.Cash.RegisterAsync(
                MonthBank.Officer,
                Ref($"{terminal}"),
                terminal,
                kind,
                "B1",
                MonthBank.Cny,
                token
            )
        );
        Done(
            await bank.Cash.FillAsync(
                MonthBank.Officer,
                Ref($"{terminal}/fill"),
                terminal,
                new Money(minor, MonthBank.Cny),
                token
            )
        );
    }

    private CardUse Use(int person, string reference)
    {
        var card = CardOf(person);
        var number = Encoding.ASCII.GetBytes(card.Number);
        using var pad = keys.KeysOf(Pad);
        var pin = keys.SealPin(
            pad.EncryptPin(Encoding.ASCII.GetBytes(card.Pin), number)!,
            number,
            Pad,
            Encoding.ASCII.GetBytes(_submission.IdOf(Channel.CashMachine, reference).ToString())
        )!.Value;
        return new CardUse(
            TokenOf(person),
            card.ExpiryYearMonth,
            new Payments.SealedPin(pin.Bytes)
        );
    }

    private Payments.CardToken TokenOf(int person) =>
        new(keys.TokenOf(Encoding.ASCII.GetBytes(CardOf(person).Number)).ToString());

    private DemoCard CardOf(int person) => DemoCards.Of(options.Seed, $"month-{person}");

    private string Ref(string name) =>
        string.Create(CultureInfo.InvariantCulture, $"month-{options.Seed}/cash/{name}");

    private static void Done<T>(TaskOutcome<T> outcome)
    {
        if (outcome is TaskOutcome<T>.NotDone no)
        {
            throw new InvalidOperationException(
                $"The till or machine of the simulated month was refused: {no.Reason}."
            );
        }
    }
}
