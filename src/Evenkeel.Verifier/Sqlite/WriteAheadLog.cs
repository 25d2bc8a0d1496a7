using System.Buffers.Binary;

namespace Evenkeel.Verifier.Sqlite;

/// <summary>The newest committed version of each page that an SQLite write-ahead log holds.</summary>
internal sealed class WriteAheadLog : IDisposable
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;
    private const uint MagicLittle = 0x377f0682;
    private const uint MagicBig = 0x377f0683;

    private readonly FileStream _file;
    private readonly Dictionary<uint, long> _pages = [];

    private WriteAheadLog(FileStream file, string name)
    {
        _file = file;
        Name = name;
    }

    public string Name { get; }

    public static WriteAheadLog Read(FileStream file, string name, int pageSize)
    {
        var wal = new WriteAheadLog(file, name);
        var header = new byte[HeaderBytes];
        if (file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes)
        {
            return wal;
        }
        var magic = BinaryPrimitives.ReadUInt32BigEndian(header);
        var sum = new Sum(IsBigEndian: magic == MagicBig);
        sum.Add(header.AsSpan(0, 24));
        if (
            magic is not (MagicLittle or MagicBig)
            || BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(8)) != pageSize
            || !sum.Is(header.AsSpan(24))
        )
        {
            return wal;
        }
        var frame = new byte[FrameHeaderBytes + pageSize];
        var uncommitted = new Dictionary<uint, long>();
        for (long at = HeaderBytes; ; at += frame.Length)
        {
            if (
                file.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) < frame.Length
                || !frame.AsSpan(8, 8).SequenceEqual(header.AsSpan(16, 8))
            )
            {
                return wal;
            }
            sum.Add(frame.AsSpan(0, 8));
            sum.Add(frame.AsSpan(FrameHeaderBytes));
            if (!sum.Is(frame.AsSpan(16)))
            {
                return wal; // A torn write, or the rest of an older round.
            }
            uncommitted[BinaryPrimitives.ReadUInt32BigEndian(frame)] = at + FrameHeaderBytes;
            if (BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4)) != 0)
            {
                foreach (var (page, offset) in uncommitted)
                {
                    wal._pages[page] = offset;
                }
                uncommitted.Clear();
            }
        }
    }

    public bool TryRead(uint page, byte[] bytes, out long offset) =>
        _pages.TryGetValue(page, out offset)
        && RandomAccess.Read(_file.SafeFileHandle, bytes, offset) == bytes.Length;

    public void Dispose() => _file.Dispose();

    /// <summary>The format's running checksum over pairs of 32-bit words.</summary>
    private record struct Sum(bool IsBigEndian)
    {
        private uint _first;
        private uint _second;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            for (var i = 0; i + 8 <= bytes.Length; i += 8)
            {
                var x = IsBigEndian
                    ? BinaryPrimitives.ReadUInt32BigEndian(bytes[i..])
                    : BinaryPrimitives.ReadUInt32LittleEndian(bytes[i..]);
                var y = IsBigEndian
                    ? BinaryPrimitives.ReadUInt32BigEndian(bytes[(i + 4)..])
                    : BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i + 4)..]);
                unchecked
                {
                    _first += x + _second;
                    _second += y + _first;
                }
            }
        }

        public readonly bool Is(ReadOnlySpan<byte> stored) =>
            BinaryPrimitives.ReadUInt32BigEndian(stored) == _first
            && BinaryPrimitives.ReadUInt32BigEndian(stored[4..]) == _second;
    }
}
