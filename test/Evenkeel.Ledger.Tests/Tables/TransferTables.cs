using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests.Tables;

/// <summary>
/// Every status of create_transfers. Each table starts from the worst event there is; every further
/// row mends what the row before was refused for, and so shows the next status in precedence.
/// </summary>
public sealed class TransferTables
{
    private const string Accounts = """
        account id=1 ledger=1 code=1 -> created
        account id=2 ledger=1 code=1 -> created
        account id=3 ledger=2 code=1 -> created
        account id=4 ledger=1 code=1 flags=debits_must_not_exceed_credits -> created
        account id=5 ledger=1 code=1 flags=credits_must_not_exceed_debits -> created
        account id=6 ledger=1 code=1 flags=closed -> created
        account id=7 ledger=1 code=1 flags=closed -> created

        """;

    private const string Plain = """
        force id=1 dp=10 d=30
        force id=2 cp=15 c=37
        force id=4 c=50
        force id=5 d=40
        tick to_end=3000000000
        transfer id=900 dr=1 cr=2 ledger=1 code=1 -> created
        & transfer id=0 hold=1 amount=max timeout=7 ts=5 flags=imported,reserved -> imported_event_not_expected
        then flags=reserved              -> timestamp_must_be_zero
        then ts=0                        -> reserved_flag
        then flags=forced,balancing_debit -> id_must_not_be_zero
        then id=max                      -> id_must_not_be_int_max
        then id=1                        -> flags_are_mutually_exclusive
        then flags=forced,closing_credit -> flags_are_mutually_exclusive
        then flags=closing_credit        -> debit_account_id_must_not_be_zero
        then dr=max                      -> debit_account_id_must_not_be_int_max
        then dr=98                       -> credit_account_id_must_not_be_zero
        then cr=max                      -> credit_account_id_must_not_be_int_max
        then cr=98                       -> accounts_must_be_different
        then cr=99                       -> pending_id_must_be_zero
        then hold=0                      -> timeout_reserved_for_pending_transfer
        then timeout=0                   -> closing_transfer_must_be_pending
        then flags=pending timeout=4294967295 -> ledger_must_not_be_zero
        then ledger=9                    -> code_must_not_be_zero
        then code=1                      -> debit_account_not_found
        then id=2 dr=3                   -> credit_account_not_found
        then id=3 cr=7                   -> accounts_must_have_the_same_ledger
        then dr=6                        -> transfer_must_have_the_same_ledger_as_accounts
        then ledger=1                    -> debit_account_already_closed
        then id=4 dr=1                   -> credit_account_already_closed
        then id=5 cr=2                   -> overflows_debits_pending    # 2^128 - 1
        then amount=2^64                 -> overflows_debits_pending
        then amount=max64-9              -> overflows_debits_pending
        then amount=max64-14             -> overflows_credits_pending
        then amount=max64-29             -> overflows_debits_posted
        then amount=max64-36             -> overflows_credits_posted
        then amount=max64-39             -> overflows_debits
        then amount=max64-51             -> overflows_credits
        then dr=4 cr=5 amount=51         -> overflows_timeout
        then timeout=0                   -> exceeds_credits
        then id=6 amount=41              -> exceeds_debits
        then id=7 amount=40              -> created
        balance id=4 dp=40 c=50
        balance id=5 cp=40 d=40
        """;

