using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Evenkeel.Verifier.Replay;

/// <summary>A record as the archive makes it. Of documents only the hash is kept.</summary>
internal sealed class BookRecord
{
    public required ulong Version { get; init; }

    /// <summary>SHA-256 of the document; null when deleted.</summary>
    public required byte[]? Hash { get; init; }
    public required ulong Created { get; init; }
    public required ulong Updated { get; init; }

    /// <summary>Entry that wrote it last.</summary>
    public required ulong Entry { get; init; }

    /// <summary>The document itself, of collection "system" only: guards read it.</summary>
    public byte[]? Document { get; init; }
}

internal readonly record struct BookCounter(long Value, ulong Updated, ulong Entry);

internal readonly record struct BookOperation(
    UInt128 ContentHash,
    ulong Entry,
    int Ordinal,
    byte[] Result
);

internal readonly record struct BookChange(
    ulong Entry,
    ulong Timestamp,
    int Kind,
    string Collection,
    string Key,
    ulong Version,
    byte[]? Hash
);

/// <summary>
/// The records once more, from the operations of the archive alone (docs/formats/operation.md and
/// records.md): documents, counters, results, changes.
/// </summary>
internal sealed class RecordBook(Books books)
{
    private const ushort Done = 1;
    private const ushort CounterOutOfBounds = 3;
    private const ushort TransferRefused = 4;
    private const ushort AccountRefused = 5;
    private const ushort DecisionRefused = 9;

    private readonly Dictionary<(string, string), BookRecord> _records = [];
    private readonly Dictionary<(string, string), BookCounter> _counters = [];
    private readonly Dictionary<UInt128, BookOperation> _operations = [];
    private readonly List<BookChange> _changes = [];
    private ulong _entry;
    private int _ordinal;

    public IReadOnlyDictionary<(string Collection, string Key), BookRecord> Records => _records;
    public IReadOnlyDictionary<(string Collection, string Key), BookCounter> Counters => _counters;
    public IReadOnlyDictionary<UInt128, BookOperation> Operations => _operations;

    /// <summary>Change i has the sequence i + 1.</summary>
    public IReadOnlyList<BookChange> Changes => _changes;

    public void BeginEntry(ulong index)
    {
        _entry = index;
        _ordinal = 0;
    }

    /// <param name="count">The command's count of events.</param>
    /// <param name="timestamp">Log time of its last event.</param>
    public void Apply(ReadOnlyMemory<byte> body, uint count, ulong timestamp)
    {
        var ordinal = _ordinal++;
        if (
            AskedOperation.Read(body) is not { } operation
            || Math.Max(operation.EventCount, 1) != count
            || _operations.ContainsKey(operation.Id)
            || !IsAllowed(operation)
            || !operation.Guards.TrueForAll(Holds)
        )
        {
            return; // No effect, and nothing is remembered that was not before.
        }
        var (status, index, failed) = Decide(operation, timestamp);
        _operations.Add(
            operation.Id,
            new BookOperation(
                operation.ContentHash,
                _entry,
                ordinal,
                Result(timestamp, status, index, failed)
            )
        );
    }

    private (ushort Status, int Index, uint Failed) Decide(
        AskedOperation operation,
        ulong timestamp
    )
    {
        if (operation.RefusalCode != 0)
        {
            return (DecisionRefused, -1, operation.RefusalCode);
        }
        var outOfBounds = operation.Guards.FindIndex(g =>
            g.Kind == GuardKind.Counter && Sum(g) is null
        );
        if (outOfBounds >= 0)
        {
            return (CounterOutOfBounds, outOfBounds, 0);
        }
        if (ApplyEvents(operation, timestamp) is { } refusal)
        {
            return refusal;
        }
        foreach (var guard in operation.Guards.Where(g => g.Kind == GuardKind.Counter))
        {
            _counters[guard.Record] = new BookCounter(Sum(guard)!.Value, timestamp, _entry);
        }
        foreach (var write in operation.Writes)
        {
            Write(write, timestamp);
        }
        foreach (var message in operation.Messages)
        {
            _changes.Add(
                new BookChange(
                    _entry,
                    timestamp,
                    Kind: 3,
                    message.Topic,
                    "",
                    0,
                    SHA256.HashData(message.Json.Span)
                )
            );
        }
        return (Done, -1, 0);
    }

    private (ushort Status, int Index, uint Failed)? ApplyEvents(
        AskedOperation operation,
        ulong timestamp
    )
    {
        if (operation.EventCount == 0)
        {
            return null;
        }
        books.BeginScope();
        var refusal = RunEvents(operation, timestamp);
        if (refusal is null)
        {
            books.KeepScope();
        }
        else
        {
            books.DropScope();
        }
        return refusal;
    }

