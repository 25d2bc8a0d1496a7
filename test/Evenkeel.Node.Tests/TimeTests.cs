using Evenkeel.Journal;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Node.Tests;

/// <summary>Rule 4 of applying, seen from outside the node.</summary>
public sealed class TimeTests
{
    private static readonly TimeSpan TenYears = TimeSpan.FromDays(3_652);

    private readonly ManualTime _time = new();

    private Task<EvenkeelNode> StartAsync() =>
        EvenkeelNode.StartAsync(
            new NodeOptions
            {
                DataDirectory = null,
                Protocol = null,
                Ledger = new(),
                Time = _time,
            }
        );

    [Fact]
    public async Task Holds_of_an_idle_bank_expire()
    {
        await using EvenkeelNode node = await StartAsync();
        await OpenAccountsAsync(node);
        await TransferAsync(node, Events.Transfer(1, flags: TransferFlags.Pending, timeout: 60));
        Assert.Equal((UInt128)1, (await AccountAsync(node)).DebitsPending);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal((UInt128)1, (await AccountAsync(node)).DebitsPending);
        _time.Advance(TimeSpan.FromSeconds(2));
        await Eventually.TrueAsync(async () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(300));
            return (await AccountAsync(node)).DebitsPending == 0;
        });
        ulong index = node.Replication.AppliedIndex;
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(index, node.Replication.AppliedIndex);
    }

    [Fact]
    public async Task A_clock_that_jumps_ten_years_expires_nothing_and_stops_nothing()
    {
        await using EvenkeelNode node = await StartAsync();
        await OpenAccountsAsync(node);
        await TransferAsync(node, Events.Transfer(1, flags: TransferFlags.Pending, timeout: 3_600));
        ulong before = node.LogTime;

        _time.Jump(TenYears);
        _time.Advance(TimeSpan.FromSeconds(1));
        CreateTransferResult later = await TransferAsync(node, Events.Transfer(2));
        Assert.Equal(CreateTransferStatus.Created, later.Status);
        Assert.True(later.Timestamp < before + (10 * Limits.NanosecondsPerSecond));
        Assert.Equal((UInt128)1, (await AccountAsync(node)).DebitsPending);
        Assert.Contains(node.Health.Reasons, reason => reason.Code == "clock-step");
        Assert.True(node.Health.IsReady);

        _time.Jump(-TenYears);
        _time.Advance(TimeSpan.FromSeconds(1));
        CreateTransferResult last = await TransferAsync(node, Events.Transfer(3));
        Assert.True(last.Timestamp > later.Timestamp);
        Assert.DoesNotContain(node.Health.Reasons, reason => reason.Code == "clock-step");
    }

    [Fact]
    public async Task A_confirmed_jump_is_followed()
    {
        await using EvenkeelNode node = await StartAsync();
        await OpenAccountsAsync(node);
        await TransferAsync(node, Events.Transfer(1, flags: TransferFlags.Pending, timeout: 3_600));
        _time.Jump(TenYears);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(0, node.ConfirmClock());
        await Eventually.TrueAsync(async () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(300));
            return (await AccountAsync(node)).DebitsPending == 0;
        });
        Assert.DoesNotContain(node.Health.Reasons, reason => reason.Code == "clock-step");
    }

    private static async Task OpenAccountsAsync(EvenkeelNode node) =>
        Assert.IsType<Answer<CreateAccountResult[]>.Done>(
            await node.Journal.CreateAccountsAsync(Events.Accounts(2), 0, CancellationToken.None)
        );

    private static async Task<CreateTransferResult> TransferAsync(
        EvenkeelNode node,
        Transfer transfer
    )
    {
        Answer<CreateTransferResult[]> answer = await node.Journal.CreateTransfersAsync(
            new[] { transfer },
            0,
            CancellationToken.None
        );
        return Assert.IsType<Answer<CreateTransferResult[]>.Done>(answer).Value[0];
    }

    private static async Task<Account> AccountAsync(EvenkeelNode node)
    {
        Answer<Account[]> answer = await node.Journal.LookupAccountsAsync(
            new UInt128[] { 1 },
            CancellationToken.None
        );
        return Assert.IsType<Answer<Account[]>.Done>(answer).Value[0];
    }
}
