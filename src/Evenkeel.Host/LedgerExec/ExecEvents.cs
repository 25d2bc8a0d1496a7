using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Host.LedgerExec;

/// <summary>The events and filters of each operation, by their published field names.</summary>
internal static class ExecEvents
{
    public static Account Account(ExecInput input) =>
        new()
        {
            Id = input.Number<UInt128>("id"),
            DebitsPending = input.Number<UInt128>("debits_pending"),
            DebitsPosted = input.Number<UInt128>("debits_posted"),
            CreditsPending = input.Number<UInt128>("credits_pending"),
            CreditsPosted = input.Number<UInt128>("credits_posted"),
            UserData128 = input.Number<UInt128>("user_data_128"),
            UserData64 = input.Number<ulong>("user_data_64"),
            UserData32 = input.Number<uint>("user_data_32"),
            Reserved = input.Number<uint>("reserved"),
            Ledger = input.Number<uint>("ledger"),
            Code = input.Number<ushort>("code"),
            Flags = (AccountFlags)
                input.Flags("flags", PublishedNames.AccountFlags, ushort.MaxValue),
            Timestamp = input.Number<ulong>("timestamp"),
        };

    public static Transfer Transfer(ExecInput input) =>
        new()
        {
            Id = input.Number<UInt128>("id"),
            DebitAccountId = input.Number<UInt128>("debit_account_id"),
            CreditAccountId = input.Number<UInt128>("credit_account_id"),
            Amount = input.Number<UInt128>("amount"),
            PendingId = input.Number<UInt128>("pending_id"),
            UserData128 = input.Number<UInt128>("user_data_128"),
            UserData64 = input.Number<ulong>("user_data_64"),
            UserData32 = input.Number<uint>("user_data_32"),
            Timeout = input.Number<uint>("timeout"),
            Ledger = input.Number<uint>("ledger"),
            Code = input.Number<ushort>("code"),
            Flags = (TransferFlags)
                input.Flags("flags", PublishedNames.TransferFlags, ushort.MaxValue),
            Timestamp = input.Number<ulong>("timestamp"),
        };

    public static AccountUpdate AccountUpdate(ExecInput input) =>
        new()
        {
            Id = input.Number<UInt128>("id"),
            Allowance = input.Number<UInt128>("allowance"),
            ExpectedVersion = input.Number<uint>("expected_version"),
            Flags = (AccountUpdateFlags)
                input.Flags("flags", PublishedNames.AccountUpdateFlags, ushort.MaxValue),
            LimitFlags = (AccountFlags)
                input.Flags("limit_flags", PublishedNames.AccountFlags, ushort.MaxValue),
            Reserved128 = input.Number<UInt128>("reserved_128"),
            Reserved64 = input.Number<ulong>("reserved_64"),
        };

    public static AccountFilter AccountFilter(ExecInput input) =>
        new()
        {
            AccountId = input.Number<UInt128>("account_id"),
            UserData128 = input.Number<UInt128>("user_data_128"),
            UserData64 = input.Number<ulong>("user_data_64"),
            UserData32 = input.Number<uint>("user_data_32"),
            Code = input.Number<ushort>("code"),
            TimestampMin = input.Number<ulong>("timestamp_min"),
            TimestampMax = input.Number<ulong>("timestamp_max"),
            Limit = input.Number<uint>("limit"),
            Flags = (AccountFilterFlags)
                input.Flags("flags", PublishedNames.AccountFilterFlags, uint.MaxValue),
            Reserved = Reserved<Reserved58>(input),
        };

    public static QueryFilter QueryFilter(ExecInput input) =>
        new()
        {
            UserData128 = input.Number<UInt128>("user_data_128"),
            UserData64 = input.Number<ulong>("user_data_64"),
            UserData32 = input.Number<uint>("user_data_32"),
            Ledger = input.Number<uint>("ledger"),
            Code = input.Number<ushort>("code"),
            TimestampMin = input.Number<ulong>("timestamp_min"),
            TimestampMax = input.Number<ulong>("timestamp_max"),
            Limit = input.Number<uint>("limit"),
            Flags = (QueryFilterFlags)
                input.Flags("flags", PublishedNames.QueryFilterFlags, uint.MaxValue),
            Reserved = Reserved<Reserved6>(input),
        };

    public static ChangeEventsFilter ChangeEventsFilter(ExecInput input) =>
        new()
        {
            TimestampMin = input.Number<ulong>("timestamp_min"),
            TimestampMax = input.Number<ulong>("timestamp_max"),
            Limit = input.Number<uint>("limit"),
            Reserved = Reserved<Reserved44>(input),
        };

    // Reserved bytes matter only as "zero or not", so that one number stands for all of them.
    private static TReserved Reserved<TReserved>(ExecInput input)
        where TReserved : unmanaged
    {
        var reserved = default(TReserved);
        MemoryMarshal.AsBytes(new Span<TReserved>(ref reserved))[0] = input.Number<byte>(
            "reserved"
        );
        return reserved;
    }
}
