using System.Net;
using Evenkeel.Client;
using Evenkeel.Model;
using Evenkeel.Watch.Drills.Checking;

namespace Evenkeel.Watch.Drills.Load;

/// <summary>How much a load asks for.</summary>
public sealed record LoadOptions
{
    public required int Seed { get; init; }

    /// <summary>Callers that write, each one batch at a time.</summary>
    public int Writers { get; init; } = 4;

    /// <summary>Callers that read balances.</summary>
    public int Readers { get; init; } = 2;

    public int Accounts { get; init; } = 64;

    /// <summary>Transfers of one batch: 1 to this.</summary>
    public int BatchMax { get; init; } = 50;

    /// <summary>Pause of a caller after each answer, milliseconds.</summary>
    public int PauseMs { get; init; } = 10;

    /// <summary>Patience for one try, milliseconds.</summary>
    public int TryMs { get; init; } = 2_000;

    /// <summary>First account id and upper half of transfer ids, so that loads do not meet.</summary>
    public ulong Range { get; init; } = 1;
}

/// <summary>
/// Callers of the binary protocol that move money between their own accounts until stopped. Each
/// batch is sent again with the same ids until its answer is known; each try is recorded.
/// </summary>
public sealed class LedgerLoad : IAsyncDisposable
{
    private const uint Ledger = 1;
    private const int AccountsOfARead = 8;

    /// <summary>After the stop a batch may go on so long; then its outcome is recorded as unknown.</summary>
    private static readonly TimeSpan LastTry = TimeSpan.FromSeconds(60);

    private readonly LoadOptions _options;
    private readonly IReadOnlyList<EndPoint> _nodes;
    private readonly string _key;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abandon = new();
    private readonly Task _running;

    private LedgerLoad(LoadOptions options, IReadOnlyList<EndPoint> nodes, string key, CallLog log)
    {
        _options = options;
        _nodes = nodes;
        _key = key;
        Log = log;
        _running = Task.WhenAll([
            .. Enumerable.Range(1, options.Writers).Select(WriteAsync),
            .. Enumerable.Range(1, options.Readers).Select(ReadAsync),
        ]);
    }

    public CallLog Log { get; }

    public IReadOnlyList<UInt128> AccountIds => AccountsOf(_options);

    /// <summary>Opens the accounts, then lets the callers begin.</summary>
    public static async Task<LedgerLoad> StartAsync(
        LoadOptions options,
        IReadOnlyList<EndPoint> nodes,
        string key,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        await using EvenkeelClient client = NewClient(options, nodes, key);
        Account[] accounts =
        [
            .. AccountsOf(options)
                .Select(id => new Account
                {
                    Id = id,
                    Ledger = Ledger,
                    Code = 1,
                }),
        ];
        CallResult<CreateAccountResult[]> opened = await client.UntilKnownAsync(
            () => client.CreateAccountsAsync(accounts, cancellationToken),
            cancellationToken
        );
        if (
            opened
                .Require()
                .Any(r =>
                    r.Status is not (CreateAccountStatus.Created or CreateAccountStatus.Exists)
                )
        )
        {
            throw new InvalidOperationException("The load's accounts were not opened.");
        }
        return new LedgerLoad(options, nodes, key, new CallLog());
    }

