using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Evenkeel.Ledger.Holds;
using Evenkeel.Ledger.Snapshots;
using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <content>Snapshots, digest, and what is rebuilt from history rows after a restore.</content>
public sealed unsafe partial class LedgerState
{
    private LedgerSnapshot? _snapshot;
    private ulong _rowsIndexed;
    private ulong? _restoredIdCount;

    /// <summary>
    /// XxHash128 of the logical state, the same on every machine: accounts, limits, holds, counters.
    /// Not within an entry. Reads everything: about 0.2 s for 10 million accounts.
    /// </summary>
    public UInt128 Digest()
    {
        using LedgerSnapshot view = View();
        view.WriteTo(Stream.Null);
        return view.Digest;
    }

    /// <summary>Whether a snapshot can be captured: none lives.</summary>
    public bool CanCapture
    {
        get
        {
            DropReleasedSnapshot();
            return _snapshot == null;
        }
    }

    /// <summary>
    /// Captures the state between two entries, at once: pages are copied when they change while the
    /// snapshot lives. One at a time.
    /// </summary>
    public LedgerSnapshot CaptureSnapshot()
    {
        DropReleasedSnapshot();
        Check.That(_snapshot == null, "one snapshot at a time");
        _snapshot = View();
        return _snapshot;
    }

    /// <summary>
    /// Loads a snapshot into this new ledger. <see cref="IndexRow"/> must then be called for every
    /// row of <see cref="HistoryCount"/> before the first entry.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// The bytes are damaged; this ledger must be disposed of.
    /// </exception>
    public void Restore(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Check.That(_accountCount == 0 && HistoryCount == 0 && OpenHoldCount == 0);
        var input = new SnapshotReader(source);
        SnapshotHeader header = input.ReadHeader();
        var hasher = new StateHasher(in header);
        for (ulong i = 0; i < header.AccountCount; i++)
        {
            AccountRecord record = input.Read<AccountRecord>();
            hasher.Append(new ReadOnlySpan<AccountRecord>(in record));
            RestoreAccount(in record);
        }

        for (ulong i = 0; i < header.OpenHoldCount; i++)
        {
            Hold hold = input.Read<Hold>();
            hasher.Append(in hold);
            SnapshotReader.Require(
                hold.PositionPlusOne != 0 && hold.NextFree == 0,
                "a hold has a position"
            );
            _holds.Open(in hold);
        }

        UInt128 digest = input.Read<UInt128>();
        SnapshotReader.Require(digest == hasher.Finish(), "the digest is that of the content");
        input.Finish();
        StateVersion = header.StateVersion == 0 ? StateVersions.First : header.StateVersion;
        LastTimestamp = header.LastTimestamp;
        _lastRowTimestamp = header.LastRowTimestamp;
        _rowsBase = header.HistoryCount;
        _restoredIdCount = header.IdCount;
        CheckIndexed();
    }

    /// <summary>
    /// After <see cref="Restore"/>: takes the id and the resolved hold of one row; rows in order
    /// from position 0.
    /// </summary>
    /// <exception cref="InvalidDataException">The rows are not those of the snapshot.</exception>
    public void IndexRow(ulong position, in HistoryRow row) =>
        IndexRows(position, new ReadOnlySpan<HistoryRow>(in row));

    /// <summary><see cref="IndexRow"/> for many rows at once: faster.</summary>
    public void IndexRows(ulong position, ReadOnlySpan<HistoryRow> rows)
    {
        Check.That(position == _rowsIndexed, "rows are indexed in order");
        Check.That(position + (ulong)rows.Length <= _rowsBase, "rows of the snapshot only");
        for (int i = 0; i < rows.Length; i++)
        {
            if (i + BucketsAhead < rows.Length)
            {
                _transferIds.Prefetch(_hash.Of(rows[i + BucketsAhead].Id));
            }

            ref readonly HistoryRow row = ref rows[i];
            if (row.Kind is HistoryRowKind.Transfer or HistoryRowKind.FailedId)
            {
                _transferIds.Insert(_hash.Of(row.Id), position + (ulong)i);
            }

            if (row.PendingStatus > TransferPendingStatus.Pending)
            {
                _resolved[row.PendingPosition - 1] = row.PendingStatus;
            }
            else if (row.IsForcedPostOfGoneHold)
            {
                _forcedPosts[row.PendingPosition - 1] = true;
            }
        }

        _rowsIndexed += (ulong)rows.Length;
        CheckIndexed();
    }

