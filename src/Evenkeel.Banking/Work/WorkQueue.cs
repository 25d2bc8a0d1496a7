using System.Globalization;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;

namespace Evenkeel.Banking.Work;

/// <summary>What is due, as documents whose keys sort by when.</summary>
internal static class WorkQueue
{
    private const string InstantFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
    private const string IsOpen = "1";

    /// <summary>The key is kept by whoever must delete or move the item later.</summary>
    public static (string Key, RecordWrite Write) Add(
        string kind,
        string subject,
        DateTimeOffset due
    )
    {
        var key = KeyOf(kind, subject, due);
        return (key, Collections.Work.Write(key, new WorkDocument(kind, subject)));
    }

    public static RecordWrite Remove(string key) => Collections.Work.Delete(key);

    /// <summary>Deletes it under its old instant and writes it under the new one.</summary>
    public static (string Key, IReadOnlyList<RecordWrite> Writes) Move(
        string oldKey,
        string kind,
        string subject,
        DateTimeOffset due
    )
    {
        var (key, write) = Add(kind, subject, due);
        return string.Equals(key, oldKey, StringComparison.Ordinal)
            ? (key, [write])
            : (key, [Remove(oldKey), write]);
    }

    /// <summary>The oldest items that are due.</summary>
    /// <exception cref="BankUnavailableException">The journal could not answer.</exception>
    public static async ValueTask<IReadOnlyList<WorkItem>> ReadDueAsync(
        IJournal journal,
        DateTimeOffset now,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var page = await Collections.Work.QueryAsync(
            journal,
            new RecordQuery
            {
                Collection = Collections.Work.Name,
                Index = "open",
                Value = IsOpen,
                Limit = limit,
            },
            cancellationToken
        );
        return
        [
            .. page
                .Documents.Select(static pair => ItemOf(pair.Key, pair.Document))
                .TakeWhile(item => item.Due <= now),
        ];
    }

    private static string KeyOf(string kind, string subject, DateTimeOffset due) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{due.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture)}/{kind}/{subject}"
        );

    private static WorkItem ItemOf(string key, WorkDocument document) =>
        new(
            key,
            DateTimeOffset.ParseExact(
                key.AsSpan(0, key.IndexOf('/', StringComparison.Ordinal)),
                InstantFormat,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal
            ),
            document.Kind,
            document.Subject
        );
}