    private const string PostAndVoid = """
        transfer id=10 dr=1 cr=2 amount=20 ledger=1 code=4 flags=pending -> created
        then id=11 flags=none                       -> created
        then id=12 flags=pending                    -> created
        then id=13                                  -> created
        then id=14 timeout=1                        -> created
        transfer id=22 hold=12 amount=20 flags=post_pending_transfer -> created
        transfer id=23 hold=13 flags=void_pending_transfer -> created
        account id=8 ledger=1 code=1                -> created
        account id=9 ledger=1 code=1                -> created
        transfer id=15 dr=8 cr=9 amount=20 ledger=1 code=4 flags=pending -> created
        then id=16 dr=1                             -> created
        then id=17 amount=0 dr=8 flags=pending,closing_debit,closing_credit -> created
        tick ns=2000000000
        transfer id=50 dr=98 cr=99 amount=21 timeout=5 ledger=9 code=9 flags=post_pending_transfer,void_pending_transfer -> flags_are_mutually_exclusive
        then flags=void_pending_transfer,pending          -> flags_are_mutually_exclusive
        then flags=void_pending_transfer,balancing_debit  -> flags_are_mutually_exclusive
        then flags=void_pending_transfer,balancing_credit -> flags_are_mutually_exclusive
        then flags=void_pending_transfer,closing_debit    -> flags_are_mutually_exclusive
        then flags=void_pending_transfer,closing_credit   -> flags_are_mutually_exclusive
        then flags=void_pending_transfer            -> pending_id_must_not_be_zero
        then hold=max                               -> pending_id_must_not_be_int_max
        then hold=50                                -> pending_id_must_be_different
        then hold=77                                -> timeout_reserved_for_pending_transfer
        then timeout=0                              -> pending_transfer_not_found
        then id=51 hold=11                          -> pending_transfer_not_pending
        then hold=12                                -> pending_transfer_has_different_debit_account_id
        then dr=1                                   -> pending_transfer_has_different_credit_account_id
        then cr=2                                   -> pending_transfer_has_different_ledger
        then ledger=1                               -> pending_transfer_has_different_code
        then code=4                                 -> exceeds_pending_transfer_amount
        then amount=19                              -> pending_transfer_has_different_amount
        then amount=20                              -> pending_transfer_already_posted
        then hold=13                                -> pending_transfer_already_voided
        then hold=14                                -> pending_transfer_expired
        then hold=15 dr=8 cr=9 flags=post_pending_transfer -> debit_account_already_closed
        then id=52 hold=16 dr=1                     -> credit_account_already_closed
        then id=53 flags=void_pending_transfer      -> created     # a void may touch closed accounts
        then id=54 hold=10 cr=2 amount=21 flags=post_pending_transfer -> exceeds_pending_transfer_amount
        then amount=max                             -> created     # as much as allowed
        """;

    private const string Exists = """
        transfer id=10 dr=1 cr=2 amount=20 ledger=1 code=4 timeout=60 u128=1 u64=2 u32=3 flags=pending -> created
        transfer id=10 dr=8 cr=9 amount=21 ledger=3 code=5 timeout=61 hold=6 u128=7 u64=7 u32=7 -> exists_with_different_flags
        then flags=pending   -> exists_with_different_pending_id
        then hold=0          -> exists_with_different_timeout
        then timeout=60      -> exists_with_different_debit_account_id
        then dr=1            -> exists_with_different_credit_account_id
        then cr=2            -> exists_with_different_amount
        then amount=20       -> exists_with_different_user_data_128
        then u128=1          -> exists_with_different_user_data_64
        then u64=2           -> exists_with_different_user_data_32
        then u32=3           -> exists_with_different_ledger
        then ledger=1        -> exists_with_different_code
        then code=4          -> exists
        transfer id=11 dr=1 cr=99 ledger=1 code=1 -> credit_account_not_found
        then cr=2            -> id_already_failed   # a late retry cannot succeed
        """;

    private const string PostExists = """
        transfer id=10 dr=1 cr=2 amount=20 ledger=1 code=4 u128=1 u64=2 u32=3 flags=pending -> created
        then id=11                                             -> created
        transfer id=12 hold=10 amount=max flags=post_pending_transfer -> created
        transfer id=13 hold=11 u128=5 u64=6 u32=7 flags=void_pending_transfer -> created
        transfer id=12 hold=11 dr=8 cr=9 amount=21 ledger=3 code=5 u128=7 u64=7 u32=7 flags=void_pending_transfer -> exists_with_different_flags
        then flags=post_pending_transfer -> exists_with_different_pending_id
        then hold=10         -> exists_with_different_debit_account_id
        then dr=0            -> exists_with_different_credit_account_id
        then cr=0            -> exists_with_different_amount
        then amount=20       -> exists_with_different_user_data_128
        then u128=0          -> exists_with_different_user_data_64
        then u64=0           -> exists_with_different_user_data_32
        then u32=0           -> exists_with_different_ledger
        then ledger=0        -> exists_with_different_code
        then code=0          -> exists
        then amount=max      -> exists
        transfer id=13 hold=11 flags=void_pending_transfer -> exists_with_different_user_data_128
        then u128=5          -> exists_with_different_user_data_64
        then u64=6           -> exists_with_different_user_data_32
        then u32=7           -> exists
        then amount=20       -> exists
        """;

