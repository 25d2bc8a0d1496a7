using CsCheck;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Xunit;
using static Evenkeel.Banking.Tests.Steps;

namespace Evenkeel.Banking.Tests;

/// <summary>
/// Random withdrawals, authorisations, completions, reversals, repeats and late originals, each against
/// a model of a few lines: nothing moves more than once, and nothing comes from nowhere.
/// </summary>
public sealed class CardProperties(SharedBank shared) : IClassFixture<SharedBank>
{
    private const long Start = 50_000;
    private const int StepsMax = 14;

    private static readonly Actor Line = new Actor.CardNetwork("LINE-1");

    private static readonly Merchant Shop = new(
        new TerminalId("SHOP0001"),
        "ACCEPTOR",
        "5411",
        "Shop, Town"
    );

    private static readonly long Sequences =
        Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1" ? 2_000 : 40;

    /// <param name="Which">An earlier instruction, by its place modulo their number.</param>
    /// <param name="Minor">An amount; for a partial one taken modulo the original's.</param>
    private readonly record struct Step(int Kind, int Which, long Minor);

    private static readonly Gen<Step[]> Sequence = Gen.Select(
        Gen.Int[0, 6],
        Gen.Int[0, 100],
        Gen.Long[1, 20_000],
        static (kind, which, minor) => new Step(kind, which, minor)
    ).Array[1, StepsMax];

    private TestBank Bank => shared.Bank;

    [Fact]
    public Task No_sequence_moves_more_than_once_and_money_is_conserved() =>
        Sequence.SampleAsync(RunAsync, iter: Sequences, threads: 1);

    private async Task RunAsync(Step[] steps)
    {
        var (_, account) = await Bank.OpenAsync(Start);
        var card = await Bank.IssueCardAsync(account);
        var machine = await Bank.OpenMachineAsync(1_000_000);
        var settlement = LedgerIds.Of(GlCode.CardSettlement, Cny);
        var settledBefore = await Bank.BookedAsync(settlement);
        Model model = new(Start);
        List<PaymentInstruction> asked = [];

        foreach (var step in steps)
        {
            var next = Next(step, asked, card, machine);
            if (!asked.Contains(next))
            {
                asked.Add(next);
            }
            var expected = model.Submit(next);
            var outcome = await Bank.SubmitAsync(next);
            Assert.True(
                expected == outcome is PaymentOutcome.Done,
                $"{next.Movement.GetType().Name} of {next.Amount}: {outcome}"
            );
        }

        Assert.Equal((model.Booked, model.Booked - model.Held), await Bank.BalanceAsync(account));
        var inMachine = (
            await Bank.Bank.Cash.FindAsync(machine, TestContext.Current.CancellationToken)
        )!
            .Cash
            .Minor;
        var settled = await Bank.BookedAsync(settlement) - settledBefore;
        Assert.Equal(Start, model.Booked + (1_000_000 - inMachine) + settled);
    }

    private PaymentInstruction Next(
        Step step,
        List<PaymentInstruction> asked,
        TestCard card,
        TerminalId machine
    )
    {
        var earlier = asked.Count == 0 ? null : asked[step.Which % asked.Count];
        return (step.Kind, earlier) switch
        {
            (1, _) => New(
                new Movement.CardAuthorisation(Use(card), Shop),
                step.Minor,
                Line,
                Channel.PointOfSale
            ),
            (2, { Movement: not Movement.Reversal }) => Reverse(earlier, completed: null),
            (3, { Movement: Movement.CashWithdrawal or Movement.CardAuthorisation }) => Reverse(
                earlier,
                step.Minor % (earlier.Amount.Minor + 1)
            ),
            (4, { Movement: Movement.CardAuthorisation }) => New(
                new Movement.CardCompletion(earlier.Id, Shop),
                1 + (step.Minor % earlier.Amount.Minor),
                Line,
                Channel.PointOfSale
            ),
            (5, not null) => earlier,
            // The reversal of one that was not sent yet; a repeat of it may come later.
            (6, _) => Reverse(Withdraw(card, machine, step.Minor), completed: null),
            _ => Withdraw(card, machine, step.Minor),
        };
    }

