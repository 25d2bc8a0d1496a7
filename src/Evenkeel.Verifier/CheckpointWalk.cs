using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace Evenkeel.Verifier;

/// <summary>One checkpoint whose signature holds.</summary>
internal sealed record SignedPoint(
    string File,
    long Offset,
    UInt128 Lineage,
    ulong Index,
    byte[] Chain,
    ulong SnapshotIndex,
    string StateDigest
);

/// <summary>Reads and judges signed checkpoints by docs/formats/checkpoints.md alone.</summary>
internal sealed class CheckpointWalk
{
    private const int Size = 256;
    private const int SignedBytes = 184;

    private readonly Findings _findings;
    private readonly Dictionary<ulong, ECDsa> _keys = [];
    private readonly Dictionary<ulong, List<SignedPoint>> _byIndex = [];
    private bool _mismatched;

    public CheckpointWalk(
        string dataDirectory,
        IReadOnlyList<string> publicKeyFiles,
        IReadOnlyList<string> copies,
        Findings findings
    )
    {
        _findings = findings;
        var directory = Path.Combine(dataDirectory, "checkpoints");
        var own = Directory.Exists(directory);
        IsAnchored = publicKeyFiles.Count > 0;
        // Keys that lie beside what they sign are believed only when nobody brought a better one.
        string[] keyFiles =
            IsAnchored ? [.. publicKeyFiles]
            : own ? [.. Directory.GetFiles(directory, "*.pem").Order(StringComparer.Ordinal)]
            : [];
        foreach (var file in keyFiles)
        {
            ReadKey(file);
        }
        if (own)
        {
            ReadOwn(directory);
        }
        foreach (var copy in copies)
        {
            ReadAll(Path.GetFileName(copy), Read(copy), isLastFile: true);
        }
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }
    }

    public bool IsAnchored { get; }

    /// <summary>Checkpoints that hold and agree with the archive.</summary>
    public long Agreed { get; private set; }

    /// <summary>Entry of the newest of them.</summary>
    public ulong SignedTo { get; private set; }

    /// <summary>Compares what was signed with the chain after this entry.</summary>
    public void Compare(UInt128 lineage, ulong index, ReadOnlySpan<byte> chain)
    {
        if (!_byIndex.TryGetValue(index, out var points))
        {
            return;
        }
        foreach (var point in points.Where(p => p.Lineage == lineage))
        {
            if (chain.SequenceEqual(point.Chain))
            {
                Agreed++;
                SignedTo = Math.Max(SignedTo, index);
                continue;
            }
            if (_mismatched)
            {
                continue; // Every later one contradicts too: the first says where it began.
            }
            _mismatched = true;
            _findings.Add(
                FindingKind.CheckpointMismatch,
                point.File,
                point.Offset,
                index,
                $"signed chain {Convert.ToHexStringLower(point.Chain)}, the archive has "
                    + $"{Convert.ToHexStringLower(chain)}: an entry from {SignedTo + 1} to {index} "
                    + "was altered and the chain computed anew"
            );
        }
    }

    /// <summary>State digests that were signed, by the entry of their snapshot.</summary>
    public IEnumerable<SignedPoint> StatesAt(UInt128 lineage, ulong index) =>
        _byIndex
            .Values.SelectMany(points => points)
            .Where(p => p.SnapshotIndex == index && p.Lineage == lineage)
            .DistinctBy(p => p.StateDigest, StringComparer.Ordinal);

    /// <summary>After the archive's last entry.</summary>
    public void Finish(UInt128 lineage, ulong lastIndex)
    {
        var beyond = _byIndex
            .Where(p => p.Key > lastIndex)
            .SelectMany(p => p.Value)
            .Where(p => p.Lineage == lineage || lastIndex == 0)
            .MaxBy(p => p.Index);
        if (beyond is not null)
        {
            _findings.Add(
                FindingKind.ArchiveCut,
                beyond.File,
                beyond.Offset,
                beyond.Index,
                $"entry {beyond.Index} was signed, the archive ends at {lastIndex}: cut off, or a "
                    + "power loss after which the node was not started"
            );
        }
    }

    private void ReadKey(string path)
    {
        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportFromPem(File.ReadAllText(path));
            var id = Bytes.U64(SHA256.HashData(ecdsa.ExportSubjectPublicKeyInfo()), 0);
            if (!_keys.TryAdd(id, ecdsa))
            {
                ecdsa.Dispose();
            }
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            ecdsa.Dispose();
            _findings.Add(
                FindingKind.CheckpointInvalid,
                Path.GetFileName(path),
                0,
                0,
                "is no ECDSA public key"
            );
        }
    }

    private void ReadOwn(string directory)
    {
        var files = Directory.GetFiles(directory, "*.ekp").Order(StringComparer.Ordinal).ToArray();
        ulong records = 0;
        for (var i = 0; i < files.Length; i++)
        {
            var name = $"checkpoints/{Path.GetFileName(files[i])}";
            var expected = records + 1;
            var bytes = Read(files[i]);
            if (
                !string.Equals(
                    Path.GetFileNameWithoutExtension(files[i]),
                    expected.ToString("d20", CultureInfo.InvariantCulture),
                    StringComparison.Ordinal
                )
            )
            {
                Invalid(name, 0, 0, $"checkpoint {expected} must be in a file before it");
            }
            ReadAll(name, bytes, isLastFile: i == files.Length - 1);
            records += (ulong)(bytes.Length / Size);
        }
    }

    private static byte[] Read(string path)
    {
        using var stream = new FileStream(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete
        );
        var bytes = new byte[stream.Length];
        var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return bytes[..count];
    }

    private void ReadAll(string name, byte[] bytes, bool isLastFile)
    {
        var count = bytes.Length / Size;
        if (isLastFile && count > 0 && !IsWhole(bytes.AsSpan((count - 1) * Size, Size)))
        {
            count--; // A torn last write.
        }
        var holds = false;
        for (var i = count - 1; i >= 0; i--)
        {
            var record = bytes.AsSpan(i * Size, Size);
            // The signature of a record covers those before it by their hashes.
            var isCovered =
                holds
                && SHA256
                    .HashData(record)
                    .AsSpan()
                    .SequenceEqual(bytes.AsSpan(((i + 1) * Size) + 120, 32));
            var problem = isCovered ? null : WhatIsWrong(record);
            holds = problem is null;
            if (problem is not null)
            {
                Invalid(name, i * Size, Bytes.U64(record, 48), problem);
                continue;
            }
            if (!isCovered && i < count - 1)
            {
                Invalid(
                    name,
                    (i + 1) * Size,
                    Bytes.U64(record, 48),
                    "does not follow the checkpoint before it: one was taken out or replaced"
                );
            }
            Keep(name, i * Size, record);
        }
    }

    private string? WhatIsWrong(ReadOnlySpan<byte> record)
    {
        if (!IsWhole(record))
        {
            return "is no checkpoint, or was altered";
        }
        if (!_keys.TryGetValue(Bytes.U64(record, 24), out var key))
        {
            return $"signed by key {Bytes.U64(record, 24):x16}, which is not among the trusted ones";
        }
        return key.VerifyData(
            record[..SignedBytes],
            record.Slice(SignedBytes, 64),
            HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation
        )
            ? null
            : "its signature does not hold";
    }

    private void Keep(string name, long offset, ReadOnlySpan<byte> record)
    {
        var point = new SignedPoint(
            name,
            offset,
            Bytes.U128(record, 32),
            Bytes.U64(record, 48),
            record.Slice(64, 32).ToArray(),
            Bytes.U64(record, 96),
            Bytes.U128(record, 104).ToString("x32", CultureInfo.InvariantCulture)
        );
        if (!_byIndex.TryGetValue(point.Index, out var points))
        {
            _byIndex[point.Index] = points = [];
        }
        points.Add(point);
    }

    private static bool IsWhole(ReadOnlySpan<byte> record) =>
        record.StartsWith("EKCHKP01"u8)
        && XxHash3.HashToUInt64(record[..248]) == Bytes.U64(record, 248);

    private void Invalid(string name, long offset, ulong entry, string what) =>
        _findings.Add(FindingKind.CheckpointInvalid, name, offset, entry, what);
}
