using System.Text.Json;
using Evenkeel.Model;

namespace Evenkeel.Records;

/// <summary>
/// A declared secondary index: the text of one property of the documents of a collection. An array
/// gives one value for each element. A document without the property is not in the index.
/// </summary>
/// <param name="Path">Names of nested properties, joined by dots: "address.city".</param>
public sealed record RecordIndex(string Collection, string Name, string Path);

/// <summary>
/// The indexes of this binary. They are derived data: a store that was written with others rebuilds
/// them when it opens, and digests leave them out.
/// </summary>
internal sealed class RecordIndexes
{
    /// <summary>Characters of an indexed value; longer ones are cut, equally for reader and writer.</summary>
    public const int ValueLengthMax = 256;

    private readonly ILookup<string, (string Name, string[] Path)> _byCollection;

    public RecordIndexes(IEnumerable<RecordIndex> declared)
    {
        var ordered = declared
            .OrderBy(index => index.Collection, StringComparer.Ordinal)
            .ThenBy(index => index.Name, StringComparer.Ordinal)
            .ToArray();
        Check.That(
            ordered.DistinctBy(index => (index.Collection, index.Name)).Count() == ordered.Length
        );
        _byCollection = ordered.ToLookup(
            index => index.Collection,
            index => (index.Name, index.Path.Split('.')),
            StringComparer.Ordinal
        );
        Declaration = string.Join('\n', ordered.Select(x => $"{x.Collection} {x.Name} {x.Path}"));
    }

    /// <summary>All indexes in a fixed order, to tell whether the store was written with them.</summary>
    public string Declaration { get; }

    public bool IsDeclared(string collection, string name) =>
        _byCollection[collection]
            .Any(index => string.Equals(index.Name, name, StringComparison.Ordinal));

    public static string Cut(string value) =>
        value.Length <= ValueLengthMax ? value
        : char.IsHighSurrogate(value[ValueLengthMax - 1]) ? value[..(ValueLengthMax - 1)]
        : value[..ValueLengthMax];

    /// <summary>The distinct (index, value) pairs of a document, in a fixed order.</summary>
    public IEnumerable<(string Name, string Value)> Values(string collection, byte[]? json)
    {
        if (json is null || !_byCollection.Contains(collection))
        {
            return [];
        }

        using var document = JsonDocument.Parse(json);
        var found = new SortedSet<(string, string)>(
            Comparer<(string, string)>.Create(
                static (a, b) =>
                    string.CompareOrdinal(a.Item1, b.Item1) is var order and not 0
                        ? order
                        : string.CompareOrdinal(a.Item2, b.Item2)
            )
        );
        foreach (var (name, path) in _byCollection[collection])
        {
            foreach (var value in Extract(document.RootElement, path))
            {
                found.Add((name, Cut(value)));
            }
        }

        return found;
    }

    private static IEnumerable<string> Extract(JsonElement element, string[] path)
    {
        foreach (var name in path)
        {
            if (
                element.ValueKind != JsonValueKind.Object
                || !element.TryGetProperty(name, out element)
            )
            {
                return [];
            }
        }

        return element.ValueKind == JsonValueKind.Array
                ? [.. element.EnumerateArray().Select(Scalar).OfType<string>()]
            : Scalar(element) is { } scalar ? [scalar]
            : [];
    }

    private static string? Scalar(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.String => element.GetString(),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False =>
                element.GetRawText(),
            _ => null,
        };
}
