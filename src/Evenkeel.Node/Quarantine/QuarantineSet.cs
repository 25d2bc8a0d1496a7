using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using Evenkeel.Model;
using Evenkeel.Model.People;
using Evenkeel.Node.History;
using Evenkeel.Replication;

namespace Evenkeel.Node.Quarantine;

/// <summary>
/// The entries that this node applies as refused. What was once applied so is remembered beside the
/// override (<c>.applied</c>) and in every later snapshot: without the same override the node does
/// not start any more.
/// </summary>
internal sealed class QuarantineSet
{
    private const string AppliedExtension = ".applied";

    private readonly SortedList<ulong, QuarantineOverride> _overrides = [];
    private readonly string? _directory;

    private QuarantineSet(string? directory) => _directory = directory;

    /// <summary>Nothing is in quarantine.</summary>
    public static QuarantineSet None { get; } = new(directory: null);

    /// <summary>
    /// Lowest entry whose override has not been applied here before; null when there is none. What was
    /// derived from that entry or a later one on this node is made again.
    /// </summary>
    public ulong? FirstNew { get; private set; }

    /// <summary>Reads the overrides of a data directory and checks every signature.</summary>
    /// <exception cref="QuarantineException">One is wrong, or one that was applied is missing.</exception>
    public static QuarantineSet Load(string dataDirectory, Lineage lineage)
    {
        string directory = Path.Combine(dataDirectory, QuarantineOverride.FolderName);
        var set = new QuarantineSet(directory);
        if (!Directory.Exists(directory))
        {
            return set;
        }
        OperatorsFile operators = OperatorsFile.ReadOrEmpty(OperatorsFile.PathFor(dataDirectory));
        foreach (string path in Files(directory))
        {
            QuarantineOverride read = set.Add(path);
            if (operators.WhyNotByTwo(read.Message, read.Signatures) is { } problem)
            {
                throw new QuarantineException($"{path}: {problem}");
            }
            if (
                !string.Equals(
                    read.Lineage,
                    lineage.Of(read.Entry).ToString(),
                    StringComparison.Ordinal
                )
            )
            {
                throw new QuarantineException(
                    $"{path}: it is for lineage {read.Lineage}, entry {read.Entry} here is of "
                        + $"{lineage.Of(read.Entry)}"
                );
            }
        }
        set.CompareWithApplied();
        return set;
    }

    /// <summary>
    /// Reads overrides for a replay beside the bank. Signatures are not checked: what such a replay
    /// makes is compared, never served.
    /// </summary>
    public static QuarantineSet LoadForReplay(string? directory)
    {
        var set = new QuarantineSet(directory: null);
        if (directory is not null && Directory.Exists(directory))
        {
            foreach (string path in Files(directory))
            {
                set.Add(path);
            }
        }
        return set;
    }

    /// <summary>
    /// True when the entry is in quarantine, its content being the one that was signed.
    /// </summary>
    /// <exception cref="QuarantineException">The override is for other content.</exception>
    public bool Covers(ulong index, ReadOnlySpan<byte> payload)
    {
        if (_overrides.Count == 0 || !_overrides.TryGetValue(index, out QuarantineOverride? found))
        {
            return false;
        }
        string hash = Hash(payload);
        return string.Equals(hash, found.PayloadSha256, StringComparison.OrdinalIgnoreCase)
            ? true
            : throw new QuarantineException(
                $"The override for entry {index} is for content {found.PayloadSha256}; here it is {hash}"
            );
    }

    /// <summary>Remembers, durably, that the entry was applied as refused here.</summary>
    public void MarkApplied(ulong index)
    {
        if (_directory is null)
        {
            return;
        }
        string path = Path.Combine(_directory, MarkNameOf(index));
        string mark = MarkOf(_overrides[index]);
        if (!File.Exists(path))
        {
            DerivedFile.Write(path, Encoding.ASCII.GetBytes(mark));
        }
    }

    /// <summary>The state that is restored was made without these entries already.</summary>
    public void MarkAppliedUpTo(ulong index)
    {
        foreach (ulong entry in _overrides.Keys.Where(entry => entry <= index))
        {
            MarkApplied(entry);
        }
    }

    /// <summary>
    /// What a snapshot of entry <paramref name="index"/> says about quarantine: 0 when nothing up to
    /// there is in it, else a digest of the entries and their content.
    /// </summary>
    public UInt128 DigestUpTo(ulong index)
    {
        var hash = new XxHash128();
        bool any = false;
        Span<byte> number = stackalloc byte[8];
        foreach ((ulong entry, QuarantineOverride found) in _overrides)
        {
            if (entry > index)
            {
                break;
            }
            any = true;
            BinaryPrimitives.WriteUInt64LittleEndian(number, entry);
            hash.Append(number);
            hash.Append(Convert.FromHexString(found.PayloadSha256));
        }
        return any ? hash.GetCurrentHashAsUInt128() : 0;
    }

    public static string Hash(ReadOnlySpan<byte> payload) =>
        Convert.ToHexStringLower(SHA256.HashData(payload));

    private QuarantineOverride Add(string path)
    {
        QuarantineOverride read = QuarantineOverride.Read(path);
        if (
            !string.Equals(
                Path.GetFileName(path),
                QuarantineOverride.FileNameOf(read.Entry),
                StringComparison.Ordinal
            )
        )
        {
            throw new QuarantineException($"{path} holds the override of entry {read.Entry}");
        }
        _overrides.Add(read.Entry, read);
        return read;
    }

    private void CompareWithApplied()
    {
        foreach (string path in Directory.EnumerateFiles(_directory!, "*" + AppliedExtension))
        {
            ulong entry = ulong.Parse(
                Path.GetFileNameWithoutExtension(path),
                NumberStyles.None,
                CultureInfo.InvariantCulture
            );
            if (
                !_overrides.TryGetValue(entry, out QuarantineOverride? found)
                || !string.Equals(File.ReadAllText(path), MarkOf(found), StringComparison.Ordinal)
            )
            {
                throw new QuarantineException(
                    $"Entry {entry} was applied as refused here, but its override is missing or another "
                        + $"one: put {QuarantineOverride.FileNameOf(entry)} back"
                );
            }
        }
        FirstNew = _overrides
            .Keys.Where(entry => !File.Exists(Path.Combine(_directory!, MarkNameOf(entry))))
            .Select(entry => (ulong?)entry)
            .FirstOrDefault();
    }

    private static string MarkNameOf(ulong entry) =>
        Path.GetFileNameWithoutExtension(QuarantineOverride.FileNameOf(entry)) + AppliedExtension;

    // The entry and its content, not the signatures: others may sign the same.
    private static string MarkOf(QuarantineOverride found) =>
        $"{found.Lineage} {found.Entry.ToString(CultureInfo.InvariantCulture)} {found.PayloadSha256}\n";

    private static IOrderedEnumerable<string> Files(string directory) =>
        Directory.EnumerateFiles(directory, "*.json").Order(StringComparer.Ordinal);
}
