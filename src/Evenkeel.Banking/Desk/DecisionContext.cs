using System.Globalization;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.GeneralLedger;
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
    private readonly Dictionary<int, OutcomeReason> _transferReasons = [];

    public Bank Bank => bank;

    public DecisionReader Reader => reader;

    public PaymentInstruction Instruction => instruction;

    public DateOnly BusinessDate => businessDate;

    public DateOnly ValueDate => instruction.ValueDate ?? businessDate;

    public DateTimeOffset Now => now;

    public IReadOnlyList<Transfer> Transfers => _transfers;

    public IReadOnlyList<Guard> Guards => _guards;

    public IReadOnlyList<RecordWrite> Writes => _writes;

    public IReadOnlyList<Message> Messages => _messages;

    /// <summary>Why, when the guard at this place of <see cref="Guards"/> does not hold when applied.</summary>
    public IReadOnlyDictionary<int, OutcomeReason> CounterReasons => _counterReasons;

    /// <summary>Why, when the transfer at this place is refused for want of money.</summary>
    public IReadOnlyDictionary<int, OutcomeReason> TransferReasons => _transferReasons;

    public async ValueTask<AccountDocument?> ReadAccountAsync(
        AccountNumber number,
        CancellationToken cancellationToken
    ) => await Collections.Accounts.ReadAsync(reader, number.ToString(), cancellationToken);

    public async ValueTask<CustomerDocument?> ReadCustomerAsync(
        string id,
        CancellationToken cancellationToken
    ) => await Collections.Customers.ReadAsync(reader, id, cancellationToken);

    /// <summary>Adds a transfer to the one chain of this instruction.</summary>
    /// <param name="leg">Names it within the instruction; its id follows from both.</param>
    /// <param name="shortage">What to say when the debit account has too little.</param>
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
        OutcomeReason shortage = OutcomeReason.InsufficientFunds
    )
    {
        _transferReasons.Add(_transfers.Count, shortage);
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
                UserData32 = Posting.ValueDateNumber(ValueDate),
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

    public void Write(RecordWrite write) => _writes.Add(write);

    public void Emit(string topic, ReadOnlyMemory<byte> json) =>
        _messages.Add(new Message(topic, json));

    /// <summary>"20261123": the part of a counter's key that begins anew every business day.</summary>
    public string Day => businessDate.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
}
