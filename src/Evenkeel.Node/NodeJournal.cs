using System.Runtime.InteropServices;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Node.Batching;
using Evenkeel.Node.Entries;
using Evenkeel.Node.Reading;

namespace Evenkeel.Node;

/// <summary>
/// The journal for code inside the process. Scopes are its callers' business; shape, budgets and
/// disk are judged here as for everybody.
/// </summary>
internal sealed class NodeJournal(Batcher batcher, Admission admission, LedgerReads reads)
    : IJournal
{
    public ValueTask<Answer<CreateAccountResult[]>> CreateAccountsAsync(
        ReadOnlyMemory<Account> events,
        ulong principal,
        CancellationToken cancellationToken
    ) =>
        WriteAsync<CreateAccountResult>(
            OperationCode.CreateAccounts,
            events.Length,
            MemoryMarshal.AsBytes(events.Span),
            principal,
            cancellationToken
        );

    public ValueTask<Answer<CreateTransferResult[]>> CreateTransfersAsync(
        ReadOnlyMemory<Transfer> events,
        ulong principal,
        CancellationToken cancellationToken
    ) =>
        WriteAsync<CreateTransferResult>(
            OperationCode.CreateTransfers,
            events.Length,
            MemoryMarshal.AsBytes(events.Span),
            principal,
            cancellationToken
        );

    public ValueTask<Answer<UpdateAccountResult[]>> UpdateAccountsAsync(
        ReadOnlyMemory<AccountUpdate> events,
        ulong principal,
        CancellationToken cancellationToken
    ) =>
        WriteAsync<UpdateAccountResult>(
            OperationCode.UpdateAccounts,
            events.Length,
            MemoryMarshal.AsBytes(events.Span),
            principal,
            cancellationToken
        );

    public async ValueTask<Answer<OperationResult>> ProposeAsync(
        Operation operation,
        CancellationToken cancellationToken
    )
    {
        OperationFault fault = OperationRules.Judge(operation);
        if (fault != OperationFault.None)
        {
            return new Answer<OperationResult>.Done(
                new OperationResult
                {
                    Status = OperationStatus.Invalid,
                    Timestamp = 0,
                    FailedStatus = (uint)fault,
                }
            );
        }
        Answer<byte[]> answer = await SubmitAsync<byte>(
            OperationCode.Operation,
            (uint)operation.EventCount,
            OperationCodec.Encode(operation),
            principal: 0,
            cancellationToken
        );
        return Map(
            answer,
            static bytes =>
            {
                OperationResult? result = OperationCodec.DecodeResult(bytes);
                Check.That(result is not null);
                return result;
            }
        );
    }

    public ValueTask<Answer<Account[]>> LookupAccountsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => ReadIdsAsync<Account>(OperationCode.LookupAccounts, ids, cancellationToken);

    public ValueTask<Answer<AccountLimits[]>> LookupAccountLimitsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => ReadIdsAsync<AccountLimits>(OperationCode.LookupAccountLimits, ids, cancellationToken);

    public ValueTask<Answer<Transfer[]>> LookupTransfersAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => ReadIdsAsync<Transfer>(OperationCode.LookupTransfers, ids, cancellationToken);

    public ValueTask<Answer<Transfer[]>> GetAccountTransfersAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    ) =>
        ReadAsync<Transfer>(
            OperationCode.GetAccountTransfers,
            1,
            Bytes(in filter),
            cancellationToken
        );

    public ValueTask<Answer<AccountBalance[]>> GetAccountBalancesAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    ) =>
        ReadAsync<AccountBalance>(
            OperationCode.GetAccountBalances,
            1,
            Bytes(in filter),
            cancellationToken
        );

    public ValueTask<Answer<Account[]>> QueryAccountsAsync(
        QueryFilter filter,
        CancellationToken cancellationToken
    ) => ReadAsync<Account>(OperationCode.QueryAccounts, 1, Bytes(in filter), cancellationToken);

    public ValueTask<Answer<Transfer[]>> QueryTransfersAsync(
        QueryFilter filter,
        CancellationToken cancellationToken
    ) => ReadAsync<Transfer>(OperationCode.QueryTransfers, 1, Bytes(in filter), cancellationToken);

    public ValueTask<Answer<ChangeEvent[]>> GetChangeEventsAsync(
        ChangeEventsFilter filter,
        CancellationToken cancellationToken
    ) =>
        ReadAsync<ChangeEvent>(
            OperationCode.GetChangeEvents,
            1,
            Bytes(in filter),
            cancellationToken
        );

    public ValueTask<Answer<RecordPage>> ReadRecordsAsync(
        RecordQuery query,
        CancellationToken cancellationToken
    ) => reads.ReadRecordsAsync(query, cancellationToken);

    private ValueTask<Answer<T[]>> WriteAsync<T>(
        OperationCode operation,
        int count,
        ReadOnlySpan<byte> body,
        ulong principal,
        CancellationToken cancellationToken
    )
        where T : unmanaged
    {
        if (count == 0)
        {
            return ValueTask.FromResult<Answer<T[]>>(new Answer<T[]>.Done([]));
        }
        var command = new CommandHeader
        {
            Operation = operation,
            Count = (uint)count,
            Length = (uint)body.Length,
        };
        if (CommandShape.Check(command) is { } problem)
        {
            return ValueTask.FromResult<Answer<T[]>>(
                new Answer<T[]>.NotDone(FrameStatus.InvalidRequest, problem)
            );
        }
        return SubmitAsync<T>(operation, (uint)count, body, principal, cancellationToken);
    }

    private ValueTask<Answer<T[]>> SubmitAsync<T>(
        OperationCode operation,
        uint events,
        ReadOnlySpan<byte> body,
        ulong principal,
        CancellationToken cancellationToken
    )
        where T : unmanaged
    {
        FrameStatus status = admission.Admit(operation, events, out string detail);
        if (status == FrameStatus.Ok)
        {
            var request = new JournalRequest<T>();
            status = batcher.Submit(request, operation, events, principal, body);
            if (status == FrameStatus.Ok)
            {
                return request.WaitAsync(cancellationToken);
            }
            detail = Batcher.WhyNot(status);
        }
        return ValueTask.FromResult<Answer<T[]>>(new Answer<T[]>.NotDone(status, detail));
    }

    private ValueTask<Answer<T[]>> ReadIdsAsync<T>(
        OperationCode operation,
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    )
        where T : unmanaged =>
        ids.IsEmpty
            ? ValueTask.FromResult<Answer<T[]>>(new Answer<T[]>.Done([]))
            : ReadAsync<T>(
                operation,
                (uint)ids.Length,
                MemoryMarshal.AsBytes(ids.Span).ToArray(),
                cancellationToken
            );

    private async ValueTask<Answer<T[]>> ReadAsync<T>(
        OperationCode operation,
        uint count,
        byte[] body,
        CancellationToken cancellationToken
    )
        where T : unmanaged
    {
        if (ReadShape.Check(operation, count, body) is { } problem)
        {
            return new Answer<T[]>.NotDone(FrameStatus.InvalidRequest, problem);
        }
        byte[] results = [];
        ReadOutcome outcome = await reads.AnswerAsync(
            operation,
            body,
            bytes => results = new byte[bytes],
            isOutsider: false,
            cancellationToken
        );
        cancellationToken.ThrowIfCancellationRequested();
        return outcome.Status == FrameStatus.Ok
            ? new Answer<T[]>.Done(
                MemoryMarshal.Cast<byte, T>(results.AsSpan(0, outcome.Bytes)).ToArray()
            )
            : new Answer<T[]>.NotDone(outcome.Status, outcome.Detail);
    }

    private static byte[] Bytes<T>(in T value)
        where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();

    private static Answer<TTo> Map<TFrom, TTo>(Answer<TFrom> answer, Func<TFrom, TTo> map) =>
        answer switch
        {
            Answer<TFrom>.Done done => new Answer<TTo>.Done(map(done.Value))
            {
                AppliedIndex = done.AppliedIndex,
            },
            Answer<TFrom>.NotDone(var reason, var detail) => new Answer<TTo>.NotDone(
                reason,
                detail
            ),
            Answer<TFrom>.Unknown(var detail) => new Answer<TTo>.Unknown(detail),
            _ => throw new InvariantException(answer.GetType().Name),
        };
}

