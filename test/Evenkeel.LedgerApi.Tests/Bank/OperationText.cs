using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Evenkeel.Journal;

namespace Evenkeel.LedgerApi.Tests.Bank;

/// <summary>All content of an operation as text, to compare one with another.</summary>
internal static class OperationText
{
    public static string Of(Operation operation)
    {
        var text = new StringBuilder();
        foreach (var principal in operation.Principals)
        {
            text.Append(CultureInfo.InvariantCulture, $"{principal};");
        }
        foreach (var guard in operation.Guards)
        {
            text.Append(CultureInfo.InvariantCulture, $"{guard};");
        }
        Bytes(operation.Accounts);
        Bytes(operation.AccountUpdates);
        Bytes(operation.Transfers);
        foreach (var write in operation.Writes)
        {
            var json = write.Json is { } j ? Encoding.UTF8.GetString(j.Span) : "deleted";
            text.Append(CultureInfo.InvariantCulture, $"{write.Key}={json};");
        }
        foreach (var message in operation.Messages)
        {
            var json = Encoding.UTF8.GetString(message.Json.Span);
            text.Append(CultureInfo.InvariantCulture, $"{message.Topic}:{json};");
        }
        return text.ToString();

        void Bytes<T>(IReadOnlyList<T> events)
            where T : struct
        {
            var bytes = MemoryMarshal.AsBytes(events.ToArray().AsSpan());
            text.Append(CultureInfo.InvariantCulture, $"{Convert.ToHexString(bytes)};");
        }
    }
}
