using System.Globalization;
using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Import.Tests;

/// <summary>
/// A bank that fits a page: enough of the published rules for imports, and every way in which a call
/// can go wrong between asking and hearing the answer.
/// </summary>
internal sealed class MemoryBank : IImportTarget
{
    private readonly Dictionary<UInt128, Account> _accounts = [];
    private readonly List<Transfer> _transfers = [];
    private readonly Dictionary<UInt128, int> _byId = [];
    private readonly HashSet<UInt128> _failedIds = [];
    private readonly Dictionary<UInt128, string> _operations = [];
    private readonly Dictionary<RecordKey, byte[]> _records = [];
    private ulong _clock;

    /// <summary>What becomes of the n-th call, from 1.</summary>
    public Func<int, Fault> FaultOf { get; set; } = static _ => Fault.None;

    public int Calls { get; private set; }

    public int TransferRequests { get; private set; }

    public IReadOnlyList<Transfer> Booked => _transfers;

    public IReadOnlyDictionary<UInt128, Account> Accounts => _accounts;

    public IReadOnlyDictionary<RecordKey, byte[]> Records => _records;

    /// <summary>Damages an account, as no public call can.</summary>
    public void Corrupt(UInt128 id, Func<Account, Account> damage) =>
        _accounts[id] = damage(_accounts[id]);

    /// <summary>Called before each answer to a read of an account's transfers.</summary>
    public Func<Transfer, Transfer?> Tamper { get; set; } = static t => t;

    public ValueTask<Answer<OperationResult>> ProposeAsync(
        Operation operation,
        CancellationToken cancellationToken
    ) => Answered(() => Apply(operation));

    public ValueTask<Answer<CreateTransferResult[]>> CreateTransfersAsync(
        ReadOnlyMemory<Transfer> events,
        CancellationToken cancellationToken
    ) =>
        Answered(() =>
        {
            TransferRequests++;
            return Apply(events.Span);
        });

