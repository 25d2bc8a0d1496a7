using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Evenkeel.Verifier.Replay;

namespace Evenkeel.Verifier.Compare;

/// <summary>
/// A finished snapshot: its hashes, and every account, hold and record in it against what the archive
/// makes up to the same entry (docs/formats/snapshot.md, ledger-snapshot.md, node-snapshot.md).
/// </summary>
internal sealed class SnapshotComparison
{
    private const int HeaderBytes = 128;
    private const int AccountBytes = 120;
    private const int HoldBytes = 104;

    private readonly string _directory;
    private readonly string _name;
    private readonly Findings _findings;
    private readonly string? _chain;

    private SnapshotComparison(string directory, Findings findings)
    {
        _directory = directory;
        _name = $"snapshots/{Path.GetFileName(directory)}";
        _findings = findings;
        Index = ulong.Parse(
            Path.GetFileName(directory),
            NumberStyles.None,
            CultureInfo.InvariantCulture
        );
        _chain = ReadManifest();
        HistoryRows = ReadHistoryRows();
    }

    public ulong Index { get; }

    /// <summary>Rows of history that it counts on; 0 when that can't be read.</summary>
    public ulong HistoryRows { get; }

    /// <summary>As the manifest says; null when it can't be read.</summary>
    public string? StateDigest { get; private set; }

    public long Accounts { get; private set; }

    public long Records { get; private set; }

    public long Files { get; private set; } = 1;

    /// <summary>Finished snapshots, oldest first.</summary>
    public static List<SnapshotComparison> Find(string dataDirectory, Findings findings)
    {
        var directory = Path.Combine(dataDirectory, "snapshots");
        return Directory.Exists(directory)
            ?
            [
                .. Directory
                    .GetDirectories(directory)
                    .Where(d =>
                        Path.GetFileName(d) is { Length: 20 } name && name.All(char.IsAsciiDigit)
                    )
                    .Order(StringComparer.Ordinal)
                    .Select(d => new SnapshotComparison(d, findings)),
            ]
            : [];
    }

    /// <summary>Called when the books stand at <see cref="Index"/>.</summary>
    public void Compare(EntryReplay replay, ReadOnlySpan<byte> chain)
    {
        if (_chain is not null && !string.Equals(_chain, Hex(chain), StringComparison.Ordinal))
        {
            Damage("manifest.json", 0, "its chain hash is not the archive's at this entry");
        }
        var digest = LedgerDigest.Of(replay.Books);
        if (
            StateDigest is not null
            && !string.Equals(StateDigest, digest, StringComparison.Ordinal)
        )
        {
            _findings.Add(
                FindingKind.StateMismatch,
                $"{_name}/manifest.json",
                0,
                Index,
                $"state digest {StateDigest}, the entries make {digest}"
            );
        }
        CompareLedger(replay.Books);
        var records = Path.Combine(_directory, "records");
        if (File.Exists(records))
        {
            Files++;
            var comparison = new RecordComparison(records, $"{_name}/records", _findings);
            comparison.Compare(replay, isEnd: false);
            Records = comparison.Rows;
        }
    }

    private string? ReadManifest()
    {
        var path = Path.Combine(_directory, "manifest.json");
        try
        {
            var bytes = File.ReadAllBytes(path);
            var sums = File.ReadAllText(Path.Combine(_directory, "manifest.sha256"));
            if (!sums.StartsWith(Hex(SHA256.HashData(bytes)) + " ", StringComparison.Ordinal))
            {
                Damage("manifest.json", 0, "does not match manifest.sha256");
            }
            using var manifest = JsonDocument.Parse(bytes);
            var root = manifest.RootElement;
            StateDigest = root.GetProperty("stateDigest").GetString();
            if (root.GetProperty("index").GetUInt64() != Index)
            {
                Damage("manifest.json", 0, "is of another entry than its directory");
            }
            foreach (var piece in root.GetProperty("pieces").EnumerateArray())
            {
                CheckPiece(
                    piece.GetProperty("name").GetString()!,
                    piece.GetProperty("sha256").GetString()!
                );
            }
            return root.GetProperty("chain").GetString();
        }
        catch (Exception e)
            when (e
                    is IOException
                        or JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or FormatException
            )
        {
            Damage("manifest.json", 0, $"can't be read: {e.Message}");
            return null;
        }
    }

    private void CheckPiece(string name, string sha256)
    {
        Files++;
        using var stream = File.OpenRead(Path.Combine(_directory, Path.GetFileName(name)));
        if (!string.Equals(Hex(SHA256.HashData(stream)), sha256, StringComparison.Ordinal))
        {
            Damage(name, 0, "does not match the hash in the manifest");
        }
    }