    private static PaymentInstruction Reverse(PaymentInstruction original, long? completed) =>
        New(
            new Movement.Reversal(
                original.Id,
                completed is { } minor ? new Money(minor, Cny) : null
            ),
            original.Amount.Minor,
            Line,
            original.Origin.Channel
        );

    private PaymentInstruction Withdraw(TestCard card, TerminalId machine, long minor)
    {
        var id = InstructionId.From(Channel.CashMachine, "properties", NextReference());
        return New(
            new Movement.CashWithdrawal(
                new Funding.OfCard(
                    new CardUse(card.Token, card.ExpiryYearMonth, Bank.SealPin(card, card.Pin, id))
                ),
                machine
            ),
            minor,
            Line,
            Channel.CashMachine
        ) with
        {
            Id = id,
        };
    }

    private static CardUse Use(TestCard card) => new(card.Token, card.ExpiryYearMonth, Pin: null);

    /// <summary>What should be: written from the words of the contract, not from the bank's code.</summary>
    private sealed class Model(long booked)
    {
        private enum State
        {
            Refused,
            Posted,
            Held,
            Completed,
            Reversed,
        }

        private sealed record Entry(State State, long Asked, long Moved, bool FirstAnswer);

        private readonly Dictionary<InstructionId, Entry> _known = [];

        public long Booked { get; private set; } = booked;

        public long Held { get; private set; }

        /// <summary>Whether the answer is "done".</summary>
        public bool Submit(PaymentInstruction asked)
        {
            if (_known.TryGetValue(asked.Id, out var known))
            {
                return known.FirstAnswer;
            }
            var amount = asked.Amount.Minor;
            var entry = asked.Movement switch
            {
                Movement.CashWithdrawal when amount <= Booked - Held => Post(amount),
                Movement.CardAuthorisation when amount <= Booked - Held => Hold(amount),
                Movement.CardCompletion completion => Complete(completion, amount),
                Movement.Reversal reversal => Reverse(reversal, amount),
                _ => Refuse(amount),
            };
            _known.Add(asked.Id, entry);
            return entry.FirstAnswer;
        }

        private static Entry Refuse(long amount) => new(State.Refused, amount, 0, false);

        private Entry Post(long amount)
        {
            Booked -= amount;
            return new Entry(State.Posted, amount, amount, true);
        }

        private Entry Hold(long amount)
        {
            Held += amount;
            return new Entry(State.Held, amount, amount, true);
        }

        private Entry Complete(Movement.CardCompletion completion, long amount)
        {
            if (
                !_known.TryGetValue(completion.Authorisation, out var held)
                || held.State != State.Held
                || amount > held.Moved
            )
            {
                return Refuse(amount);
            }
            Held -= held.Moved;
            Booked -= amount;
            _known[completion.Authorisation] = held with { State = State.Completed };
            return new Entry(State.Posted, amount, amount, true);
        }

        private Entry Reverse(Movement.Reversal reversal, long amount)
        {
            Entry done = new(State.Reversed, amount, 0, true);
            if (!_known.TryGetValue(reversal.Original, out var original))
            {
                _known.Add(reversal.Original, Refuse(amount));
                return done;
            }
            var kept = reversal.Completed?.Minor ?? 0;
            switch (original.State)
            {
                case State.Refused:
                    return done;
                case State.Posted:
                    Booked += original.Moved - kept;
                    break;
                case State.Held when kept > original.Moved:
                    return Refuse(amount);
                case State.Held:
                    Held -= original.Moved - kept;
                    break;
                default:
                    return Refuse(amount);
            }
            _known[reversal.Original] = original with
            {
                State = original.State == State.Held && kept > 0 ? State.Held : State.Reversed,
                Moved = kept,
            };
            return done;
        }
    }
}
