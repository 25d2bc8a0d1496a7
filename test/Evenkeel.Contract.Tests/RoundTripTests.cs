using System.Reflection;
using CsCheck;
using Evenkeel.Contract.Mapping;
using Evenkeel.Payments;
using Google.Protobuf;
using Xunit;

namespace Evenkeel.Contract.Tests;

public sealed class RoundTripTests
{
    [Fact]
    public void Every_instruction_survives_the_way_over_the_wire() =>
        Generated.Instruction.Sample(
            static instruction =>
            {
                var sent = InstructionMap.ToWire(instruction).ToByteArray();
                var received = InstructionMap.ToDomain(Wire.Instruction.Parser.ParseFrom(sent));

                // A sealed PIN is memory, which compares by place: its bytes are in the second form.
                Assert.Equal(WithoutPins(instruction), WithoutPins(received));
                Assert.Equal(sent, InstructionMap.ToWire(received).ToByteArray());
                Assert.Equal(InstructionHash.Of(instruction), InstructionHash.Of(received));
            },
            iter: 500
        );

    [Fact]
    public void Every_outcome_survives_the_way_over_the_wire() =>
        Generated.Outcome.Sample(
            static outcome =>
                Assert.Equal(
                    outcome,
                    OutcomeMap.ToDomain(
                        Wire.Outcome.Parser.ParseFrom(OutcomeMap.ToWire(outcome).ToByteArray())
                    )
                ),
            iter: 300
        );

    [Fact]
    public void Every_kind_of_movement_actor_and_outcome_is_among_those_tried()
    {
        HashSet<Type> tried = [];
        Generated.Instruction.Sample(
            instruction =>
            {
                lock (tried)
                {
                    tried.Add(instruction.Movement.GetType());
                    tried.Add(instruction.Actor.GetType());
                    switch (instruction.Movement)
                    {
                        case Movement.CreditTransfer transfer:
                            tried.Add(transfer.Creditor.GetType());
                            break;
                        case Movement.CashWithdrawal withdrawal:
                            tried.Add(withdrawal.From.GetType());
                            break;
                    }
                }
            },
            iter: 500
        );
        Generated.Outcome.Sample(
            outcome =>
            {
                lock (tried)
                {
                    tried.Add(outcome.GetType());
                }
            },
            iter: 200
        );

        var kinds = new[]
        {
            typeof(Movement),
            typeof(Actor),
            typeof(PaymentOutcome),
            typeof(Creditor),
            typeof(Funding),
        }.SelectMany(static closed =>
            closed.GetNestedTypes(BindingFlags.Public).Where(type => type.IsSubclassOf(closed))
        );
        Assert.Empty(kinds.Except(tried));
    }

    /// <summary>A member added to the language needs a place on the wire, then a number here.</summary>
    [Theory]
    [InlineData(typeof(PaymentInstruction), 11)]
    [InlineData(typeof(References), 7)]
    [InlineData(typeof(Origin), 4)]
    [InlineData(typeof(CardUse), 4)]
    [InlineData(typeof(Merchant), 4)]
    [InlineData(typeof(Receipt), 7)]
    [InlineData(typeof(AccountView), 6)]
    [InlineData(typeof(StatementQuery), 5)]
    [InlineData(typeof(StatementPage), 4)]
    [InlineData(typeof(StatementLine), 9)]
    [InlineData(typeof(InstructionTrace), 10)]
    [InlineData(typeof(TimelineEntry), 4)]
    [InlineData(typeof(CardView), 7)]
    [InlineData(typeof(PayeeView), 6)]
    [InlineData(typeof(SignInRequest), 6)]
    [InlineData(typeof(BulkRun), 14)]
    [InlineData(typeof(BulkRunLine), 6)]
    [InlineData(typeof(BulkRunPage), 2)]
    [InlineData(typeof(BulkRunsQuery), 3)]
    [InlineData(typeof(StandingOrderRequest), 7)]
    [InlineData(typeof(StandingOrderChange), 4)]
    [InlineData(typeof(StandingOrderView), 12)]
    [InlineData(typeof(StandingRunView), 5)]
    [InlineData(typeof(Schedule), 4)]
    [InlineData(typeof(LoanView), 12)]
    [InlineData(typeof(PlannedInstalment), 5)]
    [InlineData(typeof(DueInstalment), 7)]
    [InlineData(typeof(CreditLineView), 5)]
    [InlineData(typeof(ProductView), 7)]
    [InlineData(typeof(NewCustomer), 6)]
    [InlineData(typeof(CustomerFile), 4)]
    [InlineData(typeof(NewAccount), 4)]
    [InlineData(typeof(CustomerLogin), 3)]
    [InlineData(typeof(MadeLogin), 3)]
    [InlineData(typeof(AuditLine), 7)]
    [InlineData(typeof(Actor.Customer), 4)]
    [InlineData(typeof(SignInAnswer.SignedIn), 4)]
    [InlineData(typeof(CodeConfirmation), 5)]
    [InlineData(typeof(PasskeyPrompt), 3)]
    [InlineData(typeof(PasskeySignIn), 5)]
    [InlineData(typeof(PasskeyChallenge), 2)]
    [InlineData(typeof(PasskeyOwner), 4)]
    [InlineData(typeof(NewPasskey), 3)]
    [InlineData(typeof(PasskeyView), 5)]
    public void Every_member_of_the_language_has_a_place_on_the_wire(Type type, int members) =>
        Assert.Equal(
            members,
            type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Length
        );

    [Fact]
    public void A_number_of_a_newer_program_is_refused_and_not_guessed_at()
    {
        var wire = InstructionMap.ToWire(
            new PaymentInstruction
            {
                Id = new InstructionId(1),
                Actor = new Actor.CardNetwork("line"),
                Origin = new Origin(Channel.CashMachine),
                Movement = new Movement.CashDeposit(
                    AccountNumber.FromSerial(1),
                    new TerminalId("T1")
                ),
                Amount = new Money(1, 156),
            }
        );
        wire.Origin.Channel = 250;

        Assert.Throws<ContractException>(() => InstructionMap.ToDomain(wire));
        Assert.Throws<ContractException>(() => InstructionMap.ToDomain(new Wire.Instruction()));
    }

    private static PaymentInstruction WithoutPins(PaymentInstruction instruction) =>
        instruction with
        {
            Movement = instruction.Movement switch
            {
                Movement.CashWithdrawal { From: Funding.OfCard card } withdrawal => withdrawal with
                {
                    From = new Funding.OfCard(card.Card with { Pin = null }),
                },
                Movement.CardAuthorisation authorisation => authorisation with
                {
                    Card = authorisation.Card with { Pin = null },
                },
                Movement.CardPurchase purchase => purchase with
                {
                    Card = purchase.Card with { Pin = null },
                },
                var other => other,
            },
        };
}
