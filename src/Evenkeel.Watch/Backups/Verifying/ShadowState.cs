using System.Text.Json;

namespace Evenkeel.Watch.Backups;

/// <summary>Reads the <c>s</c> lines of docs/formats/shadow.md.</summary>
public static class ShadowState
{
    /// <returns>Null for every other line.</returns>
    public static (ulong Index, ReplayedState State)? TryRead(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (!line.StartsWith("{\"s\":", StringComparison.Ordinal))
        {
            return null;
        }
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        return (
            root.GetProperty("s").GetUInt64(),
            new(root.GetProperty("ledger").GetString()!, root.GetProperty("rows").GetUInt64())
        );
    }
}
