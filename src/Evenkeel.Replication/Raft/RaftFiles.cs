using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;

namespace Evenkeel.Replication;

/// <summary>
/// Reads the engine's files without the engine, to say before it starts what they hold and where
/// they are damaged: the engine itself only says that a hash does not match.
/// </summary>
/// <remarks>
/// Layout of DotNext.Net.Cluster 6.12 (pinned; tests fail when it changes): <c>checkpoint</c> is a
/// 32-bit version, then commit index and last index as 64-bit numbers. <c>metadata/N</c> are pages
/// of 4,096 bytes with 64-byte slots by entry index: term, length, address, flags, identifier,
/// hash. <c>data/N</c> are chunks; an address counts through all chunks. The hash is XxHash3 of
/// payload and the slot's first 32 bytes.
/// </remarks>
internal sealed class RaftFiles(string directory, int chunkBytes) : IDisposable
{
    private const int PageBytes = 4096;
    private const int SlotBytes = 64;
    private const int SlotsPerPage = PageBytes / SlotBytes;
    private const int MetadataBytes = 32;
    private const uint ConfigurationFlag = 2;
    private const int CheckpointBytes = 20;
    private const int CheckpointVersion = 1;

    private readonly byte[] slot = new byte[SlotBytes];
    private readonly XxHash3 hash = new();
    private byte[] payload = new byte[64 << 10];
    private OpenFile? openPage;
    private OpenFile? openChunk;

    private string CheckpointPath => Path.Combine(directory, "checkpoint");