/// <summary>A request of code inside the process.</summary>
internal sealed class JournalRequest<T> : PendingRequest
    where T : unmanaged
{
    private readonly TaskCompletionSource<Answer<T[]>> _answer = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private T[] _results = [];

    public override Span<byte> Results(int bytes)
    {
        int size = MemoryMarshal.AsBytes(new Span<T>(new T[1])).Length;
        _results = new T[bytes / size];
        return MemoryMarshal.AsBytes(_results.AsSpan());
    }

    /// <summary>A cancelled wait is an unknown outcome: the request may be in the log.</summary>
    public async ValueTask<Answer<T[]>> WaitAsync(CancellationToken cancellationToken)
    {
        await using CancellationTokenRegistration registration = cancellationToken.Register(
            static self =>
                ((JournalRequest<T>)self!).TryFail(FrameStatus.Unknown, "the wait was cancelled"),
            this
        );
        return await _answer.Task;
    }

    protected override void Answer(FrameStatus status, string detail, ulong appliedIndex) =>
        _answer.SetResult(
            status switch
            {
                FrameStatus.Ok => new Answer<T[]>.Done(_results) { AppliedIndex = appliedIndex },
                FrameStatus.Unknown => new Answer<T[]>.Unknown(detail),
                _ => new Answer<T[]>.NotDone(status, detail),
            }
        );
}
