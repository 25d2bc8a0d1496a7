using System.Diagnostics;
using System.Globalization;
using Evenkeel.Banking;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Desk;
using Evenkeel.Bench;
using Evenkeel.Host.CommandLine;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Node;
using Evenkeel.Payments;

namespace Evenkeel.Host.Benches;

/// <summary>Payments through the bank's decisions, beside the bare ledger in the same run.</summary>
/// <param name="Measurements">By round: the ledger, uniform payments, payments from one account.</param>
internal sealed record BankingResult(IReadOnlyList<Measurement> Measurements)
{
    public const int LoadsPerRound = 3;

    /// <summary>Of each round: the rate from one account over the uniform rate.</summary>
    public IReadOnlyList<double> Ratios =>
        [
            .. Measurements
                .Chunk(LoadsPerRound)
                .Select(static round => round[2].TransfersPerSecond / round[1].TransfersPerSecond),
        ];

    public double RatioMedian => Ratios.Order().ElementAt(Ratios.Count / 2);
}

/// <summary>What the bench is to do.</summary>
/// <param name="Payments">Of each load in each round.</param>
/// <param name="Clients">Payments under way at a time.</param>
internal sealed record BankingBenchOptions(int Accounts, int Payments, int Clients, int Rounds);

/// <summary>
/// 10,000 payments from one customer's account against as many between random accounts. The node and the
/// bank are this process, on the disk and flushed before each answer; nothing is on a wire.
/// </summary>
internal sealed class BankingBench
{
    private const long Plenty = 1_000_000_000_00;
    private const int WarmUpPayments = 1_000;

    private readonly BankingBenchOptions _options;
    private readonly ScratchBank _scratch;
    private readonly Payer[] _payers;
    private long _serial;

    private sealed record Payer(CustomerId Customer, AccountNumber Account);

    private BankingBench(BankingBenchOptions options, ScratchBank scratch)
    {
        _options = options;
        _scratch = scratch;
        _payers = new Payer[options.Accounts];
    }

    public static async Task<BankingResult> RunAsync(
        BankingBenchOptions options,
        string folder,
        IProgress<Measurement> progress,
        CancellationToken cancellationToken
    )
    {
        var scratch = await ScratchBank
            .StartAsync(folder, "banking", ScratchBank.Today, withCards: false, cancellationToken)
            .ConfigureAwait(false);
        await using (scratch.ConfigureAwait(false))
        {
            BankingBench bench = new(options, scratch);
            await bench.OpenAsync(cancellationToken).ConfigureAwait(false);
            List<Measurement> all = [];
            for (var round = 0; round <= options.Rounds; round++)
            {
                // The first round warms up: code, caches, the files' first segments.
                var payments = round == 0 ? WarmUpPayments : options.Payments;
                var ledger = await bench
                    .LedgerAsync(payments, cancellationToken)
                    .ConfigureAwait(false);
                // In turn, so that neither always runs behind the other.
                var isOneFirst = round % 2 == 0;
                var first = await bench
                    .PaymentsAsync(payments, isOneFirst, cancellationToken)
                    .ConfigureAwait(false);
                var second = await bench
                    .PaymentsAsync(payments, !isOneFirst, cancellationToken)
                    .ConfigureAwait(false);
                Measurement[] measured = isOneFirst
                    ? [ledger, second, first]
                    : [ledger, first, second];
                if (round > 0)
                {
                    all.AddRange(measured);
                    Array.ForEach(measured, progress.Report);
                }
            }
            return new BankingResult(all);
        }
    }

    private Task OpenAsync(CancellationToken cancellationToken) =>
        ScratchBank.ForEachAsync(
            Enumerable.Range(0, _options.Accounts),
            async (i, token) => _payers[i] = await OpenAsync(i, token).ConfigureAwait(false),
            cancellationToken
        );

    private async Task<Payer> OpenAsync(int i, CancellationToken cancellationToken)
    {
        var reference = i.ToString(CultureInfo.InvariantCulture);
        var customer = await _scratch
            .OpenCompanyAsync(reference, cancellationToken)
            .ConfigureAwait(false);
        return new Payer(
            customer,
            await _scratch
                .OpenAccountAsync(customer, "current", reference, Plenty, cancellationToken)
                .ConfigureAwait(false)
        );
    }