    public ValueTask<Answer<Account[]>> LookupAccountsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) =>
        Answered(() =>
            ids.ToArray().Where(_accounts.ContainsKey).Select(id => _accounts[id]).ToArray()
        );

    public ValueTask<Answer<Transfer[]>> LookupTransfersAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) =>
        Answered(() =>
            ids.ToArray().Where(_byId.ContainsKey).Select(id => _transfers[_byId[id]]).ToArray()
        );

    public ValueTask<Answer<Transfer[]>> GetAccountTransfersAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    ) =>
        Answered(() =>
            _transfers
                .Where(t =>
                    t.DebitAccountId == filter.AccountId || t.CreditAccountId == filter.AccountId
                )
                .Where(t => t.Timestamp >= filter.TimestampMin)
                .Take((int)filter.Limit)
                .Select(t => Tamper(t))
                .OfType<Transfer>()
                .ToArray()
        );

    public ValueTask<Answer<RecordPage>> ReadRecordsAsync(
        RecordQuery query,
        CancellationToken cancellationToken
    ) =>
        Answered(() =>
        {
            RecordKey key = new(query.Collection, query.Key ?? "");
            return new RecordPage(
                _records.TryGetValue(key, out var json) ? [new StoredRecord(key, 1, json)] : [],
                null
            );
        });

    private ValueTask<Answer<T>> Answered<T>(Func<T> apply)
    {
        Calls++;
        var fault = FaultOf(Calls);
        if (fault == Fault.DieBefore)
        {
            throw new KilledException();
        }
        if (fault == Fault.Busy)
        {
            return new(new Answer<T>.NotDone(FrameStatus.Busy, "queue"));
        }
        var value = apply();
        return fault switch
        {
            Fault.DieAfter => throw new KilledException(),
            Fault.UnknownAfter => new(new Answer<T>.Unknown("line cut")),
            _ => new(new Answer<T>.Done(value)),
        };
    }

    private OperationResult Apply(Operation operation)
    {
        var content = string.Join(
            '|',
            operation
                .Accounts.Select(a => a.Id.ToString(CultureInfo.InvariantCulture))
                .Concat(
                    operation.Writes.Select(w =>
                        w.Key + Convert.ToHexString(w.Json.GetValueOrDefault().Span)
                    )
                )
        );
        if (_operations.TryGetValue(operation.Id.Value, out var first))
        {
            return Result(
                first == content ? OperationStatus.Done : OperationStatus.IdReusedWithOtherContent
            );
        }
        if (operation.Accounts.Any(a => _accounts.ContainsKey(a.Id)))
        {
            return Result(OperationStatus.AccountRefused);
        }
        foreach (var account in operation.Accounts)
        {
            _accounts.Add(account.Id, account with { Timestamp = ++_clock });
        }
        foreach (var write in operation.Writes)
        {
            _records[write.Key] = write.Json.GetValueOrDefault().ToArray();
        }
        _operations.Add(operation.Id.Value, content);
        return Result(OperationStatus.Done);
    }

    private OperationResult Result(OperationStatus status) =>
        new() { Status = status, Timestamp = _clock };

    private CreateTransferResult[] Apply(ReadOnlySpan<Transfer> events)
    {
        var results = new CreateTransferResult[events.Length];
        for (var i = 0; i < events.Length; i++)
        {
            if (!events[i].Flags.HasFlag(TransferFlags.Linked))
            {
                results[i].Status = Apply(events[i]);
                continue;
            }
            // Only pairs occur here: the first half decides, the second can't fail by itself.
            results[i].Status = Apply(events[i]);
            results[i + 1].Status =
                results[i].Status == CreateTransferStatus.Created
                    ? Apply(events[i + 1])
                    : CreateTransferStatus.LinkedEventFailed;
            i++;
        }
        return results;
    }

    private CreateTransferStatus Apply(Transfer transfer)
    {
        if (_byId.TryGetValue(transfer.Id, out var row))
        {
            return _transfers[row].Amount == transfer.Amount
                ? CreateTransferStatus.Exists
                : CreateTransferStatus.ExistsWithDifferentAmount;
        }
        if (_failedIds.Contains(transfer.Id))
        {
            return CreateTransferStatus.IdAlreadyFailed;
        }
        if (transfer.DebitAccountId == transfer.CreditAccountId)
        {
            return CreateTransferStatus.AccountsMustBeDifferent;
        }
        if (!_accounts.TryGetValue(transfer.DebitAccountId, out var debit))
        {
            return CreateTransferStatus.DebitAccountNotFound;
        }
        if (!_accounts.TryGetValue(transfer.CreditAccountId, out var credit))
        {
            return CreateTransferStatus.CreditAccountNotFound;
        }
        if (
            debit.Flags.HasFlag(AccountFlags.DebitsMustNotExceedCredits)
            && debit.DebitsPosted + transfer.Amount > debit.CreditsPosted
        )
        {
            _failedIds.Add(transfer.Id);
            return CreateTransferStatus.ExceedsCredits;
        }
        debit.DebitsPosted += transfer.Amount;
        credit.CreditsPosted += transfer.Amount;
        _accounts[debit.Id] = debit;
        _accounts[credit.Id] = credit;
        _byId.Add(transfer.Id, _transfers.Count);
        _transfers.Add(transfer with { Timestamp = ++_clock });
        return CreateTransferStatus.Created;
    }
}

/// <summary>What goes wrong with a call.</summary>
internal enum Fault
{
    None,

    /// <summary>Nothing was done, and it says so.</summary>
    Busy,

    /// <summary>It was done, but the answer is lost.</summary>
    UnknownAfter,

    /// <summary>The importing process dies before the bank hears of it.</summary>
    DieBefore,

    /// <summary>The importing process dies after the bank did it.</summary>
    DieAfter,
}

internal sealed class KilledException : Exception;
