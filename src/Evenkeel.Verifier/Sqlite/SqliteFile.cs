using System.Buffers.Binary;
using System.Text;

namespace Evenkeel.Verifier.Sqlite;

/// <summary>One row: its columns, and where its cell begins.</summary>
/// <param name="Values">long, string, byte[], double or null.</param>
internal readonly record struct SqliteRow(string File, long Offset, long RowId, object?[] Values);

/// <summary>The file is not what the published SQLite 3 format says.</summary>
internal sealed class SqliteDamageException(string message) : Exception(message);

/// <summary>
/// Reads the tables of an SQLite 3 database and its write-ahead log by the published file format, without
/// the library that wrote it and without touching the evidence (no lock file, no recovery).
/// </summary>
internal sealed class SqliteFile : IDisposable
{
    private const int DepthMax = 32;
    private readonly FileStream _main;
    private readonly WriteAheadLog? _wal;
    private readonly int _pageSize;
    private readonly int _usable;
    private readonly string _name;

    private SqliteFile(string path, string name)
    {
        _name = name;
        _main = Open(path);
        var header = new byte[100];
        if (
            _main.ReadAtLeast(header, 100, throwOnEndOfStream: false) < 100
            || !header.AsSpan().StartsWith("SQLite format 3\0"u8)
        )
        {
            _main.Dispose();
            throw new SqliteDamageException("not an SQLite 3 database");
        }
        var size = BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(16));
        _pageSize = size == 1 ? 65_536 : size;
        _usable = _pageSize - header[20];
        if (_pageSize < 512 || (_pageSize & (_pageSize - 1)) != 0 || _usable < 480)
        {
            _main.Dispose();
            throw new SqliteDamageException($"pages of {_pageSize} bytes");
        }
        var wal = path + "-wal";
        _wal = File.Exists(wal) ? WriteAheadLog.Read(Open(wal), name + "-wal", _pageSize) : null;
    }

    /// <param name="name">What findings call the file.</param>
    public static SqliteFile Open(string path, string name) => new(path, name);

    public void Dispose()
    {
        _main.Dispose();
        _wal?.Dispose();
    }

    /// <summary>Rows of a table in the order of its key.</summary>
    public IEnumerable<SqliteRow> Rows(string table)
    {
        var root = Walk(page: 1, depth: 0)
            .Where(r =>
                r.Values.Length >= 5
                && r.Values[0] is "table"
                && r.Values[1] is string name
                && string.Equals(name, table, StringComparison.Ordinal)
            )
            .Select(r => r.Values[3])
            .SingleOrDefault();
        return root is long page and > 0 and <= uint.MaxValue
            ? Walk((uint)page, depth: 0)
            : throw new SqliteDamageException($"no table {table}");
    }

    private static FileStream Open(string path) =>
        new(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete,
            bufferSize: 1
        );

    private IEnumerable<SqliteRow> Walk(uint page, int depth)
    {
        if (depth > DepthMax)
        {
            throw new SqliteDamageException($"page {page} lies deeper than {DepthMax}");
        }
        var (bytes, file, start) = ReadPage(page);
        var at = page == 1 ? 100 : 0;
        var type = bytes[at];
        var isTable = type is 0x05 or 0x0d;
        var isLeaf = type is 0x0a or 0x0d;
        if (!isTable && type is not (0x02 or 0x0a))
        {
            throw new SqliteDamageException($"page {page} is of unknown type {type}");
        }
        var cells = U16(bytes, at + 3);
        var pointers = at + (isLeaf ? 8 : 12);
        for (var i = 0; i < cells; i++)
        {
            var cell = (int)U16(bytes, pointers + (2 * i));
            var cursor = cell;
            if (!isLeaf)
            {
                var child = U32(bytes, cursor);
                cursor += 4;
                foreach (var row in Walk(child, depth + 1))
                {
                    yield return row;
                }
                if (isTable)
                {
                    continue; // Its key only leads the way.
                }
            }
            var length = Varint(bytes, ref cursor);
            var rowId = isTable ? Varint(bytes, ref cursor) : 0;
            if (length is < 0 or > int.MaxValue)
            {
                throw new SqliteDamageException($"page {page} has a row of {length} bytes");
            }
            var payload = Payload(bytes, cursor, (int)length, isTable);
            yield return new SqliteRow(file, start + cell, rowId, Columns(payload));
        }
        if (!isLeaf)
        {
            foreach (var row in Walk(U32(bytes, at + 8), depth + 1))
            {
                yield return row;
            }
        }
    }

    private byte[] Payload(byte[] page, int at, int length, bool isTable)
    {
        var least = ((_usable - 12) * 32 / 255) - 23;
        var most = isTable ? _usable - 35 : ((_usable - 12) * 64 / 255) - 23;
        var local = length;
        if (length > most)
        {
            var wanted = least + ((length - least) % (_usable - 4));
            local = wanted <= most ? wanted : least;
        }
        if (at + local > page.Length)
        {
            throw new SqliteDamageException("a row does not fit its page");
        }
        var payload = new byte[length];
        page.AsSpan(at, local).CopyTo(payload);
        if (local == length)
        {
            return payload;
        }
        var next = U32(page, at + local);
        for (var done = local; done < length; )
        {
            var (bytes, _, _) = ReadPage(next);
            var count = Math.Min(_usable - 4, length - done);
            bytes.AsSpan(4, count).CopyTo(payload.AsSpan(done));
            done += count;
            next = U32(bytes, 0);
        }
        return payload;
    }

    private static object?[] Columns(byte[] payload)
    {
        var at = 0;
        var headerEnd = (int)Varint(payload, ref at);
        var types = new List<long>();
        while (at < headerEnd)
        {
            types.Add(Varint(payload, ref at));
        }
        var values = new object?[types.Count];
        at = headerEnd;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Column(payload, types[i], ref at);
        }
        return values;
    }

    private static object? Column(byte[] payload, long type, ref int at)
    {
        switch (type)
        {
            case 0:
                return null;
            case >= 1 and <= 6:
                var width = type switch
                {
                    5 => 6,
                    6 => 8,
                    _ => (int)type,
                };
                Need(payload, at, width);
                long value = (sbyte)payload[at];
                for (var i = 1; i < width; i++)
                {
                    value = (value << 8) | payload[at + i];
                }
                at += width;
                return value;
            case 7:
                Need(payload, at, 8);
                at += 8;
                return BinaryPrimitives.ReadDoubleBigEndian(payload.AsSpan(at - 8));
            case 8:
                return 0L;
            case 9:
                return 1L;
            case >= 12:
                var length = (int)Math.Min((type - 12) / 2, int.MaxValue / 2);
                Need(payload, at, length);
                at += length;
                var bytes = payload.AsSpan(at - length, length);
                return type % 2 == 0 ? bytes.ToArray() : Encoding.UTF8.GetString(bytes);
            default:
                throw new SqliteDamageException($"a column of unknown type {type}");
        }
    }

    private (byte[] Bytes, string File, long Start) ReadPage(uint page)
    {
        if (page == 0)
        {
            throw new SqliteDamageException("a link to page 0");
        }
        var bytes = new byte[_pageSize];
        if (_wal is not null && _wal.TryRead(page, bytes, out var offset))
        {
            return (bytes, _wal.Name, offset);
        }
        var start = (long)(page - 1) * _pageSize;
        return RandomAccess.Read(_main.SafeFileHandle, bytes, start) == _pageSize
            ? (bytes, _name, start)
            : throw new SqliteDamageException($"page {page} lies behind the file's end");
    }

    private static long Varint(byte[] bytes, ref int at)
    {
        ulong value = 0;
        for (var i = 0; i < 8; i++)
        {
            Need(bytes, at, 1);
            var b = bytes[at++];
            value = (value << 7) | (b & 0x7Fu);
            if (b < 0x80)
            {
                return unchecked((long)value);
            }
        }
        Need(bytes, at, 1);
        return unchecked((long)((value << 8) | bytes[at++]));
    }

    private static void Need(byte[] bytes, int at, int count)
    {
        if (at < 0 || count < 0 || at + (long)count > bytes.Length)
        {
            throw new SqliteDamageException("a row ends too early");
        }
    }

    private static uint U16(byte[] bytes, int at)
    {
        Need(bytes, at, 2);
        return BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(at));
    }

    private static uint U32(byte[] bytes, int at)
    {
        Need(bytes, at, 4);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
    }
}
