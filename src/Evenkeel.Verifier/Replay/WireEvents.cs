namespace Evenkeel.Verifier.Replay;

/// <summary>An account as it was asked for: 128 bytes of the published data model.</summary>
internal readonly record struct AskedAccount
{
    public const int Size = 128;

    public UInt128 Id { get; init; }
    public UInt128 DebitsPending { get; init; }
    public UInt128 DebitsPosted { get; init; }
    public UInt128 CreditsPending { get; init; }
    public UInt128 CreditsPosted { get; init; }
    public UInt128 UserData128 { get; init; }
    public ulong UserData64 { get; init; }
    public uint UserData32 { get; init; }
    public uint Reserved { get; init; }
    public uint Ledger { get; init; }
    public ushort Code { get; init; }
    public ushort Flags { get; init; }
    public ulong Timestamp { get; init; }

    public static AskedAccount Read(ReadOnlySpan<byte> b) =>
        new()
        {
            Id = Bytes.U128(b, 0),
            DebitsPending = Bytes.U128(b, 16),
            DebitsPosted = Bytes.U128(b, 32),
            CreditsPending = Bytes.U128(b, 48),
            CreditsPosted = Bytes.U128(b, 64),
            UserData128 = Bytes.U128(b, 80),
            UserData64 = Bytes.U64(b, 96),
            UserData32 = Bytes.U32(b, 104),
            Reserved = Bytes.U32(b, 108),
            Ledger = Bytes.U32(b, 112),
            Code = Bytes.U16(b, 116),
            Flags = Bytes.U16(b, 118),
            Timestamp = Bytes.U64(b, 120),
        };
}

/// <summary>A transfer as it was asked for: 128 bytes of the published data model.</summary>
internal readonly record struct AskedTransfer
{
    public const int Size = 128;

    public UInt128 Id { get; init; }
    public UInt128 Debit { get; init; }
    public UInt128 Credit { get; init; }
    public UInt128 Amount { get; init; }
    public UInt128 PendingId { get; init; }
    public UInt128 UserData128 { get; init; }
    public ulong UserData64 { get; init; }
    public uint UserData32 { get; init; }
    public uint Timeout { get; init; }
    public uint Ledger { get; init; }
    public ushort Code { get; init; }
    public ushort Flags { get; init; }
    public ulong Timestamp { get; init; }

    public static AskedTransfer Read(ReadOnlySpan<byte> b) =>
        new()
        {
            Id = Bytes.U128(b, 0),
            Debit = Bytes.U128(b, 16),
            Credit = Bytes.U128(b, 32),
            Amount = Bytes.U128(b, 48),
            PendingId = Bytes.U128(b, 64),
            UserData128 = Bytes.U128(b, 80),
            UserData64 = Bytes.U64(b, 96),
            UserData32 = Bytes.U32(b, 104),
            Timeout = Bytes.U32(b, 108),
            Ledger = Bytes.U32(b, 112),
            Code = Bytes.U16(b, 116),
            Flags = Bytes.U16(b, 118),
            Timestamp = Bytes.U64(b, 120),
        };
}

/// <summary>A change of an account's limits: 64 bytes.</summary>
internal readonly record struct AskedUpdate
{
    public const int Size = 64;

    public UInt128 Id { get; init; }
    public UInt128 Allowance { get; init; }
    public uint ExpectedVersion { get; init; }
    public ushort Flags { get; init; }
    public ushort LimitFlags { get; init; }
    public bool ReservedIsZero { get; init; }

    public static AskedUpdate Read(ReadOnlySpan<byte> b) =>
        new()
        {
            Id = Bytes.U128(b, 0),
            Allowance = Bytes.U128(b, 16),
            ExpectedVersion = Bytes.U32(b, 32),
            Flags = Bytes.U16(b, 36),
            LimitFlags = Bytes.U16(b, 38),
            ReservedIsZero = Bytes.AllZero(b.Slice(40, 24)),
        };
}

/// <summary>Bits of an account's flags.</summary>
internal static class AccountBits
{
    public const ushort Linked = 1 << 0;
    public const ushort DebitsLimited = 1 << 1;
    public const ushort CreditsLimited = 1 << 2;
    public const ushort Imported = 1 << 4;
    public const ushort Closed = 1 << 5;
    public const ushort Known = (1 << 6) - 1;
    public const ushort Limits = DebitsLimited | CreditsLimited;
}

/// <summary>Bits of a transfer's flags.</summary>
internal static class TransferBits
{
    public const ushort Linked = 1 << 0;
    public const ushort Pending = 1 << 1;
    public const ushort Post = 1 << 2;
    public const ushort Void = 1 << 3;
    public const ushort BalancingDebit = 1 << 4;
    public const ushort BalancingCredit = 1 << 5;
    public const ushort ClosingDebit = 1 << 6;
    public const ushort ClosingCredit = 1 << 7;
    public const ushort Imported = 1 << 8;
    public const ushort Forced = 1 << 15;
    public const ushort Known = ((1 << 9) - 1) | Forced;
    public const ushort Resolving = Post | Void;
    public const ushort Balancing = BalancingDebit | BalancingCredit;
    public const ushort Closing = ClosingDebit | ClosingCredit;
}

/// <summary>Bits of an update's flags.</summary>
internal static class UpdateBits
{
    public const ushort Linked = 1 << 0;
    public const ushort SetAllowance = 1 << 1;
    public const ushort SetLimits = 1 << 2;
    public const ushort Known = (1 << 3) - 1;
}
