using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Evenkeel.Bench;
using Evenkeel.CardKeys;
using Evenkeel.Demo.Load.Customers;
using Evenkeel.Demo.Plan;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Demos;
using Evenkeel.Host.Serving;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Host.Benches;

/// <summary>What the bench is to do.</summary>
/// <param name="Clients">Requests under way at a time, in each load.</param>
/// <param name="Seconds">Of each load in each round, after a second of warming up.</param>
internal sealed record BankBenchOptions(int Clients, int Seconds, int Rounds, int Persons);

/// <param name="Rounds">By round, each load once.</param>
/// <param name="Medians">Of each load the round with the middle rate.</param>
/// <param name="OneAccountRatio">Rate from one account over the uniform rate by the contract.</param>
/// <param name="RestOneAccountRatio">The same through REST.</param>
internal sealed record BankBenchResult(
    IReadOnlyList<Measurement> Rounds,
    IReadOnlyList<Measurement> Medians,
    double OneAccountRatio,
    double RestOneAccountRatio
);

/// <summary>
/// The bare ledger, payments by the contract, through REST and through ISO 8583: in turn, on one house of
/// real processes, with as many clients. Each answer is flushed before it is given.
/// </summary>
internal sealed class BankBench : IDisposable
{
    private const string Ledger = "ledger, one a request";
    private const string Batches = "ledger, batches";
    private const string Uniform = "contract, uniform";
    private const string OneAccount = "contract, one account";
    private const string RestUniform = "REST, uniform";
    private const string RestOneAccount = "REST, one account";
    private const string Iso = "ISO 8583";
    private const int BatchClients = 4;
    private const int LedgerAccounts = 10_000;
    private const uint Currency = 156;
    private const long PayerMinorMin = 1_000_00;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    private readonly BankBenchOptions _options;
    private readonly ScratchHouse _house;
    private readonly ContractDoor _contract;
    private readonly LedgerLoad _ledger;
    private readonly SoftwareCardKeys _keys;
    private readonly HttpClient _gateway;
    private readonly List<Payer> _payers = [];
    private readonly List<AccountNumber> _payees = [];
    private readonly List<IsoCard> _cards = [];
    private long _serial;
    private int _terminals;

    private sealed record Payer(CustomerId Customer, AccountNumber Account, BankSession Session);

