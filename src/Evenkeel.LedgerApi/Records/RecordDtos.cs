using System.ComponentModel;
using System.Text.Json;
using Evenkeel.Journal;

namespace Evenkeel.LedgerApi.Records;

internal sealed record RecordResponse
{
    public required string Collection { get; init; }
    public required string Key { get; init; }
    public required ulong Version { get; init; }
    public required JsonElement Value { get; init; }

    public static RecordResponse From(StoredRecord record)
    {
        using var json = JsonDocument.Parse(record.Json);
        return new()
        {
            Collection = record.Key.Collection,
            Key = record.Key.Key,
            Version = record.Version,
            Value = json.RootElement.Clone(),
        };
    }
}

internal sealed record RecordPageResponse
{
    public required RecordResponse[] Records { get; init; }

    [Description("Send it as cursor for the next page; absent at the end.")]
    public string? NextCursor { get; init; }
}
