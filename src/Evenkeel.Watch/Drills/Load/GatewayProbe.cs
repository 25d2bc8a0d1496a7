using System.Collections.Concurrent;
using Evenkeel.Model;
using Evenkeel.Watch.Drills.Checking;

namespace Evenkeel.Watch.Drills.Load;

/// <summary>How a probe client behaves.</summary>
public sealed record ProbeOptions
{
    public required int Seed { get; init; }

    /// <summary>Probes a second, sent when due whether earlier ones were answered or not.</summary>
    public int PerSecond { get; init; } = 20;

    /// <summary>Accounts with known content that never changes: any other answer is wrong.</summary>
    public int CoherenceAccounts { get; init; } = 200;

    /// <summary>Accounts between which money moves.</summary>
    public int MovingAccounts { get; init; } = 40;

    /// <summary>Patience for one probe, milliseconds.</summary>
    public int PatienceMs { get; init; } = 10_000;

    /// <summary>Upper half of account and transfer ids.</summary>
    public ulong Range { get; init; } = 2;

    /// <summary>Of a hundred probes: so many read a balance, so many transfer; the rest are cards.</summary>
    public int BalancePercent { get; init; } = 60;

    public int TransferPercent { get; init; } = 30;
}

/// <summary>
/// An outside customer: calls the bank's REST interface where customers call it, at a fixed rate,
/// and judges every answer. Transfers and reads of moving accounts go to the checker as well.
/// </summary>
public sealed class GatewayProbe : IAsyncDisposable
{
    private const uint Ledger = 1;
    private const ulong CoherenceFirst = 1_000_000;
    private const ulong Treasury = 1;
    private const ulong MovingFirst = 2;
    private const int InFlightMax = 4_000;
    private const int SettlingTriesMax = 100;

    private readonly ProbeOptions _options;
    private readonly RestCaller _bank;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<ProbeRecord> _probes = new();
    private readonly ConcurrentQueue<(Movement Movement, bool IsHold)> _open = new();
    private readonly SemaphoreSlim _inFlight = new(InFlightMax);
    private readonly Random _random;
    private readonly Task _running;
    private ulong _nextTransfer = 1;
    private long _skipped;
    private long _lastGoodNs = CallLog.NowNs();

    private GatewayProbe(ProbeOptions options, RestCaller bank, CallLog log, ulong nextTransfer)
    {
        _options = options;
        _bank = bank;
        Log = log;
        _nextTransfer = nextTransfer;
        _random = new Random(options.Seed);
        _running = RunAsync();
    }

    public CallLog Log { get; }

    /// <summary>Every probe that has ended, in the order of its end.</summary>
    public IReadOnlyCollection<ProbeRecord> Probes => _probes;

    /// <summary>When the last good answer came, on the clock of all calls.</summary>
    public long LastGoodNs => Interlocked.Read(ref _lastGoodNs);

    /// <summary>The first wrong answer; null while there is none.</summary>
    public ProbeRecord? Wrong { get; private set; }

    public bool IsStopped => _stop.IsCancellationRequested;

    /// <summary>Probes that were due and not sent, since too many were unanswered.</summary>
    public long Skipped => Interlocked.Read(ref _skipped);

    public IReadOnlyList<UInt128> AccountIds =>
        [
            new UInt128(_options.Range, Treasury),
            .. Enumerable.Range(0, _options.MovingAccounts).Select(MovingId),
            .. Enumerable.Range(0, _options.CoherenceAccounts).Select(CoherenceId),
        ];

    public ulong Range => _options.Range;

    public int PerSecond => _options.PerSecond;

    /// <summary>Opens the accounts and gives those with known content what they have for ever.</summary>
    public static async Task<GatewayProbe> StartAsync(
        ProbeOptions options,
        Uri bank,
        string key,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        var caller = new RestCaller(bank, key, TimeSpan.FromMilliseconds(options.PatienceMs));
        CallLog log = new();
        ProbeSetup setup = new(options, caller, log);
        await setup.OpenAsync(
            [
                (new UInt128(options.Range, Treasury), 0),
                .. Enumerable
                    .Range(0, options.MovingAccounts)
                    .Select(i => (new UInt128(options.Range, MovingFirst + (ulong)i), 0UL)),
                .. Enumerable
                    .Range(0, options.CoherenceAccounts)
                    .Select(i =>
                        (new UInt128(options.Range, CoherenceFirst + (ulong)i), ContentOf(i))
                    ),
            ],
            cancellationToken
        );
        Movement[] funding =
        [
            .. Enumerable
                .Range(0, options.CoherenceAccounts)
                .Select(i => new Movement(
                    new UInt128(options.Range, (ulong)i + 1),
                    new UInt128(options.Range, Treasury),
                    new UInt128(options.Range, CoherenceFirst + (ulong)i),
                    ContentOf(i)
                )),
        ];
        await setup.FundAsync(funding, cancellationToken);
        return new GatewayProbe(options, caller, log, (ulong)funding.Length + 1);
    }