    private Task<Measurement> PaymentsAsync(
        int payments,
        bool isOne,
        CancellationToken cancellationToken
    )
    {
        var random = new Random(Seed: 1);
        var asked = Enumerable
            .Range(0, payments)
            .Select(_ =>
            {
                var from = isOne ? 0 : random.Next(_payers.Length);
                var to = (from + 1 + random.Next(_payers.Length - 1)) % _payers.Length;
                return PaymentOf(_payers[from], _payers[to]);
            })
            .ToArray();
        return MeasureAsync(
            isOne ? "one account" : "uniform",
            payments,
            async i =>
                await _scratch
                    .Bank.Payments.SubmitAsync(asked[i], cancellationToken)
                    .ConfigureAwait(false) is PaymentOutcome.Done
        );
    }

    /// <summary>The same transfers without a bank: one a request, as the payments are.</summary>
    private Task<Measurement> LedgerAsync(int transfers, CancellationToken cancellationToken)
    {
        var random = new Random(Seed: 2);
        var ids = Enumerable
            .Range(0, transfers)
            .Select(_ => (Next(), From: random.Next(_payers.Length), random.Next()))
            .ToArray();
        return MeasureAsync(
            "ledger",
            transfers,
            async i =>
            {
                var (id, from, other) = ids[i];
                var to = (from + 1 + (other % (_payers.Length - 1))) % _payers.Length;
                var answer = await _scratch
                    .Node.Journal.CreateTransfersAsync(
                        new[]
                        {
                            new Transfer
                            {
                                Id = id.Value,
                                DebitAccountId = BankBooks.LedgerIdOf(_payers[from].Account),
                                CreditAccountId = BankBooks.LedgerIdOf(_payers[to].Account),
                                Amount = 1,
                                Ledger = ScratchBank.Currency,
                                Code = 1,
                            },
                        },
                        principal: 0,
                        cancellationToken
                    )
                    .ConfigureAwait(false);
                return answer is Answer<CreateTransferResult[]>.Done { Value: [var result] }
                    && result.Status == CreateTransferStatus.Created;
            }
        );
    }

    private async Task<Measurement> MeasureAsync(
        string name,
        int requests,
        Func<int, Task<bool>> request
    )
    {
        var latencies = new double[requests];
        var refused = 0;
        var next = -1;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, _options.Clients).Select(_ => Task.Run(ClientAsync)))
            .ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Array.Sort(latencies);
        return new Measurement
        {
            Name = name,
            Transfers = requests - refused,
            Refused = refused,
            Seconds = seconds,
            P50Ms = latencies[requests / 2],
            P99Ms = latencies[requests * 99 / 100],
            MaxMs = latencies[^1],
            Clients = _options.Clients,
            Batch = 1,
            Accounts = _options.Accounts,
            Durable = true,
        };

        async Task ClientAsync()
        {
            while (Interlocked.Increment(ref next) is var i && i < requests)
            {
                var asked = Stopwatch.GetTimestamp();
                if (!await request(i).ConfigureAwait(false))
                {
                    Interlocked.Increment(ref refused);
                }
                latencies[i] = Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
            }
        }
    }

    private PaymentInstruction PaymentOf(Payer from, Payer to) =>
        new()
        {
            Id = Next(),
            Actor = new Actor.ApiClient("bench", from.Customer),
            Origin = new Origin(Channel.Api),
            Movement = new Movement.CreditTransfer(from.Account, new Creditor.Here(to.Account)),
            Amount = new Payments.Money(1, ScratchBank.Currency),
            References = new References
            {
                EndToEndId = _serial.ToString(CultureInfo.InvariantCulture),
            },
            Remittance = "Invoice 4711",
            AskedAt = TimeProvider.System.GetUtcNow(),
        };

    private InstructionId Next() =>
        InstructionId.From(
            Channel.Api,
            "bench",
            Interlocked.Increment(ref _serial).ToString(CultureInfo.InvariantCulture)
        );
}
