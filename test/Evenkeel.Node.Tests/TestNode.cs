using System.Net;
using Evenkeel.Client;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Model;
using Evenkeel.Node.Protocol;

namespace Evenkeel.Node.Tests;

/// <summary>A node in this process, with real sockets.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private TestNode(EvenkeelNode node, string token)
    {
        Node = node;
        Token = token;
    }

    public EvenkeelNode Node { get; }

    /// <summary>A key with every scope.</summary>
    public string Token { get; }

    public IPEndPoint Endpoint => Node.ProtocolEndpoint!;

    public static async Task<TestNode> StartAsync(
        Func<NodeOptions, NodeOptions>? configure = null,
        Func<ProtocolOptions, ProtocolOptions>? configureProtocol = null
    )
    {
        var protocol = new ProtocolOptions { Endpoint = new IPEndPoint(IPAddress.Loopback, 0) };
        var options = new NodeOptions
        {
            DataDirectory = null,
            Protocol = configureProtocol?.Invoke(protocol) ?? protocol,
            Ledger = new(),
        };
        options = configure?.Invoke(options) ?? options;
        EvenkeelNode node = await EvenkeelNode.StartAsync(options);
        return new TestNode(node, await IssueAsync(node, KeyScopes.All));
    }

    public Task<string> IssueAsync(KeyScopes scopes) => IssueAsync(Node, scopes);

    public Task<EvenkeelClient> ConnectAsync(
        string? token = null,
        Func<ClientOptions, ClientOptions>? configure = null
    )
    {
        var options = new ClientOptions { Endpoints = [Endpoint], ApiKey = token ?? Token };
        return EvenkeelClient.ConnectAsync(configure?.Invoke(options) ?? options);
    }

    public ValueTask DisposeAsync() => Node.DisposeAsync();

    private static async Task<string> IssueAsync(EvenkeelNode node, KeyScopes scopes)
    {
        Answer<IssueOutcome> answer = await node.Keys.IssueAsync(
            "test",
            scopes,
            issuedBy: 0,
            firstOnly: false,
            CancellationToken.None
        );
        return answer is Answer<IssueOutcome>.Done { Value.Issued: { } issued }
            ? issued.Token.Reveal()
            : throw new InvalidOperationException(answer.ToString());
    }
}

/// <summary>Short ways to write events.</summary>
internal static class Events
{
    public static Account Account(uint id, AccountFlags flags = AccountFlags.None) =>
        new()
        {
            Id = id,
            Ledger = 1,
            Code = 1,
            Flags = flags,
        };

    public static Transfer Transfer(
        UInt128 id,
        uint debit = 1,
        uint credit = 2,
        uint amount = 1,
        TransferFlags flags = TransferFlags.None,
        uint timeout = 0
    ) =>
        new()
        {
            Id = id,
            DebitAccountId = debit,
            CreditAccountId = credit,
            Amount = amount,
            Ledger = 1,
            Code = 1,
            Flags = flags,
            Timeout = timeout,
        };

    public static Account[] Accounts(uint count) =>
        [.. Enumerable.Range(1, (int)count).Select(i => Account((uint)i))];

    public static Transfer[] Transfers(UInt128 firstId, int count)
    {
        var events = new Transfer[count];
        for (int i = 0; i < count; i++)
        {
            events[i] = Transfer(firstId + (UInt128)i);
        }
        return events;
    }
}
