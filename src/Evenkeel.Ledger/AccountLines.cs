using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <summary>What every transfer touches of an account: exactly one cache line.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct HotAccount
{
    public const int Size = 64;

    /// <summary>Not a published flag: the account's cold line holds an allowance above zero.</summary>
    public const AccountFlags HasAllowance = (AccountFlags)(1 << 15);

    [FieldOffset(0)]
    public UInt128 Id;

    [FieldOffset(16)]
    public StoredBalance Balance;

    [FieldOffset(16)]
    public ulong DebitsPending;

    [FieldOffset(24)]
    public ulong DebitsPosted;

    [FieldOffset(32)]
    public ulong CreditsPending;

    [FieldOffset(40)]
    public ulong CreditsPosted;

    /// <summary>Position + 1 of the account's newest history row; 0 = none.</summary>
    [FieldOffset(48)]
    public ulong ChainHead;

    [FieldOffset(56)]
    public uint Ledger;

    [FieldOffset(60)]
    public ushort Code;

    [FieldOffset(62)]
    public AccountFlags Flags;

    public readonly AccountFlags PublicFlags => Flags & ~HasAllowance;

    public readonly bool IsClosed => (Flags & AccountFlags.Closed) != 0;
}

/// <summary>The rest of an account, read by lookups and limited accounts only.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct ColdAccount
{
    public const int Size = 56;

    [FieldOffset(0)]
    public UInt128 UserData128;

    [FieldOffset(16)]
    public ulong UserData64;

    [FieldOffset(24)]
    public uint UserData32;

    [FieldOffset(28)]
    public uint Version;

    [FieldOffset(32)]
    public ulong Timestamp;

    [FieldOffset(40)]
    public ulong Allowance;

    [FieldOffset(48)]
    public ulong UpdatedTimestamp;
}
