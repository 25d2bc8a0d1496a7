using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Evenkeel.Model;

namespace Evenkeel.Host.LedgerExec;

/// <summary>A line that can't be understood; its message is the answer.</summary>
internal sealed class ExecInputException(string message) : Exception(message);

/// <summary>Reads the fields of one JSON object; fields that are missing are zero, unknown ones an error.</summary>
internal sealed class ExecInput
{
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly ExecInput? _line;
    private bool _usedFlagNames;

    /// <param name="line">The object of the whole line, when this one stands inside it.</param>
    public ExecInput(JsonElement json, ExecInput? line = null)
    {
        _line = line;
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ExecInputException($"Expected an object, not {Describe(json)}.");
        }

        foreach (var field in json.EnumerateObject())
        {
            if (!_fields.TryAdd(field.Name, field.Value))
            {
                throw new ExecInputException($"'{field.Name}' stands twice.");
            }
        }
    }

    /// <summary>True once any flags were given by name: the answers then show names too.</summary>
    public bool UsedFlagNames
    {
        get => _line?.UsedFlagNames ?? _usedFlagNames;
        private set
        {
            if (_line is not null)
            {
                _line.UsedFlagNames = value;
            }
            else
            {
                _usedFlagNames = value;
            }
        }
    }

    public bool TryTake(string name, out JsonElement value) => _fields.Remove(name, out value);

    public TNumber Number<TNumber>(string name)
        where TNumber : IBinaryInteger<TNumber>, IMinMaxValue<TNumber> =>
        TryTake(name, out var value) ? ParseNumber<TNumber>(name, value) : TNumber.Zero;

    public uint Flags(string name, FlagNames names, uint bitsMax)
    {
        var flags = TryTake(name, out var value) ? ParseFlags(name, value, names) : 0;
        return flags <= bitsMax
            ? flags
            : throw new ExecInputException($"'{name}' does not fit {bitsMax:x} (hexadecimal).");
    }

    /// <summary>The batch in "events"; empty when there is none.</summary>
    public TEvent[] Events<TEvent>(Func<ExecInput, TEvent> read)
    {
        if (!TryTake("events", out var json))
        {
            return [];
        }

        CheckBatch("events", json);
        var events = new TEvent[json.GetArrayLength()];
        var i = 0;
        foreach (var element in json.EnumerateArray())
        {
            try
            {
                events[i++] = ReadWhole(element, read);
            }
            catch (ExecInputException e)
            {
                throw new ExecInputException($"Event {i - 1}: {e.Message}");
            }
        }

        return events;
    }

    /// <summary>The ids in "ids" (or "events"), as numbers or as objects with an "id".</summary>
    public UInt128[] Ids()
    {
        if (!TryTake("ids", out var json) && !TryTake("events", out json))
        {
            return [];
        }

        CheckBatch("ids", json);
        var ids = new UInt128[json.GetArrayLength()];
        var i = 0;
        foreach (var element in json.EnumerateArray())
        {
            ids[i++] =
                element.ValueKind == JsonValueKind.Object
                    ? ReadWhole(element, input => input.Number<UInt128>("id"))
                    : ParseNumber<UInt128>("id", element);
        }

        return ids;
    }

    /// <summary>A filter: in "filter", alone in "events", or in the fields of this object.</summary>
    public TFilter Filter<TFilter>(Func<ExecInput, TFilter> read)
    {
        if (TryTake("filter", out var json))
        {
            return ReadWhole(json, read);
        }

        if (!TryTake("events", out var events))
        {
            return read(this);
        }

        return events.ValueKind == JsonValueKind.Array && events.GetArrayLength() == 1
            ? ReadWhole(events[0], read)
            : throw new ExecInputException("'events' must hold one filter.");
    }

    public void CheckAllTaken()
    {
        if (_fields.Count > 0)
        {
            var names = _fields.Keys.Order(StringComparer.Ordinal);
            throw new ExecInputException($"Unknown field: {string.Join(", ", names)}.");
        }
    }

    /// <summary>A decimal number, or a string that holds one, or a string such as 0x1F.</summary>
    public static TNumber ParseNumber<TNumber>(string name, JsonElement value)
        where TNumber : IBinaryInteger<TNumber>, IMinMaxValue<TNumber>
    {
        var text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString()!,
            _ => throw new ExecInputException($"'{name}' must be a number, not {Describe(value)}."),
        };
        var isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.AllowLeadingSign;
        var digits = isHex ? text.AsSpan(2) : text;
        if (TNumber.TryParse(digits, style, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        throw new ExecInputException(
            $"'{name}' must be a whole number from {TNumber.MinValue} to {TNumber.MaxValue}, not '{Shorten(text)}'."
        );
    }

    private TValue ReadWhole<TValue>(JsonElement json, Func<ExecInput, TValue> read)
    {
        var input = new ExecInput(json, _line ?? this);
        var value = read(input);
        input.CheckAllTaken();
        return value;
    }

    private static void CheckBatch(string name, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            throw new ExecInputException($"'{name}' must be an array, not {Describe(json)}.");
        }

        if (json.GetArrayLength() > Limits.BatchEventsMax)
        {
            throw new ExecInputException(
                $"'{name}' holds {json.GetArrayLength()}; the most is {Limits.BatchEventsMax}."
            );
        }
    }

    private uint ParseFlags(string name, JsonElement value, FlagNames names)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Number:
                return ParseNumber<uint>(name, value);

            case JsonValueKind.String:
                var text = value.GetString()!;
                return text.Length > 0 && char.IsAsciiDigit(text[0])
                    ? ParseNumber<uint>(name, value)
                    : NamedBit(name, text, names);

            case JsonValueKind.Array:
                UsedFlagNames = true;
                uint flags = 0;
                foreach (var element in value.EnumerateArray())
                {
                    flags |= ParseFlags(name, element, names);
                }

                return flags;

            case JsonValueKind.Object:
                UsedFlagNames = true;
                uint set = 0;
                foreach (var field in value.EnumerateObject())
                {
                    var bit = NamedBit(name, field.Name, names);
                    set |= field.Value.ValueKind switch
                    {
                        JsonValueKind.True => bit,
                        JsonValueKind.False => 0,
                        _ => throw new ExecInputException(
                            $"'{name}.{field.Name}' must be true or false."
                        ),
                    };
                }

                return set;

            default:
                throw new ExecInputException(
                    $"'{name}' must be a number, a name, names or an object, not {Describe(value)}."
                );
        }
    }

    private uint NamedBit(string name, string flag, FlagNames names)
    {
        UsedFlagNames = true;
        return names.TryGetBit(flag, out var bit)
            ? bit
            : throw new ExecInputException(
                $"'{name}' has no flag '{Shorten(flag)}'; there are: {names}."
            );
    }

    public static string Describe(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null => "null",
            JsonValueKind.True or JsonValueKind.False => "true or false",
            JsonValueKind.Undefined => "nothing",
            var kind => "a JSON " + kind.ToString().ToLowerInvariant(),
        };

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..61] + "...";
}
