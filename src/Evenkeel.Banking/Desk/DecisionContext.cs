using System.Globalization;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Desk;

/// <summary>
/// What one decision reads and collects. All that is read by key becomes a guard; nothing happens
/// before the operation made of it is applied. A decision may run several times.
/// </summary>
internal sealed class DecisionContext(
    Bank bank,
    DecisionReader reader,
    PaymentInstruction instruction,
    DateOnly businessDate,
    DateTimeOffset now
)
{
    private readonly List<Transfer> _transfers = [];
    private readonly List<Guard> _guards = [];
    private readonly List<RecordWrite> _writes = [];
    private readonly List<Message> _messages = [];
    private readonly Dictionary<int, OutcomeReason> _counterReasons = [];
    private readonly Dictionary<
        int,
        (OutcomeReason Shortage, OutcomeReason Full)
    > _transferReasons = [];
    private readonly List<Account> _accounts = [];
    private readonly List<string> _legs = [];
    private readonly List<CountedLimit> _counted = [];
    private readonly Dictionary<string, CustomerDocument?> _customers = new(StringComparer.Ordinal);

    public Bank Bank => bank;

    public DecisionReader Reader => reader;

    public PaymentInstruction Instruction => instruction;

    public DateOnly BusinessDate => businessDate;

    /// <summary>From when it counts; later than today where a cut-off says so.</summary>
    public DateOnly ValueDate { get; set; } = instruction.ValueDate ?? businessDate;

    public DateTimeOffset Now => now;

    public IReadOnlyList<Transfer> Transfers => _transfers;

    public IReadOnlyList<Guard> Guards => _guards;

    public IReadOnlyList<RecordWrite> Writes => _writes;

    public IReadOnlyList<Message> Messages => _messages;

    /// <summary>Why, when the guard at this place of <see cref="Guards"/> does not hold when applied.</summary>
    public IReadOnlyDictionary<int, OutcomeReason> CounterReasons => _counterReasons;

    /// <summary>Ledger accounts that come into being with this decision.</summary>
    public IReadOnlyList<Account> Accounts => _accounts;

    /// <summary>Names of the legs, in the order of <see cref="Transfers"/>.</summary>
    public IReadOnlyList<string> Legs => _legs;

    /// <summary>What was added to limit counters.</summary>
    public IReadOnlyList<CountedLimit> Counted => _counted;

    /// <summary>What each side sees of the other, sealed; null when there is nothing to tell.</summary>
    public (string? ForDebtor, string? ForCreditor) SealedTexts { get; set; }

    /// <summary>Set when somebody asked for what is not theirs: the account that it was.</summary>
    public string? Trespass { get; set; }

    /// <summary>
    /// Why, when the transfer at this place is refused because the debit account has too little, or
    /// because the credit account has none to give (a machine without notes).
    /// </summary>
    public IReadOnlyDictionary<int, (OutcomeReason Shortage, OutcomeReason Full)> TransferReasons =>
        _transferReasons;

    public async ValueTask<AccountDocument?> ReadAccountAsync(
        AccountNumber number,
        CancellationToken cancellationToken
    ) => await Collections.Accounts.ReadAsync(reader, number.ToString(), cancellationToken);

    public async ValueTask<CustomerDocument?> ReadCustomerAsync(
        string id,
        CancellationToken cancellationToken
    )
    {
        if (!_customers.TryGetValue(id, out var customer))
        {
            customer = await Collections.Customers.ReadAsync(reader, id, cancellationToken);
            _customers.Add(id, customer);
        }
        return customer;
    }

    /// <summary>
    /// Adds a transfer to the one chain of this instruction. That of an advice is forced: what has
    /// happened is posted, whatever the balance.
    /// </summary>
    /// <param name="leg">Names it within the instruction; its id follows from both.</param>
    /// <param name="shortage">What to say when the debit account has too little.</param>
    /// <param name="full">What to say when the credit account can't give (it is kept in debit).</param>
    public void Move(
        string leg,
        UInt128 debit,
        UInt128 credit,
        Money amount,
        PostingKind kind,
        TransferFlags flags = TransferFlags.None,
        UInt128 pendingId = default,
        uint timeoutSeconds = 0,
        uint terminalSerial = 0,
        OutcomeReason shortage = OutcomeReason.InsufficientFunds,
        OutcomeReason full = OutcomeReason.InsufficientFunds
    )
    {
        _transferReasons.Add(_transfers.Count, (shortage, full));
        _legs.Add(leg);
        if (instruction.IsAdvice && !flags.HasFlag(TransferFlags.VoidPendingTransfer))
        {
            flags |= TransferFlags.Forced;
        }
        _transfers.Add(
            new Transfer
            {
                Id = LedgerIds.Transfer(instruction.Id, leg),
                DebitAccountId = debit,
                CreditAccountId = credit,
                Amount = (UInt128)amount.Minor,
                PendingId = pendingId,
                UserData128 = instruction.Id.Value,
                UserData64 = Posting.OriginOf(instruction.Origin, businessDate, terminalSerial),
                UserData32 = ValueDates.ToNumber(ValueDate),
                Timeout = timeoutSeconds,
                Ledger = amount.Currency,
                Code = (ushort)kind,
                Flags = flags,
            }
        );
    }

    /// <summary>Adds to a counter; out of its bounds the instruction is refused for this reason.</summary>
    public void Count(string collection, string key, long delta, long max, OutcomeReason reason)
    {
        _counterReasons.Add(_guards.Count, reason);
        _guards.Add(new Guard.Counter(new RecordKey(collection, key), delta, Min: 0, Max: max));
    }

    /// <summary>Adds to a limit's counter. An advice adds to it too, and no bound refuses it.</summary>
    public void CountLimit(string key, long delta, long max, OutcomeReason reason, bool isCount)
    {
        Count(LimitRules.Counters, key, delta, instruction.IsAdvice ? long.MaxValue : max, reason);
        _counted.Add(new CountedLimit(key, delta, isCount));
    }

    /// <summary>Takes back what an undone instruction added to a counter; nothing refuses that.</summary>
    public void Uncount(string key, long delta) =>
        _guards.Add(
            new Guard.Counter(
                new RecordKey(LimitRules.Counters, key),
                -delta,
                long.MinValue,
                long.MaxValue
            )
        );

    public void OpenAccount(in Account account) => _accounts.Add(account);

    public void Write(RecordWrite write) => _writes.Add(write);

    /// <summary>What people must look at, opened with this decision.</summary>
    public List<ExceptionDocument> Exceptions { get; } = [];

    /// <summary>Forgets all effects that were collected: it was decided otherwise.</summary>
    public void DropEffects()
    {
        _transfers.Clear();
        _guards.Clear();
        _writes.Clear();
        _messages.Clear();
        _accounts.Clear();
        _legs.Clear();
        _counted.Clear();
        _counterReasons.Clear();
        _transferReasons.Clear();
        Exceptions.Clear();
    }

    public void Emit(string topic, ReadOnlyMemory<byte> json) =>
        _messages.Add(new Message(topic, json));

    /// <summary>"20261123": the part of a counter's key that begins anew every business day.</summary>
    public string Day => businessDate.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}
