using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Rails;
using Evenkeel.Banking.Work;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Evenkeel.Simulators;
using Evenkeel.Simulators.Billers;
using Evenkeel.Simulators.Clearing;
using Xunit;

namespace Evenkeel.Banking.Tests.Rails;

/// <summary>A bank with a clearing, billers and a resolver, all in this process.</summary>
internal sealed class RailBank : IAsyncDisposable
{
    public const uint Cny = IBankUnderTest.Cny;

    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(60);

    private readonly Resolver _resolver;
    private int _serial;

    private RailBank(TestBank bank, ShiftedTime time, Faults faults, bool doubles)
    {
        Bank = bank;
        Time = time;
        House = new ClearingHouse(
            new ClearingHouseOptions
            {
                FirstDate = TestBank.FirstDay,
                Members = [BankOwn.Code.Value],
                Faults = faults,
                Time = time,
            }
        );
        BillerHouse = new BillerHouse(new BillerHouseOptions { Faults = faults, Time = time });
        Clearing = new HouseClearing(House) { Doubles = doubles };
        Billers = new HouseBillers(BillerHouse);
        _resolver = Resolver.Start(
            bank.Bank,
            new ResolverOptions
            {
                IsLeading = static () => true,
                Clearing = Clearing,
                Billers = Billers,
                OnFailed = (what, exception) => Failures.Add($"{what}: {exception}"),
            }
        );
    }

    public TestBank Bank { get; }

    public ShiftedTime Time { get; }

    public ClearingHouse House { get; }

    public BillerHouse BillerHouse { get; }

    public HouseClearing Clearing { get; }

    public HouseBillers Billers { get; }

    /// <summary>What the resolver complained of.</summary>
    public System.Collections.Concurrent.ConcurrentBag<string> Failures { get; } = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<RailBank> StartAsync(Faults? faults = null, bool doubles = false)
    {
        ShiftedTime time = new();
        var bank = await TestBank.StartAsync(time: time);
        RailBank rail = new(bank, time, faults ?? new Faults(), doubles);
        await rail.UntilAsync(
            "the other banks are known",
            async () =>
                await Storage.Collections.Participants.ReadAsync(bank.Journal, "HARBCNSHXXX", Token)
                    is not null
        );
        return rail;
    }

    public PaymentInstruction PayElsewhere(CustomerId payer, AccountNumber from, long minor) =>
        Instruction(
            payer,
            new Movement.CreditTransfer(
                from,
                new Creditor.Elsewhere(new BankCode("HARBCNSHXXX"), "6217000012345678", "Li Na")
            ),
            minor
        );

    public PaymentInstruction PayBill(
        CustomerId payer,
        AccountNumber from,
        string number,
        long minor
    ) => Instruction(payer, new Movement.BillPayment(from, new BillerCode("WATER"), number), minor);

    /// <summary>Waits until nothing of it is open any more; the clock runs ahead meanwhile.</summary>
    public async Task<InstructionTrace> EndAsync(InstructionId id)
    {
        InstructionTrace? trace = null;
        await UntilAsync(
            "the instruction ends",
            async () =>
            {
                trace = await TraceAsync(id);
                return trace is { State: not InstructionState.BeingResolved };
            }
        );
        return trace!;
    }

    public async Task<InstructionTrace?> TraceAsync(InstructionId id) =>
        Assert
            .IsType<QueryAnswer<IReadOnlyList<InstructionTrace>>.Found>(
                await Bank.Queries.TraceAsync(new Actor.Staff("agent", "HQ"), id.ToString(), Token)
            )
            .Value
            is [var trace]
            ? trace
            : null;

    public async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > PatienceMax)
            {
                Assert.Fail($"Waited in vain until {what}. {string.Join('\n', Failures.Take(5))}");
            }
            Time.Advance(TimeSpan.FromSeconds(10));
            House.Tick();
            Bank.Bank.WorkBell.Ring();
            await Task.Delay(20, Token);
        }
    }

    /// <summary>Booked balance as the owner of an account sees it.</summary>
    public async Task<long> BookedAsync(AccountNumber account) =>
        (await BalanceAsync(LedgerIds.Of(account)));

    public async Task<bool> ExistsAsync(UInt128 ledgerId) =>
        Storage
            .Answers.Value(await Bank.Journal.LookupAccountsAsync(new[] { ledgerId }, Token))
            .Length == 1;

    /// <summary>Posted credits less posted debits.</summary>
    public async Task<long> BalanceAsync(UInt128 ledgerId)
    {
        var accounts = Storage.Answers.Value(
            await Bank.Journal.LookupAccountsAsync(new[] { ledgerId }, Token)
        );
        return accounts is [var account]
            ? (long)((Int128)account.CreditsPosted - (Int128)account.DebitsPosted)
            : 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _resolver.DisposeAsync();
        House.Dispose();
        BillerHouse.Dispose();
        await Bank.DisposeAsync();
    }

    private PaymentInstruction Instruction(CustomerId payer, Movement movement, long minor) =>
        new()
        {
            Id = InstructionId.From(
                Channel.Online,
                payer.Value,
                $"{Interlocked.Increment(ref _serial)}"
            ),
            Actor = new Actor.Customer(payer, Assurance.Strong),
            Origin = new Origin(Channel.Online),
            Movement = movement,
            Amount = new Money(minor, Cny),
            AskedAt = TimeProvider.System.GetUtcNow(),
        };
}
