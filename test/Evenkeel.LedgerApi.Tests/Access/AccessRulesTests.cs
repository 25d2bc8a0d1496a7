using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.LedgerApi.Tests.Access;

public sealed class AccessRulesTests
{
    [Fact]
    public void Every_operation_code_of_an_outsider_needs_a_scope_and_inner_ones_can_not_be_had()
    {
        foreach (var code in Enum.GetValues<OperationCode>())
        {
            var needed = AccessRules.NeededFor(code);
            var inner =
                code
                is OperationCode.None
                    or OperationCode.Hello
                    or OperationCode.Tick
                    or OperationCode.Activate;
            Assert.Equal(inner, (needed & ~KeyScopes.All) != KeyScopes.None);
            Assert.Equal(code == OperationCode.Ping, needed == KeyScopes.None);
        }
    }

    [Fact]
    public void Forced_and_imported_events_need_their_own_scopes()
    {
        Transfer plain = new();
        Transfer forced = new() { Flags = TransferFlags.Forced };
        Transfer imported = new() { Flags = TransferFlags.Imported };
        Assert.Equal(KeyScopes.LedgerWrite, AccessRules.NeededFor([plain]));
        Assert.Equal(
            KeyScopes.LedgerWrite | KeyScopes.LedgerForced,
            AccessRules.NeededFor([plain, forced])
        );
        Assert.Equal(
            KeyScopes.LedgerWrite | KeyScopes.LedgerImported,
            AccessRules.NeededFor([imported])
        );
        Assert.Equal(
            KeyScopes.LedgerWrite | KeyScopes.LedgerImported,
            AccessRules.NeededFor([new Account { Flags = AccountFlags.Imported }])
        );
    }

    [Fact]
    public void An_operation_needs_what_its_parts_need()
    {
        var plain = Operation();
        Assert.Equal(KeyScopes.RecordsWrite, AccessRules.NeededFor(plain));
        Assert.Equal(
            KeyScopes.RecordsWrite | KeyScopes.LedgerWrite | KeyScopes.LedgerForced,
            AccessRules.NeededFor(
                plain with
                {
                    Transfers = [new Transfer { Flags = TransferFlags.Forced }],
                }
            )
        );
        Assert.Equal(
            KeyScopes.RecordsWrite | KeyScopes.LedgerWrite,
            AccessRules.NeededFor(plain with { AccountUpdates = [default] })
        );
    }

    [Theory]
    [InlineData("api-key")]
    [InlineData("api-key-total")]
    [InlineData("idempotency")]
    [InlineData("system")]
    public void An_operation_may_not_touch_reserved_collections(string collection)
    {
        RecordKey key = new(collection, "1");
        var json = "{}"u8.ToArray();
        Assert.True(
            AccessRules.TouchesReserved(Operation() with { Writes = [new RecordWrite(key, json)] })
        );
        Guard[] guards =
        [
            new Guard.Version(key, 1),
            new Guard.Absent(key),
            new Guard.Counter(key, 1, 0, 9),
        ];
        foreach (var guard in guards)
        {
            Assert.True(AccessRules.TouchesReserved(Operation() with { Guards = [guard] }));
        }
        Assert.Equal(collection != "system", AccessRules.IsHidden(collection));
    }

    [Fact]
    public void Other_collections_and_the_business_date_are_free()
    {
        RecordKey key = new("customer", "1");
        var operation = Operation() with
        {
            Guards = [new Guard.Absent(key), new Guard.BusinessDate(new DateOnly(2026, 11, 23))],
            Writes = [new RecordWrite(key, null)],
        };
        Assert.False(AccessRules.TouchesReserved(operation));
    }

    [Fact]
    public void Scope_names_read_back()
    {
        Assert.True(ScopeNames.TryParse(KeyScopes.All.ToNames(), out var all, out _));
        Assert.Equal(KeyScopes.All, all);
        Assert.False(ScopeNames.TryParse(["ledger:read", "root"], out _, out var unknown));
        Assert.Equal("root", unknown);
    }

    private static Operation Operation() =>
        new() { Id = new OperationId(1), Principals = [AccessRules.PrincipalOf(1)] };
}
