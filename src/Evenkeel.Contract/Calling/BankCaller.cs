using System.Collections.Concurrent;
using Evenkeel.Contract.Serving;
using Evenkeel.Payments;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Contract.Calling;

/// <summary>How a bank is called.</summary>
public sealed record RemoteBankOptions
{
    /// <summary>What is shown on loopback.</summary>
    public string? Secret { get; init; }

    /// <summary>What is shown beyond loopback.</summary>
    public ContractTls? Tls { get; init; }

    /// <summary>From being asked to the answer, tries at several nodes included.</summary>
    public TimeSpan AnswerMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Connecting to a node.</summary>
    public TimeSpan ConnectMax { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The first pause after a "not here"; doubles up to <see cref="PauseMax"/>.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(2);

    public TimeSpan PauseMax { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Tries that ended in "failed", which may be the call's own doing.</summary>
    public int FailedTriesMax { get; init; } = 3;

    /// <summary>By when an instruction whose result nobody knows has one.</summary>
    public TimeSpan ResolvedMax { get; init; } = TimeSpan.FromMinutes(10);

    public int MessageBytesMax { get; init; } = 16 << 20;
}

/// <summary>How a call ended.</summary>
/// <param name="Value">The answer; null when there is none.</param>
/// <param name="MayHaveHappened">A try ended without anybody knowing what it did.</param>
/// <param name="Reason">Why there is none.</param>
internal readonly record struct Reply<T>(
    T? Value,
    bool MayHaveHappened,
    OutcomeReason Reason,
    string ServedBy,
    int Tries
);

/// <summary>What a channel should do with one answer.</summary>
internal enum Finality
{
    /// <summary>Says what is.</summary>
    Final,

    /// <summary>Nothing was done by this try, and the next may do it.</summary>
    NotYet,

    /// <summary>The bank itself does not know; the same again will find out.</summary>
    NotKnown,
}

/// <summary>
/// One call, at whoever decides, again and again with the same content for a bounded time. Every call
/// of the contract may be repeated: reads change nothing, and writes carry their ids.
/// </summary>
internal sealed class BankCaller(
    RemoteBankOptions options,
    IBankLocator locator,
    TimeProvider time,
    ILogger log
) : IDisposable
{
    private readonly ConcurrentDictionary<Uri, Lazy<GrpcChannel>> _channels = new();
    private readonly Metadata _headers = options.Secret is { } secret
        ? new Metadata { { ContractSecret.Header, secret } }
        : [];

    public Task<Reply<T>> CallAsync<T>(
        string method,
        Func<Wire.Bank.BankClient, CallOptions, AsyncUnaryCall<T>> call,
        Func<T, Finality> judge,
        CancellationToken cancellationToken
    )
        where T : class =>
        CallAsync(
            method,
            async (client, callOptions) =>
            {
                using var pending = call(client, callOptions);
                return await pending.ResponseAsync;
            },
            judge,
            cancellationToken
        );

    /// <param name="call">One whole try, whatever it takes: it is made anew for each.</param>
    public async Task<Reply<T>> CallAsync<T>(
        string method,
        Func<Wire.Bank.BankClient, CallOptions, Task<T>> call,
        Func<T, Finality> judge,
        CancellationToken cancellationToken
    )
        where T : class
    {
        var started = time.GetTimestamp();
        using var patience = new CancellationTokenSource(options.AnswerMax, time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(
            patience.Token,
            cancellationToken
        );
        var mayHaveHappened = false;
        var reason = OutcomeReason.ServiceUnavailable;
        var servedBy = "";
        T? last = null;
        var failures = 0;
        RpcException? lost = null;
        var pause = options.Pause;
        for (var tries = 1; ; tries++)
        {
            BankLocation bank;
            try
            {
                bank = await locator.WaitAsync(waiting.Token);
            }
            catch (OperationCanceledException)
            {
                Tell(method, servedBy, lost);
                return new(last, mayHaveHappened, reason, servedBy, tries - 1);
            }
            servedBy = bank.Name;
            var departure = Departures.Begin();
            try
            {
                var answer = await TryAsync(bank, call, started, waiting.Token);
                switch (judge(answer))
                {
                    case Finality.Final:
                        return new(answer, mayHaveHappened, OutcomeReason.None, servedBy, tries);
                    case Finality.NotKnown:
                        mayHaveHappened = true;
                        break;
                    default:
                        if (++failures >= options.FailedTriesMax)
                        {
                            return new(answer, mayHaveHappened, reason, servedBy, tries);
                        }
                        break;
                }
                last = answer;
            }
            catch (RpcException failure)
            {
                switch (failure.Trailers.GetValue(Door.Trailer))
                {
                    case Door.NotLeader:
                        locator.Suspect(bank);
                        break;
                    case Door.Busy:
                        reason = OutcomeReason.Busy;
                        break;
                    case Door.NotUnderstood:
                        return new(
                            null,
                            mayHaveHappened,
                            OutcomeReason.NotSupported,
                            servedBy,
                            tries
                        );
                    default:
                        if (failure.StatusCode == StatusCode.PermissionDenied)
                        {
                            log.Refused(bank.Name, failure.Status.Detail);
                            return new(null, mayHaveHappened, reason, servedBy, tries);
                        }
                        lost = failure;
                        mayHaveHappened |= departure.HasLeft;
                        locator.Suspect(bank);
                        if (
                            failure.StatusCode is StatusCode.Internal or StatusCode.Unknown
                            && ++failures >= options.FailedTriesMax
                        )
                        {
                            log.TryFailed(
                                bank.Name,
                                method,
                                failure.StatusCode,
                                failure.Status.Detail
                            );
                            return new(null, mayHaveHappened, reason, servedBy, tries);
                        }
                        break;
                }
            }
            try
            {
                await Task.Delay(pause, time, waiting.Token);
            }
            catch (OperationCanceledException)
            {
                Tell(method, servedBy, lost);
                return new(last, mayHaveHappened, reason, servedBy, tries);
            }
            pause = pause * 2 < options.PauseMax ? pause * 2 : options.PauseMax;
        }
    }

    /// <summary>Once for a call and not for each try: a certificate that is not admitted shows here only.</summary>
    private void Tell(string method, string bank, RpcException? lost)
    {
        if (lost is not null)
        {
            log.TryFailed(bank, method, lost.StatusCode, lost.Status.Detail);
        }
    }

    public void Dispose()
    {
        foreach (var channel in _channels.Values)
        {
            if (channel.IsValueCreated)
            {
                channel.Value.Dispose();
            }
        }
    }

    private async Task<T> TryAsync<T>(
        BankLocation bank,
        Func<Wire.Bank.BankClient, CallOptions, Task<T>> call,
        long started,
        CancellationToken waiting
    )
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(waiting, bank.Gone);
        var left = options.AnswerMax - time.GetElapsedTime(started);
        var channel = _channels
            .GetOrAdd(bank.Address, address => new Lazy<GrpcChannel>(() => Open(address)))
            .Value;
        return await call(
            new Wire.Bank.BankClient(channel),
            new CallOptions(
                _headers,
                deadline: DateTime.UtcNow + (left > TimeSpan.Zero ? left : TimeSpan.Zero),
                cancellationToken: either.Token
            )
        );
    }

    private GrpcChannel Open(Uri address)
    {
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = options.ConnectMax,
            EnableMultipleHttp2Connections = true,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            // A node that hangs with open lines is found out within two seconds.
            KeepAlivePingDelay = TimeSpan.FromSeconds(1),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(1),
        };
        if (options.Tls is { } tls)
        {
            handler.SslOptions = tls.ForClient();
        }
        return GrpcChannel.ForAddress(
            address,
            new GrpcChannelOptions
            {
                HttpHandler = new Departures(handler),
                DisposeHttpClient = true,
                MaxReceiveMessageSize = options.MessageBytesMax,
                MaxSendMessageSize = options.MessageBytesMax,
            }
        );
    }
}
