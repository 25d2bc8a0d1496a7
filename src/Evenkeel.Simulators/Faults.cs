using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Evenkeel.Simulators;

/// <summary>
/// What goes wrong, in percent of all that comes. Which ones is decided by the seed and the name of
/// what comes: the same seed plants the same faults, whatever the order and speed.
/// </summary>
public sealed record Faults
{
    public int Seed { get; init; } = 1;

    /// <summary>Refused, for a reason.</summary>
    public int RejectPercent { get; init; }

    /// <summary>Taken, but decided later.</summary>
    public int SlowPercent { get; init; }

    /// <summary>Done, but the answer never comes.</summary>
    public int SilentPercent { get; init; }

    /// <summary>The first time nothing arrives at all.</summary>
    public int LostPercent { get; init; }

    /// <summary>Settled, and sent back later.</summary>
    public int ReturnPercent { get; init; }

    /// <summary>How long slow decisions and returns take.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(2);

    internal bool Hits(int percent, string what, string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{Seed}\n{what}\n{name}"), hash);
        return BinaryPrimitives.ReadUInt32LittleEndian(hash) % 100 < percent;
    }
}
