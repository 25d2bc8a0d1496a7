using System.Runtime.InteropServices;
using Evenkeel.Client.Internal;
using Evenkeel.Model;

namespace Evenkeel.Client;

/// <summary>
/// A client of the binary protocol: pipelined calls over one connection that is opened again when it
/// breaks. Thread-safe.
/// </summary>
/// <remarks>
/// Each call has one of three answers (<see cref="CallResult{T}"/>). A batch has at most
/// <see cref="Limits.BatchEventsMax"/> events; the events are copied before a call returns.
/// </remarks>
public sealed class EvenkeelClient : IAsyncDisposable
{
    private const int SweepMs = 50;

    private readonly ClientOptions _options;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly SemaphoreSlim _inFlight;
    private readonly LineOpener _opener;
    private readonly ITimer _sweep;
    private volatile bool _disposed;

    public EvenkeelClient(ClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Endpoints.Count == 0)
        {
            throw new ArgumentException("There is no endpoint.", nameof(options));
        }
        _options = options;
        _time = options.Time;
        _started = _time.GetTimestamp();
        _inFlight = new SemaphoreSlim(options.InFlightMax);
        _opener = new LineOpener(options);
        var period = TimeSpan.FromMilliseconds(SweepMs);
        _sweep = _time.CreateTimer(_ => Sweep(), null, period, period);
    }

    /// <summary>Makes a client and connects, so that a wrong key or address shows at once.</summary>
    /// <exception cref="EvenkeelException">The bank can't be reached, or refuses the key.</exception>
    public static async Task<EvenkeelClient> ConnectAsync(
        ClientOptions options,
        CancellationToken cancellationToken = default
    )
    {
        var client = new EvenkeelClient(options);
        try
        {
            (await client.PingAsync(cancellationToken)).Require();
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>The number of the key in use; 0 before the first connection.</summary>
    public ulong KeyNumber => _opener.Line?.Hello.KeyNumber ?? 0;

    public ValueTask<CallResult<int>> PingAsync(CancellationToken cancellationToken = default) =>
        CallAsync(OperationCode.Ping, [], 0, 0, static (_, _) => 0, cancellationToken);

    public ValueTask<CallResult<CreateAccountResult[]>> CreateAccountsAsync(
        ReadOnlyMemory<Account> events,
        CancellationToken cancellationToken = default
    ) =>
        CallAsync(
            OperationCode.CreateAccounts,
            MemoryMarshal.AsBytes(events.Span),
            (uint)events.Length,
            events.IsEmpty ? 0 : events.Span[0].Id,
            Array<CreateAccountResult>,
            cancellationToken
        );

    public ValueTask<CallResult<CreateTransferResult[]>> CreateTransfersAsync(
        ReadOnlyMemory<Transfer> events,
        CancellationToken cancellationToken = default
    ) =>
        CallAsync(
            OperationCode.CreateTransfers,
            MemoryMarshal.AsBytes(events.Span),
            (uint)events.Length,
            events.IsEmpty ? 0 : events.Span[0].Id,
            Array<CreateTransferResult>,
            cancellationToken
        );

    public ValueTask<CallResult<UpdateAccountResult[]>> UpdateAccountsAsync(
        ReadOnlyMemory<AccountUpdate> events,
        CancellationToken cancellationToken = default
    ) =>
        CallAsync(
            OperationCode.UpdateAccounts,
            MemoryMarshal.AsBytes(events.Span),
            (uint)events.Length,
            events.IsEmpty ? 0 : events.Span[0].Id,
            Array<UpdateAccountResult>,
            cancellationToken
        );

    /// <summary>Proposes an encoded operation (docs/formats/operation.md).</summary>
    /// <param name="operation">The whole encoding.</param>
    /// <param name="operationId">The id inside it, for an answer that is not known.</param>
    /// <returns>The encoded result.</returns>
    public ValueTask<CallResult<byte[]>> ProposeAsync(
        ReadOnlyMemory<byte> operation,
        UInt128 operationId,
        CancellationToken cancellationToken = default
    ) =>
        CallAsync(
            OperationCode.Operation,
            operation.Span,
            1,
            operationId,
            static (body, _) => body.ToArray(),
            cancellationToken
        );

    public ValueTask<CallResult<Account[]>> LookupAccountsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken = default
    ) => LookupAsync<Account>(OperationCode.LookupAccounts, ids, cancellationToken);

    public ValueTask<CallResult<AccountLimits[]>> LookupAccountLimitsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken = default
    ) => LookupAsync<AccountLimits>(OperationCode.LookupAccountLimits, ids, cancellationToken);

    public ValueTask<CallResult<Transfer[]>> LookupTransfersAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken = default
    ) => LookupAsync<Transfer>(OperationCode.LookupTransfers, ids, cancellationToken);

    public ValueTask<CallResult<Transfer[]>> GetAccountTransfersAsync(
        AccountFilter filter,
        CancellationToken cancellationToken = default
    ) =>
        FilterAsync<AccountFilter, Transfer>(
            OperationCode.GetAccountTransfers,
            filter,
            cancellationToken
        );

    public ValueTask<CallResult<AccountBalance[]>> GetAccountBalancesAsync(
        AccountFilter filter,
        CancellationToken cancellationToken = default
    ) =>
        FilterAsync<AccountFilter, AccountBalance>(
            OperationCode.GetAccountBalances,
            filter,
            cancellationToken
        );

    public ValueTask<CallResult<Account[]>> QueryAccountsAsync(
        QueryFilter filter,
        CancellationToken cancellationToken = default
    ) => FilterAsync<QueryFilter, Account>(OperationCode.QueryAccounts, filter, cancellationToken);

    public ValueTask<CallResult<Transfer[]>> QueryTransfersAsync(
        QueryFilter filter,
        CancellationToken cancellationToken = default
    ) =>
        FilterAsync<QueryFilter, Transfer>(OperationCode.QueryTransfers, filter, cancellationToken);

    public ValueTask<CallResult<ChangeEvent[]>> GetChangeEventsAsync(
        ChangeEventsFilter filter,
        CancellationToken cancellationToken = default
    ) =>
        FilterAsync<ChangeEventsFilter, ChangeEvent>(
            OperationCode.GetChangeEvents,
            filter,
            cancellationToken
        );

    public ValueTask<CallResult<ClientRecordPage>> ReadRecordsAsync(
        ClientRecordQuery query,
        CancellationToken cancellationToken = default
    ) =>
        CallAsync(
            OperationCode.ReadRecords,
            RecordWire.Encode(query),
            1,
            0,
            RecordWire.Decode,
            cancellationToken
        );

    /// <summary>
    /// Sends the same transfers again until the answer is known: a broken line, a time-out, a busy or
    /// absent node are waited out. Safe because ids are remembered for ever; a transfer that an
    /// earlier attempt made answers <see cref="CreateTransferStatus.Exists"/>.
    /// </summary>
    /// <returns>Done, or a "not done" that would be the same again.</returns>
    /// <exception cref="OperationCanceledException">Cancelled while the answer is still unknown.</exception>
    public ValueTask<CallResult<CreateTransferResult[]>> CreateTransfersUntilKnownAsync(
        ReadOnlyMemory<Transfer> events,
        CancellationToken cancellationToken
    ) => UntilKnownAsync(() => CreateTransfersAsync(events, cancellationToken), cancellationToken);

    /// <summary>Repeats any call that is safe to repeat until its answer is known.</summary>
    /// <inheritdoc cref="CreateTransfersUntilKnownAsync"/>
    public async ValueTask<CallResult<T>> UntilKnownAsync<T>(
        Func<ValueTask<CallResult<T>>> call,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(call);
        int pauseMs = _options.RetryPauseMs;
        int asked = 0;
        while (true)
        {
            CallResult<T> result = await call();
            if (result is CallResult<T>.Done or CallResult<T>.NotDone { Advice: RetryAdvice.Never })
            {
                return result;
            }
            // Somebody else may lead already: first a round without a pause, then often.
            bool isSearch = _options.Endpoints.Count > 1 && IsAboutTheNode(result);
            if (isSearch && ++asked < _options.Endpoints.Count)
            {
                continue;
            }
            int max = isSearch ? _options.SearchPauseMsMax : _options.RetryPauseMsMax;
            pauseMs = Math.Min(pauseMs, max);
            await Task.Delay(TimeSpan.FromMilliseconds(pauseMs), _time, cancellationToken);
            pauseMs = Math.Min(pauseMs * 2, max);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        await _sweep.DisposeAsync();
        await _opener.DisposeAsync();
    }

    private ValueTask<CallResult<T[]>> LookupAsync<T>(
        OperationCode operation,
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    )
        where T : unmanaged =>
        CallAsync(
            operation,
            MemoryMarshal.AsBytes(ids.Span),
            (uint)ids.Length,
            0,
            Array<T>,
            cancellationToken
        );

    private ValueTask<CallResult<T[]>> FilterAsync<TFilter, T>(
        OperationCode operation,
        TFilter filter,
        CancellationToken cancellationToken
    )
        where TFilter : unmanaged
        where T : unmanaged =>
        CallAsync(
            operation,
            MemoryMarshal.AsBytes(new ReadOnlySpan<TFilter>(in filter)),
            1,
            0,
            Array<T>,
            cancellationToken
        );

    private static T[] Array<T>(ReadOnlySpan<byte> body, uint count)
        where T : unmanaged
    {
        T[] values = MemoryMarshal.Cast<byte, T>(body).ToArray();
        return values.Length == count
            ? values
            : throw new InvalidDataException("A reply's count is not that of its body.");
    }

    private ValueTask<CallResult<T>> CallAsync<T>(
        OperationCode operation,
        ReadOnlySpan<byte> body,
        uint count,
        UInt128 askAgainWith,
        Decode<T> decode,
        CancellationToken cancellationToken
    )
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (body.Length + Frame.HeaderSize > Limits.FrameBytesMax)
        {
            return ValueTask.FromResult<CallResult<T>>(
                new CallResult<T>.NotDone(
                    FrameStatus.TooLarge,
                    "the batch does not fit a frame",
                    RetryAdvice.Never
                )
            );
        }
        var call = new Call<T>(operation, askAgainWith, NowMs() + _options.TimeoutMs, decode);
        call.Encode(body, count, (uint)_options.TimeoutMs);
        return SendAsync(call, cancellationToken);
    }

    private async ValueTask<CallResult<T>> SendAsync<T>(
        Call<T> call,
        CancellationToken cancellationToken
    )
    {
        await _inFlight.WaitAsync(cancellationToken);
        try
        {
            Line? line;
            while (true)
            {
                line = _opener.Line;
                if (line is null || line.IsBroken)
                {
                    Opened opened = await _opener.OpenAsync(cancellationToken);
                    if (opened.Line is null)
                    {
                        return new CallResult<T>.NotDone(
                            opened.Status,
                            opened.Detail,
                            Call.AdviceFor(opened.Status)
                        );
                    }
                    line = opened.Line;
                }
                if (line.TrySend(call))
                {
                    break;
                }
            }
            await using CancellationTokenRegistration registration = cancellationToken.Register(
                static state => End((Call)state!, "the call was cancelled"),
                call
            );
            CallResult<T> result = await call.Task;
            if (result is CallResult<T>.NotDone { Advice: RetryAdvice.Elsewhere })
            {
                _opener.Leave(line);
            }
            return result;
        }
        finally
        {
            _inFlight.Release();
        }
    }

    private static bool IsAboutTheNode<T>(CallResult<T> result) =>
        result
            is CallResult<T>.Unknown
                or CallResult<T>.NotDone { Advice: RetryAdvice.Elsewhere }
                or CallResult<T>.NotDone { Reason: FrameStatus.Unavailable };

    private void Sweep()
    {
        long now = NowMs();
        foreach (Line line in _opener.Lines)
        {
            line.FailOverdue(
                now,
                static (call, _) => End(call, "not answered within the time limit")
            );
            if (_options.Endpoints.Count > 1)
            {
                line.CheckSilence(now, _options);
            }
        }
    }

    private static void End(Call call, string detail)
    {
        if (call.TryEnd())
        {
            call.Fail(FrameStatus.Unknown, detail);
        }
    }

    private long NowMs() => (long)_time.GetElapsedTime(_started).TotalMilliseconds;
}
