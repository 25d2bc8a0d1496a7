using Evenkeel.Journal;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Records.Tests;

/// <summary>Maker and checker, enforced where it counts: when the operation is applied.</summary>
public sealed class ApprovalTests : IDisposable
{
    private static readonly Principal AliceTheCustomer = new(PrincipalKinds.Customer, "alice");

    private readonly Bank _bank = new();

    public static TheoryData<string, Principal[], bool> People =>
        new()
        {
            { "one member of staff", [Bank.Alice], false },
            { "the same one twice", [Bank.Alice, Bank.Alice], false },
            { "staff and an API key", [Bank.Alice, Bank.Key], false },
            { "staff and a customer of another name", [Bank.Bob, AliceTheCustomer], false },
            { "an API key that a second one checks", [Bank.Key, new("key", "18")], false },
            { "a node that only checks", [Bank.Alice, Bank.Node], false },
            { "two members of staff", [Bank.Alice, Bank.Bob], true },
            { "an API key and two members of staff", [Bank.Key, Bank.Alice, Bank.Bob], true },
            { "the node", [Bank.Node], true },
        };

    [Theory]
    [MemberData(nameof(People))]
    public void Collection_that_needs_two_people(string who, Principal[] principals, bool allowed)
    {
        Declare("limit");
        var result = _bank.ApplyOne(
            Bank.Operation(9) with
            {
                Principals = principals,
                Writes = [Bank.Write("limit", "day", "1000")],
            }
        );

        Assert.True((result.Status == OperationStatus.Done) == allowed, who);
        Assert.Equal(allowed ? "1000" : null, _bank.Read("limit", "day"));
    }

    [Theory]
    [MemberData(nameof(People))]
    public void Forced_transfer_needs_two_people(string who, Principal[] principals, bool allowed)
    {
        _bank.ApplyOne(Bank.Operation(1) with { Accounts = [Bank.Account(1), Bank.Account(2)] });
        var result = _bank.ApplyOne(
            Bank.Operation(9) with
            {
                Principals = principals,
                Transfers = [Bank.Transfer(7, 1, 2, 100) with { Flags = TransferFlags.Forced }],
            }
        );

        Assert.True((result.Status == OperationStatus.Done) == allowed, who);
        Assert.Equal(allowed ? 100u : 0u, _bank.Ledger.Accounts[1].DebitsPosted);
    }

    [Fact]
    public void Collection_that_nobody_declared_needs_one()
    {
        var write = Bank.Operation(9) with { Writes = [Bank.Write("limit", "day", "1000")] };
        Assert.Equal(OperationStatus.Done, _bank.ApplyOne(write).Status);
    }

    [Fact]
    public void The_rule_itself_can_not_be_lifted_by_one()
    {
        Declare("limit");
        var lift = Bank.Operation(9) with
        {
            Principals = [Bank.Alice],
            Writes = [new RecordWrite(SystemRecords.TwoPeople("limit"), Json: null)],
        };
        Assert.Equal(OperationStatus.NotAuthorised, _bank.ApplyOne(lift).Status);
        Assert.NotNull(_bank.Reader.Find(SystemRecords.TwoPeople("limit")));
    }

    /// <summary>The maker asks first, the checker signs later: one operation, one id.</summary>
    [Fact]
    public void Approval_that_comes_later_completes_the_same_operation()
    {
        Declare("limit");
        var digest = _bank.Store.Digest;
        var asked = Bank.Operation(9) with
        {
            Principals = [Bank.Alice],
            Writes = [Bank.Write("limit", "day", "1000")],
        };
        Assert.Equal(OperationStatus.NotAuthorised, _bank.ApplyOne(asked).Status);
        Assert.Equal(digest, _bank.Store.Digest);

        var approved = _bank.ApplyOne(asked with { Principals = [Bank.Alice, Bank.Bob] });
        Assert.Equal(OperationStatus.Done, approved.Status);
    }

    public void Dispose() => _bank.Dispose();

    private void Declare(string collection)
    {
        var result = _bank.ApplyOne(
            Bank.Operation(1) with
            {
                Principals = [Bank.Alice, Bank.Bob],
                Writes = [new RecordWrite(SystemRecords.TwoPeople(collection), "true"u8.ToArray())],
            }
        );
        Assert.Equal(OperationStatus.Done, result.Status);
    }
}