    private ulong ReadHistoryRows()
    {
        var path = Path.Combine(_directory, "node");
        var bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        if (bytes.Length < 64 || !bytes.AsSpan().StartsWith("EKN1"u8))
        {
            Damage("node", 0, "is no node piece");
            return 0;
        }
        return Bytes.U64(bytes, 16);
    }

    private void CompareLedger(Books books)
    {
        var path = Path.Combine(_directory, "ledger");
        using var stream = File.Exists(path) ? File.OpenRead(path) : null;
        var header = new byte[HeaderBytes];
        if (
            stream is null
            || stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes
            || !header.AsSpan().StartsWith("EKLEDGER"u8)
        )
        {
            Damage("ledger", 0, "is no ledger piece");
            return;
        }
        Span<byte> expectedHeader = stackalloc byte[HeaderBytes];
        LedgerDigest.WriteHeader(books, expectedHeader);
        if (!header.AsSpan(16, 56).SequenceEqual(expectedHeader.Slice(16, 56)))
        {
            Damage("ledger", 16, "its counters are not those that the entries make");
        }
        var accounts = Bytes.U64(header, 16);
        var seen = new HashSet<UInt128>();
        var record = new byte[AccountBytes];
        long offset = HeaderBytes;
        for (ulong i = 0; i < accounts; i++, offset += AccountBytes)
        {
            if (stream.ReadAtLeast(record, AccountBytes, throwOnEndOfStream: false) < AccountBytes)
            {
                Damage("ledger", offset, "ends early");
                return;
            }
            Accounts++;
            seen.Add(Bytes.U128(record, 0));
            CompareAccount(books, record, offset);
        }
        foreach (var account in books.Accounts.Where(a => !seen.Contains(a.Id)))
        {
            Row(FindingKind.RowMissing, 0, "account", account.Id, "the account is not there");
        }
        CompareHolds(books, stream, offset, Bytes.U64(header, 40));
    }

    private void CompareAccount(Books books, ReadOnlySpan<byte> record, long offset)
    {
        var id = Bytes.U128(record, 0);
        if (books.Find(id) is not { } account)
        {
            Row(FindingKind.RowAdded, offset, "account", id, "no entry makes this account");
            return;
        }
        Span<byte> expected = stackalloc byte[AccountBytes];
        LedgerDigest.WriteAccount(account, expected);
        if (record.SequenceEqual(expected))
        {
            return;
        }
        var differences = Differences(record, expected, AccountFields);
        var isBalance = !record.Slice(16, 32).SequenceEqual(expected.Slice(16, 32));
        Row(
            isBalance ? FindingKind.BalanceAltered : FindingKind.RowAltered,
            offset,
            "account",
            id,
            differences
        );
    }

    private void CompareHolds(Books books, Stream stream, long offset, ulong count)
    {
        var open = books.OpenHolds().ToDictionary(h => h.Row.Id);
        var record = new byte[HoldBytes];
        Span<byte> expected = stackalloc byte[HoldBytes];
        for (ulong i = 0; i < count; i++, offset += HoldBytes)
        {
            if (stream.ReadAtLeast(record, HoldBytes, throwOnEndOfStream: false) < HoldBytes)
            {
                Damage("ledger", offset, "ends early");
                return;
            }
            var id = Bytes.U128(record, 0);
            if (!open.Remove(id, out var hold))
            {
                Row(FindingKind.RowAdded, offset, "hold", id, "no entry makes this hold");
                continue;
            }
            LedgerDigest.WriteHold(hold.Row, hold.Position, expected);
            if (!record.AsSpan().SequenceEqual(expected))
            {
                Row(
                    FindingKind.RowAltered,
                    offset,
                    "hold",
                    id,
                    Differences(record, expected, HoldFields)
                );
            }
        }
        foreach (var id in open.Keys)
        {
            Row(FindingKind.RowMissing, 0, "hold", id, "the open hold is not there");
        }
    }

    private static readonly (string Name, int Offset, int Size)[] AccountFields =
    [
        ("debits pending", 16, 8),
        ("debits posted", 24, 8),
        ("credits pending", 32, 8),
        ("credits posted", 40, 8),
        ("newest row", 48, 8),
        ("ledger", 56, 4),
        ("code", 60, 2),
        ("flags", 62, 2),
        ("user data 128", 64, 16),
        ("user data 64", 80, 8),
        ("user data 32", 88, 4),
        ("version", 92, 4),
        ("created", 96, 8),
        ("allowance", 104, 8),
        ("changed", 112, 8),
    ];

    private static readonly (string Name, int Offset, int Size)[] HoldFields =
    [
        ("user data 128", 16, 16),
        ("user data 64", 32, 8),
        ("amount", 40, 8),
        ("created", 48, 8),
        ("expires", 56, 8),
        ("row", 64, 8),
        ("debit slot", 72, 4),
        ("credit slot", 76, 4),
        ("user data 32", 80, 4),
        ("timeout", 84, 4),
        ("ledger", 88, 4),
        ("code", 92, 2),
        ("flags", 94, 2),
        ("reserved", 96, 8),
    ];