    private (ushort Status, int Index, uint Failed)? RunEvents(
        AskedOperation operation,
        ulong timestamp
    )
    {
        var transfers = (ulong)operation.Transfers.Length;
        var updates = (ulong)operation.Updates.Length;
        if (operation.Accounts.Length > 0)
        {
            var answers = books.CreateAccounts(
                timestamp - transfers - updates,
                [.. Chain(operation.Accounts, a => a with { Flags = (ushort)(a.Flags | 1) })]
            );
            if (
                Culprit(answers, AccountAnswer.Created, AccountAnswer.LinkedEventFailed)
                is >= 0
                    and var a
            )
            {
                return (AccountRefused, a, (uint)answers[a]);
            }
        }
        if (operation.Updates.Length > 0)
        {
            var answers = books.UpdateAccounts(
                timestamp - transfers,
                [.. Chain(operation.Updates, u => u with { Flags = (ushort)(u.Flags | 1) })]
            );
            if (
                Culprit(answers, UpdateAnswer.Updated, UpdateAnswer.LinkedEventFailed)
                is >= 0
                    and var u
            )
            {
                return (AccountRefused, operation.Accounts.Length + u, (uint)answers[u]);
            }
        }
        if (operation.Transfers.Length > 0)
        {
            var answers = books.CreateTransfers(
                timestamp,
                [.. Chain(operation.Transfers, t => t with { Flags = (ushort)(t.Flags | 1) })],
                rememberFailedIds: false
            );
            if (
                Culprit(answers, TransferAnswer.Created, TransferAnswer.LinkedEventFailed)
                is >= 0
                    and var t
            )
            {
                return (TransferRefused, t, (uint)answers[t]);
            }
        }
        return null;
    }

    /// <summary>The events of an operation are one chain: all but the last are linked.</summary>
    private static IEnumerable<T> Chain<T>(T[] events, Func<T, T> link) =>
        events.Select((e, i) => i < events.Length - 1 ? link(e) : e);

    private static int Culprit<T>(T[] answers, T done, T fellWithOthers)
        where T : struct, Enum =>
        Array.FindIndex(answers, a => !a.Equals(done) && !a.Equals(fellWithOthers));

    private void Write(AskedWrite write, ulong timestamp)
    {
        var old = _records.GetValueOrDefault(write.Record);
        if (write.Json is null && old?.Hash is null)
        {
            return;
        }
        var isSystem = string.Equals(write.Record.Collection, "system", StringComparison.Ordinal);
        var record = new BookRecord
        {
            Version = (old?.Version ?? 0) + 1,
            Hash = write.Json is { } json ? SHA256.HashData(json.Span) : null,
            Created = old?.Hash is null ? timestamp : old.Created,
            Updated = timestamp,
            Entry = _entry,
            Document = isSystem ? write.Json?.ToArray() : null,
        };
        _records[write.Record] = record;
        _changes.Add(
            new BookChange(
                _entry,
                timestamp,
                record.Hash is null ? 2 : 1,
                write.Record.Collection,
                write.Record.Key,
                record.Version,
                null
            )
        );
    }

    private bool Holds(AskedGuard guard) =>
        guard.Kind switch
        {
            GuardKind.Version => Present(guard.Record) is { } r && r.Version == guard.Version,
            GuardKind.VersionAndContent => Present(guard.Record) is { } r
                && r.Version == guard.Version
                && Short(r.Hash!) == guard.Content,
            GuardKind.Absent => Present(guard.Record) is null,
            GuardKind.BusinessDate => Present(guard.Record) is { Document: { } d }
                && string.Equals(
                    Encoding.UTF8.GetString(d),
                    DateOnly
                        .FromDayNumber((int)guard.Day)
                        .ToString("'\"'yyyy-MM-dd'\"'", CultureInfo.InvariantCulture),
                    StringComparison.Ordinal
                ),
            _ => true,
        };

    private static UInt128 Short(byte[] hash)
    {
        var value = BinaryPrimitives.ReadUInt128LittleEndian(hash);
        return value == 0 ? 1 : value;
    }

    private BookRecord? Present((string, string) key) =>
        _records.GetValueOrDefault(key) is { Hash: not null } record ? record : null;

    private long? Sum(AskedGuard guard)
    {
        var sum = (Int128)_counters.GetValueOrDefault(guard.Record).Value + guard.Delta;
        return sum >= guard.Min && sum <= guard.Max ? (long)sum : null;
    }

    /// <summary>Forced transfers, "system" and protected collections need two members of staff.</summary>
    private bool IsAllowed(AskedOperation operation)
    {
        var staff = operation
            .Principals.Where(p => string.Equals(p.Kind, "staff", StringComparison.Ordinal))
            .Select(p => p.Name)
            .Distinct(StringComparer.Ordinal)
            .Count();
        return string.Equals(operation.Principals[0].Kind, "node", StringComparison.Ordinal)
            || staff >= 2
            || !(
                Array.Exists(operation.Transfers, t => (t.Flags & TransferBits.Forced) != 0)
                || operation.Writes.Exists(w =>
                    string.Equals(w.Record.Collection, "system", StringComparison.Ordinal)
                    || Present(("system", $"two-people/{w.Record.Collection}")) is not null
                )
            );
    }

    private static byte[] Result(ulong timestamp, ushort status, int index, uint failed)
    {
        var result = new byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(result, timestamp);
        BinaryPrimitives.WriteUInt16LittleEndian(result.AsSpan(8), status);
        BinaryPrimitives.WriteInt32LittleEndian(result.AsSpan(12), index);
        BinaryPrimitives.WriteUInt32LittleEndian(result.AsSpan(16), failed);
        return result;
    }
}
