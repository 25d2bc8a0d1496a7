using System.Runtime.InteropServices;

namespace Evenkeel.Model;

/// <summary>Properties of an account, fixed at creation except <see cref="Closed"/>.</summary>
/// <remarks>The numbers are part of the wire format; they only grow.</remarks>
[Flags]
public enum AccountFlags : ushort
{
    None = 0,

    /// <summary>This event succeeds or fails with the next one of its batch.</summary>
    Linked = 1 << 0,

    /// <summary>Refuse transfers that would make debits (pending included) exceed posted credits.</summary>
    DebitsMustNotExceedCredits = 1 << 1,

    /// <summary>Refuse transfers that would make credits (pending included) exceed posted debits.</summary>
    CreditsMustNotExceedDebits = 1 << 2,

    /// <summary>Keep the balance after each transfer for <c>get_account_balances</c>.</summary>
    History = 1 << 3,

    /// <summary>The event carries its own past timestamp.</summary>
    Imported = 1 << 4,

    /// <summary>Refuses every movement except the void or expiry of a hold.</summary>
    Closed = 1 << 5,

    /// <summary>All bits that a request may set.</summary>
    Known = (1 << 6) - 1,
}

/// <summary>An account as it travels: 128 bytes, little-endian, no padding.</summary>
/// <remarks>
/// Field names, order and widths follow the published TigerBeetle data model (reference/account).
/// Amounts are minor units of the ledger's currency: 128 bits on the wire, 64 bits stored.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct Account
{
    public const int Size = 128;

    [FieldOffset(0)]
    public UInt128 Id;

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
    public uint Reserved;

    [FieldOffset(112)]
    public uint Ledger;

    [FieldOffset(116)]
    public ushort Code;

    [FieldOffset(118)]
    public AccountFlags Flags;

    /// <summary>Log time of creation, nanoseconds since the Unix epoch.</summary>
    [FieldOffset(120)]
    public ulong Timestamp;
}

/// <summary>The balance of an account right after one transfer: 128 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct AccountBalance
{
    public const int Size = 128;

    [FieldOffset(0)]
    public UInt128 DebitsPending;

    [FieldOffset(16)]
    public UInt128 DebitsPosted;

    [FieldOffset(32)]
    public UInt128 CreditsPending;

    [FieldOffset(48)]
    public UInt128 CreditsPosted;

    [FieldOffset(64)]
    public ulong Timestamp;
}

/// <summary>What an <see cref="AccountUpdate"/> changes.</summary>
[Flags]
public enum AccountUpdateFlags : ushort
{
    None = 0,
    Linked = 1 << 0,

    /// <summary>Replace the account's allowance by <see cref="AccountUpdate.Allowance"/>.</summary>
    SetAllowance = 1 << 1,

    /// <summary>Replace the two limit flags of the account by those in <see cref="AccountUpdate.LimitFlags"/>.</summary>
    SetLimitFlags = 1 << 2,

    Known = (1 << 3) - 1,
}

/// <summary>
/// A change of an account's limits: 64 bytes. Evenkeel's own addition to the published model.
/// </summary>
/// <remarks>
/// The allowance is how far a limited account may go beyond its limit: an agreed overdraft for
/// <see cref="AccountFlags.DebitsMustNotExceedCredits"/>, the mirror image for
/// <see cref="AccountFlags.CreditsMustNotExceedDebits"/>. Lowering it below what is used already is
/// allowed: it refuses new movements, it does not undo old ones.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct AccountUpdate
{
    public const int Size = 64;

    [FieldOffset(0)]
    public UInt128 Id;

    /// <summary>Minor units; must fit 64 bits.</summary>
    [FieldOffset(16)]
    public UInt128 Allowance;

    /// <summary>The version this change was decided on; a new account has version 0.</summary>
    [FieldOffset(32)]
    public uint ExpectedVersion;

    [FieldOffset(36)]
    public AccountUpdateFlags Flags;

    [FieldOffset(38)]
    public AccountFlags LimitFlags;

    [FieldOffset(40)]
    public UInt128 Reserved128;

    [FieldOffset(56)]
    public ulong Reserved64;
}

/// <summary>The limits of an account as they are now: 64 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct AccountLimits
{
    public const int Size = 64;

    [FieldOffset(0)]
    public UInt128 Id;

    [FieldOffset(16)]
    public UInt128 Allowance;

    [FieldOffset(32)]
    public uint Version;

    [FieldOffset(36)]
    public AccountFlags Flags;

    /// <summary>Log time of the last change; 0 when there was none.</summary>
    [FieldOffset(40)]
    public ulong UpdatedTimestamp;
}