    private BankBench(BankBenchOptions options, ScratchHouse house)
    {
        _options = options;
        _house = house;
        _contract = ContractDoor.Open(house.DataDirectory);
        _ledger = new LedgerLoad(
            ClientTarget.Opener([house.Binary], house.OperatorToken),
            new WorkloadOptions { Accounts = LedgerAccounts }
        );
        _gateway = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = house.Addresses.Gateway,
        };
        _keys = SoftwareCardKeys.Open(
            SoftwareCardKeys.Profile,
            Path.Combine(house.DataDirectory, HostedBank.CardKeysFile)
        );
    }

    public static async Task<BankBenchResult> RunAsync(
        BankBenchOptions options,
        string folder,
        IProgress<Measurement> progress,
        CancellationToken cancellationToken
    )
    {
        var house = await ScratchHouse
            .StartAsync(
                folder,
                new DemoOptions(Seed: 1, Language: "en", options.Persons),
                cancellationToken
            )
            .ConfigureAwait(false);
        await using (house.ConfigureAwait(false))
        {
            using BankBench bench = new(options, house);
            await bench.SetUpAsync(cancellationToken).ConfigureAwait(false);
            List<Measurement> all = [];
            for (var round = 0; round < options.Rounds; round++)
            {
                foreach (var load in bench.Loads(isReversed: round % 2 == 1))
                {
                    var measured = await load(cancellationToken).ConfigureAwait(false);
                    progress.Report(measured);
                    all.Add(measured);
                }
            }
            return ResultOf(all);
        }
    }

    public void Dispose()
    {
        _contract.Dispose();
        _keys.Dispose();
        _payers.ForEach(static payer => payer.Session.Dispose());
        _gateway.Dispose();
    }

    private static BankBenchResult ResultOf(IReadOnlyList<Measurement> all)
    {
        Measurement[] medians =
        [
            .. all.GroupBy(static m => m.Name, StringComparer.Ordinal)
                .Select(static load =>
                    load.OrderBy(static m => m.TransfersPerSecond).ElementAt(load.Count() / 2)
                ),
        ];
        return new BankBenchResult(
            all,
            medians,
            Rate(OneAccount) / Rate(Uniform),
            Rate(RestOneAccount) / Rate(RestUniform)
        );

        double Rate(string name) =>
            medians
                .First(m => string.Equals(m.Name, name, StringComparison.Ordinal))
                .TransfersPerSecond;
    }

    /// <summary>In turn and back, so that none always runs behind the same one.</summary>
    private IEnumerable<Func<CancellationToken, Task<Measurement>>> Loads(bool isReversed)
    {
        Func<CancellationToken, Task<Measurement>>[] loads =
        [
            token => LedgerAsync(Ledger, _options.Clients, batch: 1, token),
            token => LedgerAsync(Batches, BatchClients, Limits.BatchEventsMax, token),
            token => MeasureAsync(Uniform, n => SubmitAsync(_payers[n % _payers.Count], token)),
            token => MeasureAsync(OneAccount, _ => SubmitAsync(_payers[0], token)),
            token => MeasureAsync(RestUniform, n => PostAsync(_payers[n % _payers.Count], token)),
            token => MeasureAsync(RestOneAccount, _ => PostAsync(_payers[0], token)),
            IsoAsync,
        ];
        return isReversed ? loads.Reverse() : loads;
    }

    private async Task SetUpAsync(CancellationToken cancellationToken)
    {
        await _ledger.SetUpAsync(null, cancellationToken).ConfigureAwait(false);
        using HttpClient http = new() { BaseAddress = _house.Rest };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            _house.OperatorToken
        );
        var who = await AskAsync(
                http,
                DemoEndpoint.Path,
                JsonContent.Create(
                    DemoFile.Of(_house.DataDirectory).ToRequest(),
                    DemoJson.Default.DemoRequest
                ),
                DemoJson.Default.DemoAnswer,
                cancellationToken
            )
            .ConfigureAwait(false);
        foreach (var customer in DemoPlanner.Draw(_house.Options).Customers)
        {
            if (customer.Main.Currency != Currency)
            {
                continue;
            }
            var account = AccountNumber.Parse(who.Accounts[customer.Main.Reference]);
            _payees.Add(account);
            if (customer.IsCompany && customer.Main.OpeningMinor >= PayerMinorMin)
            {
                var subject = who.Customers[customer.Reference];
                _payers.Add(
                    new Payer(
                        new CustomerId(subject),
                        account,
                        await ProgramAsync(http, customer.Reference, subject, cancellationToken)
                            .ConfigureAwait(false)
                    )
                );
            }
            if (DemoCards.Of(_house.Options, customer) is { } card)
            {
                _cards.Add(new IsoCard(card.Number, card.ExpiryYearMonth) { Pin = card.Pin });
            }
        }
        Check.That(_payers.Count > 1 && _cards.Count > 0);
    }

    /// <summary>A company's program, signed in: that is not what is measured.</summary>
    private async Task<BankSession> ProgramAsync(
        HttpClient operatorOf,
        string reference,
        string customer,
        CancellationToken cancellationToken
    )
    {
        var login = "bench-" + reference;
        await AskAsync(
                operatorOf,
                LoginEndpoint.Path,
                JsonContent.Create(
                    new LoginRequest(
                        "program",
                        login,
                        customer,
                        DemoSecrets.PasswordOf(_house.Options, login)
                    ),
                    LoginJson.Default.LoginRequest
                ),
                LoginJson.Default.LoginMade,
                cancellationToken
            )
            .ConfigureAwait(false);
        BankSession session = new(
            _gateway,
            _house.Options,
            LoginKind.Program,
            login,
            TimeProvider.System
        );
        var refusal = await session
            .EnsureAsync(strong: false, cancellationToken)
            .ConfigureAwait(false);
        return refusal is null
            ? session
            : throw new CommandFailedException(
                ExitCode.NotDone,
                Text.RestRefused(refusal.Status, refusal.Body)
            );
    }

    private Task<Measurement> LedgerAsync(
        string name,
        int clients,
        int batch,
        CancellationToken cancellationToken
    ) =>
        _ledger.RunAsync(
            name,
            clients,
            batch,
            WarmUp,
            TimeSpan.FromSeconds(_options.Seconds),
            cancellationToken
        );

    private Task<Measurement> MeasureAsync(string name, Func<int, Task<bool>> pay) =>
        LoadRunner.RunAsync(
            name,
            [
                .. Enumerable
                    .Range(0, _options.Clients)
                    .Select(client =>
                        (LoadRunner.Request)(
                            async _ => await pay(client).ConfigureAwait(false) ? (1, 0) : (0, 1)
                        )
                    ),
            ],
            batch: 1,
            name is OneAccount or RestOneAccount ? 1 : _payers.Count,
            durable: true,
            WarmUp,
            TimeSpan.FromSeconds(_options.Seconds),
            CancellationToken.None
        );

    private async Task<Measurement> IsoAsync(CancellationToken cancellationToken)
    {
        // Other terminals in each round: a sequence number of a terminal is taken once.
        TerminalKeys[] terminals =
        [
            .. Enumerable
                .Range(0, _options.Clients)
                .Select(_ =>
                    _keys.KeysOf(
                        string.Create(CultureInfo.InvariantCulture, $"SHOP{_terminals++:D4}")
                    )
                ),
        ];
        try
        {
            var measured = await IsoLoad
                .RunAsync(
                    _house.Addresses.ToIsoEndPoint(),
                    terminals,
                    _cards,
                    (int)Currency,
                    WarmUp,
                    TimeSpan.FromSeconds(_options.Seconds),
                    cancellationToken
                )
                .ConfigureAwait(false);
            return measured with { Name = Iso };
        }
        finally
        {
            Array.ForEach(terminals, static keys => keys.Dispose());
        }
    }

    private async Task<bool> SubmitAsync(Payer payer, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _serial);
        var reference = number.ToString(CultureInfo.InvariantCulture);
        return await _contract
                .Remote.SubmitAsync(
                    new PaymentInstruction
                    {
                        Id = InstructionId.From(Channel.Api, "bench", reference),
                        Actor = new Actor.ApiClient("bench", payer.Customer),
                        Origin = new Origin(Channel.Api),
                        Movement = new Movement.CreditTransfer(
                            payer.Account,
                            new Creditor.Here(PayeeOf(payer, number))
                        ),
                        Amount = new Payments.Money(1, Currency),
                        References = new References { EndToEndId = reference },
                        Remittance = "Invoice 4711",
                        AskedAt = TimeProvider.System.GetUtcNow(),
                    },
                    cancellationToken
                )
                .ConfigureAwait(false) is PaymentOutcome.Done;
    }

    private async Task<bool> PostAsync(Payer payer, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _serial);
        var reply = await payer
            .Session.PostAsync(
                "/payments",
                CustomerRequests.Payment(
                    payer.Account,
                    PayeeOf(payer, number),
                    new Payments.Money(1, Currency)
                ),
                number.ToString(CultureInfo.InvariantCulture),
                cancellationToken
            )
            .ConfigureAwait(false);
        return reply.IsOk;
    }

    private AccountNumber PayeeOf(Payer payer, long number)
    {
        // Spread without a generator that the clients would have to share.
        var at = (int)(number * 7_919 % _payees.Count);
        return _payees[at] == payer.Account ? _payees[(at + 1) % _payees.Count] : _payees[at];
    }

    private static async Task<T> AskAsync<T>(
        HttpClient http,
        string path,
        HttpContent content,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        using (content)
        {
            using var answer = await http.PostAsync(
                    new Uri(path, UriKind.Relative),
                    content,
                    cancellationToken
                )
                .ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
            {
                throw new CommandFailedException(
                    ExitCode.NotDone,
                    Text.RestRefused(
                        (int)answer.StatusCode,
                        await answer
                            .Content.ReadAsStringAsync(cancellationToken)
                            .ConfigureAwait(false)
                    )
                );
            }
            return (
                await answer
                    .Content.ReadFromJsonAsync(type, cancellationToken)
                    .ConfigureAwait(false)
            )!;
        }
    }
}
