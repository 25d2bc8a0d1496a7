using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Holds;

/// <summary>
/// All that posting, voiding or expiring an open hold needs, so that none of them reads history.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct Hold
{
    public const int Size = 104;

    [FieldOffset(0)]
    public UInt128 Id;

    [FieldOffset(16)]
    public UInt128 UserData128;

    [FieldOffset(32)]
    public ulong UserData64;

    [FieldOffset(40)]
    public ulong Amount;

    [FieldOffset(48)]
    public ulong Timestamp;

    /// <summary>Log time of expiry, nanoseconds; <see cref="ulong.MaxValue"/> = never.</summary>
    [FieldOffset(56)]
    public ulong Deadline;

    /// <summary>Position of its row + 1; 0 = a free place of the table.</summary>
    [FieldOffset(64)]
    public ulong PositionPlusOne;

    [FieldOffset(72)]
    public uint DebitSlot;

    [FieldOffset(76)]
    public uint CreditSlot;

    [FieldOffset(80)]
    public uint UserData32;

    /// <summary>Seconds, as asked for.</summary>
    [FieldOffset(84)]
    public uint Timeout;

    [FieldOffset(88)]
    public uint Ledger;

    [FieldOffset(92)]
    public ushort Code;

    [FieldOffset(94)]
    public TransferFlags Flags;

    /// <summary>In a free place: the next free place + 1.</summary>
    [FieldOffset(96)]
    public uint NextFree;

    public readonly ulong Position => PositionPlusOne - 1;

    /// <summary>The hold that a history row opened.</summary>
    public static Hold FromRow(in HistoryRow row, ulong position) =>
        new()
        {
            Id = row.Id,
            UserData128 = row.UserData128,
            UserData64 = row.UserData64,
            Amount = row.Amount,
            Timestamp = row.Timestamp,
            Deadline = DeadlineOf(row.Timestamp, row.Timeout),
            PositionPlusOne = position + 1,
            DebitSlot = row.DebitSlot,
            CreditSlot = row.CreditSlot,
            UserData32 = row.UserData32,
            Timeout = row.Timeout,
            Ledger = row.Ledger,
            Code = row.Code,
            Flags = row.Flags,
        };

    public static ulong DeadlineOf(ulong timestamp, uint timeoutSeconds) =>
        timeoutSeconds == 0
            ? ulong.MaxValue
            : timestamp + (timeoutSeconds * Limits.NanosecondsPerSecond);
}