    /// <summary>Ends when every caller knows the answer of its last batch.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        _abandon.CancelAfter(LastTry);
        await _running;
    }

    /// <summary>Reads what the bank has of this load, from a node that leads.</summary>
    public Task<FinalState> ReadFinalStateAsync(CancellationToken cancellationToken) =>
        ReadFinalStateAsync(_nodes, _key, AccountIds, _options.Range, cancellationToken);

    /// <summary>Reads what the bank has of any load, from a node that leads.</summary>
    /// <param name="range">Upper half of the load's transfer ids.</param>
    public static Task<FinalState> ReadFinalStateAsync(
        IReadOnlyList<EndPoint> nodes,
        string key,
        IReadOnlyList<UInt128> accounts,
        ulong range,
        CancellationToken cancellationToken
    ) =>
        FinalReader.ReadAsync(
            NewClient(new LoadOptions { Seed = 0, TryMs = 10_000 }, nodes, key),
            accounts,
            range,
            cancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _abandon.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _abandon.Dispose();
    }

    private static UInt128[] AccountsOf(LoadOptions options) =>
        [
            .. Enumerable
                .Range(1, options.Accounts)
                .Select(i => new UInt128(options.Range, (ulong)i)),
        ];

    private static EvenkeelClient NewClient(
        LoadOptions options,
        IReadOnlyList<EndPoint> nodes,
        string key
    ) =>
        new(
            new ClientOptions
            {
                Endpoints = nodes,
                ApiKey = key,
                TimeoutMs = options.TryMs,
                ConnectTimeoutMs = Math.Min(options.TryMs, 500),
                RetryPauseMsMax = 50,
            }
        );

    private async Task WriteAsync(int writer)
    {
        await Task.Yield();
        // Callers start at different nodes, so that some of them hold a line to each.
        await using EvenkeelClient client = NewClient(_options, Rotated(writer), _key);
        var random = new Random(_options.Seed + writer);
        ulong next = ((ulong)writer << 48) + 1;
        string name = $"writer {writer}";
        while (!_stop.IsCancellationRequested)
        {
            Movement[] movements = Draw(random, ref next);
            if (!await WriteUntilKnownAsync(client, name, movements))
            {
                return;
            }
            await PauseAsync(_options.PauseMs);
        }
    }

    private Movement[] Draw(Random random, ref ulong next)
    {
        IReadOnlyList<UInt128> accounts = AccountIds;
        var movements = new Movement[random.Next(1, _options.BatchMax + 1)];
        for (int i = 0; i < movements.Length; i++)
        {
            int debit = random.Next(accounts.Count);
            int credit = (debit + 1 + random.Next(accounts.Count - 1)) % accounts.Count;
            movements[i] = new Movement(
                new UInt128(_options.Range, next++),
                accounts[debit],
                accounts[credit],
                (ulong)random.Next(1, 1_000)
            );
        }
        return movements;
    }

    /// <returns>False when the load was abandoned before the answer was known.</returns>
    private async Task<bool> WriteUntilKnownAsync(
        EvenkeelClient client,
        string name,
        Movement[] movements
    )
    {
        Transfer[] transfers = Array.ConvertAll(movements, ToTransfer);
        while (true)
        {
            long start = CallLog.NowNs();
            CallResult<CreateTransferResult[]> answer = await client.CreateTransfersAsync(
                transfers
            );
            long end = CallLog.NowNs();
            Log.Add(Recorded(name, start, end, movements, answer));
            if (answer is CallResult<CreateTransferResult[]>.Done)
            {
                return true;
            }
            if (_abandon.IsCancellationRequested)
            {
                return false;
            }
            await PauseAsync(Math.Max(_options.PauseMs, 10));
        }
    }

    private static WriteCall Recorded(
        string name,
        long start,
        long end,
        Movement[] movements,
        CallResult<CreateTransferResult[]> answer
    ) =>
        answer switch
        {
            CallResult<CreateTransferResult[]>.Done done => new WriteCall(
                name,
                start,
                end,
                movements,
                CallOutcome.Done,
                done.Value,
                ""
            ),
            CallResult<CreateTransferResult[]>.NotDone refused => new WriteCall(
                name,
                start,
                end,
                movements,
                CallOutcome.NotDone,
                [],
                $"{refused.Reason}: {refused.Detail}"
            ),
            CallResult<CreateTransferResult[]>.Unknown unknown => new WriteCall(
                name,
                start,
                end,
                movements,
                CallOutcome.Unknown,
                [],
                unknown.Detail
            ),
            _ => throw new InvalidOperationException("An answer of no kind."),
        };

    private async Task ReadAsync(int reader)
    {
        await Task.Yield();
        await using EvenkeelClient client = NewClient(_options, Rotated(reader), _key);
        var random = new Random(_options.Seed - reader);
        IReadOnlyList<UInt128> accounts = AccountIds;
        while (!_stop.IsCancellationRequested)
        {
            UInt128[] ids =
            [
                .. Enumerable
                    .Range(0, AccountsOfARead)
                    .Select(_ => accounts[random.Next(accounts.Count)])
                    .Distinct(),
            ];
            long start = CallLog.NowNs();
            CallResult<Account[]> answer = await client.LookupAccountsAsync(ids);
            long end = CallLog.NowNs();
            if (answer is CallResult<Account[]>.Done done)
            {
                SeenAccount[] seen = Array.ConvertAll(
                    done.Value,
                    a => new SeenAccount(
                        a.Id,
                        a.DebitsPosted + a.DebitsPending,
                        a.CreditsPosted + a.CreditsPending
                    )
                );
                Log.Add(new ReadCall($"reader {reader}", start, end, seen));
            }
            await PauseAsync(_options.PauseMs);
        }
    }

    private EndPoint[] Rotated(int by) =>
        [.. Enumerable.Range(by, _nodes.Count).Select(i => _nodes[i % _nodes.Count])];

    private static Transfer ToTransfer(Movement movement) =>
        new()
        {
            Id = movement.Id,
            DebitAccountId = movement.Debit,
            CreditAccountId = movement.Credit,
            Amount = movement.Amount,
            Ledger = Ledger,
            Code = 1,
        };

    private static async Task PauseAsync(int milliseconds)
    {
        if (milliseconds > 0)
        {
            await Task.Delay(milliseconds, CancellationToken.None);
        }
    }
}
