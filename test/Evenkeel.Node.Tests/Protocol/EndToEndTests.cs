using Evenkeel.Client;
using Evenkeel.Journal.Access;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Node.Tests.Protocol;

public sealed class EndToEndTests
{
    [Fact]
    public async Task A_batch_travels_from_client_to_ledger_and_back()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EvenkeelClient client = await node.ConnectAsync();
        CreateAccountResult[] accounts = (
            await client.CreateAccountsAsync(Events.Accounts(2))
        ).Require();
        Assert.All(accounts, result => Assert.Equal(CreateAccountStatus.Created, result.Status));

        CreateTransferResult[] transfers = (
            await client.CreateTransfersAsync(Events.Transfers(1, Limits.BatchEventsMax))
        ).Require();
        Assert.Equal(Limits.BatchEventsMax, transfers.Length);
        Assert.All(transfers, result => Assert.Equal(CreateTransferStatus.Created, result.Status));

        Account[] found = (await client.LookupAccountsAsync(new UInt128[] { 1, 2, 3 })).Require();
        Assert.Equal(2, found.Length);
        Assert.Equal((UInt128)Limits.BatchEventsMax, found[0].DebitsPosted);
        Assert.Equal((UInt128)Limits.BatchEventsMax, found[1].CreditsPosted);
    }

    [Fact]
    public async Task Every_read_answers_over_the_wire()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EvenkeelClient client = await node.ConnectAsync();
        Account[] accounts = [Events.Account(1, AccountFlags.History), Events.Account(2)];
        (await client.CreateAccountsAsync(accounts)).Require();
        (await client.CreateTransfersAsync(Events.Transfers(1, 10))).Require();

        var ofOne = new AccountFilter
        {
            AccountId = 1,
            Limit = 5,
            Flags = AccountFilterFlags.Debits | AccountFilterFlags.Reversed,
        };
        Transfer[] last = (await client.GetAccountTransfersAsync(ofOne)).Require();
        Assert.Equal([10, 9, 8, 7, 6], last.Select(t => (int)t.Id));
        AccountBalance[] balances = (await client.GetAccountBalancesAsync(ofOne)).Require();
        Assert.Equal([10, 9, 8, 7, 6], balances.Select(b => (int)b.DebitsPosted));
        Transfer[] found = (await client.LookupTransfersAsync(new UInt128[] { 3, 99 })).Require();
        Assert.Equal((UInt128)3, Assert.Single(found).Id);
        var all = new QueryFilter { Ledger = 1, Limit = 100 };
        Assert.Equal(2, (await client.QueryAccountsAsync(all)).Require().Length);
        Assert.Equal(10, (await client.QueryTransfersAsync(all)).Require().Length);
        var events = new ChangeEventsFilter { Limit = 100 };
        Assert.Equal(10, (await client.GetChangeEventsAsync(events)).Require().Length);
        AccountLimits limits = Assert.Single(
            (await client.LookupAccountLimitsAsync(new UInt128[] { 1 })).Require()
        );
        Assert.Equal(0u, limits.Version);
        ClientRecordPage page = (
            await client.ReadRecordsAsync(new ClientRecordQuery { Collection = "nothing" })
        ).Require();
        Assert.Empty(page.Records);
    }

    [Fact]
    public async Task The_same_ids_again_do_nothing_twice()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EvenkeelClient client = await node.ConnectAsync();
        (await client.CreateAccountsAsync(Events.Accounts(2))).Require();
        Transfer[] batch = Events.Transfers(1, 100);
        (await client.CreateTransfersAsync(batch)).Require();
        CreateTransferResult[] again = (
            await client.CreateTransfersUntilKnownAsync(batch, CancellationToken.None)
        ).Require();
        Assert.All(again, result => Assert.Equal(CreateTransferStatus.Exists, result.Status));
        Account[] found = (await client.LookupAccountsAsync(new UInt128[] { 1 })).Require();
        Assert.Equal((UInt128)100, found[0].DebitsPosted);
    }

    [Fact]
    public async Task Many_single_requests_of_many_clients_are_each_answered_with_their_own_result()
    {
        const int Clients = 16;
        const int Each = 50;
        await using TestNode node = await TestNode.StartAsync();
        await using EvenkeelClient first = await node.ConnectAsync();
        (await first.CreateAccountsAsync(Events.Accounts(2))).Require();
        await Task.WhenAll(
            Enumerable.Range(0, Clients).Select(client => RunAsync((UInt128)(client * Each)))
        );
        Account[] found = (await first.LookupAccountsAsync(new UInt128[] { 1 })).Require();
        Assert.Equal((UInt128)(Clients * Each), found[0].DebitsPosted);

        async Task RunAsync(UInt128 from)
        {
            await using EvenkeelClient client = await node.ConnectAsync();
            ulong last = 0;
            for (int i = 1; i <= Each; i++)
            {
                Transfer[] one = [Events.Transfer(from + (UInt128)i)];
                CreateTransferResult result = (await client.CreateTransfersAsync(one)).Require()[0];
                Assert.Equal(CreateTransferStatus.Created, result.Status);
                Assert.True(result.Timestamp > last);
                last = result.Timestamp;
            }
        }
    }

    [Fact]
    public async Task A_wrong_key_is_refused()
    {
        await using TestNode node = await TestNode.StartAsync();
        string wrong = node.Token[..^2] + (node.Token[^2] == 'A' ? "BA" : "AA");
        EvenkeelException refused = await Assert.ThrowsAsync<EvenkeelException>(() =>
            node.ConnectAsync(wrong)
        );
        Assert.Contains(
            nameof(FrameStatus.Unauthenticated),
            refused.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(TransferFlags.Forced)]
    [InlineData(TransferFlags.Imported)]
    public async Task Forced_and_imported_transfers_need_a_scope_of_their_own(TransferFlags flags)
    {
        await using TestNode node = await TestNode.StartAsync();
        string token = await node.IssueAsync(KeyScopes.LedgerWrite);
        await using EvenkeelClient client = await node.ConnectAsync(token);
        Transfer[] batch = [Events.Transfer(1), Events.Transfer(2, flags: flags)];
        var refused = Assert.IsType<CallResult<CreateTransferResult[]>.NotDone>(
            await client.CreateTransfersAsync(batch)
        );
        Assert.Equal(FrameStatus.Forbidden, refused.Reason);
        Assert.Equal(RetryAdvice.Never, refused.Advice);
    }

    [Fact]
    public async Task A_key_that_may_only_read_writes_nothing_and_the_other_way_round()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EvenkeelClient reader = await node.ConnectAsync(
            await node.IssueAsync(KeyScopes.LedgerRead)
        );
        await using EvenkeelClient writer = await node.ConnectAsync(
            await node.IssueAsync(KeyScopes.LedgerWrite)
        );
        Assert.IsType<CallResult<CreateAccountResult[]>.NotDone>(
            await reader.CreateAccountsAsync(Events.Accounts(1))
        );
        (await writer.CreateAccountsAsync(Events.Accounts(1))).Require();
        Assert.IsType<CallResult<Account[]>.NotDone>(
            await writer.LookupAccountsAsync(new UInt128[] { 1 })
        );
        Assert.Single((await reader.LookupAccountsAsync(new UInt128[] { 1 })).Require());
    }

    [Fact]
    public async Task At_the_budget_new_ids_are_refused_and_reads_go_on()
    {
        await using TestNode node = await TestNode.StartAsync(options =>
            options with
            {
                Budgets = new NodeBudgets { TransferIdsMax = 10, AccountsMax = 3 },
            }
        );
        await using EvenkeelClient client = await node.ConnectAsync();
        (await client.CreateAccountsAsync(Events.Accounts(2))).Require();
        (await client.CreateTransfersAsync(Events.Transfers(1, 8))).Require();
        Assert.Contains(
            node.Node.Health.Reasons,
            reason => reason.Code == "transfer-ids-nearly-exhausted"
        );
        var refused = Assert.IsType<CallResult<CreateTransferResult[]>.NotDone>(
            await client.CreateTransfersAsync(Events.Transfers(9, 3))
        );
        Assert.Equal(FrameStatus.BudgetExhausted, refused.Reason);
        Assert.Contains("10", refused.Detail, StringComparison.Ordinal);
        (await client.CreateTransfersAsync(Events.Transfers(9, 2))).Require();
        var accounts = Assert.IsType<CallResult<CreateAccountResult[]>.NotDone>(
            await client.CreateAccountsAsync(Events.Accounts(3))
        );
        Assert.Equal(FrameStatus.BudgetExhausted, accounts.Reason);
        Assert.Equal(
            2,
            (await client.LookupAccountsAsync(new UInt128[] { 1, 2 })).Require().Length
        );
    }

    [Fact]
    public async Task An_empty_or_oversized_batch_is_refused_as_a_whole()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EvenkeelClient client = await node.ConnectAsync();
        var empty = Assert.IsType<CallResult<CreateTransferResult[]>.NotDone>(
            await client.CreateTransfersAsync(Array.Empty<Transfer>())
        );
        Assert.Equal(FrameStatus.InvalidRequest, empty.Reason);
        var oversized = Assert.IsType<CallResult<CreateTransferResult[]>.NotDone>(
            await client.CreateTransfersAsync(Events.Transfers(1, Limits.BatchEventsMax + 1))
        );
        Assert.Equal(RetryAdvice.Never, oversized.Advice);
    }

    [Fact]
    public async Task Coalesced_single_transfers_are_each_answered_with_their_own_result()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EvenkeelClient client = await node.ConnectAsync();
        (await client.CreateAccountsAsync(Events.Accounts(2))).Require();
        var coalescer = new TransferCoalescer(client);
        Task<CallResult<CreateTransferResult>>[] calls =
        [
            .. Enumerable
                .Range(1, 1_000)
                .Select(i =>
                    coalescer.CreateTransferAsync(
                        Events.Transfer((UInt128)i, debit: i % 10 == 0 ? 99u : 1u)
                    )
                ),
        ];
        CallResult<CreateTransferResult>[] answers = await Task.WhenAll(calls);
        for (int i = 1; i <= answers.Length; i++)
        {
            Assert.Equal(
                i % 10 == 0
                    ? CreateTransferStatus.DebitAccountNotFound
                    : CreateTransferStatus.Created,
                answers[i - 1].Require().Status
            );
        }
    }

    [Fact]
    public async Task A_request_with_a_trace_id_is_an_activity_of_that_trace()
    {
        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var listener = new System.Diagnostics.ActivityListener
        {
            ShouldListenTo = source => source.Name == Telemetry.NodeMetrics.Name,
            Sample = (
                ref System.Diagnostics.ActivityCreationOptions<System.Diagnostics.ActivityContext> _
            ) => System.Diagnostics.ActivitySamplingResult.AllData,
            ActivityStopped = activity => seen.Add(activity.TraceId.ToHexString()),
        };
        System.Diagnostics.ActivitySource.AddActivityListener(listener);
        await using TestNode node = await TestNode.StartAsync();
        await using RawClient client = await RawClient.OpenAsync(node);
        byte[] frame = RawClient.Request(OperationCode.Ping, [], 0);
        for (byte i = 0; i < 16; i++)
        {
            frame[48 + i] = (byte)(i + 1);
        }
        await client.SendAsync(RawClient.Seal(frame));
        Assert.Equal(FrameStatus.Ok, (await client.ReceiveAsync()).Header.Status);
        Assert.Contains("0102030405060708090a0b0c0d0e0f10", seen);
    }
}
