using System.Buffers.Binary;
using System.IO.Hashing;

namespace Evenkeel.Verifier;

/// <summary>
/// Judges history rows in order, by docs/formats/history.md alone: checksum, chain links, and that
/// both balances after a row follow from the balances before it and the row's own amount.
/// </summary>
internal sealed class RowJudge(Findings findings)
{
    public const int RowBytes = 192;

    private const ushort Pending = 1 << 1;
    private const ushort Post = 1 << 2;
    private const ushort Void = 1 << 3;
    private const ushort ClosingDebit = 1 << 6;
    private const ushort ClosingCredit = 1 << 7;
    private const ushort Closed = 1 << 5;
    private const ushort Forced = 1 << 15;

    private readonly Dictionary<uint, AccountSide> _accounts = [];
    private readonly Dictionary<ulong, Hold> _openHolds = [];
    private readonly Dictionary<uint, UInt128> _moved = [];
    private ulong _lastTimestamp;
    private ulong _position;

    public ulong Rows => _position;

    public IReadOnlyDictionary<uint, UInt128> MovedByLedger => _moved;

    /// <summary>True when the row's checksum fits its place.</summary>
    public static bool ChecksumHolds(ReadOnlySpan<byte> row, ulong position) =>
        XxHash3.HashToUInt64(row[..184], unchecked((long)position))
        == BinaryPrimitives.ReadUInt64LittleEndian(row[184..]);

    public void Judge(ReadOnlySpan<byte> row, string file, long offset)
    {
        var position = _position++;
        var entry = U64(row, 80);
        if (!ChecksumHolds(row, position))
        {
            Add(file, offset, entry, $"row {position}: checksum does not match its bytes");
            return;
        }
        var timestamp = U64(row, 48);
        if (timestamp < _lastTimestamp)
        {
            Add(file, offset, entry, $"row {position}: earlier than the row before it");
        }
        _lastTimestamp = timestamp;
        switch (row[108])
        {
            case 1:
                JudgeTransfer(row, position, file, offset, entry);
                break;
            case 2:
                JudgeFailedId(row, position, file, offset, entry);
                break;
            case 3:
                JudgeExpiry(row, position, file, offset, entry);
                break;
            default:
                Add(file, offset, entry, $"row {position}: unknown kind {row[108]}");
                break;
        }
    }

    private void JudgeTransfer(
        ReadOnlySpan<byte> row,
        ulong position,
        string file,
        long offset,
        ulong entry
    )
    {
        var flags = U16(row, 106);
        var amount = U64(row, 40);
        var pendingPosition = U64(row, 56);
        var debit = Side(U32(row, 88));
        var credit = Side(U32(row, 92));
        Link(debit, U64(row, 64), "debit", position, file, offset, entry);
        Link(credit, U64(row, 72), "credit", position, file, offset, entry);
        var effect = new Effect();
        if ((flags & Pending) != 0)
        {
            effect = effect with { Pending = amount };
            _openHolds[position] = new Hold(amount, flags);
        }
        else if ((flags & (Post | Void)) != 0)
        {
            // A forced post of a resolved hold is a single transfer: it names no open hold.
            if (pendingPosition != 0 && _openHolds.Remove(pendingPosition - 1, out var hold))
            {
                effect = effect with { Released = hold.Amount };
            }
            else if ((flags & Forced) == 0)
            {
                Add(file, offset, entry, $"row {position}: names no open hold");
            }
            effect = effect with { Posted = (flags & Post) != 0 ? amount : 0 };
        }
        else
        {
            effect = effect with { Posted = amount };
        }
        var debitAfter = debit.Totals.AfterDebit(effect);
        var creditAfter = credit.Totals.AfterCredit(effect);
        Compare(row, debitAfter, creditAfter, position, file, offset, entry);
        // Go on from what the row says: one altered row is one finding, not a thousand.
        debit.Totals = Totals.Read(row, 120);
        credit.Totals = Totals.Read(row, 152);
        debit.LastRow = credit.LastRow = position + 1;
        var ledger = U32(row, 116);
        _moved[ledger] = _moved.GetValueOrDefault(ledger) + effect.Posted;
    }

