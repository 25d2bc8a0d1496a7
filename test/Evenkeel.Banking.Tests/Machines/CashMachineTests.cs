using System.Text;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Evenkeel.Simulators.Atm;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Banking.Tests.Machines;

/// <summary>
/// The real bank, the ISO 8583 listener on a real socket and a simulated machine with its own files:
/// what customers hold in their hands is what the bank took from them.
/// </summary>
public sealed class CashMachineTests : IAsyncLifetime
{
    private const long Balance = 1_000_000;

    private readonly string _folder = Directory
        .CreateTempSubdirectory("evenkeel-machine-")
        .FullName;
    private TestBank? _bank;
    private IsoListener? _listener;
    private AtmMachine? _machine;
    private TerminalKeys? _keys;
    private AtmOptions? _options;
    private long _loaded;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestBank Bank => _bank!;

    private AtmMachine Machine => _machine!;

    private long NotesOut => _loaded - Machine.Holds;

    public async ValueTask InitializeAsync()
    {
        _bank = await TestBank.StartAsync();
        var terminal = await _bank.OpenMachineAsync(cashMinor: 25_000_000);
        Listen(port: 0);
        _keys = _bank.KeysOf(terminal);
        _options = new AtmOptions
        {
            Host = _listener!.EndPoint,
            Directory = _folder,
            FloorLimit = 50_000,
            Faults = new AtmFaults(Seed: 11, JamsPerThousand: 150, ShortagesPerThousand: 250),
            AnswerMax = TimeSpan.FromSeconds(10),
        };
        Open();
        _loaded = Machine.Holds;
    }

    public async ValueTask DisposeAsync()
    {
        await Machine.DisposeAsync();
        await _listener!.DisposeAsync();
        await Bank.DisposeAsync();
        _keys!.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Over_payouts_with_faults_and_cut_lines_the_notes_and_the_books_agree()
    {
        var (customer, account) = await Bank.OpenAsync(Balance);
        var card = await Bank.IssueCardAsync(account);
        var port = _listener!.EndPoint.Port;
        HashSet<AtmResult> seen = [];
        for (var i = 1; i <= 30; i++)
        {
            if (i % 10 == 0)
            {
                await _listener.DisposeAsync();
                seen.Add((await WithdrawAsync(card, 20_000)).Result);
                Listen(port);
            }
            seen.Add((await WithdrawAsync(card, 5_000 * ((i % 5) + 1))).Result);
        }
        await DeliverAllAsync();

        Assert.Superset(
            new HashSet<AtmResult> { AtmResult.Paid, AtmResult.PaidInPart, AtmResult.Jammed },
            seen
        );
        Assert.Equal(0, Machine.Exceptions);
        Assert.True(NotesOut > 0);
        Assert.Equal(Balance - NotesOut, await BookedAsync(customer, account));
    }

    [Fact]
    public async Task What_the_bank_refuses_the_machine_shows_with_its_code()
    {
        var (customer, account) = await Bank.OpenAsync(30_000);
        var card = await Bank.IssueCardAsync(account);
        Assert.Equal("51", (await WithdrawAsync(card, 35_000)).Code);
        Assert.Equal("55", (await WithdrawAsync(card with { Pin = "1111" }, 5_000)).Code);
        Assert.Equal("14", (await WithdrawAsync(card with { Number = Unissued }, 5_000)).Code);
        await Bank.FreezeAsync(customer);
        Assert.Equal("62", (await WithdrawAsync(card, 5_000)).Code);
        Assert.Equal(0, NotesOut);
        Assert.Equal(30_000, await BookedAsync(customer, account));
    }

    [Fact]
    public async Task A_balance_is_the_books()
    {
        var (_, account) = await Bank.OpenAsync(123_456);
        var card = await Bank.IssueCardAsync(account);
        using var inserted = Insert(card);
        var receipt = await Machine.ShowBalanceAsync(inserted, Token);
        Assert.Equal(AtmResult.Balance, receipt.Result);
        Assert.Equal((123_456, 123_456), (receipt.Booked, receipt.Available));
    }

    [Fact]
    public async Task A_payout_is_found_by_the_reference_on_its_receipt()
    {
        var (customer, account) = await Bank.OpenAsync(Balance);
        var card = await Bank.IssueCardAsync(account);
        var receipt = await WithdrawAsync(card, 20_000);
        await DeliverAllAsync();
        var found = Assert.IsType<QueryAnswer<IReadOnlyList<InstructionTrace>>.Found>(
            await Bank.Queries.TraceAsync(
                new Actor.Customer(customer, Assurance.Strong),
                receipt.Rrn,
                Token
            )
        );
        Assert.Contains(
            found.Value,
            trace => trace.Amount.Minor == 20_000 && trace.Timeline.Count > 0
        );
    }

    /// <summary>A number of the right form that nobody has.</summary>
    private const string Unissued = "4111111111111111";

    private void Listen(int port) =>
        _listener = IsoListener.Start(
            new Iso8583Options { Port = port },
            Bank.Payments,
            Bank.Queries,
            Bank.CardKeys,
            TimeProvider.System,
            NullLogger<IsoListener>.Instance
        );

    private void Open() =>
        _machine = AtmMachine.Open(
            _options!,
            _keys!,
            TimeProvider.System,
            NullLogger<AtmMachine>.Instance
        );

    private async Task<AtmReceipt> WithdrawAsync(TestCard card, long minor)
    {
        using var inserted = Insert(card);
        return await Machine.WithdrawAsync(inserted, minor, Token);
    }

    private static AtmCard Insert(TestCard card) =>
        new(
            Encoding.ASCII.GetBytes(card.Number),
            Encoding.ASCII.GetBytes(card.Pin),
            card.ExpiryYearMonth,
            chipAgrees: true
        );

    private async Task DeliverAllAsync()
    {
        for (var tries = 0; !await Machine.DeliverAsync(Token); tries++)
        {
            Assert.True(tries < 20, "The bank took not all that was stored.");
        }
    }

    private async Task<long> BookedAsync(CustomerId customer, AccountNumber account) =>
        Assert
            .IsType<QueryAnswer<AccountView>.Found>(
                await Bank.Queries.GetAccountAsync(
                    new Actor.Customer(customer, Assurance.Strong),
                    account,
                    Token
                )
            )
            .Value.Booked.Minor;
}
