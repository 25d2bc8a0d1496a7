using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests.Tables;

/// <summary>Every status of create_accounts and update_accounts, each row mending the one before.</summary>
public sealed class AccountTables
{
    private const string Plain = """
        account id=1 ledger=1 code=1 -> created
        & account id=0 dp=1 d=1 cp=1 c=1 reserved=1 ts=5 flags=imported,reserved,debits_must_not_exceed_credits,credits_must_not_exceed_debits -> imported_event_not_expected
        then flags=reserved,debits_must_not_exceed_credits,credits_must_not_exceed_debits -> timestamp_must_be_zero
        then ts=0            -> reserved_field
        then reserved=0      -> reserved_flag
        then flags=debits_must_not_exceed_credits,credits_must_not_exceed_debits -> id_must_not_be_zero
        then id=max          -> id_must_not_be_int_max
        then id=2            -> flags_are_mutually_exclusive
        then flags=none      -> debits_pending_must_be_zero
        then dp=0            -> debits_posted_must_be_zero
        then d=0             -> credits_pending_must_be_zero
        then cp=0            -> credits_posted_must_be_zero
        then c=0             -> ledger_must_not_be_zero
        then ledger=1        -> code_must_not_be_zero
        then code=1          -> created
        """;

    private const string Exists = """
        account id=1 ledger=3 code=4 u128=5 u64=6 u32=7 flags=history -> created
        account id=1 ledger=9 code=9 u128=9 u64=9 u32=9 d=9 -> exists_with_different_flags
        then flags=history   -> exists_with_different_user_data_128
        then u128=5          -> exists_with_different_user_data_64
        then u64=6           -> exists_with_different_user_data_32
        then u32=7           -> exists_with_different_ledger
        then ledger=3        -> exists_with_different_code
        then code=4          -> exists
        """;

    private const string Imports = """
        account id=1 ledger=1 code=1 ts=100 flags=imported -> created
        & account id=0 reserved=1 ts=2^63                  -> imported_event_expected
        & then flags=imported                              -> imported_event_timestamp_out_of_range
        & then ts=2^63-1                                   -> imported_event_timestamp_must_not_advance
        & then ts=99                                       -> reserved_field
        account id=2 ts=100 flags=imported                 -> ledger_must_not_be_zero
        then ledger=1 code=1                               -> imported_event_timestamp_must_not_regress
        then ts=101                                        -> created
        transfer id=5 dr=1 cr=2 ledger=1 code=1 ts=105 flags=imported -> created
        account id=3 ledger=1 code=1 ts=105 flags=imported -> imported_event_timestamp_must_not_regress
        then ts=104                                        -> created
        then ts=1                                          -> exists
        """;

    private const string Chains = """
        account id=1 ledger=1 code=1 flags=linked -> linked_event_failed
        & then id=2 code=0                        -> code_must_not_be_zero
        & then id=3 code=1 flags=none             -> linked_event_failed
        & then id=1 flags=linked                  -> created
        & then id=2 flags=none                    -> created
        & then id=4 flags=linked                  -> linked_event_failed
        & then id=5                               -> linked_event_chain_open
        """;

    private const string Updates = """
        account id=1 ledger=1 code=1 flags=debits_must_not_exceed_credits -> created
        account id=2 ledger=1 code=1 -> created
        update id=0 allowance=2^64 reserved=1 version=9 limits=debits_must_not_exceed_credits flags=reserved -> reserved_field
        then reserved=0       -> reserved_field                     # an allowance that nothing sets
        then flags=reserved,set_allowance,set_limit_flags -> reserved_flag
        then flags=set_allowance,set_limit_flags limits=history -> reserved_flag
        then limits=debits_must_not_exceed_credits,credits_must_not_exceed_debits -> id_must_not_be_zero
        then id=max           -> id_must_not_be_int_max
        then id=99 flags=none allowance=0 limits=none -> nothing_to_update
        then flags=set_allowance,set_limit_flags allowance=2^64 limits=debits_must_not_exceed_credits,credits_must_not_exceed_debits -> limit_flags_are_mutually_exclusive
        then limits=none      -> allowance_overflows
        then allowance=max64  -> allowance_needs_a_limit
        then flags=set_allowance -> account_not_found
        then id=1             -> version_mismatch
        then version=0        -> updated
        update id=1 allowance=5 version=1 flags=linked,set_allowance -> linked_event_failed
        & update id=2 allowance=5 flags=linked,set_allowance -> allowance_needs_a_limit
        & then id=1           -> linked_event_chain_open
        """;

    private const string Overdraft = """
        account id=1 ledger=1 code=1 flags=debits_must_not_exceed_credits -> created
        account id=2 ledger=1 code=1 flags=credits_must_not_exceed_debits -> created
        update id=1 allowance=100 flags=set_allowance -> updated
        then id=2 allowance=70                        -> updated
        transfer id=1 dr=1 cr=2 amount=101 ledger=1 code=1 -> exceeds_credits
        then id=2 amount=71                           -> exceeds_debits
        then id=3 amount=70                           -> created
        then id=4 amount=1                            -> exceeds_debits
        update id=2 version=1 limits=none allowance=0 flags=set_allowance,set_limit_flags -> updated
        then id=1 allowance=10 limits=none flags=set_allowance -> updated
        transfer id=5 dr=1 cr=2 amount=0 ledger=1 code=1   -> exceeds_credits    # 70 used, 10 left of it
        then id=6 flags=forced amount=5               -> created
        balance id=1 d=75
        balance id=2 c=75
        """;

    [Fact]
    public void Accounts_are_refused_in_published_order() =>
        AssertAscends(LedgerTable.Run<CreateAccountStatus>(Plain));

    [Fact]
    public void Accounts_that_exist_are_compared_in_published_order() =>
        AssertAscends(LedgerTable.Run<CreateAccountStatus>(Exists));

    [Fact]
    public void Imported_accounts_are_refused_in_published_order() =>
        AssertAscends(LedgerTable.Run<CreateAccountStatus>(Imports)[..^1]);

    [Fact]
    public void Updates_are_refused_in_order()
    {
        var ranks = LedgerTable
            .Run<UpdateAccountStatus>(Updates)[..^3]
            .Select(PublishedOrder.RankOf)
            .ToList();
        Assert.Equal(ranks.Order(), ranks);
    }

    [Fact]
    public void An_allowance_extends_a_limit_and_lowering_it_undoes_nothing() =>
        Assert.Contains(
            CreateTransferStatus.ExceedsCredits,
            LedgerTable.Run<CreateTransferStatus>(Overdraft)
        );

    [Fact]
    public void A_table_that_expects_something_else_fails() =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() =>
            LedgerTable.Run<CreateAccountStatus>("account id=1 ledger=1 code=1 -> exists")
        );

    [Fact]
    public void The_tables_reach_every_status()
    {
        var accounts = new[] { Plain, Exists, Imports, Chains }
            .SelectMany(LedgerTable.Run<CreateAccountStatus>)
            .Append(CreateAccountStatus.Created);
        Assert.Empty(Enum.GetValues<CreateAccountStatus>().Except(accounts));

        var updates = LedgerTable
            .Run<UpdateAccountStatus>(Updates)
            .Append(UpdateAccountStatus.Updated);
        Assert.Empty(Enum.GetValues<UpdateAccountStatus>().Except(updates));
    }

    private static void AssertAscends(IEnumerable<CreateAccountStatus> statuses)
    {
        var ranks = statuses.Select(PublishedOrder.RankOf).ToList();
        Assert.Equal(ranks.Order(), ranks);
    }
}