    private const string Imports = """
        account id=21 ledger=1 code=1 ts=100 flags=imported -> created
        account id=22 ledger=1 code=1 ts=200 flags=imported -> created
        account id=23 ledger=1 code=1 ts=210 flags=imported -> created
        transfer id=30 dr=21 cr=22 amount=5 ledger=1 code=1 ts=300 flags=imported -> created
        & transfer id=0 flags=reserved ts=2^63 -> imported_event_expected
        & then flags=imported,reserved         -> imported_event_timestamp_out_of_range
        & then ts=0                            -> imported_event_timestamp_out_of_range
        & then ts=2^63-1                       -> imported_event_timestamp_must_not_advance
        & then ts=300                          -> reserved_flag
        transfer id=31 dr=23 cr=22 amount=5 ledger=1 code=1 ts=300 timeout=9 flags=imported,pending -> imported_event_timestamp_must_not_regress
        account id=24 ledger=1 code=1 ts=350 flags=imported -> created
        then id=25 ts=400                      -> created
        then id=26 ts=410                      -> created
        transfer id=31 dr=25 cr=26 amount=5 ledger=1 code=1 ts=350 timeout=9 flags=imported,pending -> imported_event_timestamp_must_not_regress
        then ts=360                            -> imported_event_timestamp_must_postdate_debit_account
        then dr=21                             -> imported_event_timestamp_must_postdate_credit_account
        then cr=22                             -> imported_event_timeout_must_be_zero
        then timeout=0                         -> created
        then ts=370                            -> exists    # whatever time it now asks for
        """;

    private const string Chains = """
        transfer id=1 dr=1 cr=2 amount=5 ledger=1 code=1 flags=linked -> linked_event_failed
        & then id=2 dr=3                             -> accounts_must_have_the_same_ledger
        & then id=3 dr=1 flags=none                  -> linked_event_failed
        & then id=4                                  -> created     # the next chain is another matter
        & then id=5 flags=linked                     -> linked_event_failed
        & then id=6                                  -> linked_event_chain_open
        balance id=1 d=5
        transfer id=1 dr=1 cr=2 amount=5 ledger=1 code=1 flags=linked -> created
        & then id=3 flags=none                       -> created
        balance id=1 d=15
        """;

    [Fact]
    public void Plain_transfers_are_refused_in_published_order() =>
        AssertAscends(LedgerTable.Run<CreateTransferStatus>(Accounts + Plain));

    [Fact]
    public void Posts_and_voids_are_refused_in_published_order() =>
        AssertAscends(LedgerTable.Run<CreateTransferStatus>(Accounts + PostAndVoid)[..^1]);

    [Fact]
    public void Transfers_that_exist_are_compared_in_published_order() =>
        AssertAscends(LedgerTable.Run<CreateTransferStatus>(Accounts + Exists)[..^2]);

    [Fact]
    public void Posts_and_voids_that_exist_are_compared_in_published_order() =>
        AssertAscends(LedgerTable.Run<CreateTransferStatus>(Accounts + PostExists)[..11]);

    [Fact]
    public void Imported_transfers_are_refused_in_published_order() =>
        AssertAscends(LedgerTable.Run<CreateTransferStatus>(Imports)[..^1]);

    [Fact]
    public void A_chain_succeeds_or_fails_as_one() =>
        Assert.NotEmpty(LedgerTable.Run<CreateTransferStatus>(Accounts + Chains));

    [Fact]
    public void The_tables_reach_every_status()
    {
        var reached = new[]
        {
            Accounts + Plain,
            Accounts + PostAndVoid,
            Accounts + Exists,
            Imports,
            Accounts + Chains,
        }
            .SelectMany(LedgerTable.Run<CreateTransferStatus>)
            .Append(CreateTransferStatus.Created);
        Assert.Empty(Enum.GetValues<CreateTransferStatus>().Except(reached));
    }

    private static void AssertAscends(IEnumerable<CreateTransferStatus> statuses)
    {
        var ranks = statuses.Select(PublishedOrder.RankOf).ToList();
        Assert.Equal(ranks.Order(), ranks);
    }
}

/// <summary>Precedence is the order in which a status enum declares its members.</summary>
internal static class PublishedOrder
{
    public static int RankOf<TStatus>(TStatus status)
        where TStatus : struct, Enum =>
        typeof(TStatus)
            .GetFields()
            .Where(field => field.IsLiteral)
            .ToList()
            .FindIndex(field => field.Name == status.ToString());
}
