using System.Buffers.Binary;

namespace Evenkeel.Verifier.Replay;

/// <summary>
/// The ledger once more, from the entries of the archive alone: accounts, holds, remembered ids, and the
/// bytes of every history row as they must be. Written from the published data model, ADR 2 and the
/// format documents; plain on purpose, since its worth is that it is not the other program.
/// </summary>
internal sealed partial class Books
{
    public const int RowBytes = 192;
    private const int ExpiriesPerEntryMax = 8_190;

    private readonly List<BookAccount> _accounts = [];
    private readonly Dictionary<UInt128, uint> _slots = [];
    private readonly BookRows _rows = new();
    private readonly Dictionary<UInt128, ulong> _ids = [];
    private readonly Dictionary<ulong, HoldState> _resolved = [];

    // Holds that were posted by force after they were gone.
    private readonly HashSet<ulong> _forced = [];
    private readonly SortedSet<(ulong Deadline, ulong Position)> _open = [];
    private byte[] _bytes = new byte[64 * RowBytes];
    private ulong _entry;
    private ulong _entryFirstRow;
    private ulong _lastRowTimestamp;

    public IReadOnlyList<BookAccount> Accounts => _accounts;

    /// <summary>The rules in force.</summary>
    public uint StateVersion { get; private set; } = 1;

    /// <summary>Rows so far.</summary>
    public ulong RowCount => _rows.Count;

    /// <summary>Highest log time of any event.</summary>
    public ulong LastTimestamp { get; private set; }

    /// <summary>Log time of the newest transfer or expiry.</summary>
    public ulong LastRowTimestamp => _lastRowTimestamp;

    public int IdCount => _ids.Count;

    /// <summary>Sum of debits posted; equals the credits, or the ledger is not one.</summary>
    public Dictionary<uint, UInt128> MovedByLedger() =>
        _accounts
            .GroupBy(a => a.Ledger)
            .ToDictionary(
                g => g.Key,
                g => g.Aggregate(UInt128.Zero, (sum, a) => sum + a.DebitsPosted)
            );

    /// <summary>Open holds by position, in no order that matters.</summary>
    public IEnumerable<(ulong Position, BookRow Row)> OpenHolds() =>
        _open.Select(hold => (hold.Position, _rows[hold.Position]));

    public int OpenHoldCount => _open.Count;

    /// <summary>Position of the first row that the running entry made.</summary>
    public ulong EntryFirstRow => _entryFirstRow;

    /// <summary>Rows of the running entry as they must stand in the file, checksums left zero.</summary>
    public ReadOnlySpan<byte> EntryRows =>
        _bytes.AsSpan(0, checked((int)(_rows.Count - _entryFirstRow) * RowBytes));

    public BookAccount? Find(UInt128 id) =>
        _slots.TryGetValue(id, out var slot) ? _accounts[(int)slot] : null;

    /// <summary>New rules need two people, or a bank in which nothing has happened yet.</summary>
    public void Activate(uint version, ulong maker, ulong checker)
    {
        var byTwoPeople = maker != 0 && checker != 0 && maker != checker;
        var inNewBank = LastTimestamp == 0 && maker == 0 && checker == 0;
        if (byTwoPeople || inNewBank)
        {
            StateVersion = Math.Max(StateVersion, version);
        }
    }

    public void BeginEntry(ulong index)
    {
        _entry = index;
        _entryFirstRow = _rows.Count;
    }

    /// <summary>Holds due at <paramref name="timestamp"/>, earliest first, at the times that end there.</summary>
    public void Expire(ulong timestamp)
    {
        var due = _open
            .TakeWhile(hold => hold.Deadline <= timestamp)
            .Take(ExpiriesPerEntryMax)
            .ToArray();
        for (var i = 0; i < due.Length; i++)
        {
            var position = due[i].Position;
            var hold = _rows[position];
            Close(position, in hold, HoldState.Expired);
            var debit = Touch(hold.DebitSlot);
            var credit = Touch(hold.CreditSlot);
            debit.DebitsPending -= hold.Amount;
            credit.CreditsPending -= hold.Amount;
            Reopen(hold.Flags, debit, credit);
            ref var row = ref _rows.Add();
            row.Amount = hold.Amount;
            row.Timestamp = timestamp - (ulong)(due.Length - 1 - i);
            row.Hold = position + 1;
            row.Code = hold.Code;
            row.Kind = RowKind.Expiry;
            row.State = HoldState.Expired;
            row.DebitSlot = hold.DebitSlot;
            row.CreditSlot = hold.CreditSlot;
            _lastRowTimestamp = row.Timestamp;
            WriteRow(ref row, debit, credit, previousDebit: 0, previousCredit: 0);
        }
        if (due.Length > 0)
        {
            LastTimestamp = timestamp;
        }
    }

