using System.Runtime.InteropServices;

namespace Evenkeel.Model;

/// <summary>How a transfer behaves.</summary>
/// <remarks>The numbers are part of the wire format; they only grow.</remarks>
[Flags]
public enum TransferFlags : ushort
{
    None = 0,

    /// <summary>This event succeeds or fails with the next one of its batch.</summary>
    Linked = 1 << 0,

    /// <summary>A hold: reserves the amount until posted, voided or expired.</summary>
    Pending = 1 << 1,
    PostPendingTransfer = 1 << 2,
    VoidPendingTransfer = 1 << 3,

    /// <summary>Move at most what the debit account can give.</summary>
    BalancingDebit = 1 << 4,

    /// <summary>Move at most what the credit account can take.</summary>
    BalancingCredit = 1 << 5,
    ClosingDebit = 1 << 6,
    ClosingCredit = 1 << 7,

    /// <summary>The event carries its own past timestamp.</summary>
    Imported = 1 << 8,

    /// <summary>
    /// Skips balance limits only (a promise that must be kept). Evenkeel's own; needs its own scope.
    /// </summary>
    Forced = 1 << 15,

    /// <summary>All bits that a request may set.</summary>
    Known = ((1 << 9) - 1) | Forced,
}

/// <summary>A transfer as it travels: 128 bytes, little-endian, no padding.</summary>
/// <remarks>
/// Follows the published TigerBeetle data model (reference/transfer). Evenkeel's use of the user
/// data: 128 = the outside reference (UETR, RRN), 64 = origin (mode, channel, terminal), 32 = value
/// date.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct Transfer
{
    public const int Size = 128;

    [FieldOffset(0)]
    public UInt128 Id;

    [FieldOffset(16)]
    public UInt128 DebitAccountId;

    [FieldOffset(32)]
    public UInt128 CreditAccountId;

    /// <summary>Minor units. <see cref="Limits.AmountMax"/> means "as much as allowed".</summary>
    [FieldOffset(48)]
    public UInt128 Amount;

    [FieldOffset(64)]
    public UInt128 PendingId;

    [FieldOffset(80)]
    public UInt128 UserData128;

    [FieldOffset(96)]
    public ulong UserData64;

    [FieldOffset(104)]
    public uint UserData32;

    /// <summary>Seconds after which a hold expires; 0 = never.</summary>
    [FieldOffset(108)]
    public uint Timeout;

    [FieldOffset(112)]
    public uint Ledger;

    [FieldOffset(116)]
    public ushort Code;

    [FieldOffset(118)]
    public TransferFlags Flags;

    /// <summary>Log time, nanoseconds since the Unix epoch; 0 in requests unless imported.</summary>
    [FieldOffset(120)]
    public ulong Timestamp;
}

/// <summary>The state of a hold.</summary>
public enum TransferPendingStatus : byte
{
    None = 0,
    Pending = 1,
    Posted = 2,
    Voided = 3,
    Expired = 4,
}