    /// <summary>
    /// No further probes; waits for the answers of those on their way, then asks again for each
    /// transfer of unknown outcome until it is known, as a customer would.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running;
        for (int i = 0; i < InFlightMax; i++)
        {
            await _inFlight.WaitAsync(cancellationToken);
        }
        while (_open.TryDequeue(out (Movement Movement, bool IsHold) open))
        {
            await SettleAsync(open.Movement, open.IsHold, cancellationToken);
        }
        _inFlight.Release(InFlightMax);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _bank.Dispose();
        _stop.Dispose();
        _inFlight.Dispose();
    }

    /// <summary>Minor units that this account holds; odd numbers, so that no sum looks like one.</summary>
    private static ulong ContentOf(int account) => 1_000_003UL + ((ulong)account * 7_919);

    private UInt128 CoherenceId(int account) =>
        new(_options.Range, CoherenceFirst + (ulong)account);

    private UInt128 MovingId(int account) => new(_options.Range, MovingFirst + (ulong)account);

    private async Task RunAsync()
    {
        await Task.Yield();
        long begin = CallLog.NowNs();
        for (long n = 0; !_stop.IsCancellationRequested; n++)
        {
            long due = begin + (n * 1_000_000_000 / _options.PerSecond);
            long waitNs = due - CallLog.NowNs();
            if (waitNs > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(waitNs / 1e6), CancellationToken.None);
            }
            if (!await _inFlight.WaitAsync(0))
            {
                Interlocked.Increment(ref _skipped);
                continue;
            }
            int dice = _random.Next(100);
            int a = _random.Next(int.MaxValue);
            int b = _random.Next(int.MaxValue);
            _ =
                dice < _options.BalancePercent
                    ? EndAsync(BalanceAsync(due, a, isCoherence: b % 2 == 0))
                : dice < _options.BalancePercent + _options.TransferPercent
                    ? EndAsync(MoveAsync(due, ProbeKind.Transfer, a, b))
                : EndAsync(MoveAsync(due, ProbeKind.Card, a, b));
        }
    }

    private async Task EndAsync(Task<ProbeRecord> probe)
    {
        try
        {
            ProbeRecord ended = await probe;
            _probes.Enqueue(ended);
            if (ended.Verdict == ProbeVerdict.Good)
            {
                Interlocked.Exchange(ref _lastGoodNs, ended.EndNs);
            }
            else if (ended.Verdict == ProbeVerdict.Wrong)
            {
                Wrong ??= ended;
            }
        }
        finally
        {
            _inFlight.Release();
        }
    }

    private async Task<ProbeRecord> BalanceAsync(long due, int dice, bool isCoherence)
    {
        int account = dice % (isCoherence ? _options.CoherenceAccounts : _options.MovingAccounts);
        UInt128 id = isCoherence ? CoherenceId(account) : MovingId(account);
        long start = CallLog.NowNs();
        RestAnswer answer = await _bank.ReadAccountAsync(id);
        long end = CallLog.NowNs();
        ProbeVerdict verdict = answer.Verdict;
        string detail = answer.Detail;
        if (answer.Account is { } seen)
        {
            Log.Add(new ReadCall("probe", start, end, [new(id, seen.Debits, seen.Credits)]));
            ulong content = isCoherence ? ContentOf(account) : 0;
            bool isRight =
                seen.Id == id
                && seen.Content == content
                && (!isCoherence || (seen.Credits == content && seen.Debits == 0));
            if (!isRight)
            {
                verdict = ProbeVerdict.Wrong;
                detail = $"account {id}: {seen}";
            }
        }
        return new ProbeRecord(ProbeKind.Balance, due, end, verdict, detail);
    }

    private async Task<ProbeRecord> MoveAsync(long due, ProbeKind kind, int a, int b)
    {
        int debit = a % _options.MovingAccounts;
        int credit = (debit + 1 + (b % (_options.MovingAccounts - 1))) % _options.MovingAccounts;
        ulong number = Interlocked.Increment(ref _nextTransfer);
        Movement movement = new(
            new UInt128(_options.Range, number),
            MovingId(debit),
            MovingId(credit),
            (ulong)(1 + (b % 100))
        );
        RestAnswer answer = await TryAsync(movement, kind == ProbeKind.Card);
        if (answer.Outcome != CallOutcome.Done)
        {
            _open.Enqueue((movement, kind == ProbeKind.Card));
        }
        return new ProbeRecord(kind, due, CallLog.NowNs(), answer.Verdict, answer.Detail);
    }

    private async Task<RestAnswer> TryAsync(Movement movement, bool isHold)
    {
        long start = CallLog.NowNs();
        RestAnswer answer = await _bank.PutTransferAsync(movement, Ledger, isHold);
        Log.Add(
            new WriteCall(
                "probe",
                start,
                CallLog.NowNs(),
                [movement],
                answer.Outcome,
                answer.Outcome == CallOutcome.Done ? [answer.Result] : [],
                answer.Detail
            )
        );
        return answer;
    }

    private async Task SettleAsync(
        Movement movement,
        bool isHold,
        CancellationToken cancellationToken
    )
    {
        for (int i = 0; i < SettlingTriesMax; i++)
        {
            RestAnswer answer = await TryAsync(movement, isHold);
            if (answer.Outcome == CallOutcome.Done)
            {
                return;
            }
            await Task.Delay(100, cancellationToken);
        }
        throw new InvalidOperationException(
            $"The outcome of transfer {movement.Id} can't be learned."
        );
    }
}