    /// <summary>Commit index and last index that the engine will start from; zeros when new.</summary>
    public (ulong Commit, ulong Last) ReadCheckpoint()
    {
        if (!File.Exists(CheckpointPath))
        {
            return (0, 0);
        }
        var bytes = File.ReadAllBytes(CheckpointPath);
        if (bytes.Length == 0)
        {
            return (0, 0);
        }
        if (
            bytes.Length < CheckpointBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != CheckpointVersion
        )
        {
            throw new RecoveryException(
                new(CheckpointPath, 0, 0, "not a checkpoint of the version that this program reads")
            );
        }
        var commit = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(4));
        var last = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(12));
        return commit <= last && last < long.MaxValue
            ? (commit, last)
            : throw new RecoveryException(
                new(CheckpointPath, 4, commit, $"commit index {commit} is above last index {last}")
            );
    }

    /// <summary>The lowest entry whose metadata page is still there; 0 when none is.</summary>
    public ulong FirstIndex()
    {
        var pages = Path.Combine(directory, "metadata");
        if (!Directory.Exists(pages))
        {
            return 0;
        }
        var lowest = Directory
            .EnumerateFiles(pages)
            .Select(static path =>
                uint.TryParse(
                    Path.GetFileName(path),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var number
                )
                    ? number
                    : uint.MaxValue
            )
            .DefaultIfEmpty(uint.MaxValue)
            .Min();
        return lowest == uint.MaxValue ? 0 : Math.Max(1UL, (ulong)lowest * SlotsPerPage);
    }

    /// <summary>Null when the entry is whole; else where it is not.</summary>
    public RecoveryNote? Verify(ulong index)
    {
        var page = Path.Combine(
            directory,
            "metadata",
            (index / SlotsPerPage).ToString(CultureInfo.InvariantCulture)
        );
        var slotOffset = (long)(index % SlotsPerPage) * SlotBytes;
        if (!TryRead(ref openPage, page, slotOffset, slot))
        {
            return new(page, slotOffset, index, "metadata of the entry is missing");
        }
        var length = BinaryPrimitives.ReadInt64LittleEndian(slot.AsSpan(8));
        var address = BinaryPrimitives.ReadUInt64LittleEndian(slot.AsSpan(16));
        if (length < 0 || length > Evenkeel.Model.Limits.EntryBytesMax)
        {
            return new(page, slotOffset, index, $"metadata claims {length} bytes");
        }
        if (payload.Length < length)
        {
            payload = new byte[length];
        }
        var file = page;
        var fileOffset = slotOffset;
        for (var done = 0; done < length; )
        {
            var at = address + (ulong)done;
            var chunk = Path.Combine(
                directory,
                "data",
                (at / (ulong)chunkBytes).ToString(CultureInfo.InvariantCulture)
            );
            var offset = (long)(at % (ulong)chunkBytes);
            var part = (int)Math.Min(length - done, chunkBytes - offset);
            if (!TryRead(ref openChunk, chunk, offset, payload.AsSpan(done, part)))
            {
                return new(chunk, offset, index, "payload of the entry is missing");
            }
            (file, fileOffset) = done == 0 ? (chunk, offset) : (file, fileOffset);
            done += part;
        }
        hash.Append(payload.AsSpan(0, (int)length));
        hash.Append(slot.AsSpan(0, MetadataBytes));
        Span<byte> actual = stackalloc byte[8];
        hash.GetHashAndReset(actual);
        return actual.SequenceEqual(slot.AsSpan(MetadataBytes, 8))
            ? null
            : new(file, fileOffset, index, "entry does not match its hash (payload or metadata)");
    }

    /// <summary>
    /// The entry that was verified last, as the archive holds it: what the engine keeps for its
    /// configuration is an entry without payload there.
    /// </summary>
    public (ulong Term, byte[] Payload) ReadVerified()
    {
        var isConfiguration =
            (BinaryPrimitives.ReadUInt32LittleEndian(slot.AsSpan(24)) & ConfigurationFlag) != 0;
        return (
            TermOfSlot(),
            isConfiguration ? [] : payload.AsSpan(0, (int)LengthOfSlot()).ToArray()
        );
    }

    /// <summary>
    /// Finds whole entries behind the last one that counts: flushed when the process ended, before
    /// the checkpoint was. They count from now on: nobody was promised that they would not, and
    /// were the checkpoint itself damaged, somebody may have been promised that they would.
    /// </summary>
    /// <remarks>
    /// Free slots hold whatever was in memory, so an entry counts only when it matches its hash,
    /// lies right behind the one before and its term does not fall.
    /// </remarks>
    /// <returns>The last index that counts.</returns>
    public ulong AdoptWholeEntries(ulong commit, ulong last)
    {
        if (last == 0 || Verify(last) is not null)
        {
            return last;
        }
        var adopted = last;
        var (end, term) = (EndOfSlot(), TermOfSlot());
        while (
            Verify(adopted + 1) is null
            && AddressOfSlot() >= end
            && AddressOfSlot() - end < (ulong)chunkBytes
            && TermOfSlot() >= term
        )
        {
            adopted++;
            (end, term) = (EndOfSlot(), TermOfSlot());
        }
        if (adopted > last)
        {
            WriteCheckpoint(commit, adopted);
        }
        return adopted;
    }

    /// <summary>
    /// True when the engine may be told that a snapshot covers everything up to this entry. It then
    /// frees files by this entry's address without checking it: a wrong one frees what is in use.
    /// </summary>
    public bool IsSoundStart(ulong index, ulong last)
    {
        if (index == 0 || !ReadSlot(index))
        {
            return true;
        }
        if (index >= last)
        {
            return Verify(index) is null;
        }
        var (address, length) = (AddressOfSlot(), LengthOfSlot());
        if (length > int.MaxValue || address > long.MaxValue || Verify(index + 1) is not null)
        {
            return false;
        }
        var end = address + length;
        return AddressOfSlot() >= end && AddressOfSlot() - end < (ulong)chunkBytes;
    }

    /// <summary>
    /// Lets the engine begin anew behind an entry; term and vote stay, which are promises to others.
    /// </summary>
    public void BeginAnewAfter(ulong index)
    {
        openPage?.Dispose();
        openChunk?.Dispose();
        (openPage, openChunk) = (null, null);
        File.Delete(CheckpointPath);
        foreach (var name in (ReadOnlySpan<string>)["data", "metadata"])
        {
            var part = Path.Combine(directory, name);
            if (Directory.Exists(part))
            {
                Directory.Delete(part, recursive: true);
            }
        }
        // The engine fills a new page with whatever is in memory; the slot of the entry before its
        // first one must read as address 0.
        Directory.CreateDirectory(Path.Combine(directory, "metadata"));
        File.WriteAllBytes(PageOf(index), new byte[PageBytes]);
    }

    private string PageOf(ulong index) =>
        Path.Combine(
            directory,
            "metadata",
            (index / SlotsPerPage).ToString(CultureInfo.InvariantCulture)
        );

    private bool ReadSlot(ulong index) =>
        TryRead(ref openPage, PageOf(index), (long)(index % SlotsPerPage) * SlotBytes, slot);

    private ulong LengthOfSlot() => BinaryPrimitives.ReadUInt64LittleEndian(slot.AsSpan(8));

    private void WriteCheckpoint(ulong commit, ulong last)
    {
        var bytes = new byte[CheckpointBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, CheckpointVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(4), commit);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(12), last);
        using var handle = File.OpenHandle(CheckpointPath, FileMode.Open, FileAccess.Write);
        RandomAccess.Write(handle, bytes, 0);
        RandomAccess.FlushToDisk(handle);
    }

    private ulong AddressOfSlot() => BinaryPrimitives.ReadUInt64LittleEndian(slot.AsSpan(16));

    private ulong TermOfSlot() => BinaryPrimitives.ReadUInt64LittleEndian(slot);

    /// <summary>Address after the entry that was verified last.</summary>
    private ulong EndOfSlot() =>
        BinaryPrimitives.ReadUInt64LittleEndian(slot.AsSpan(16))
        + BinaryPrimitives.ReadUInt64LittleEndian(slot.AsSpan(8));

    public void Dispose()
    {
        openPage?.Dispose();
        openChunk?.Dispose();
    }

    /// <summary>Keeps the file open, since the next entry is most likely in it as well.</summary>
    private static bool TryRead(
        ref OpenFile? open,
        string path,
        long offset,
        Span<byte> destination
    )
    {
        if (!string.Equals(open?.Path, path, StringComparison.Ordinal))
        {
            open?.Dispose();
            open = File.Exists(path)
                ? new OpenFile(path, File.OpenHandle(path, share: FileShare.ReadWrite))
                : null;
        }
        return open is not null
            && RandomAccess.Read(open.Handle, destination, offset) == destination.Length;
    }

    private sealed record OpenFile(string Path, Microsoft.Win32.SafeHandles.SafeFileHandle Handle)
        : IDisposable
    {
        public void Dispose() => Handle.Dispose();
    }
}