    private static string Differences(
        ReadOnlySpan<byte> record,
        ReadOnlySpan<byte> expected,
        (string Name, int Offset, int Size)[] fields
    )
    {
        var text = new StringBuilder();
        foreach (var (name, offset, size) in fields)
        {
            var have = record.Slice(offset, size);
            var want = expected.Slice(offset, size);
            if (!have.SequenceEqual(want))
            {
                text.Append(text.Length == 0 ? "" : "; ")
                    .Append(
                        CultureInfo.InvariantCulture,
                        $"{name} {RowFields.Show(have)}, must be {RowFields.Show(want)}"
                    );
            }
        }
        return text.ToString();
    }

    private void Row(string kind, long offset, string table, UInt128 id, string what) =>
        _findings.Add(
            kind,
            $"{_name}/ledger",
            offset,
            Index,
            what,
            table,
            id.ToString(CultureInfo.InvariantCulture)
        );

    private void Damage(string piece, long offset, string what) =>
        _findings.Add(FindingKind.SnapshotDamaged, $"{_name}/{piece}", offset, Index, what);

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}

/// <summary>The ledger's snapshot as it must be, and its digest (docs/formats/ledger-snapshot.md).</summary>
internal static class LedgerDigest
{
    /// <summary>32 hexadecimal digits.</summary>
    public static string Of(Books books)
    {
        var hash = new XxHash128();
        Span<byte> header = stackalloc byte[128];
        WriteHeader(books, header);
        // The first version's digests are as they were before there was another.
        hash.Append(header.Slice(16, books.StateVersion == 1 ? 48 : 56));
        Span<byte> account = stackalloc byte[120];
        foreach (var a in books.Accounts)
        {
            WriteAccount(a, account);
            hash.Append(account);
        }
        UInt128 sum = 0;
        Span<byte> hold = stackalloc byte[104];
        foreach (var (position, row) in books.OpenHolds())
        {
            WriteHold(row, position, hold);
            unchecked
            {
                sum += XxHash128.HashToUInt128(hold);
            }
        }
        Span<byte> holds = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(holds, sum);
        hash.Append(holds);
        return hash.GetCurrentHashAsUInt128().ToString("x32", CultureInfo.InvariantCulture);
    }

    public static void WriteHeader(Books books, Span<byte> header)
    {
        header.Clear();
        Put64(header, 16, (ulong)books.Accounts.Count);
        Put64(header, 24, books.RowCount);
        Put64(header, 32, (ulong)books.IdCount);
        Put64(header, 40, (ulong)books.OpenHoldCount);
        Put64(header, 48, books.LastTimestamp);
        Put64(header, 56, books.LastRowTimestamp);
        Put32(header, 64, books.StateVersion == 1 ? 0 : books.StateVersion);
    }

    public static void WriteAccount(BookAccount a, Span<byte> record)
    {
        Put128(record, 0, a.Id);
        Put64(record, 16, a.DebitsPending);
        Put64(record, 24, a.DebitsPosted);
        Put64(record, 32, a.CreditsPending);
        Put64(record, 40, a.CreditsPosted);
        Put64(record, 48, a.LastRow);
        Put32(record, 56, a.Ledger);
        Put16(record, 60, a.Code);
        Put16(record, 62, a.Flags);
        Put128(record, 64, a.UserData128);
        Put64(record, 80, a.UserData64);
        Put32(record, 88, a.UserData32);
        Put32(record, 92, a.Version);
        Put64(record, 96, a.Timestamp);
        Put64(record, 104, a.Allowance);
        Put64(record, 112, a.UpdatedAt);
    }

    public static void WriteHold(in BookRow row, ulong position, Span<byte> record)
    {
        record.Clear();
        Put128(record, 0, row.Id);
        Put128(record, 16, row.UserData128);
        Put64(record, 32, row.UserData64);
        Put64(record, 40, row.Amount);
        Put64(record, 48, row.Timestamp);
        Put64(record, 56, row.Deadline);
        Put64(record, 64, position + 1);
        Put32(record, 72, row.DebitSlot);
        Put32(record, 76, row.CreditSlot);
        Put32(record, 80, row.UserData32);
        Put32(record, 84, row.Timeout);
        Put32(record, 88, row.Ledger);
        Put16(record, 92, row.Code);
        Put16(record, 94, row.Flags);
    }

    private static void Put128(Span<byte> b, int at, UInt128 value) =>
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(b[at..], value);

    private static void Put64(Span<byte> b, int at, ulong value) =>
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(b[at..], value);

    private static void Put32(Span<byte> b, int at, uint value) =>
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(b[at..], value);

    private static void Put16(Span<byte> b, int at, ushort value) =>
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16LittleEndian(b[at..], value);
}
