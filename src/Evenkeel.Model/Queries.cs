using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Evenkeel.Model;

[Flags]
public enum AccountFilterFlags : uint
{
    None = 0,
    Debits = 1 << 0,
    Credits = 1 << 1,

    /// <summary>Newest first.</summary>
    Reversed = 1 << 2,
    Known = (1 << 3) - 1,
}

/// <summary>Filter of <c>get_account_transfers</c> and <c>get_account_balances</c>: 128 bytes.</summary>
/// <remarks>Zero means "any" for user data, code and the two timestamps (inclusive).</remarks>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct AccountFilter
{
    public const int Size = 128;

    [FieldOffset(0)]
    public UInt128 AccountId;

    [FieldOffset(16)]
    public UInt128 UserData128;

    [FieldOffset(32)]
    public ulong UserData64;

    [FieldOffset(40)]
    public uint UserData32;

    [FieldOffset(44)]
    public ushort Code;

    [FieldOffset(46)]
    public Reserved58 Reserved;

    [FieldOffset(104)]
    public ulong TimestampMin;

    [FieldOffset(112)]
    public ulong TimestampMax;

    [FieldOffset(120)]
    public uint Limit;

    [FieldOffset(124)]
    public AccountFilterFlags Flags;
}

[Flags]
public enum QueryFilterFlags : uint
{
    None = 0,

    /// <summary>Newest first.</summary>
    Reversed = 1 << 0,
    Known = 1,
}

/// <summary>Filter of <c>query_accounts</c> and <c>query_transfers</c>: 64 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct QueryFilter
{
    public const int Size = 64;

    [FieldOffset(0)]
    public UInt128 UserData128;

    [FieldOffset(16)]
    public ulong UserData64;

    [FieldOffset(24)]
    public uint UserData32;

    [FieldOffset(28)]
    public uint Ledger;

    [FieldOffset(32)]
    public ushort Code;

    [FieldOffset(34)]
    public Reserved6 Reserved;

    [FieldOffset(40)]
    public ulong TimestampMin;

    [FieldOffset(48)]
    public ulong TimestampMax;

    [FieldOffset(56)]
    public uint Limit;

    [FieldOffset(60)]
    public QueryFilterFlags Flags;
}

/// <summary>Filter of <c>get_change_events</c>: 64 bytes, always oldest first.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct ChangeEventsFilter
{
    public const int Size = 64;

    [FieldOffset(0)]
    public ulong TimestampMin;

    [FieldOffset(8)]
    public ulong TimestampMax;

    [FieldOffset(16)]
    public uint Limit;

    [FieldOffset(20)]
    public Reserved44 Reserved;
}

public enum ChangeEventType : byte
{
    SinglePhase = 0,
    TwoPhasePending = 1,
    TwoPhasePosted = 2,
    TwoPhaseVoided = 3,
    TwoPhaseExpired = 4,
}

/// <summary>One movement with both balances after it: 384 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct ChangeEvent
{
    public const int Size = 384;

    [FieldOffset(0)]
    public UInt128 TransferId;

    [FieldOffset(16)]
    public UInt128 TransferAmount;

    [FieldOffset(32)]
    public UInt128 TransferPendingId;

    [FieldOffset(48)]
    public UInt128 TransferUserData128;

    [FieldOffset(64)]
    public ulong TransferUserData64;

    [FieldOffset(72)]
    public uint TransferUserData32;

    [FieldOffset(76)]
    public uint TransferTimeout;

    [FieldOffset(80)]
    public ushort TransferCode;

    [FieldOffset(82)]
    public TransferFlags TransferFlags;

    [FieldOffset(84)]
    public uint Ledger;

    [FieldOffset(88)]
    public ChangeEventType Type;

    [FieldOffset(89)]
    public Reserved39 Reserved;

    [FieldOffset(128)]
    public ChangeEventAccount Debit;

    [FieldOffset(240)]
    public ChangeEventAccount Credit;

    [FieldOffset(352)]
    public ulong Timestamp;

    [FieldOffset(360)]
    public ulong TransferTimestamp;

    [FieldOffset(368)]
    public ulong DebitAccountTimestamp;

    [FieldOffset(376)]
    public ulong CreditAccountTimestamp;
}

/// <summary>One side of a <see cref="ChangeEvent"/>: 112 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct ChangeEventAccount
{
    public const int Size = 112;

    [FieldOffset(0)]
    public UInt128 AccountId;

    [FieldOffset(16)]
    public UInt128 DebitsPending;

    [FieldOffset(32)]
    public UInt128 DebitsPosted;

    [FieldOffset(48)]
    public UInt128 CreditsPending;

    [FieldOffset(64)]
    public UInt128 CreditsPosted;

    [FieldOffset(80)]
    public UInt128 UserData128;

    [FieldOffset(96)]
    public ulong UserData64;

    [FieldOffset(104)]
    public uint UserData32;

    [FieldOffset(108)]
    public ushort Code;

    [FieldOffset(110)]
    public AccountFlags Flags;
}

/// <summary>Reserved bytes; every one must be zero.</summary>
[InlineArray(6)]
public struct Reserved6
{
    private byte _element;
}

/// <inheritdoc cref="Reserved6"/>
[InlineArray(39)]
public struct Reserved39
{
    private byte _element;
}

/// <inheritdoc cref="Reserved6"/>
[InlineArray(44)]
public struct Reserved44
{
    private byte _element;
}

/// <inheritdoc cref="Reserved6"/>
[InlineArray(58)]
public struct Reserved58
{
    private byte _element;
}
