using Evenkeel.Ledger.Tests.Naive;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests.Agreement;

/// <summary>The tables of the model stand in the published order, which the enums are declared in.</summary>
public sealed class ModelOrderTests
{
    [Fact]
    public void Transfer_rules_stand_in_published_order() =>
        Assert.Equal(
            Declared<CreateTransferStatus>("Created", "LinkedEventFailed", "LinkedEventChainOpen"),
            TransferRules.All.Select(rule => rule.Status)
        );

    [Fact]
    public void Account_rules_stand_in_published_order() =>
        Assert.Equal(
            Declared<CreateAccountStatus>("Created", "LinkedEventFailed", "LinkedEventChainOpen"),
            AccountRules.All.Select(rule => rule.Status)
        );

    [Fact]
    public void Update_rules_stand_in_order() =>
        Assert.Equal(
            Declared<UpdateAccountStatus>("Updated", "LinkedEventFailed", "LinkedEventChainOpen"),
            UpdateRules.All.Select(rule => rule.Status)
        );

    private static IEnumerable<TStatus> Declared<TStatus>(params string[] but)
        where TStatus : struct, Enum =>
        typeof(TStatus)
            .GetFields()
            .Where(field => field.IsLiteral && !but.Contains(field.Name, StringComparer.Ordinal))
            .Select(field => Enum.Parse<TStatus>(field.Name));
}
