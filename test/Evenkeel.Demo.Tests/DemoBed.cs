using Evenkeel.Banking;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Work;
using Evenkeel.CardKeys;
using Evenkeel.Demo.Plan;
using Evenkeel.Node;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Demo.Tests;

/// <summary>A bank in memory with card keys and a resolver, to build demonstrations in.</summary>
internal sealed class DemoBed : IAsyncDisposable
{
    private readonly DirectoryInfo _directory;
    private readonly Resolver _resolver;

    private DemoBed(DirectoryInfo directory, EvenkeelNode node, SoftwareCardKeys keys, Bank bank)
    {
        _directory = directory;
        Node = node;
        Keys = keys;
        Bank = bank;
        _resolver = Resolver.Start(bank, new ResolverOptions { IsLeading = static () => true });
    }

    public EvenkeelNode Node { get; }

    public SoftwareCardKeys Keys { get; }

    public Bank Bank { get; }

    public DemoBuilder Builder => new(Bank, Keys);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<DemoBed> OpenAsync()
    {
        var directory = Directory.CreateTempSubdirectory("evenkeel-demo-");
        var node = await EvenkeelNode.StartAsync(
            new NodeOptions
            {
                DataDirectory = null,
                Protocol = null,
                RecordIndexes = Bank.RecordIndexes,
            },
            Token
        );
        var keys = SoftwareCardKeys.FromMaster(
            SoftwareCardKeys.Profile,
            Enumerable.Range(0, 32).Select(static i => (byte)i).ToArray()
        );
        return new DemoBed(
            directory,
            node,
            keys,
            new Bank(
                node.Journal,
                node.Decisions,
                new FilePersonKeys(Path.Combine(directory.FullName, "persons")),
                TimeProvider.System,
                keys
            )
        );
    }

    /// <summary>A file for a test, gone with the bed.</summary>
    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    public Task<DemoInventory> TakeInventoryAsync(DemoPlan plan) =>
        DemoInventory.TakeAsync(Bank, plan, withCards: true, Token);

    public async Task<AccountView> AccountOfAsync(DemoDirectory directory, DemoCustomer customer) =>
        Assert
            .IsType<QueryAnswer<AccountView>.Found>(
                await Bank.Queries.GetAccountAsync(
                    HolderOf(directory, customer),
                    directory.MainOf(customer),
                    Token
                )
            )
            .Value;

    public async Task<IReadOnlyList<StatementLine>> StatementOfAsync(
        DemoDirectory directory,
        DemoCustomer customer,
        DemoPeriod period
    ) =>
        Assert
            .IsType<QueryAnswer<StatementPage>.Found>(
                await Bank.Queries.GetStatementAsync(
                    HolderOf(directory, customer),
                    new StatementQuery(directory.MainOf(customer), period.First, period.Until),
                    Token
                )
            )
            .Value.Lines;

    public async ValueTask DisposeAsync()
    {
        await _resolver.DisposeAsync();
        await Node.DisposeAsync();
        Keys.Dispose();
        _directory.Delete(recursive: true);
    }

    private static Actor.Customer HolderOf(DemoDirectory directory, DemoCustomer customer) =>
        new(directory.Customers[customer.Reference], Assurance.Strong);
}
