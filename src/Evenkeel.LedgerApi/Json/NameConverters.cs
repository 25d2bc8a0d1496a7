using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Model;

namespace Evenkeel.LedgerApi.Json;

/// <summary>Flags as an array of names, in any order, each at most once.</summary>
internal abstract class FlagsConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    /// <summary>The single flags that may appear.</summary>
    public static (ushort Bit, string Name)[] Table { get; } =
    [
        .. Enum.GetValues<T>()
            .Select(v => (Bit: Convert.ToUInt16(v, null), Name: WireName.Of(v)))
            .Where(v => ushort.IsPow2(v.Bit)),
    ];

    public override T Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    )
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("Expected an array of flag names.");
        }
        ushort bits = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var bit = reader.TokenType == JsonTokenType.String ? BitOf(reader.GetString()!) : 0;
            if (bit == 0 || (bits & bit) != 0)
            {
                var names = string.Join(", ", Table.Select(t => t.Name));
                throw new JsonException($"Expected each flag at most once, of: {names}.");
            }
            bits |= (ushort)bit;
        }
        return (T)Enum.ToObject(typeof(T), bits);
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        var bits = Convert.ToUInt16(value, null);
        writer.WriteStartArray();
        foreach (var (bit, name) in Table)
        {
            if ((bits & bit) != 0)
            {
                writer.WriteStringValue(name);
            }
        }
        writer.WriteEndArray();
    }

    private static int BitOf(string name)
    {
        foreach (var (bit, known) in Table)
        {
            if (string.Equals(known, name, StringComparison.Ordinal))
            {
                return bit;
            }
        }
        return 0;
    }
}

internal sealed class AccountFlagsConverter : FlagsConverter<AccountFlags>;

internal sealed class TransferFlagsConverter : FlagsConverter<TransferFlags>;

/// <summary>One name of an enum.</summary>
internal abstract class NameConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    public override T Read(
        ref Utf8JsonReader reader,
        Type typeToConvert,
        JsonSerializerOptions options
    ) =>
        reader.TokenType == JsonTokenType.String
        && WireName.TryParse<T>(reader.GetString()!, out var value)
            ? value
            : throw new JsonException($"Expected one of: {string.Join(", ", WireName.All<T>())}.");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(WireName.Of(value));
}

internal sealed class AccountStatusConverter : NameConverter<CreateAccountStatus>;

internal sealed class TransferStatusConverter : NameConverter<CreateTransferStatus>;

internal sealed class UpdateStatusConverter : NameConverter<UpdateAccountStatus>;

internal sealed class ChangeEventTypeConverter : NameConverter<ChangeEventType>;
