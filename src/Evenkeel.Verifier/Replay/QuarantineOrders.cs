using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Evenkeel.Verifier.Replay;

/// <summary>
/// Orders of two people that an entry has no effect, read by docs/formats/quarantine.md alone. One
/// that does not hold is a finding, and the entry counts.
/// </summary>
internal sealed class QuarantineOrders(string dataDirectory, Findings findings)
{
    private const int FormatVersion = 1;
    private const int PeopleMin = 2;

    private readonly string _folder = Path.Combine(dataDirectory, "overrides");

    /// <summary>True when a valid order names exactly this content of this entry.</summary>
    public bool Covers(UInt128 lineage, in ArchivedEntry entry)
    {
        var name = entry.Index.ToString("D20", CultureInfo.InvariantCulture) + ".json";
        var path = Path.Combine(_folder, name);
        if (!File.Exists(path))
        {
            return false;
        }
        var hash = Convert.ToHexStringLower(SHA256.HashData(entry.Payload.Span));
        if (WhatIsWrong(path, Hex(lineage), entry.Index, hash) is not { } problem)
        {
            return true;
        }
        findings.Add(
            FindingKind.QuarantineInvalid,
            $"overrides/{name}",
            0,
            entry.Index,
            $"the order of quarantine does not hold: {problem}"
        );
        return false;
    }

    private static string Hex(UInt128 lineage) =>
        lineage.ToString("x32", CultureInfo.InvariantCulture);

    private string? WhatIsWrong(string path, string lineage, ulong entry, string hash)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var order = json.RootElement;
            if (order.GetProperty("formatVersion").GetInt32() != FormatVersion)
            {
                return "another format version";
            }
            if (!Says(order, "lineage", lineage))
            {
                return "it is of another lineage";
            }
            if (order.GetProperty("entry").GetUInt64() != entry)
            {
                return "it is of another entry";
            }
            if (!Says(order, "payloadSha256", hash))
            {
                return $"it names another content than SHA-256 {hash}";
            }
            var reason = order.GetProperty("reason").GetString();
            var message = Encoding.UTF8.GetBytes(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"evenkeel quarantine 1\n{lineage}\n{entry}\n{hash}\n{reason}\n"
                )
            );
            return WhyNotByTwo(message, order.GetProperty("signatures"), ReadPeople());
        }
        catch (Exception unreadable)
            when (unreadable
                    is IOException
                        or JsonException
                        or FormatException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or ArgumentException
                        or CryptographicException
            )
        {
            return $"it can't be read: {unreadable.Message}";
        }
    }

    private static bool Says(JsonElement order, string name, string value) =>
        string.Equals(order.GetProperty(name).GetString(), value, StringComparison.Ordinal);

    /// <summary>Public keys by the names of people; of two people of one name the first counts.</summary>
    private Dictionary<string, string> ReadPeople()
    {
        var people = new Dictionary<string, string>(StringComparer.Ordinal);
        var path = PeopleFile();
        if (!File.Exists(path))
        {
            return people;
        }
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        foreach (var person in json.RootElement.GetProperty("operators").EnumerateArray())
        {
            people.TryAdd(
                person.GetProperty("name").GetString()!,
                person.GetProperty("publicKey").GetString()!
            );
        }
        return people;
    }

    /// <summary>In the data directory, or beside the cluster's file above it.</summary>
    private string PeopleFile()
    {
        const string name = "operators.json";
        var own = Path.Combine(dataDirectory, name);
        var above = Path.GetDirectoryName(
            Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataDirectory))
        );
        return
            !File.Exists(own)
            && above is not null
            && File.Exists(Path.Combine(above, "cluster.json"))
            ? Path.Combine(above, name)
            : own;
    }

    private static string? WhyNotByTwo(
        byte[] message,
        JsonElement signatures,
        Dictionary<string, string> people
    )
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var signature in signatures.EnumerateArray())
        {
            var name = signature.GetProperty("name").GetString()!;
            if (!people.TryGetValue(name, out var publicKey))
            {
                return $"{name} is not in operators.json";
            }
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(publicKey), out _);
            var bytes = Convert.FromBase64String(signature.GetProperty("signature").GetString()!);
            if (!key.VerifyData(message, bytes, HashAlgorithmName.SHA256))
            {
                return $"the signature of {name} does not hold";
            }
            names.Add(name);
            keys.Add(publicKey);
        }
        var signed = Math.Min(names.Count, keys.Count);
        return signed >= PeopleMin ? null : $"{signed} of two people signed it";
    }
}
