using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Records;

namespace Evenkeel.Banking.Storage;

/// <summary>One kind of document: its name in the records, its JSON, its indexes.</summary>
internal sealed class Collection<T>(
    string name,
    JsonTypeInfo<T> type,
    params (string Name, string Path)[] indexes
) : ICollection
    where T : class
{
    /// <summary>Records of one page of a range: a batch of accounts and little more.</summary>
    private const int RangePageMax = 160;

    public string Name => name;

    public IEnumerable<RecordIndex> Indexes =>
        indexes.Select(index => new RecordIndex(name, index.Name, index.Path));

    public RecordKey Key(string key) => new(name, key);

    public RecordWrite Write(string key, T document) =>
        new(Key(key), JsonSerializer.SerializeToUtf8Bytes(document, type));

    public RecordWrite Delete(string key) => new(Key(key), Json: null);

    /// <summary>As a decision reads: what it sees becomes a guard.</summary>
    public async ValueTask<T?> ReadAsync(
        DecisionReader reader,
        string key,
        CancellationToken cancellationToken
    ) => await reader.ReadAsync(Key(key), cancellationToken) is { } record ? Decode(record) : null;

    /// <summary>Reflects every acknowledged write; binds nothing.</summary>
    /// <exception cref="BankUnavailableException">The journal could not answer.</exception>
    public async ValueTask<T?> ReadAsync(
        IJournal journal,
        string key,
        CancellationToken cancellationToken
    )
    {
        var page = await PageAsync(
            journal,
            new RecordQuery { Collection = name, Key = key },
            cancellationToken
        );
        return page.Records is [var record] ? Decode(record) : null;
    }

    /// <summary>One page of documents; <see cref="RecordQuery.Collection"/> is set here.</summary>
    /// <exception cref="BankUnavailableException">The journal could not answer.</exception>
    public async ValueTask<DocumentPage<T>> QueryAsync(
        IJournal journal,
        RecordQuery query,
        CancellationToken cancellationToken
    )
    {
        var page = await PageAsync(journal, query with { Collection = name }, cancellationToken);
        return new DocumentPage<T>(
            [.. page.Records.Select(record => (record.Key.Key, Decode(record)))],
            page.Next
        );
    }

    /// <summary>
    /// All documents after one key up to and including another, with the versions by which an operation
    /// can be guarded.
    /// </summary>
    /// <exception cref="BankUnavailableException">The journal could not answer.</exception>
    public async ValueTask<IReadOnlyDictionary<string, (ulong Version, T Document)>> ReadRangeAsync(
        IJournal journal,
        string? after,
        string last,
        CancellationToken cancellationToken
    )
    {
        Dictionary<string, (ulong Version, T Document)> found = new(StringComparer.Ordinal);
        var next = after;
        do
        {
            var page = await PageAsync(
                journal,
                new RecordQuery
                {
                    Collection = name,
                    After = next,
                    Limit = RangePageMax,
                },
                cancellationToken
            );
            foreach (var record in page.Records)
            {
                if (string.CompareOrdinal(record.Key.Key, last) > 0)
                {
                    return found;
                }
                found[record.Key.Key] = (record.Version, Decode(record));
            }
            next = page.Next;
        } while (next is not null);
        return found;
    }

    public T Decode(StoredRecord record)
    {
        var document = JsonSerializer.Deserialize(record.Json.Span, type);
        Check.That(document is not null);
        return document!;
    }

    private static async ValueTask<RecordPage> PageAsync(
        IJournal journal,
        RecordQuery query,
        CancellationToken cancellationToken
    ) => Answers.Value(await journal.ReadRecordsAsync(query, cancellationToken));
}

/// <param name="Next">Key to go on after; null at the end.</param>
internal sealed record DocumentPage<T>(
    IReadOnlyList<(string Key, T Document)> Documents,
    string? Next
);

internal interface ICollection
{
    string Name { get; }

    IEnumerable<RecordIndex> Indexes { get; }
}
