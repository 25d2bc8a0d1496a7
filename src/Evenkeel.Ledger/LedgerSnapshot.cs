using System.IO.Hashing;
using System.Runtime.InteropServices;
using Evenkeel.Ledger.Holds;
using Evenkeel.Ledger.Memory;
using Evenkeel.Ledger.Snapshots;
using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <summary>
/// A ledger as it was when the snapshot was captured. Another thread writes it out while the ledger
/// goes on; <see cref="Dispose"/> ends the copying on write.
/// </summary>
/// <remarks>
/// Bytes: docs/formats/ledger-snapshot.md. Ids and resolved holds are not in it: they are rebuilt
/// from history rows (<see cref="LedgerState.IndexRow"/>).
/// </remarks>
public sealed unsafe class LedgerSnapshot : IDisposable
{
    private readonly SnapshotHeader _header;
    private readonly NativeMemoryBlocks _memory;
    private readonly CopyOnWritePages<HotAccount> _hot;
    private readonly CopyOnWritePages<ColdAccount> _cold;
    private readonly CopyOnWritePages<Hold> _holds;
    private UInt128? _digest;
    private bool _begun;
    private int _released;

    internal LedgerSnapshot(
        SnapshotHeader header,
        NativeMemoryBlocks memory,
        CopyOnWritePages<HotAccount> hot,
        CopyOnWritePages<ColdAccount> cold,
        CopyOnWritePages<Hold> holds
    )
    {
        header.Magic = SnapshotHeader.MagicValue;
        header.Version = SnapshotHeader.CurrentVersion;
        header.Checksum = XxHash3.HashToUInt64(
            MemoryMarshal.AsBytes(new ReadOnlySpan<SnapshotHeader>(in header))[..120]
        );
        _header = header;
        _memory = memory;
        _hot = hot;
        _cold = cold;
        _holds = holds;
        memory.AddReference();
    }

    /// <summary>Rows of history that belong to this state.</summary>
    public ulong HistoryCount => _header.HistoryCount;

    /// <summary>
    /// <see cref="LedgerState.Digest"/> of this state. Known after <see cref="WriteTo"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">Asked before the snapshot was written.</exception>
    public UInt128 Digest =>
        _digest ?? throw new InvalidOperationException("The digest is known once it is written.");

    internal bool IsReleased => Volatile.Read(ref _released) != 0;

    /// <summary>Writes the snapshot, once; on any one thread.</summary>
    public void WriteTo(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        Check.That(!_begun && !IsReleased, "a snapshot is written once");
        _begun = true;
        var hasher = new StateHasher(in _header);
        var output = new HashingWriter(destination);
        output.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<SnapshotHeader>(in _header)));
        WriteAccounts(hasher, output);
        WriteHolds(hasher, output);
        UInt128 digest = hasher.Finish();
        output.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in digest)));
        output.Finish();
        _digest = digest;
    }

    /// <summary>Ends the copying on write. Never while <see cref="WriteTo"/> runs.</summary>
    public void Dispose()
    {
        // The copies are freed by the writing thread, which may be looking at them right now.
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            _memory.Release();
        }
    }

    internal void BeforeHotWrite(uint slot) => _hot.BeforeWrite(slot);

    internal void BeforeColdWrite(uint slot) => _cold.BeforeWrite(slot);

    internal void BeforeHoldWrite(uint place) => _holds.BeforeWrite(place);

    /// <summary>The applying thread, once nobody uses the snapshot any more.</summary>
    internal void FreeCopies()
    {
        Check.That(IsReleased);
        _hot.Free();
        _cold.Free();
        _holds.Free();
    }

    private void WriteAccounts(StateHasher hasher, HashingWriter output)
    {
        const int Page = CopyOnWritePages<HotAccount>.PageItems;
        HotAccount* hot = stackalloc HotAccount[Page];
        ColdAccount* cold = stackalloc ColdAccount[Page];
        Span<AccountRecord> records = stackalloc AccountRecord[Page];
        for (int page = 0; page < _hot.PageCount; page++)
        {
            int count = _hot.Read(page, hot);
            Check.That(_cold.Read(page, cold) == count);
            for (int i = 0; i < count; i++)
            {
                records[i].Hot = hot[i];
                records[i].Hot.Flags = hot[i].PublicFlags;
                records[i].Cold = cold[i];
            }

            hasher.Append(records[..count]);
            output.Write(MemoryMarshal.AsBytes(records[..count]));
        }
    }

    private void WriteHolds(StateHasher hasher, HashingWriter output)
    {
        Hold* holds = stackalloc Hold[CopyOnWritePages<Hold>.PageItems];
        ulong open = 0;
        for (int page = 0; page < _holds.PageCount; page++)
        {
            int count = _holds.Read(page, holds);
            for (int i = 0; i < count; i++)
            {
                if (holds[i].PositionPlusOne != 0)
                {
                    hasher.Append(in holds[i]);
                    output.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<Hold>(in holds[i])));
                    open++;
                }
            }
        }

        Check.That(open == _header.OpenHoldCount, "every open hold is in the snapshot");
    }

    /// <summary>Buffers, and ends the stream with the XxHash128 of all bytes before.</summary>
    private sealed class HashingWriter(Stream destination)
    {
        private readonly XxHash128 _hash = new();
        private readonly byte[] _buffer = new byte[1 << 18];
        private int _length;

        public void Write(ReadOnlySpan<byte> bytes)
        {
            if (_length + bytes.Length > _buffer.Length)
            {
                Flush();
            }

            bytes.CopyTo(_buffer.AsSpan(_length));
            _length += bytes.Length;
        }

        public void Finish()
        {
            Flush();
            destination.Write(_hash.GetCurrentHash());
        }

        private void Flush()
        {
            _hash.Append(_buffer.AsSpan(0, _length));
            destination.Write(_buffer, 0, _length);
            _length = 0;
        }
    }
}