    private void JudgeExpiry(
        ReadOnlySpan<byte> row,
        ulong position,
        string file,
        long offset,
        ulong entry
    )
    {
        var pendingPosition = U64(row, 56);
        if (pendingPosition == 0 || !_openHolds.Remove(pendingPosition - 1, out var hold))
        {
            Add(file, offset, entry, $"row {position}: expires no open hold");
            return;
        }
        var debit = Side(U32(row, 88));
        var credit = Side(U32(row, 92));
        var effect = new Effect { Released = hold.Amount };
        Compare(
            row,
            debit.Totals.AfterDebit(effect),
            credit.Totals.AfterCredit(effect),
            position,
            file,
            offset,
            entry
        );
        debit.Totals = Totals.Read(row, 120);
        credit.Totals = Totals.Read(row, 152);
        if (
            ((hold.Flags & ClosingDebit) != 0 && (U16(row, 110) & Closed) != 0)
            || ((hold.Flags & ClosingCredit) != 0 && (U16(row, 112) & Closed) != 0)
        )
        {
            Add(
                file,
                offset,
                entry,
                $"row {position}: a closing hold expired, the account stayed closed"
            );
        }
    }

    private void JudgeFailedId(
        ReadOnlySpan<byte> row,
        ulong position,
        string file,
        long offset,
        ulong entry
    )
    {
        if (U64(row, 40) != 0 || U64(row, 64) != 0 || U64(row, 72) != 0)
        {
            Add(file, offset, entry, $"row {position}: a refused transfer that moved or links");
        }
    }

    private void Link(
        AccountSide side,
        ulong previous,
        string name,
        ulong position,
        string file,
        long offset,
        ulong entry
    )
    {
        if (previous != side.LastRow)
        {
            Add(
                file,
                offset,
                entry,
                $"row {position}: {name} chain says {previous}, the row before it is {side.LastRow}"
            );
        }
    }

    private void Compare(
        ReadOnlySpan<byte> row,
        Totals? debit,
        Totals? credit,
        ulong position,
        string file,
        long offset,
        ulong entry
    )
    {
        if (debit != Totals.Read(row, 120))
        {
            Add(file, offset, entry, $"row {position}: debit account's balance does not follow");
        }
        if (credit != Totals.Read(row, 152))
        {
            Add(file, offset, entry, $"row {position}: credit account's balance does not follow");
        }
    }

    private void Add(string file, long offset, ulong entry, string what) =>
        findings.Add(FindingKind.RowAltered, file, offset, entry, what, "history", RowKey(what));

    private static string RowKey(string what) =>
        what[..what.IndexOf(':', StringComparison.Ordinal)];

    private AccountSide Side(uint slot)
    {
        if (!_accounts.TryGetValue(slot, out var side))
        {
            side = _accounts[slot] = new AccountSide();
        }
        return side;
    }

    private static ulong U64(ReadOnlySpan<byte> row, int at) =>
        BinaryPrimitives.ReadUInt64LittleEndian(row[at..]);

    private static uint U32(ReadOnlySpan<byte> row, int at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(row[at..]);

    private static ushort U16(ReadOnlySpan<byte> row, int at) =>
        BinaryPrimitives.ReadUInt16LittleEndian(row[at..]);

    private readonly record struct Hold(ulong Amount, ushort Flags);

    /// <summary>What a row does: adds to pending, releases from pending, adds to posted.</summary>
    private readonly record struct Effect
    {
        public ulong Pending { get; init; }
        public ulong Released { get; init; }
        public ulong Posted { get; init; }
    }

    private sealed class AccountSide
    {
        public Totals Totals { get; set; }

        /// <summary>Position + 1 of its newest row.</summary>
        public ulong LastRow { get; set; }
    }

    private readonly record struct Totals(
        ulong DebitsPending,
        ulong DebitsPosted,
        ulong CreditsPending,
        ulong CreditsPosted
    )
    {
        public static Totals Read(ReadOnlySpan<byte> row, int at) =>
            new(U64(row, at), U64(row, at + 8), U64(row, at + 16), U64(row, at + 24));

        /// <summary>Null when the sum leaves 64 bits: no such row can be right.</summary>
        public Totals? AfterDebit(Effect e) =>
            Sum(DebitsPending, e.Pending, e.Released) is { } pending
            && Sum(DebitsPosted, e.Posted, 0) is { } posted
                ? this with
                {
                    DebitsPending = pending,
                    DebitsPosted = posted,
                }
                : null;

        public Totals? AfterCredit(Effect e) =>
            Sum(CreditsPending, e.Pending, e.Released) is { } pending
            && Sum(CreditsPosted, e.Posted, 0) is { } posted
                ? this with
                {
                    CreditsPending = pending,
                    CreditsPosted = posted,
                }
                : null;

        private static ulong? Sum(ulong before, ulong plus, ulong minus)
        {
            var sum = (Int128)before + plus - minus;
            return sum >= 0 && sum <= ulong.MaxValue ? (ulong)sum : null;
        }
    }
}
