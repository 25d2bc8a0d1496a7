using System.Runtime.InteropServices;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Ledger.Queries;
using Evenkeel.Model;
using Evenkeel.Node.History;
using Evenkeel.Records;
using Evenkeel.Replication;

namespace Evenkeel.Node.Reading;

/// <summary>How a read ended.</summary>
internal readonly record struct ReadOutcome(
    FrameStatus Status,
    string Detail,
    int Bytes,
    uint Count,
    ulong AppliedIndex
)
{
    public static ReadOutcome Refused(FrameStatus status, string detail) =>
        new(status, detail, Bytes: 0, Count: 0, AppliedIndex: 0);
}

/// <summary>
/// Answers reads: a barrier first, then a short moment under the apply lock, then (for history) the
/// rows of the past on a worker thread while entries go on being applied.
/// </summary>
internal sealed class LedgerReads(
    NodeParts parts,
    IReplicatedLog log,
    Func<ulong> appliedIndex,
    Action<Exception> onDamage
) : IDisposable
{
    private const string DamagedDetail =
        "what was asked for is damaged on this node's disk; restart the node and it is rebuilt";

    private readonly LedgerQueries _queries = new(
        parts.History,
        new LockedAccounts(parts),
        parts.TransferIndex
    );
    private readonly RecordReader? _records = parts.Records?.CreateReader();
    private readonly SemaphoreSlim _turns = new(NodeLimits.QueriesAtOnceMax);
    private int _waiting;

    public ulong AppliedIndex => appliedIndex();

    /// <param name="body">A well-formed body (<see cref="ReadShape"/>); unchanged until the end.</param>
    /// <param name="room">Gives memory for so many bytes of results.</param>
    /// <param name="isOutsider">True hides the collections that only the node's own code may see.</param>
    public async ValueTask<ReadOutcome> AnswerAsync(
        OperationCode operation,
        ReadOnlyMemory<byte> body,
        Func<int, Memory<byte>> room,
        bool isOutsider,
        CancellationToken cancellationToken
    )
    {
        if (Interlocked.Increment(ref _waiting) > NodeLimits.QueriesQueuedMax)
        {
            Interlocked.Decrement(ref _waiting);
            return ReadOutcome.Refused(FrameStatus.Busy, "too many reads at once; retry later");
        }
        try
        {
            if (!await BarrierAsync(cancellationToken))
            {
                return ReadOutcome.Refused(
                    FrameStatus.Unavailable,
                    "this node can't tell whether it is up to date"
                );
            }
            if (IsLookup(operation))
            {
                return Lookup(operation, body.Span, room);
            }
            await _turns.WaitAsync(cancellationToken);
            try
            {
                return await Task.Run(
                    () =>
                        operation == OperationCode.ReadRecords
                            ? ReadRecords(body.Span, room, isOutsider)
                            : Query(operation, body.Span, room, cancellationToken),
                    cancellationToken
                );
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (OperationCanceledException)
        {
            return ReadOutcome.Refused(FrameStatus.Unavailable, "the caller went away");
        }
        catch (Exception damaged) when (IsDamage(damaged))
        {
            // Another node may have it whole; this one mends it at its next start.
            onDamage(damaged);
            return ReadOutcome.Refused(FrameStatus.Unavailable, DamagedDetail);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Pages of records, typed; the collection rules of outsiders don't apply.</summary>
    public async ValueTask<Answer<RecordPage>> ReadRecordsAsync(
        RecordQuery query,
        CancellationToken cancellationToken
    )
    {
        if (_records is null || !_records.CanAnswer(query))
        {
            return new Answer<RecordPage>.NotDone(
                FrameStatus.InvalidRequest,
                "there is no such query of records"
            );
        }
        if (!await BarrierAsync(cancellationToken))
        {
            return new Answer<RecordPage>.NotDone(
                FrameStatus.Unavailable,
                "this node can't tell whether it is up to date"
            );
        }
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return new Answer<RecordPage>.Done(
                await Task.Run(() => _records.Read(query), cancellationToken)
            );
        }
        catch (Exception damaged) when (IsDamage(damaged))
        {
            onDamage(damaged);
            return new Answer<RecordPage>.NotDone(FrameStatus.Unavailable, DamagedDetail);
        }
        finally
        {
            _turns.Release();
        }
    }

    private static bool IsDamage(Exception failure) =>
        failure is RecordStoreException { IsDamage: true } or HistoryDamagedException;

    public void Dispose() => _turns.Dispose();

    private static bool IsLookup(OperationCode operation) =>
        operation is OperationCode.LookupAccounts or OperationCode.LookupAccountLimits;

    private async ValueTask<bool> BarrierAsync(CancellationToken cancellationToken)
    {
        try
        {
            await log.ReadBarrierAsync(cancellationToken);
            return true;
        }
        catch (Exception failure) when (failure is InvalidOperationException or TimeoutException)
        {
            return false;
        }
    }

    private ReadOutcome Lookup(
        OperationCode operation,
        ReadOnlySpan<byte> body,
        Func<int, Memory<byte>> room
    )
    {
        int size = ReadShape.ResultSize(operation);
        ReadOnlySpan<UInt128> ids = MemoryMarshal.Cast<byte, UInt128>(body);
        Span<byte> results = room(ids.Length * size).Span;
        Span<Account> accounts = MemoryMarshal.Cast<byte, Account>(results);
        Span<AccountLimits> limits = MemoryMarshal.Cast<byte, AccountLimits>(results);
        int found = 0;
        ulong index;
        lock (parts.ApplyLock)
        {
            parts.ThrowIfClosed();
            index = appliedIndex();
            foreach (UInt128 id in ids)
            {
                bool exists =
                    operation == OperationCode.LookupAccounts
                        ? parts.Ledger.TryGetAccount(id, out accounts[found])
                        : parts.Ledger.TryGetLimits(id, out limits[found]);
                found += exists ? 1 : 0;
            }
        }
        return new ReadOutcome(FrameStatus.Ok, "", found * size, (uint)found, index);
    }

    private ReadOutcome Query(
        OperationCode operation,
        ReadOnlySpan<byte> body,
        Func<int, Memory<byte>> room,
        CancellationToken cancellationToken
    )
    {
        int size = ReadShape.ResultSize(operation);
        uint limit = LimitOf(operation, body);
        Span<byte> bytes = room((int)limit * size).Span;
        ulong index;
        int found;
        switch (operation)
        {
            case OperationCode.LookupTransfers:
                ReadOnlySpan<UInt128> ids = MemoryMarshal.Cast<byte, UInt128>(body);
                ulong[] positions = new ulong[ids.Length];
                int captured;
                lock (parts.ApplyLock)
                {
                    parts.ThrowIfClosed();
                    index = appliedIndex();
                    captured = QueryCapture.LookupTransfers(parts.Ledger, ids, positions);
                }
                found = _queries.LookupTransfers(
                    positions.AsSpan(0, captured),
                    MemoryMarshal.Cast<byte, Transfer>(bytes)
                );
                break;
            case OperationCode.GetAccountTransfers:
            case OperationCode.GetAccountBalances:
                var filter = MemoryMarshal.Read<AccountFilter>(body);
                AccountQuery account;
                lock (parts.ApplyLock)
                {
                    parts.ThrowIfClosed();
                    index = appliedIndex();
                    account = QueryCapture.Account(parts.Ledger, filter);
                }
                found =
                    operation == OperationCode.GetAccountTransfers
                        ? _queries.GetAccountTransfers(
                            account,
                            MemoryMarshal.Cast<byte, Transfer>(bytes),
                            cancellationToken
                        )
                        : _queries.GetAccountBalances(
                            account,
                            MemoryMarshal.Cast<byte, AccountBalance>(bytes),
                            cancellationToken
                        );
                break;
            case OperationCode.QueryAccounts:
                AccountListQuery list;
                lock (parts.ApplyLock)
                {
                    parts.ThrowIfClosed();
                    index = appliedIndex();
                    list = QueryCapture.Accounts(
                        parts.Ledger,
                        MemoryMarshal.Read<QueryFilter>(body)
                    );
                }
                found = _queries.QueryAccounts(
                    list,
                    MemoryMarshal.Cast<byte, Account>(bytes),
                    cancellationToken
                );
                break;
            case OperationCode.QueryTransfers:
                TransferQuery transfers;
                lock (parts.ApplyLock)
                {
                    parts.ThrowIfClosed();
                    index = appliedIndex();
                    transfers = QueryCapture.Transfers(
                        parts.Ledger,
                        MemoryMarshal.Read<QueryFilter>(body)
                    );
                }
                found = _queries.QueryTransfers(
                    transfers,
                    MemoryMarshal.Cast<byte, Transfer>(bytes),
                    cancellationToken
                );
                break;
            default:
                Check.That(operation == OperationCode.GetChangeEvents);
                ChangeEventQuery events;
                lock (parts.ApplyLock)
                {
                    parts.ThrowIfClosed();
                    index = appliedIndex();
                    events = QueryCapture.ChangeEvents(
                        parts.Ledger,
                        MemoryMarshal.Read<ChangeEventsFilter>(body)
                    );
                }
                found = _queries.GetChangeEvents(
                    events,
                    MemoryMarshal.Cast<byte, ChangeEvent>(bytes),
                    cancellationToken
                );
                break;
        }
        return new ReadOutcome(FrameStatus.Ok, "", found * size, (uint)found, index);
    }

    private static uint LimitOf(OperationCode operation, ReadOnlySpan<byte> body) =>
        operation switch
        {
            OperationCode.LookupTransfers => (uint)(body.Length / ReadShape.IdSize),
            OperationCode.GetChangeEvents => Math.Min(
                MemoryMarshal.Read<ChangeEventsFilter>(body).Limit,
                Limits.ChangeEventsMax
            ),
            OperationCode.QueryAccounts or OperationCode.QueryTransfers => Math.Min(
                MemoryMarshal.Read<QueryFilter>(body).Limit,
                Limits.QueryResultsMax
            ),
            _ => Math.Min(MemoryMarshal.Read<AccountFilter>(body).Limit, Limits.QueryResultsMax),
        };

    private ReadOutcome ReadRecords(
        ReadOnlySpan<byte> body,
        Func<int, Memory<byte>> room,
        bool isOutsider
    )
    {
        Check.That(RecordWire.TryReadQuery(body, out RecordQuery? query));
        if (isOutsider && AccessRules.IsReserved(query.Collection))
        {
            return ReadOutcome.Refused(FrameStatus.Forbidden, "the collection is reserved");
        }
        if (_records is null || !_records.CanAnswer(query))
        {
            return ReadOutcome.Refused(
                FrameStatus.InvalidRequest,
                "there is no such query of records"
            );
        }
        ulong index = appliedIndex();
        RecordPage page = _records.Read(query);
        int bytes = RecordWire.PageBytes(page);
        RecordWire.WritePage(page, room(bytes).Span);
        return new ReadOutcome(FrameStatus.Ok, "", bytes, (uint)page.Records.Count, index);
    }
}
