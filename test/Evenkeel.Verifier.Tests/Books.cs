using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Evenkeel.Verifier.Tests;

/// <summary>
/// A tiny bank's files written by hand from the format documents: transfers between numbered
/// accounts, one entry each, with the archive and the history that a node would have.
/// </summary>
internal sealed class Books : IDisposable
{
    public const int RowsPerSegment = 1 << 20;
    public const int Accounts = 12;

    /// <summary>Bytes of the first record, which creates the accounts.</summary>
    public const int FirstRecordBytes = 80 + 64 + (Accounts * 128);
    private readonly List<byte[]> _entries = [];
    private readonly List<byte[]> _rows = [];
    private readonly Dictionary<uint, (ulong[] Totals, ulong Last)> _accounts = [];
    private readonly string _directory = Directory
        .CreateTempSubdirectory("evenkeel-verifier-")
        .FullName;
    private ulong _timestamp = 1_000_000;

    public Books() => _entries.Add(AccountsEntry());

    public string DataDirectory => _directory;
    public string ArchiveDirectory => Path.Combine(_directory, "archive");
    public string HistoryDirectory => Path.Combine(_directory, "history");

    /// <summary>Edits a row's bytes before its checksum is made, as a forger who knows the format would.</summary>
    public Action<int, byte[]>? Forge { get; set; }

    public void Transfer(uint debit, uint credit, ulong amount)
    {
        _timestamp += 10;
        var id = (UInt128)(ulong)(_rows.Count + 1);
        _entries.Add(Entry(id, debit, credit, amount));
        _rows.Add(Row(id, debit, credit, amount, entry: (ulong)_entries.Count));
    }

    /// <summary>An entry that the bank did not apply: it has no row.</summary>
    /// <returns>Its index and the SHA-256 of its payload.</returns>
    public (ulong Entry, string Sha256) NotApplied(uint debit, uint credit, ulong amount)
    {
        // Its time goes by as well: nothing of it counts.
        var before = _timestamp;
        _timestamp += 10;
        var entry = Entry(9_999, debit, credit, amount);
        _timestamp = before;
        _entries.Add(entry);
        return ((ulong)_entries.Count, Convert.ToHexStringLower(SHA256.HashData(entry)));
    }

    public void Write()
    {
        Directory.CreateDirectory(ArchiveDirectory);
        Directory.CreateDirectory(HistoryDirectory);
        File.WriteAllBytes(Path.Combine(ArchiveDirectory, $"{1:D20}.eka"), Archive());
        File.WriteAllBytes(Path.Combine(HistoryDirectory, $"{0:D8}.seg"), History());
    }

    public Judgement Judge() =>
        LogVerifier.Verify(
            new VerifyRequest { DataDirectory = _directory },
            CancellationToken.None
        );

    public string ArchiveFile => Directory.GetFiles(ArchiveDirectory).Single();

    public string HistoryFile => Directory.GetFiles(HistoryDirectory).Single();

    public static void Flip(string file, long offset)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = offset;
        var value = stream.ReadByte();
        stream.Position = offset;
        stream.WriteByte((byte)(value ^ 0x10));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private byte[] AccountsEntry()
    {
        var e = new byte[64 + (Accounts * 128)];
        Put32(e, 0, 0x31454B45);
        Put16(e, 4, 1);
        Put16(e, 6, 1);
        Put64(e, 8, _timestamp);
        Put32(e, 24, 1);
        Put16(e, 32, 16);
        Put32(e, 36, Accounts * 128);
        Put32(e, 40, Accounts);
        for (var slot = 0; slot < Accounts; slot++)
        {
            Put64(e, 64 + (slot * 128), IdOf((uint)slot));
            Put32(e, 64 + (slot * 128) + 112, 840);
            Put16(e, 64 + (slot * 128) + 116, 1);
        }
        Put64(e, 16, XxHash3.HashToUInt64(e.AsSpan(24)));
        return e;
    }

    private static ulong IdOf(uint slot) => slot + 1;

