using CsCheck;
using Evenkeel.Payments;

namespace Evenkeel.Contract.Tests;

/// <summary>Every kind of everything that the contract carries.</summary>
internal static class Generated
{
    private static readonly Gen<string> Text = Gen.String[
        Gen.Char["abcXYZ0189 -/äé支付薪資\u20ac"],
        1,
        20
    ];

    private static readonly Gen<string?> Maybe = Gen.OneOf(
        Gen.Const((string?)null),
        Text.Select(static s => (string?)s)
    );

    private static readonly Gen<InstructionId> Id = Gen.Select(Gen.ULong, Gen.ULong)
        .Select(static (high, low) => new InstructionId(new UInt128(high, low)));

    private static readonly Gen<AccountNumber> Account = Gen.ULong[1, 999_999_999_999]
        .Select(AccountNumber.FromSerial);

    private static readonly Gen<Money> Money = Gen.Select(Gen.Long, Gen.UInt[1, 999])
        .Select(static (minor, currency) => new Money(minor, currency));

    private static readonly Gen<DateOnly> Date = Gen.Int[0, DateOnly.MaxValue.DayNumber]
        .Select(DateOnly.FromDayNumber);

    private static readonly Gen<DateTimeOffset> Instant = Gen.Long[
            DateTimeOffset.MinValue.UtcTicks,
            DateTimeOffset.MaxValue.UtcTicks
        ]
        .Select(static ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

    private static readonly Gen<TerminalId> Terminal = Text.Select(static s => new TerminalId(s));

    private static readonly Gen<CardUse> Card = Gen.Select(
            Text,
            Gen.Int[0, 9912],
            Gen.Byte.Array[0, 32],
            Gen.Bool,
            Maybe
        )
        .Select(
            static (token, expiry, pin, hasPin, mode) =>
                new CardUse(new CardToken(token), expiry, hasPin ? new SealedPin(pin) : null, mode)
        );

    private static readonly Gen<Merchant> Merchant = Gen.Select(Terminal, Text, Text, Text)
        .Select(static (t, acceptor, category, name) => new Merchant(t, acceptor, category, name));

    private static readonly Gen<Creditor> Creditor = Gen.OneOf(
        Gen.Select(Account, Maybe).Select(static (a, name) => (Creditor)new Creditor.Here(a, name)),
        Gen.Select(Text, Text, Text)
            .Select(
                static (bank, a, name) =>
                    (Creditor)new Creditor.Elsewhere(new BankCode(bank), a, name)
            )
    );

    private static readonly Gen<Funding> Funding = Gen.OneOf(
        Account.Select(static a => (Funding)new Funding.OfAccount(a)),
        Card.Select(static c => (Funding)new Funding.OfCard(c))
    );

    private static readonly OutcomeReason[] Reasons =
    [
        .. Enum.GetValues<OutcomeReason>().Where(static r => r != OutcomeReason.None),
    ];

    public static readonly Gen<OutcomeReason> Reason = Gen.Int[0, Reasons.Length - 1]
        .Select(static i => Reasons[i]);

    public static readonly Gen<Actor> Actor = Gen.OneOf(
        Gen.Select(Text, Gen.Enum<Assurance>(), Maybe)
            .Select(
                static (id, a, login) =>
                    (Actor)new Actor.Customer(new CustomerId(id), a) { Login = login }
            ),
        Gen.Select(Text, Text)
            .Select(static (c, id) => (Actor)new Actor.ApiClient(c, new CustomerId(id))),
        Gen.Select(Text, Text, Maybe)
            .Select(static (user, branch, by) => (Actor)new Actor.Staff(user, branch, by)),
        Text.Select(static line => (Actor)new Actor.CardNetwork(line)),
        Text.Select(static rail => (Actor)new Actor.Clearing(rail)),
        Text.Select(static task => (Actor)new Actor.Bank(task))
    );

    public static readonly Gen<Movement> Movement = Gen.OneOf(
        Gen.Select(Account, Creditor)
            .Select(static (a, c) => (Movement)new Movement.CreditTransfer(a, c)),
        Gen.Select(Text, Text, Text, Account)
            .Select(
                static (bank, a, name, to) =>
                    (Movement)new Movement.IncomingCredit(new BankCode(bank), a, name, to)
            ),
        Gen.Select(Funding, Terminal)
            .Select(static (f, t) => (Movement)new Movement.CashWithdrawal(f, t)),
        Gen.Select(Account, Terminal)
            .Select(static (a, t) => (Movement)new Movement.CashDeposit(a, t)),
        Gen.Select(Card, Merchant)
            .Select(static (c, m) => (Movement)new Movement.CardAuthorisation(c, m)),
        Gen.Select(Card, Merchant)
            .Select(static (c, m) => (Movement)new Movement.CardPurchase(c, m)),
        Gen.Select(Id, Merchant)
            .Select(static (id, m) => (Movement)new Movement.CardCompletion(id, m)),
        Gen.Select(Account, Text, Text)
            .Select(
                static (a, biller, bill) =>
                    (Movement)new Movement.BillPayment(a, new BillerCode(biller), bill)
            ),
        Gen.Select(Id, Money, Gen.Bool)
            .Select(
                static (id, m, has) => (Movement)new Movement.Reversal(id, has ? m : (Money?)null)
            ),
        Gen.Select(Id, Reason).Select(static (id, why) => (Movement)new Movement.Return(id, why))
    );

    private static readonly Gen<Origin> Origin = Gen.Select(
            Gen.Enum<Channel>(),
            Gen.Enum<OriginMode>(),
            Terminal,
            Gen.Bool,
            Gen.UInt
        )
        .Select(
            static (c, mode, t, has, session) =>
                new Origin(c, mode, has ? t : null) { Session = session }
        );

    private static readonly Gen<References> References = Gen.Select(
            Gen.Select(Maybe, Maybe, Maybe, Maybe),
            Gen.Select(Maybe, Maybe, Gen.Guid, Gen.Bool)
        )
        .Select(
            static (one, two) =>
                new References
                {
                    EndToEndId = one.Item1,
                    Rrn = one.Item2,
                    Stan = one.Item3,
                    Voucher = one.Item4,
                    BulkItem = two.Item1,
                    Rail = two.Item2,
                    Uetr = two.Item4 ? two.Item3 : null,
                }
        );

    public static readonly Gen<PaymentInstruction> Instruction = Gen.Select(
            Gen.Select(Id, Actor, Origin, Movement),
            Gen.Select(Money, References, Date, Date),
            Gen.Select(Maybe, Gen.Bool, Gen.Bool, Gen.Bool),
            Instant
        )
        .Select(
            static (who, what, how, asked) =>
                new PaymentInstruction
                {
                    Id = who.Item1,
                    Actor = who.Item2,
                    Origin = who.Item3,
                    Movement = who.Item4,
                    Amount = what.Item1,
                    References = what.Item2,
                    ExecutionDate = how.Item3 ? what.Item3 : null,
                    ValueDate = how.Item4 ? what.Item4 : null,
                    Remittance = how.Item1,
                    IsAdvice = how.Item2,
                    AskedAt = asked,
                }
        );

    public static readonly Gen<PaymentOutcome> Outcome = Gen.OneOf(
        Gen.Select(
                Gen.Select(Id, Money, Date, Date),
                Gen.Select(Instant, Text, Gen.Enum<OriginMode>())
            )
            .Select(
                static (what, how) =>
                    (PaymentOutcome)
                        new PaymentOutcome.Done(
                            new Receipt
                            {
                                Id = what.Item1,
                                Amount = what.Item2,
                                BookingDate = what.Item3,
                                ValueDate = what.Item4,
                                At = how.Item1,
                                AuthorisationCode = how.Item2,
                                DecidedBy = how.Item3,
                            }
                        )
            ),
        Gen.Select(Reason, Maybe)
            .Select(static (r, detail) => (PaymentOutcome)new PaymentOutcome.NotDone(r, detail)),
        Gen.Select(Instant, Reason)
            .Select(static (d, r) => (PaymentOutcome)new PaymentOutcome.BeingResolved(d, r))
    );
}
