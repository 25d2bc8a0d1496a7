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
internal sealed class IsoBench
{
    private const int ExpiryYearMonth = 9_912;
    private const string Pin = "4711";
    private const string Pad = "ISSUING";
    private const long Plenty = 1_000_000_000_00;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private readonly IsoBenchOptions _options;
    private readonly ScratchBank _scratch;
    private readonly AccountNumber[] _accounts;
    private readonly IsoCard[] _cards;
    private long _transfers;

    private IsoBench(IsoBenchOptions options, ScratchBank scratch)
    {
        _options = options;
        _scratch = scratch;
        _accounts = new AccountNumber[options.Accounts];
        _cards = new IsoCard[options.Accounts];
    }

    private SoftwareCardKeys Keys => _scratch.CardKeys;

    /// <returns>The bare ledger, then the payments over ISO 8583.</returns>
    public static async Task<IReadOnlyList<Measurement>> RunAsync(
        IsoBenchOptions options,
        string folder,
        IProgress<Measurement> progress,
        CancellationToken cancellationToken
    )
    {
        var scratch = await ScratchBank
            .StartAsync(folder, "iso8583", ScratchBank.Today, withCards: true, cancellationToken)
            .ConfigureAwait(false);
        await using (scratch.ConfigureAwait(false))
        {
            IsoBench bench = new(options, scratch);
            await bench.OpenAsync(cancellationToken).ConfigureAwait(false);
            var ledger = await bench.LedgerAsync(cancellationToken).ConfigureAwait(false);
            progress.Report(ledger);
            var payments = await bench.PaymentsAsync(cancellationToken).ConfigureAwait(false);
            progress.Report(payments);
            return [ledger, payments];
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var raw = Enumerable
            .Range(1, _options.Accounts)
            .Select(id => new Account
            {
                Id = (UInt128)id,
                Ledger = ScratchBank.Currency,
                Code = 1,
            });
        foreach (var batch in raw.Chunk(Limits.BatchEventsMax))
        {
            await _scratch
                .Node.Journal.CreateAccountsAsync(batch, principal: 0, cancellationToken)
                .ConfigureAwait(false);
        }
        await ScratchBank
            .ForEachAsync(Enumerable.Range(0, _options.Accounts), OpenAsync, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task OpenAsync(int i, CancellationToken cancellationToken)
    {
        var reference = i.ToString(CultureInfo.InvariantCulture);
        var customer = await _scratch
            .OpenCompanyAsync(reference, cancellationToken)
            .ConfigureAwait(false);
        _accounts[i] = await _scratch
            .OpenAccountAsync(customer, "current", reference, Plenty, cancellationToken)
            .ConfigureAwait(false);
        _cards[i] = await IssueAsync(i, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IsoCard> IssueAsync(int i, CancellationToken cancellationToken)
    {
        var digits = string.Create(CultureInfo.InvariantCulture, $"62280000{i:D7}");
        var pan = digits + (char)Pan.CheckDigit(Encoding.ASCII.GetBytes(digits));
        var bytes = Encoding.ASCII.GetBytes(pan);
        var token = Keys.TokenOf(bytes);
        using var pad = Keys.KeysOf(Pad);
        var block = pad.EncryptPin(Encoding.ASCII.GetBytes(Pin), bytes)!;
        var sealedPin = Keys.SealPin(block, bytes, Pad, default)!.Value;
        Payments.CardToken card = new(token.ToString());
        ScratchBank.Done(
            await _scratch
                .Bank.Cards.IssueAsync(
                    ScratchBank.Staff,
                    $"issue-{i}",
                    new CardIssue(
                        _accounts[i],
                        card,
                        Pan.LastFour(bytes),
                        ExpiryYearMonth,
                        Keys.MakeVerifier(sealedPin, token, default)!.Value.ToStored()
                    ),
                    cancellationToken
                )
                .ConfigureAwait(false)
        );
        ScratchBank.Done(
            await _scratch
                .Bank.Cards.SetStateAsync(
                    ScratchBank.Staff,
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
            _scratch.Bank.Payments,
            _scratch.Bank.Queries,
            Keys,
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
                        Keys.KeysOf(string.Create(CultureInfo.InvariantCulture, $"SHOP{i:D4}"))
                    ),
            ];
            try
            {
                return await IsoLoad
                    .RunAsync(
                        listener.EndPoint,
                        terminals,
                        _cards,
                        (int)ScratchBank.Currency,
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
        var answer = await _scratch
            .Node.Journal.CreateTransfersAsync(
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
                        Ledger = ScratchBank.Currency,
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
}
