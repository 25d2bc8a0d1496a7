using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <summary>What a history row tells.</summary>
public enum HistoryRowKind : byte
{
    /// <summary>Never written; a row of zeros is damage.</summary>
    None = 0,

    /// <summary>A transfer that was created.</summary>
    Transfer = 1,

    /// <summary>
    /// A transfer id that was refused for a passing reason and is remembered: id and entry only, with
    /// the timestamp of the transfer or expiry before it; no links.
    /// </summary>
    FailedId = 2,

    /// <summary>
    /// A hold that expired: <see cref="HistoryRow.PendingPosition"/> names it. Id, user data and flags
    /// are 0; no links.
    /// </summary>
    Expiry = 3,
}

/// <summary>One row of the transfer history: 192 bytes (docs/formats/history.md).</summary>
/// <remarks>
/// Rows are append-only and never edited. A row's position is its ordinal in the history, from 0.
/// Links hold position + 1, so that zero means "none". Slots are the ordinal of an account's
/// creation. Timestamps of rows never decrease with position; those of transfers and expiries are
/// strictly increasing.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct HistoryRow
{
    public const int Size = 192;

    [FieldOffset(0)]
    public UInt128 Id;

    [FieldOffset(16)]
    public UInt128 UserData128;

    [FieldOffset(32)]
    public ulong UserData64;

    /// <summary>What was moved or held, minor units.</summary>
    [FieldOffset(40)]
    public ulong Amount;

    [FieldOffset(48)]
    public ulong Timestamp;

    /// <summary>Position + 1 of the hold that this row posts, voids or expires; else 0.</summary>
    /// <remarks>The row at that position has the <c>pending_id</c> of this transfer.</remarks>
    [FieldOffset(56)]
    public ulong PendingPosition;

    /// <summary>Position + 1 of the debit account's row before this one; 0 = first.</summary>
    [FieldOffset(64)]
    public ulong PreviousDebit;

    /// <summary>Position + 1 of the credit account's row before this one; 0 = first.</summary>
    [FieldOffset(72)]
    public ulong PreviousCredit;

    /// <summary>Index of the log entry that made this row.</summary>
    [FieldOffset(80)]
    public ulong EntryIndex;

    [FieldOffset(88)]
    public uint DebitSlot;

    [FieldOffset(92)]
    public uint CreditSlot;

    [FieldOffset(96)]
    public uint UserData32;

    [FieldOffset(100)]
    public uint Timeout;

    [FieldOffset(104)]
    public ushort Code;

    [FieldOffset(106)]
    public TransferFlags Flags;

    [FieldOffset(108)]
    public HistoryRowKind Kind;

    /// <summary>
    /// What this row made of a hold: <see cref="TransferPendingStatus.Pending"/> = opened it; posted,
    /// voided or expired = resolved the one at <see cref="PendingPosition"/>; none = neither. A
    /// forced post of a hold that had expired or been voided is none: a single transfer.
    /// </summary>
    [FieldOffset(109)]
    public TransferPendingStatus PendingStatus;

    /// <summary>
    /// A forced post of a hold that had been voided or expired: a single transfer, counted once.
    /// </summary>
    public readonly bool IsForcedPostOfGoneHold =>
        Kind == HistoryRowKind.Transfer
        && PendingPosition != 0
        && PendingStatus == TransferPendingStatus.None;

    /// <summary>Flags of the two accounts after this row.</summary>
    [FieldOffset(110)]
    public AccountFlags DebitFlags;

    [FieldOffset(112)]
    public AccountFlags CreditFlags;

    [FieldOffset(114)]
    public ushort Reserved16;

    [FieldOffset(116)]
    public uint Ledger;

    /// <summary>Balances of the debit account after this row.</summary>
    [FieldOffset(120)]
    public StoredBalance Debit;

    /// <summary>Balances of the credit account after this row.</summary>
    [FieldOffset(152)]
    public StoredBalance Credit;

    /// <summary>XxHash3 (64 bits, seed = position) of the bytes before it; set when the row is written out.</summary>
    [FieldOffset(184)]
    public ulong Checksum;
}

/// <summary>The four totals of an account as stored: 32 bytes, minor units.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
public record struct StoredBalance
{
    [FieldOffset(0)]
    public ulong DebitsPending;

    [FieldOffset(8)]
    public ulong DebitsPosted;

    [FieldOffset(16)]
    public ulong CreditsPending;

    [FieldOffset(24)]
    public ulong CreditsPosted;
}
