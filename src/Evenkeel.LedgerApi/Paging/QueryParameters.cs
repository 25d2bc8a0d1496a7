using System.Globalization;
using Evenkeel.LedgerApi.Json;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.LedgerApi.Paging;

internal enum ParameterKind
{
    /// <summary>A decimal string, bounded by <see cref="QueryParameter.Max"/>.</summary>
    Whole,
    Text,
    Direction,
}

/// <summary>A query parameter: what is checked and what is described are one thing.</summary>
internal sealed record QueryParameter(
    string Name,
    ParameterKind Kind,
    UInt128 Max,
    string Description
);

/// <summary>The parameters of one endpoint, as its metadata.</summary>
internal sealed record QueryParameters(params QueryParameter[] All)
{
    public static readonly QueryParameter Limit = new(
        "limit",
        ParameterKind.Whole,
        ApiLimits.PageRowsMax,
        "Rows of one page, 1 to 1000; 100 when left out."
    );
    public static readonly QueryParameter Cursor = new(
        "cursor",
        ParameterKind.Text,
        ApiLimits.CursorCharsMax,
        "next_cursor of the page before, with otherwise the same parameters."
    );
    public static readonly QueryParameter Direction = new(
        "direction",
        ParameterKind.Direction,
        0,
        "oldest_first (when left out) or newest_first."
    );

    public static readonly QueryParameter[] Paging = [Limit, Cursor, Direction];

    public static readonly QueryParameter[] Times =
    [
        new(
            "timestamp_min",
            ParameterKind.Whole,
            long.MaxValue,
            "From this log time on, nanoseconds since 1970."
        ),
        new("timestamp_max", ParameterKind.Whole, long.MaxValue, "Up to this log time."),
    ];

    public static readonly QueryParameter[] UserData =
    [
        new("user_data_128", ParameterKind.Whole, UInt128.MaxValue, "Equal to; 0 means any."),
        new("user_data_64", ParameterKind.Whole, ulong.MaxValue, "Equal to; 0 means any."),
        new("user_data_32", ParameterKind.Whole, uint.MaxValue, "Equal to; 0 means any."),
        new("code", ParameterKind.Whole, ushort.MaxValue, "Equal to; 0 means any."),
    ];

    public static readonly QueryParameter Ledger = new(
        "ledger",
        ParameterKind.Whole,
        uint.MaxValue,
        "Equal to; 0 means any."
    );
    public static readonly QueryParameter Side = new(
        "side",
        ParameterKind.Text,
        16,
        "debit or credit: only movements on this side."
    );
    public static readonly QueryParameter Prefix = new(
        "prefix",
        ParameterKind.Text,
        256,
        "Only keys that start so."
    );
}

/// <summary>
/// Reads query parameters strictly. An unknown or repeated name is refused: a misspelt filter must
/// not silently answer everything.
/// </summary>
internal sealed class QueryReader
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly QueryParameters _known;

    public QueryReader(HttpContext http)
    {
        _known = http.GetEndpoint()?.Metadata.GetMetadata<QueryParameters>() ?? new();
        foreach (var (name, values) in http.Request.Query)
        {
            var parameter =
                Array.Find(_known.All, p => string.Equals(p.Name, name, StringComparison.Ordinal))
                ?? throw Refusals.Parameter(
                    "query",
                    $"only {string.Join(", ", _known.All.Select(p => p.Name))}"
                );
            if (values.Count != 1 || values[0] is not { Length: > 0 } text)
            {
                throw Refusals.Parameter(name, "exactly one value");
            }
            if (parameter.Kind == ParameterKind.Text && (UInt128)text.Length > parameter.Max)
            {
                throw Refusals.Parameter(name, $"at most {parameter.Max} characters");
            }
            _values.Add(name, text);
        }
    }

    public string? Text(string name)
    {
        Model.Check.That(
            Array.Exists(_known.All, p => string.Equals(p.Name, name, StringComparison.Ordinal))
        );
        return _values.GetValueOrDefault(name);
    }

    public UInt128 Whole(string name)
    {
        if (Text(name) is not { } text)
        {
            return 0;
        }
        var max = Array
            .Find(_known.All, p => string.Equals(p.Name, name, StringComparison.Ordinal))!
            .Max;
        return WholeNumber.TryParse(text, out var value) && value <= max
            ? value
            : throw Refusals.Parameter(
                name,
                $"a decimal number from 0 to {max.ToString(CultureInfo.InvariantCulture)}"
            );
    }

    public int Limit()
    {
        var limit = Text("limit") is null ? ApiLimits.PageRowsDefault : (int)Whole("limit");
        return limit > 0 ? limit : throw Refusals.Parameter("limit", "1 to 1000");
    }

    public bool NewestFirst() =>
        Text("direction") switch
        {
            null or "oldest_first" => false,
            "newest_first" => true,
            _ => throw Refusals.Parameter("direction", "oldest_first or newest_first"),
        };

    /// <summary>What a cursor is bound to: the path and every filter, but not limit and cursor.</summary>
    public string FilterText(HttpContext http) =>
        string.Join(
            '&',
            _values
                .Where(v => v.Key is not ("limit" or "cursor"))
                .OrderBy(v => v.Key, StringComparer.Ordinal)
                .Select(v => $"{v.Key}={v.Value}")
                .Prepend(http.Request.Path.Value)
        );
}