    private static ulong EventTime(ulong timestamp, int count, int index) =>
        timestamp - (ulong)(count - 1 - index);

    private void RememberFailedId(UInt128 id)
    {
        ref var row = ref _rows.Add();
        row.Id = id;
        row.Timestamp = _lastRowTimestamp;
        row.Kind = RowKind.FailedId;
        _ids[id] = _rows.Count - 1;
        var bytes = NextRowBytes();
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, id);
        Put(bytes, 48, row.Timestamp);
        Put(bytes, 80, _entry);
        bytes[108] = (byte)RowKind.FailedId;
    }

    private void Open(ulong position) => _open.Add((_rows[position].Deadline, position));

    private void Close(ulong position, in BookRow hold, HoldState state)
    {
        _open.Remove((hold.Deadline, position));
        _resolved[position] = state;
        KeepClosedHold(position);
    }

    private static void Reopen(ushort holdFlags, BookAccount debit, BookAccount credit)
    {
        if ((holdFlags & TransferBits.ClosingDebit) != 0)
        {
            debit.Flags = (ushort)(debit.Flags & ~AccountBits.Closed);
        }
        if ((holdFlags & TransferBits.ClosingCredit) != 0)
        {
            credit.Flags = (ushort)(credit.Flags & ~AccountBits.Closed);
        }
    }

    /// <summary>The account, kept as it was for an undo.</summary>
    private BookAccount Touch(uint slot)
    {
        var account = _accounts[(int)slot];
        KeepAccount(account);
        return account;
    }

    private Span<byte> NextRowBytes()
    {
        var at = (int)(_rows.Count - 1 - _entryFirstRow) * RowBytes;
        if (_bytes.Length < at + RowBytes)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }
        var bytes = _bytes.AsSpan(at, RowBytes);
        bytes.Clear();
        return bytes;
    }

    private void WriteRow(
        ref BookRow row,
        BookAccount debit,
        BookAccount credit,
        ulong previousDebit,
        ulong previousCredit
    )
    {
        row.Ledger = debit.Ledger;
        var b = NextRowBytes();
        BinaryPrimitives.WriteUInt128LittleEndian(b, row.Id);
        BinaryPrimitives.WriteUInt128LittleEndian(b[16..], row.UserData128);
        Put(b, 32, row.UserData64);
        Put(b, 40, row.Amount);
        Put(b, 48, row.Timestamp);
        Put(b, 56, row.Hold);
        Put(b, 64, previousDebit);
        Put(b, 72, previousCredit);
        Put(b, 80, _entry);
        BinaryPrimitives.WriteUInt32LittleEndian(b[88..], row.DebitSlot);
        BinaryPrimitives.WriteUInt32LittleEndian(b[92..], row.CreditSlot);
        BinaryPrimitives.WriteUInt32LittleEndian(b[96..], row.UserData32);
        BinaryPrimitives.WriteUInt32LittleEndian(b[100..], row.Timeout);
        BinaryPrimitives.WriteUInt16LittleEndian(b[104..], row.Code);
        BinaryPrimitives.WriteUInt16LittleEndian(b[106..], row.Flags);
        b[108] = (byte)row.Kind;
        b[109] = (byte)row.State;
        BinaryPrimitives.WriteUInt16LittleEndian(b[110..], debit.Flags);
        BinaryPrimitives.WriteUInt16LittleEndian(b[112..], credit.Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(b[116..], row.Ledger);
        PutTotals(b[120..], debit);
        PutTotals(b[152..], credit);
    }

    private static void PutTotals(Span<byte> b, BookAccount account)
    {
        Put(b, 0, account.DebitsPending);
        Put(b, 8, account.DebitsPosted);
        Put(b, 16, account.CreditsPending);
        Put(b, 24, account.CreditsPosted);
    }

    private static void Put(Span<byte> bytes, int at, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[at..], value);
}