    private byte[] Entry(UInt128 id, uint debit, uint credit, ulong amount)
    {
        var e = new byte[32 + 32 + 128];
        Put32(e, 0, 0x31454B45);
        Put16(e, 4, 1);
        Put16(e, 6, 1);
        Put64(e, 8, _timestamp);
        Put32(e, 24, 1);
        Put16(e, 32, 17);
        Put32(e, 36, 128);
        Put32(e, 40, 1);
        BinaryPrimitives.WriteUInt128LittleEndian(e.AsSpan(64), id);
        Put64(e, 64 + 16, IdOf(debit));
        Put64(e, 64 + 32, IdOf(credit));
        Put64(e, 64 + 48, amount);
        Put32(e, 64 + 112, 840);
        Put16(e, 64 + 116, 1);
        Put64(e, 16, XxHash3.HashToUInt64(e.AsSpan(24)));
        return e;
    }

    private byte[] Row(UInt128 id, uint debit, uint credit, ulong amount, ulong entry)
    {
        var row = new byte[192];
        var position = (ulong)_rows.Count;
        var (dt, dl) = _accounts.GetValueOrDefault(debit, (new ulong[4], 0UL));
        var (ct, cl) = _accounts.GetValueOrDefault(credit, (new ulong[4], 0UL));
        dt[1] += amount;
        ct[3] += amount;
        _accounts[debit] = (dt, position + 1);
        _accounts[credit] = (ct, position + 1);
        BinaryPrimitives.WriteUInt128LittleEndian(row, id);
        Put64(row, 40, amount);
        Put64(row, 48, _timestamp);
        Put64(row, 64, dl);
        Put64(row, 72, cl);
        Put64(row, 80, entry);
        Put32(row, 88, debit);
        Put32(row, 92, credit);
        Put16(row, 104, 1);
        row[108] = 1;
        Put32(row, 116, 840);
        for (var i = 0; i < 4; i++)
        {
            Put64(row, 120 + (8 * i), dt[i]);
            Put64(row, 152 + (8 * i), ct[i]);
        }
        return row;
    }

    private byte[] Archive()
    {
        using var file = new MemoryStream();
        var head = new byte[4096];
        Put64(head, 0, 0x3156484352414B45);
        Put64(head, 8, 1);
        Put64(head, 16, 77);
        Put64(head, 88, XxHash3.HashToUInt64(head.AsSpan(0, 88)));
        file.Write(head);
        var chain = new byte[32];
        for (var i = 0; i < _entries.Count; i++)
        {
            var payload = _entries[i];
            var preimage = new byte[88];
            chain.CopyTo(preimage, 0);
            Put64(preimage, 32, (ulong)i + 1);
            Put64(preimage, 40, 1);
            Put64(preimage, 48, (ulong)payload.Length);
            SHA256.HashData(payload).CopyTo(preimage, 56);
            chain = SHA256.HashData(preimage);
            var record = new byte[80];
            Put32(record, 0, 0x43524B45);
            Put32(record, 4, (uint)payload.Length);
            Put64(record, 8, (ulong)i + 1);
            Put64(record, 16, 1);
            Put64(record, 24, XxHash3.HashToUInt64(payload));
            chain.CopyTo(record, 32);
            Put64(record, 72, XxHash3.HashToUInt64(record.AsSpan(0, 72)));
            file.Write(record);
            file.Write(payload);
        }
        return file.ToArray();
    }

    private byte[] History()
    {
        using var file = new MemoryStream();
        var head = new byte[4096];
        Put64(head, 0, 0x3130545349484B45);
        Put32(head, 8, 1);
        Put32(head, 12, 192);
        Put64(head, 32, 77);
        Put32(head, 48, RowsPerSegment);
        Put64(head, 120, XxHash3.HashToUInt64(head.AsSpan(0, 120)));
        file.Write(head);
        for (var i = 0; i < _rows.Count; i++)
        {
            Forge?.Invoke(i, _rows[i]);
            Put64(_rows[i], 184, XxHash3.HashToUInt64(_rows[i].AsSpan(0, 184), i));
            file.Write(_rows[i]);
        }
        file.Write(new byte[192 * 8]);
        return file.ToArray();
    }

    private static void Put16(Span<byte> at, int offset, ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(at[offset..], value);

    private static void Put32(Span<byte> at, int offset, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(at[offset..], value);

    public static void Put64(Span<byte> at, int offset, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(at[offset..], value);
}
