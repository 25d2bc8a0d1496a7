using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Evenkeel.Verifier.Tests.Tampering;

/// <summary>
/// An attacker who can write every file, has read the format documents, and makes every checksum and sum
/// right again after what they did. They lack one thing: the key that signs checkpoints.
/// </summary>
internal sealed class Vandal(string directory)
{
    private const int AccountBytes = 120;

    /// <summary>Adds to the credits posted of accounts in every snapshot; returns how many copies it met.</summary>
    public int AlterBalances(params UInt128[] accounts)
    {
        int altered = 0;
        foreach (string snapshot in Directory.GetDirectories(Path.Combine(directory, "snapshots")))
        {
            string path = Path.Combine(snapshot, "ledger");
            byte[] ledger = File.ReadAllBytes(path);
            ulong count = BinaryPrimitives.ReadUInt64LittleEndian(ledger.AsSpan(16));
            for (int slot = 0; slot < (int)count; slot++)
            {
                Span<byte> record = ledger.AsSpan(128 + (slot * AccountBytes), AccountBytes);
                if (accounts.Contains(BinaryPrimitives.ReadUInt128LittleEndian(record)))
                {
                    Add(record[40..], 1_000_000);
                    altered++;
                }
            }
            string digest = MakeLedgerWholeAgain(ledger, (int)count);
            File.WriteAllBytes(path, ledger);
            MakeManifestWholeAgain(snapshot, ledger, digest);
        }
        return altered;
    }

    /// <summary>Deletes the first rows of a table and makes row counts and sums right.</summary>
    public List<string> DeleteRows(string table, string keyColumns, int count)
    {
        using var connection = Open();
        var keys = new List<string>();
        using (
            var reader = Command(
                    connection,
                    $"SELECT {keyColumns} FROM {table} ORDER BY {keyColumns} LIMIT {count}"
                )
                .ExecuteReader()
        )
        {
            while (reader.Read())
            {
                keys.Add(
                    string.Join(
                        '/',
                        Enumerable.Range(0, reader.FieldCount).Select(i => Show(reader.GetValue(i)))
                    )
                );
            }
        }
        Command(
                connection,
                $"DELETE FROM {table} WHERE ({keyColumns}) IN "
                    + $"(SELECT {keyColumns} FROM {table} ORDER BY {keyColumns} LIMIT {count})"
            )
            .ExecuteNonQuery();
        MakeSumsWholeAgain(connection);
        return keys;
    }

    public void RewriteRecord(string collection, string key, string json)
    {
        using var connection = Open();
        using (
            var reader = Command(
                    connection,
                    "SELECT version, created, updated FROM record WHERE collection = $c AND key = $k",
                    ("$c", collection),
                    ("$k", key)
                )
                .ExecuteReader()
        )
        {
            reader.Read();
            PutRecord(
                connection,
                collection,
                key,
                reader.GetInt64(0),
                reader.GetInt64(1),
                reader.GetInt64(2),
                json
            );
        }
        MakeSumsWholeAgain(connection);
    }

    public void AddRecord(string collection, string key, string json)
    {
        using var connection = Open();
        PutRecord(connection, collection, key, 1, 1, 1, json);
        MakeSumsWholeAgain(connection);
    }

    /// <summary>Changes an amount in a transfer of the archive and computes the whole chain anew.</summary>
    /// <returns>The entry that was altered.</returns>
    public ulong RewriteArchive(UInt128 transferId, ulong amount)
    {
        string path = Directory.GetFiles(Path.Combine(directory, "archive")).Single();
        byte[] file = File.ReadAllBytes(path);
        byte[] wanted = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(wanted, transferId);
        byte[] chain = file[32..64];
        ulong altered = 0;
        ForEachRecord(
            file,
            (at, length, index) =>
            {
                Span<byte> payload = file.AsSpan(at + 80, length);
                int found = altered == 0 ? payload.IndexOf(wanted) : -1;
                if (found >= 0)
                {
                    BinaryPrimitives.WriteUInt64LittleEndian(payload[(found + 48)..], amount);
                    Put64(payload, 16, XxHash3.HashToUInt64(payload[24..]));
                    altered = index;
                }
                Put64(file, at + 24, XxHash3.HashToUInt64(payload));
                chain = NextChain(chain, file.AsSpan(at, 80), payload);
                chain.CopyTo(file, at + 32);
                Put64(file, at + 72, XxHash3.HashToUInt64(file.AsSpan(at, 72)));
            }
        );
        File.WriteAllBytes(path, file);
        return altered;
    }

    /// <summary>Removes the last entries of the archive.</summary>
    public void CutArchive(int entries)
    {
        string path = Directory.GetFiles(Path.Combine(directory, "archive")).Single();
        byte[] file = File.ReadAllBytes(path);
        var starts = new List<int>();
        ForEachRecord(file, (at, _, _) => starts.Add(at));
        file.AsSpan(starts[^entries]).Clear();
        File.WriteAllBytes(path, file);
    }

