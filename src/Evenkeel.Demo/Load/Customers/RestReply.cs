using System.Globalization;
using System.Text.Json;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Load.Customers;

/// <summary>An answer of the REST channel, or that none came.</summary>
/// <param name="Status">Of HTTP; 0 = nobody answered, or the line broke.</param>
/// <param name="Body">JSON, or the words of whoever answered.</param>
public sealed record RestReply(int Status, string Body)
{
    /// <summary>Whether it was done is not known.</summary>
    public static readonly RestReply Silence = new(0, "");

    public bool IsOk => Status is 200 or 201;

    /// <summary>A member of the answer as text; null where there is none.</summary>
    public string? Text(string name)
    {
        try
        {
            using var json = JsonDocument.Parse(Body);
            return
                json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty(name, out var found)
                && found.ValueKind == JsonValueKind.String
                ? found.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The amount that the answer names, minor units; null where there is none.</summary>
    public long? Minor(uint currency)
    {
        try
        {
            using var json = JsonDocument.Parse(Body);
            return
                json.RootElement.TryGetProperty("amount", out var amount)
                && amount.TryGetProperty("amount", out var major)
                && decimal.TryParse(
                    major.GetString(),
                    NumberStyles.Number,
                    CultureInfo.InvariantCulture,
                    out var value
                )
                ? Money.FromDecimal(value, currency)?.Minor
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
