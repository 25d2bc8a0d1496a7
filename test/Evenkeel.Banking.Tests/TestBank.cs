using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.CardKeys;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Node;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Xunit;

namespace Evenkeel.Banking.Tests;

/// <summary>The real bank on a real node of its own, in a directory that goes away with it.</summary>
public sealed partial class TestBank : IBankUnderTest, IAsyncDisposable
{
    public static readonly DateOnly FirstDay = new(2026, 11, 23);

    public static readonly Actor Staff = new Actor.Staff("maker", "HQ", "checker");

    private readonly string _directory;
    private readonly EvenkeelNode _node;
    private int _serial;

    private TestBank(string directory, EvenkeelNode node, Bank bank, SoftwareCardKeys cardKeys)
    {
        _cardKeys = cardKeys;
        _directory = directory;
        _node = node;
        Bank = bank;
    }

    public Bank Bank { get; }

    public IJournal Journal => _node.Journal;

    public IPaymentProcessor Payments => Bank.Payments;

    public IAccountQueries Queries => Bank.Queries;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="isKept">On the disk; else in memory, which most tests need no more than.</param>
    /// <param name="time">Of the bank, not of the node's log; null = the machine's.</param>
    public static async Task<TestBank> StartAsync(bool isKept = false, TimeProvider? time = null)
    {
        var directory = Directory.CreateTempSubdirectory("evenkeel-bank-").FullName;
        var node = await EvenkeelNode.StartAsync(
            new NodeOptions
            {
                DataDirectory = isKept ? Path.Combine(directory, "node") : null,
                Protocol = null,
                RecordIndexes = Bank.RecordIndexes,
                OnFatal = static reason => Assert.Fail($"The node stopped: {reason}"),
            },
            Token
        );
        var cardKeys = SoftwareCardKeys.Open(
            SoftwareCardKeys.Profile,
            Path.Combine(directory, "card-keys")
        );
        var bank = new Bank(
            node.Journal,
            node.Decisions,
            new FilePersonKeys(Path.Combine(directory, "persons")),
            time ?? TimeProvider.System,
            cardKeys
        );
        await bank.Opening.OpenAsync(FirstDay, [IBankUnderTest.Cny, IBankUnderTest.Hkd], Token);
        return new TestBank(directory, node, bank, cardKeys);
    }

    public async Task<(CustomerId Customer, AccountNumber Account)> OpenAsync(
        long balanceMinor,
        uint currency = IBankUnderTest.Cny
    )
    {
        var serial = Interlocked.Increment(ref _serial);
        var customer = Done(
            await Bank.Customers.OpenAsync(
                Staff,
                $"customer-{serial}",
                CustomerKind.Person,
                new CustomerProfile { Name = $"Person {serial}", Language = "en" },
                Token
            )
        ).Id;
        var account = Done(
            await Bank.Accounts.OpenAsync(
                Staff,
                $"account-{serial}",
                new AccountOpening(customer, "current", currency),
                Token
            )
        ).Number;
        if (balanceMinor > 0)
        {
            await EndowAsync(account, balanceMinor, currency, serial);
        }
        return (customer, account);
    }

    public async Task FreezeAsync(CustomerId customer) =>
        Done(
            await Bank.Customers.SetStateAsync(
                Staff,
                $"freeze-{customer}",
                customer,
                CustomerState.Frozen,
                Token
            )
        );

    public static T Done<T>(TaskOutcome<T> outcome) =>
        Assert.IsType<TaskOutcome<T>.Done>(outcome).Value;

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Money from the bank's own equity: a test's beginning, not a product's way.</summary>
    private async Task EndowAsync(AccountNumber account, long minor, uint currency, int serial)
    {
        var answer = await Journal.ProposeAsync(
            new Operation
            {
                Id = new OperationId((UInt128)(1_000_000 + serial)),
                Principals = [new Principal(PrincipalKinds.Node, "test")],
                Transfers =
                [
                    new Transfer
                    {
                        Id = (UInt128)(1_000_000 + serial),
                        DebitAccountId = LedgerIds.Of(GlCode.Equity, currency),
                        CreditAccountId = LedgerIds.Of(account),
                        Amount = (UInt128)minor,
                        Ledger = currency,
                        Code = (ushort)PostingKind.Opening,
                        UserData32 = ValueDates.ToNumber(FirstDay),
                        UserData64 = Posting.OriginOf(new Origin(Channel.Internal), FirstDay),
                    },
                ],
            },
            Token
        );
        Assert.Equal(
            OperationStatus.Done,
            Assert.IsType<Answer<OperationResult>.Done>(answer).Value.Status
        );
    }
}

/// <summary>One bank for the tests of a class: each of them opens customers of its own.</summary>
public sealed class SharedBank : IAsyncLifetime
{
    private TestBank? _bank;

    public TestBank Bank => _bank!;

    public async ValueTask InitializeAsync() => _bank = await TestBank.StartAsync();

    public async ValueTask DisposeAsync() => await _bank!.DisposeAsync();
}