    /// <summary>Changes a field of a history row and makes its checksum right.</summary>
    public void AlterHistoryRow(ulong position, int offset, ulong plus)
    {
        string path = Directory.GetFiles(Path.Combine(directory, "history"), "*.seg").Single();
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        byte[] row = new byte[192];
        file.Position = 4096 + ((long)position * 192);
        file.ReadExactly(row);
        Add(row.AsSpan(offset), plus);
        Put64(row, 184, XxHash3.HashToUInt64(row.AsSpan(0, 184), (long)position));
        file.Position = 4096 + ((long)position * 192);
        file.Write(row);
    }

    /// <summary>Takes a history row out and moves all that follow it up, with right checksums.</summary>
    public void TakeHistoryRowOut(ulong position)
    {
        string path = Directory.GetFiles(Path.Combine(directory, "history"), "*.seg").Single();
        byte[] file = File.ReadAllBytes(path);
        int last = (file.Length - 4096) / 192;
        for (int p = (int)position; p < last - 1; p++)
        {
            Span<byte> row = file.AsSpan(4096 + (p * 192), 192);
            file.AsSpan(4096 + ((p + 1) * 192), 192).CopyTo(row);
            if (row[108] == 0)
            {
                break;
            }
            Put64(row, 184, XxHash3.HashToUInt64(row[..184], p));
        }
        File.WriteAllBytes(path, file);
    }

    /// <summary>Replaces key and checkpoints by ones of their own, signed over what is there now.</summary>
    public void SignAnew()
    {
        string folder = Path.Combine(directory, "checkpoints");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] spki = key.ExportSubjectPublicKeyInfo();
        ulong id = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(spki));
        foreach (string pem in Directory.GetFiles(folder, "*.pem"))
        {
            File.Delete(pem);
        }
        File.WriteAllText(
            Path.Combine(folder, id.ToString("x16", CultureInfo.InvariantCulture) + ".pem"),
            key.ExportSubjectPublicKeyInfoPem()
        );
        var chains = new Dictionary<ulong, byte[]>();
        byte[] archive = File.ReadAllBytes(
            Directory.GetFiles(Path.Combine(directory, "archive")).Single()
        );
        ForEachRecord(archive, (at, _, index) => chains[index] = archive[(at + 32)..(at + 64)]);
        string path = Directory.GetFiles(folder, "*.ekp").Single();
        byte[] points = File.ReadAllBytes(path);
        byte[] previous = new byte[32];
        for (int at = 0; at < points.Length; at += 256)
        {
            Span<byte> point = points.AsSpan(at, 256);
            Put64(point, 24, id);
            chains[BinaryPrimitives.ReadUInt64LittleEndian(point[48..])].CopyTo(point[64..]);
            previous.CopyTo(point[120..]);
            key.SignData(point[..184], HashAlgorithmName.SHA256).CopyTo(point[184..]);
            Put64(point, 248, XxHash3.HashToUInt64(point[..248]));
            previous = SHA256.HashData(point);
        }
        File.WriteAllBytes(path, points);
    }

    private static string Show(object value) =>
        value is byte[] id
            ? BinaryPrimitives.ReadUInt128LittleEndian(id).ToString(CultureInfo.InvariantCulture)
            : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string MakeLedgerWholeAgain(byte[] ledger, int accounts)
    {
        var hash = new XxHash128();
        hash.Append(ledger.AsSpan(16, ledger[64] == 0 ? 48 : 56));
        hash.Append(ledger.AsSpan(128, accounts * AccountBytes));
        UInt128 holds = 0;
        for (int at = 128 + (accounts * AccountBytes); at < ledger.Length - 32; at += 104)
        {
            unchecked
            {
                holds += XxHash128.HashToUInt128(ledger.AsSpan(at, 104));
            }
        }
        byte[] sum = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(sum, holds);
        hash.Append(sum);
        UInt128 digest = hash.GetCurrentHashAsUInt128();
        BinaryPrimitives.WriteUInt128LittleEndian(ledger.AsSpan(ledger.Length - 32), digest);
        XxHash128.Hash(ledger.AsSpan(0, ledger.Length - 16)).CopyTo(ledger, ledger.Length - 16);
        return digest.ToString("x32", CultureInfo.InvariantCulture);
    }

    private static void MakeManifestWholeAgain(string snapshot, byte[] ledger, string digest)
    {
        string path = Path.Combine(snapshot, "manifest.json");
        JsonNode manifest = JsonNode.Parse(File.ReadAllText(path))!;
        manifest["stateDigest"] = digest;
        foreach (JsonNode? piece in manifest["pieces"]!.AsArray())
        {
            if (string.Equals((string?)piece!["name"], "ledger", StringComparison.Ordinal))
            {
                piece["sha256"] = Convert.ToHexStringLower(SHA256.HashData(ledger));
            }
        }
        byte[] bytes = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        File.WriteAllBytes(path, bytes);
        File.WriteAllText(
            Path.Combine(snapshot, "manifest.sha256"),
            $"{Convert.ToHexStringLower(SHA256.HashData(bytes))}  manifest.json\n"
        );
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = Path.Combine(directory, "records.db"),
                Pooling = false,
            }.ToString()
        );
        connection.Open();
        return connection;
    }

    private static SqliteCommand Command(
        SqliteConnection connection,
        string text,
        params (string Name, object Value)[] parameters
    )
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Test code: all of it is written here.
        command.CommandText = text;