    private void CheckIndexed()
    {
        if (_rowsIndexed == _rowsBase && _restoredIdCount is { } expected)
        {
            _restoredIdCount = null;
            if (expected != (ulong)_transferIds.Count)
            {
                throw new InvalidDataException(
                    $"History holds {_transferIds.Count} ids, the snapshot counted {expected}."
                );
            }
        }
    }

    private void RestoreAccount(in AccountRecord record)
    {
        uint slot = _accountCount++;
        _hot.EnsureCapacity(_accountCount);
        _cold.EnsureCapacity(_accountCount);
        *_hot[slot] = record.Hot;
        *_cold[slot] = record.Cold;
        if (record.Cold.Allowance > 0)
        {
            _hot[slot]->Flags |= HotAccount.HasAllowance;
        }

        _accountIds.Insert(_hash.Of(record.Hot.Id), slot);
    }

    private LedgerSnapshot View()
    {
        Check.That(!InScope && _rows == null, "a snapshot is taken between entries");
        Check.That(_rowsIndexed == _rowsBase, "ids are rebuilt before a snapshot");
        var header = new SnapshotHeader
        {
            AccountCount = _accountCount,
            HistoryCount = _rowsBase,
            IdCount = (ulong)_transferIds.Count,
            OpenHoldCount = (ulong)_holds.Count,
            LastTimestamp = LastTimestamp,
            LastRowTimestamp = _lastRowTimestamp,
            StateVersion = StateVersion == StateVersions.First ? 0 : StateVersion,
        };
        return new LedgerSnapshot(
            header,
            _memory,
            new CopyOnWritePages<HotAccount>(_hot, _accountCount),
            new CopyOnWritePages<ColdAccount>(_cold, _accountCount),
            _holds.View()
        );
    }

    private void DropReleasedSnapshot()
    {
        if (_snapshot is { IsReleased: true } released)
        {
            released.FreeCopies();
            _snapshot = null;
        }
    }

    /// <summary>The hot line, about to change.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private HotAccount* TouchHot(uint slot)
    {
        _snapshot?.BeforeHotWrite(slot);
        return _hot[slot];
    }

    private ColdAccount* TouchCold(uint slot)
    {
        _snapshot?.BeforeColdWrite(slot);
        return _cold[slot];
    }

    private void TouchHold(uint place) => _snapshot?.BeforeHoldWrite(place);

    /// <summary>Reads records and checks them; every failure is <see cref="InvalidDataException"/>.</summary>
    private sealed class SnapshotReader(Stream source)
    {
        private readonly XxHash128 _hash = new();
        private readonly byte[] _buffer = new byte[1 << 18];
        private int _position;
        private int _length;

        public SnapshotHeader ReadHeader()
        {
            SnapshotHeader header = Read<SnapshotHeader>();
            ulong checksum = XxHash3.HashToUInt64(
                MemoryMarshal.AsBytes(new ReadOnlySpan<SnapshotHeader>(in header))[..120]
            );
            Require(header.Magic == SnapshotHeader.MagicValue, "it is a ledger snapshot");
            Require(header.Version == SnapshotHeader.CurrentVersion, "its version is known");
            Require(header.Checksum == checksum, "its header is whole");
            Require(header.StateVersion <= StateVersions.Newest, "its state version is known");
            return header;
        }

        public T Read<T>()
            where T : unmanaged
        {
            if (_length - _position < sizeof(T))
            {
                Refill(sizeof(T));
            }

            Span<byte> bytes = _buffer.AsSpan(_position, sizeof(T));
            _hash.Append(bytes);
            _position += sizeof(T);
            return MemoryMarshal.Read<T>(bytes);
        }

        public void Finish()
        {
            UInt128 expected = _hash.GetCurrentHashAsUInt128();
            Span<byte> big = stackalloc byte[16];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(big, expected);
            Require(Read<UInt128>() == MemoryMarshal.Read<UInt128>(big), "its checksum matches");
            Require(_position == _length && source.ReadByte() < 0, "nothing follows it");
        }

        public static void Require(bool condition, string expectation)
        {
            if (!condition)
            {
                throw new InvalidDataException($"Ledger snapshot: expected that {expectation}.");
            }
        }

        private void Refill(int bytes)
        {
            _buffer.AsSpan(_position.._length).CopyTo(_buffer);
            _length -= _position;
            _position = 0;
            while (_length < bytes)
            {
                int read = source.Read(_buffer, _length, _buffer.Length - _length);
                Require(read > 0, "it is not cut off");
                _length += read;
            }
        }
    }
}
