using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Evenkeel.LedgerApi.Json;

/// <summary>
/// Whole numbers of 64 and 128 bits travel as decimal strings: JSON numbers lose digits beyond 2^53
/// in many languages, and a lost digit is money.
/// </summary>
internal static class WholeNumber
{
    public const string Pattern = "^(0|[1-9][0-9]{0,38})$";
    private const int DigitsMax = 39;

    /// <summary>One spelling for each number: no sign, no leading zero, no space.</summary>
    public static bool TryParse(string? text, out UInt128 value)
    {
        value = 0;
        return text is { Length: > 0 and <= DigitsMax }
            && (text[0] != '0' || text.Length == 1)
            && UInt128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    public static UInt128 Read(ref Utf8JsonReader reader, UInt128 max)
    {
        if (
            reader.TokenType != JsonTokenType.String
            || !TryParse(reader.GetString(), out var value)
            || value > max
        )
        {
            throw new JsonException(
                $"Expected a decimal string from \"0\" to \"{max.ToString(CultureInfo.InvariantCulture)}\"."
            );
        }
        return value;
    }
}

internal sealed class UInt128Converter : JsonConverter<UInt128>
{
    public override UInt128 Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    ) => WholeNumber.Read(ref reader, UInt128.MaxValue);

    public override void Write(Utf8JsonWriter writer, UInt128 value, JsonSerializerOptions options)
    {
        Span<char> digits = stackalloc char[39];
        value.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        writer.WriteStringValue(digits[..length]);
    }
}

internal sealed class UInt64Converter : JsonConverter<ulong>
{
    public override ulong Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    ) => (ulong)WholeNumber.Read(ref reader, ulong.MaxValue);

    public override void Write(Utf8JsonWriter writer, ulong value, JsonSerializerOptions options)
    {
        Span<char> digits = stackalloc char[20];
        value.TryFormat(digits, out var length, default, CultureInfo.InvariantCulture);
        writer.WriteStringValue(digits[..length]);
    }
}

/// <summary>Signed 64-bit numbers (counters), as decimal strings too.</summary>
internal sealed class Int64Converter : JsonConverter<long>
{
    public override long Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    ) =>
        reader.TokenType == JsonTokenType.String
        && long.TryParse(
            reader.GetString(),
            NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture,
            out var value
        )
            ? value
            : throw new JsonException("Expected a decimal string of a signed 64-bit number.");

    public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
}
