using System.Globalization;
using System.Text;
using Evenkeel.CardKeys;
using Evenkeel.Payments;

namespace Evenkeel.Channels.Tests.Iso8583;

/// <summary>
/// A bank of cards in memory, with the contract's rules: one decision per id, for ever; reversals undo
/// or are remembered; advices are taken. It outlives the channel in front of it.
/// </summary>
internal sealed class CardBank(ICardKeys keys) : IPaymentProcessor, IAccountQueries
{
    public const uint Cny = 156;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, CardAccount> _cards = new(StringComparer.Ordinal);
    private readonly Dictionary<InstructionId, (UInt128 Hash, PaymentOutcome Outcome)> _answers =
    [];
    private readonly Dictionary<InstructionId, Taken> _taken = [];
    private readonly HashSet<InstructionId> _reversedBefore = [];

    public DateOnly BusinessDate { get; set; } = new(2026, 11, 23);

    /// <summary>Runs before each decision; a test delays or breaks the bank with it.</summary>
    public Func<PaymentInstruction, Task> Before { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Decisions made, without repeats.</summary>
    public int Decisions
    {
        get
        {
            lock (_lock)
            {
                return _answers.Count;
            }
        }
    }

    public void Issue(string pan, string pin, long balance)
    {
        var digits = Encoding.ASCII.GetBytes(pan);
        using var pad = ((SoftwareCardKeys)keys).KeysOf("ISSUING");
        var block = pad.EncryptPin(Encoding.ASCII.GetBytes(pin), digits)!;
        var sealedPin = keys.SealPin(block, digits, "ISSUING", default)!.Value;
        var token = keys.TokenOf(digits);
        lock (_lock)
        {
            _cards.Add(
                token.ToString(),
                new CardAccount(keys.MakeVerifier(sealedPin, token, default)!.Value)
                {
                    Balance = balance,
                }
            );
        }
    }

    public long BalanceOf(string pan)
    {
        lock (_lock)
        {
            return _cards[keys.TokenOf(Encoding.ASCII.GetBytes(pan)).ToString()].Balance;
        }
    }

    public async Task<PaymentOutcome> SubmitAsync(
        PaymentInstruction instruction,
        CancellationToken cancellationToken
    )
    {
        await Before(instruction).WaitAsync(cancellationToken);
        var hash = InstructionHash.Of(instruction);
        lock (_lock)
        {
            if (_answers.TryGetValue(instruction.Id, out var first))
            {
                return first.Hash == hash
                    ? first.Outcome
                    : new PaymentOutcome.NotDone(OutcomeReason.IdReusedWithOtherContent);
            }
            var outcome = Decide(instruction);
            _answers.Add(instruction.Id, (hash, outcome));
            return outcome;
        }
    }

    public Task<QueryAnswer<AccountView>> GetCardAccountAsync(
        Actor actor,
        InstructionId inquiry,
        CardUse card,
        CancellationToken cancellationToken
    )
    {
        lock (_lock)
        {
            var fault = Find(card, inquiry, isAdvice: false, out var account);
            return Task.FromResult<QueryAnswer<AccountView>>(
                fault != OutcomeReason.None
                    ? new QueryAnswer<AccountView>.Refused(fault)
                    : new QueryAnswer<AccountView>.Found(
                        new AccountView(
                            AccountNumber.FromSerial(1),
                            new CustomerId("c1"),
                            "current",
                            AccountState.Open,
                            new Money(account!.Balance, Cny),
                            new Money(account.Balance + 500, Cny)
                        ),
                        DateTimeOffset.UnixEpoch
                    )
            );
        }
    }

    public Task<QueryAnswer<IReadOnlyList<AccountView>>> ListAccountsAsync(
        Actor actor,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<QueryAnswer<AccountView>> GetAccountAsync(
        Actor actor,
        AccountNumber account,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<QueryAnswer<StatementPage>> GetStatementAsync(
        Actor actor,
        StatementQuery query,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    public Task<QueryAnswer<IReadOnlyList<InstructionTrace>>> TraceAsync(
        Actor actor,
        string reference,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    private PaymentOutcome Decide(PaymentInstruction instruction) =>
        InstructionRules.Judge(instruction) is var fault and not OutcomeReason.None
            ? new PaymentOutcome.NotDone(fault)
            : instruction.Movement switch
            {
                Movement.CashWithdrawal { From: Funding.OfCard card } => Take(
                    instruction,
                    card.Card
                ),
                Movement.CardPurchase purchase => Take(instruction, purchase.Card),
                Movement.CardAuthorisation authorisation => Take(instruction, authorisation.Card),
                Movement.Reversal reversal => Reverse(instruction, reversal),
                _ => new PaymentOutcome.NotDone(OutcomeReason.NotSupported),
            };

    private PaymentOutcome Take(PaymentInstruction instruction, CardUse card)
    {
        if (_reversedBefore.Contains(instruction.Id))
        {
            return new PaymentOutcome.NotDone(OutcomeReason.ReversedBefore);
        }
        var fault = Find(card, instruction.Id, instruction.IsAdvice, out var account);
        if (fault != OutcomeReason.None)
        {
            return new PaymentOutcome.NotDone(fault);
        }
        if (!instruction.IsAdvice && account!.Balance < instruction.Amount.Minor)
        {
            return new PaymentOutcome.NotDone(OutcomeReason.InsufficientFunds);
        }
        account!.Balance -= instruction.Amount.Minor;
        _taken.Add(instruction.Id, new Taken(account, instruction.Amount.Minor));
        return Done(instruction, instruction.Amount);
    }

    private PaymentOutcome Reverse(PaymentInstruction instruction, Movement.Reversal reversal)
    {
        if (!_taken.Remove(reversal.Original, out var taken))
        {
            var known = _answers.ContainsKey(reversal.Original);
            _reversedBefore.Add(reversal.Original);
            return new PaymentOutcome.NotDone(
                known ? OutcomeReason.OriginalNotReversible : OutcomeReason.OriginalUnknown
            );
        }
        var back = new Money(taken.Minor - (reversal.Completed?.Minor ?? 0), Cny);
        taken.Account.Balance += back.Minor;
        return Done(instruction, back);
    }

    private OutcomeReason Find(
        CardUse card,
        InstructionId id,
        bool isAdvice,
        out CardAccount? account
    )
    {
        if (!_cards.TryGetValue(card.Token.Value, out account))
        {
            return OutcomeReason.CardUnknown;
        }
        if (isAdvice)
        {
            return OutcomeReason.None; // It has happened; nobody enters a PIN for it.
        }
        var isToken = CardKeys.CardToken.TryParse(card.Token.Value, out var token);
        if (card.Pin is not { } pin || !isToken)
        {
            return OutcomeReason.None;
        }
        return keys.VerifyPin(
            new CardKeys.SealedPin(pin.Bytes),
            token,
            Encoding.ASCII.GetBytes(id.ToString()),
            account.Verifier
        ) switch
        {
            PinVerdict.Correct => OutcomeReason.None,
            PinVerdict.Wrong => OutcomeReason.PinWrong,
            _ => OutcomeReason.PinNotVerifiable,
        };
    }

    private PaymentOutcome.Done Done(PaymentInstruction instruction, Money amount) =>
        new(
            new Receipt
            {
                Id = instruction.Id,
                Amount = amount,
                BookingDate = BusinessDate,
                ValueDate = BusinessDate,
                At = DateTimeOffset.UnixEpoch,
                AuthorisationCode = (_answers.Count + 1).ToString(
                    "000000",
                    CultureInfo.InvariantCulture
                ),
            }
        );

    private sealed class CardAccount(PinVerifier verifier)
    {
        public PinVerifier Verifier { get; } = verifier;

        public long Balance { get; set; }
    }

    private sealed record Taken(CardAccount Account, long Minor);
}
