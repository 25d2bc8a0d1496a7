using System.Globalization;
using System.Text;
using Evenkeel.Banking;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Cards;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Desk;
using Evenkeel.Bench;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Host.CommandLine;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Node;
using Evenkeel.Payments;
using Microsoft.Extensions.Logging.Abstractions;

namespace Evenkeel.Host.Benches;

/// <param name="Clients">Terminals that pay at once, each on a line of its own.</param>
internal sealed record IsoBenchOptions(int Accounts, int Clients, TimeSpan Duration);

/// <summary>
/// Purchases with PIN over ISO 8583 on real sockets, beside the same node's bare ledger: one payment a
/// request in both. Node, bank, listener and terminals are this process; every answer is flushed before.
/// </summary>
internal sealed class IsoBench : IAsyncDisposable
{
    private const uint Currency = 156;
    private const int ExpiryYearMonth = 9_912;
    private const string Pin = "4711";
    private const string Pad = "ISSUING";
    private const long Plenty = 1_000_000_000_00;
    private const int SetUpAtOnce = 64;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly Actor Staff = new Actor.Staff("bench-maker", "HQ", "bench-checker");

    private readonly IsoBenchOptions _options;
    private readonly string _directory;
    private readonly EvenkeelNode _node;
    private readonly SoftwareCardKeys _keys;
    private readonly Bank _bank;
    private readonly AccountNumber[] _accounts;
    private readonly IsoCard[] _cards;
    private long _transfers;

    private IsoBench(
        IsoBenchOptions options,
        string directory,
        EvenkeelNode node,
        SoftwareCardKeys keys
    )
    {
        _options = options;
        _directory = directory;
        _node = node;
        _keys = keys;
        _bank = new Bank(
            node.Journal,
            node.Decisions,
            new FilePersonKeys(Path.Combine(directory, "persons")),
            TimeProvider.System,
            keys
        );
        _accounts = new AccountNumber[options.Accounts];
        _cards = new IsoCard[options.Accounts];
    }

