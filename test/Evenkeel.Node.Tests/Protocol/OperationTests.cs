using System.Text;
using Evenkeel.Client;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Node.Tests.Protocol;

/// <summary>Operations, and the end of a key, over a real connection.</summary>
public sealed class OperationTests
{
    [Fact]
    public async Task An_operation_moves_money_and_writes_records_over_the_wire_or_does_neither()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EvenkeelClient client = await node.ConnectAsync();
        (await client.CreateAccountsAsync(Events.Accounts(2))).Require();

        Operation operation = Paying(id: 1, transfer: 11, key: "one");
        OperationResult first = await ProposeAsync(client, operation);
        OperationResult again = await ProposeAsync(client, operation);
        // The record exists by now, and the guard says it must not.
        OperationResult refused = await ProposeAsync(client, Paying(2, transfer: 12, key: "one"));

        Assert.Equal(OperationStatus.Done, first.Status);
        Assert.Equal(first with { Replayed = true }, again);
        Assert.Equal(OperationStatus.StaleGuard, refused.Status);
        Account[] found = (await client.LookupAccountsAsync(new UInt128[] { 1 })).Require();
        Assert.Equal((UInt128)1, found[0].DebitsPosted);
        ClientRecordPage page = (
            await client.ReadRecordsAsync(new ClientRecordQuery { Collection = "order" })
        ).Require();
        ClientRecord record = Assert.Single(page.Records);
        Assert.Equal("{\"n\":1}", Encoding.UTF8.GetString(record.Json.Span));
    }

    [Fact]
    public async Task Bytes_that_are_no_operation_are_refused_and_the_line_goes_on()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EvenkeelClient client = await node.ConnectAsync();
        byte[] bytes = OperationCodec.Encode(Paying(id: 1, transfer: 11, key: "one"));
        bytes[bytes.Length / 2] ^= 0xFF;

        CallResult<byte[]> answer = await client.ProposeAsync(bytes.AsMemory(..^3), 1);

        var refused = Assert.IsType<CallResult<byte[]>.NotDone>(answer);
        Assert.Equal(FrameStatus.InvalidRequest, refused.Reason);
        Assert.Equal(RetryAdvice.Never, refused.Advice);
        (await client.PingAsync()).Require();
    }

    [Fact]
    public async Task An_outsiders_operation_can_not_touch_the_keys()
    {
        await using TestNode node = await TestNode.StartAsync();
        await using EvenkeelClient client = await node.ConnectAsync();
        Operation operation = new()
        {
            Id = new OperationId(1),
            Principals = [new Principal("key", "1")],
            Writes = [new RecordWrite(new RecordKey("api-key", "1"), "{}"u8.ToArray())],
        };

        CallResult<byte[]> answer = await client.ProposeAsync(OperationCodec.Encode(operation), 1);

        var refused = Assert.IsType<CallResult<byte[]>.NotDone>(answer);
        Assert.Equal(FrameStatus.Forbidden, refused.Reason);
    }

    [Fact]
    public async Task A_revoked_key_ends_on_a_line_that_is_open()
    {
        await using TestNode node = await TestNode.StartAsync();
        string token = await node.IssueAsync(KeyScopes.LedgerRead);
        await using EvenkeelClient client = await node.ConnectAsync(token);
        (await client.LookupAccountsAsync(new UInt128[] { 1 })).Require();

        Answer<RevokeOutcome> revoked = await node.Node.Keys.RevokeAsync(
            client.KeyNumber,
            revokedBy: 0,
            CancellationToken.None
        );
        Assert.IsType<Answer<RevokeOutcome>.Done>(revoked);

        await Eventually.TrueAsync(async () =>
            await client.LookupAccountsAsync(new UInt128[] { 1 })
                is CallResult<Account[]>.NotDone { Reason: FrameStatus.Unauthenticated }
        );
    }

    private static Operation Paying(uint id, UInt128 transfer, string key)
    {
        RecordKey order = new("order", key);
        return new Operation
        {
            Id = new OperationId(id),
            Principals = [new Principal("key", "1")],
            Guards = [new Guard.Absent(order)],
            Transfers = [Events.Transfer(transfer)],
            Writes = [new RecordWrite(order, "{\"n\":1}"u8.ToArray())],
        };
    }

    private static async Task<OperationResult> ProposeAsync(
        EvenkeelClient client,
        Operation operation
    )
    {
        byte[] bytes = (
            await client.ProposeAsync(OperationCodec.Encode(operation), operation.Id.Value)
        ).Require();
        return OperationCodec.DecodeResult(bytes)!;
    }
}