#pragma warning restore CA2100
        foreach ((string name, object value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }
        return command;
    }

    private static void PutRecord(
        SqliteConnection connection,
        string collection,
        string key,
        long version,
        long created,
        long updated,
        string json
    )
    {
        byte[] document = Encoding.UTF8.GetBytes(json);
        var hash = new XxHash128();
        hash.Append("R"u8);
        foreach (string text in (string[])[collection, key])
        {
            Append(hash, Encoding.UTF8.GetByteCount(text));
            hash.Append(Encoding.UTF8.GetBytes(text));
        }
        foreach (long number in (long[])[version, created, updated, 1, document.Length])
        {
            Append(hash, number);
        }
        hash.Append(document);
        Command(
                connection,
                "INSERT OR REPLACE INTO record VALUES ($c, $k, $v, $j, $t, $u, $s)",
                ("$c", collection),
                ("$k", key),
                ("$v", version),
                ("$j", document),
                ("$t", created),
                ("$u", updated),
                ("$s", Bytes(hash.GetCurrentHashAsUInt128()))
            )
            .ExecuteNonQuery();
    }

    private static void MakeSumsWholeAgain(SqliteConnection connection)
    {
        string[] tables = ["record", "counter", "operation", "change"];
        long sequence = (long)Command(connection, "SELECT sequence FROM state").ExecuteScalar()!;
        long applied = (long)
            Command(connection, "SELECT applied_index FROM state").ExecuteScalar()!;
        var digest = new XxHash128();
        Append(digest, sequence);
        foreach (string table in tables)
        {
            UInt128 sum = 0;
            long rows = 0;
            using (
                SqliteDataReader reader = Command(connection, $"SELECT checksum FROM {table}")
                    .ExecuteReader()
            )
            {
                while (reader.Read())
                {
                    unchecked
                    {
                        sum += BinaryPrimitives.ReadUInt128LittleEndian((byte[])reader.GetValue(0));
                    }
                    rows++;
                }
            }
            Append(digest, rows);
            digest.Append(Bytes(sum));
            Command(
                    connection,
                    $"UPDATE state SET {table}_rows = $r, {table}_sum = $s",
                    ("$r", rows),
                    ("$s", Bytes(sum))
                )
                .ExecuteNonQuery();
        }
        var state = new XxHash128();
        state.Append("S"u8);
        Append(state, applied);
        state.Append(Bytes(digest.GetCurrentHashAsUInt128()));
        Command(
                connection,
                "UPDATE state SET checksum = $s",
                ("$s", Bytes(state.GetCurrentHashAsUInt128()))
            )
            .ExecuteNonQuery();
    }

    private static void ForEachRecord(byte[] file, Action<int, int, ulong> visit)
    {
        for (int at = 4096; at + 80 <= file.Length; )
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at)) != 0x43524B45)
            {
                at = (at / 4096 * 4096) + 4096;
                continue;
            }
            int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 4));
            visit(at, length, BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at + 8)));
            at += 80 + ((length + 15) & ~15);
        }
    }

    private static byte[] NextChain(
        byte[] chain,
        ReadOnlySpan<byte> header,
        ReadOnlySpan<byte> payload
    )
    {
        byte[] preimage = new byte[88];
        chain.CopyTo(preimage, 0);
        header.Slice(8, 16).CopyTo(preimage.AsSpan(32));
        Put64(preimage, 48, (ulong)payload.Length);
        SHA256.HashData(payload).CopyTo(preimage, 56);
        return SHA256.HashData(preimage);
    }

    private static void Append(XxHash128 hash, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        hash.Append(bytes);
    }

    private static byte[] Bytes(UInt128 value)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, value);
        return bytes;
    }

    private static void Add(Span<byte> at, ulong plus) =>
        Put64(at, 0, BinaryPrimitives.ReadUInt64LittleEndian(at) + plus);

    private static void Put64(Span<byte> at, int offset, ulong value) =>
        BinaryPrimitives.WriteUInt64LittleEndian(at[offset..], value);
}