    /// <returns>The bare ledger, then the payments over ISO 8583.</returns>
    public static async Task<IReadOnlyList<Measurement>> RunAsync(
        IsoBenchOptions options,
        string folder,
        IProgress<Measurement> progress,
        CancellationToken cancellationToken
    )
    {
        var directory = Path.Combine(folder, $"evenkeel-bench-iso8583-{Environment.ProcessId}");
        Directory.CreateDirectory(directory);
        var node = await EvenkeelNode
            .StartAsync(
                new NodeOptions
                {
                    DataDirectory = Path.Combine(directory, "node"),
                    Protocol = null,
                    RecordIndexes = Bank.RecordIndexes,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        var keys = SoftwareCardKeys.Open(
            SoftwareCardKeys.Profile,
            Path.Combine(directory, "card-keys.demo")
        );
        var bench = new IsoBench(options, directory, node, keys);
        await using (bench.ConfigureAwait(false))
        {
            await bench.OpenAsync(cancellationToken).ConfigureAwait(false);
            var ledger = await bench.LedgerAsync(cancellationToken).ConfigureAwait(false);
            progress.Report(ledger);
            var payments = await bench.PaymentsAsync(cancellationToken).ConfigureAwait(false);
            progress.Report(payments);
            return [ledger, payments];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync().ConfigureAwait(false);
        _keys.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _bank
            .Opening.OpenAsync(
                DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime),
                [Currency],
                cancellationToken
            )
            .ConfigureAwait(false);
        var raw = Enumerable
            .Range(1, _options.Accounts)
            .Select(id => new Account
            {
                Id = (UInt128)id,
                Ledger = Currency,
                Code = 1,
            });
        foreach (var batch in raw.Chunk(Limits.BatchEventsMax))
        {
            await _node
                .Journal.CreateAccountsAsync(batch, principal: 0, cancellationToken)
                .ConfigureAwait(false);
        }
        await Parallel
            .ForEachAsync(
                Enumerable.Range(0, _options.Accounts),
                new ParallelOptions
                {
                    MaxDegreeOfParallelism = SetUpAtOnce,
                    CancellationToken = cancellationToken,
                },
                async (i, token) => await OpenAsync(i, token).ConfigureAwait(false)
            )
            .ConfigureAwait(false);
    }

    private async Task OpenAsync(int i, CancellationToken cancellationToken)
    {
        var reference = i.ToString(CultureInfo.InvariantCulture);
        var customer = Done(
            await _bank
                .Customers.OpenAsync(
                    Staff,
                    reference,
                    CustomerKind.Company,
                    new CustomerProfile { Name = $"Company {reference}", Language = "en" },
                    cancellationToken
                )
                .ConfigureAwait(false)
        ).Id;
        _accounts[i] = Done(
            await _bank
                .Accounts.OpenAsync(
                    Staff,
                    reference,
                    new AccountOpening(customer, "current", Currency),
                    cancellationToken
                )
                .ConfigureAwait(false)
        ).Number;
        await _bank
            .Opening.CarryOverAsync(
                _accounts[i],
                new Payments.Money(Plenty, Currency),
                reference,
                cancellationToken
            )
            .ConfigureAwait(false);
        _cards[i] = await IssueAsync(i, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IsoCard> IssueAsync(int i, CancellationToken cancellationToken)
    {
        var digits = string.Create(CultureInfo.InvariantCulture, $"62280000{i:D7}");
        var pan = digits + (char)Pan.CheckDigit(Encoding.ASCII.GetBytes(digits));
        var bytes = Encoding.ASCII.GetBytes(pan);
        var token = _keys.TokenOf(bytes);
        using var pad = _keys.KeysOf(Pad);
        var block = pad.EncryptPin(Encoding.ASCII.GetBytes(Pin), bytes)!;
        var sealedPin = _keys.SealPin(block, bytes, Pad, default)!.Value;
        Payments.CardToken card = new(token.ToString());
        Done(
            await _bank
                .Cards.IssueAsync(
                    Staff,
                    $"issue-{i}",
                    new CardIssue(
                        _accounts[i],
                        card,
                        Pan.LastFour(bytes),
                        ExpiryYearMonth,
                        _keys.MakeVerifier(sealedPin, token, default)!.Value.ToStored()
                    ),
                    cancellationToken
                )
                .ConfigureAwait(false)
        );
        Done(
            await _bank
                .Cards.SetStateAsync(
                    Staff,
                    $"activate-{i}",
                    card,
                    CardState.Active,
                    cancellationToken
                )
                .ConfigureAwait(false)
        );
        return new IsoCard(pan, ExpiryYearMonth) { Pin = Pin };
    }

    private async Task<Measurement> PaymentsAsync(CancellationToken cancellationToken)
    {
        var listener = IsoListener.Start(
            new Iso8583Options { Port = 0, ConnectionsMax = _options.Clients },
            _bank.Payments,
            _bank.Queries,
            _keys,
            TimeProvider.System,
            NullLogger<IsoListener>.Instance
        );
        await using (listener.ConfigureAwait(false))
        {
            TerminalKeys[] terminals =
            [
                .. Enumerable
                    .Range(0, _options.Clients)
                    .Select(i =>
                        _keys.KeysOf(string.Create(CultureInfo.InvariantCulture, $"SHOP{i:D4}"))
                    ),
            ];
            try
            {
                return await IsoLoad
                    .RunAsync(
                        listener.EndPoint,
                        terminals,
                        _cards,
                        (int)Currency,
                        WarmUp,
                        _options.Duration,
                        cancellationToken
                    )
                    .ConfigureAwait(false);
            }
            finally
            {
                Array.ForEach(terminals, static keys => keys.Dispose());
            }
        }
    }

    /// <summary>The same node without a bank, between accounts of nobody: one transfer a request.</summary>
    private Task<Measurement> LedgerAsync(CancellationToken cancellationToken) =>
        LoadRunner.RunAsync(
            "ledger",
            [
                .. Enumerable
                    .Range(0, _options.Clients)
                    .Select(client => (LoadRunner.Request)(token => TransferAsync(client, token))),
            ],
            batch: 1,
            _options.Accounts,
            durable: true,
            WarmUp,
            _options.Duration,
            cancellationToken
        );

    private async ValueTask<(int Done, int Refused)> TransferAsync(
        int client,
        CancellationToken cancellationToken
    )
    {
        var number = Interlocked.Increment(ref _transfers);
        var from = (int)((number + client) % _accounts.Length);
        var answer = await _node
            .Journal.CreateTransfersAsync(
                new[]
                {
                    new Transfer
                    {
                        Id = InstructionId
                            .From(
                                Channel.Internal,
                                "bench",
                                number.ToString(CultureInfo.InvariantCulture)
                            )
                            .Value,
                        DebitAccountId = (UInt128)(from + 1),
                        CreditAccountId = (UInt128)(((from + 1) % _accounts.Length) + 1),
                        Amount = 1,
                        Ledger = Currency,
                        Code = 1,
                    },
                },
                principal: 0,
                cancellationToken
            )
            .ConfigureAwait(false);
        return
            answer is Answer<CreateTransferResult[]>.Done { Value: [var result] }
            && result.Status == CreateTransferStatus.Created
            ? (1, 0)
            : (0, 1);
    }

    private static T Done<T>(TaskOutcome<T> outcome) =>
        outcome is TaskOutcome<T>.Done done
            ? done.Value
            : throw new CommandFailedException(ExitCode.NotDone, outcome.ToString()!);
}
