using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Model;

namespace Evenkeel.Simulators.Atm;

/// <summary>A line of the machine's journal. Card numbers are in sealed bytes only.</summary>
[JsonDerivedType(typeof(Began), "began")]
[JsonDerivedType(typeof(Asked), "asked")]
[JsonDerivedType(typeof(Approved), "approved")]
[JsonDerivedType(typeof(Settled), "settled")]
[JsonDerivedType(typeof(Delivered), "delivered")]
internal abstract record AtmEvent
{
    /// <summary>First line of a journal: where the numbers of the one before it ended.</summary>
    public sealed record Began(string Terminal, long Payout, int Stan) : AtmEvent;

    /// <summary>
    /// Stored before a request is sent, or an offline payout begun: what must be told to the bank if
    /// nothing else is ever known.
    /// </summary>
    /// <param name="FollowUp">
    /// Sealed: the reversal of an online request, the advice of an offline payout.
    /// </param>
    /// <param name="Stan">The highest trace number in use.</param>
    public sealed record Asked(
        long Payout,
        bool Online,
        long Minor,
        int Stan,
        string Rrn,
        string Card,
        string LastFour,
        byte[] FollowUp
    ) : AtmEvent;

    public sealed record Approved(long Payout, string AuthorisationId) : AtmEvent;

    /// <summary>The end of a payout; stored before the receipt prints.</summary>
    /// <param name="Given">Minor units that came out.</param>
    /// <param name="Stored">Sealed message to deliver; null when the bank knows all.</param>
    public sealed record Settled(long Payout, string Code, long Given, byte[]? Stored) : AtmEvent;

    /// <summary>The bank answered the stored message of a payout.</summary>
    public sealed record Delivered(long Payout, string Code) : AtmEvent;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AtmEvent))]
[JsonSerializable(typeof(DrawerFile))]
[JsonSerializable(typeof(FrontAsks))]
[JsonSerializable(typeof(AtmReceipt))]
internal sealed partial class AtmJson : JsonSerializerContext;

/// <summary>
/// The machine's store-and-forward file: lines of JSON, each with its hash, flushed to the disk before
/// anything follows from them (docs/formats/atm.md). A torn last line was never acted on and is cut off.
/// </summary>
internal sealed class AtmJournal : IDisposable
{
    private const int HashDigits = 16;

    private readonly FileStream _file;

    private AtmJournal(FileStream file) => _file = file;

    public long Length => _file.Length;

    /// <summary>Opens for this process alone and hands every whole line to the reader.</summary>
    /// <exception cref="IOException">Another process has the machine.</exception>
    /// <exception cref="InvalidDataException">A line before the last is damaged.</exception>
    public static AtmJournal Open(string path, Action<AtmEvent> read)
    {
        FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            var whole = 0;
            while (whole < bytes.Length)
            {
                var length = bytes.AsSpan(whole).IndexOf((byte)'\n');
                var isLast = length < 0 || whole + length + 1 == bytes.Length;
                if (length < 0 || !TryParse(bytes.AsSpan(whole, length), out var line))
                {
                    if (!isLast)
                    {
                        throw new InvalidDataException($"{path} is damaged at byte {whole}.");
                    }
                    break;
                }
                read(line!);
                whole += length + 1;
            }
            file.SetLength(whole);
            file.Position = whole;
            return new AtmJournal(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Returns when the line is on the disk.</summary>
    public void Append(AtmEvent line)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(line, AtmJson.Default.AtmEvent);
        var hash = Encoding.ASCII.GetBytes(HashOf(json));
        _file.Write([.. hash, (byte)' ', .. json, (byte)'\n']);
        _file.Flush(flushToDisk: true);
    }

    public void Dispose() => _file.Dispose();

    private static bool TryParse(ReadOnlySpan<byte> bytes, out AtmEvent? line)
    {
        line = null;
        if (bytes.Length <= HashDigits + 1)
        {
            return false;
        }
        var json = bytes[(HashDigits + 1)..];
        if (!Encoding.ASCII.GetBytes(HashOf(json)).AsSpan().SequenceEqual(bytes[..HashDigits]))
        {
            return false;
        }
        line = JsonSerializer.Deserialize(json, AtmJson.Default.AtmEvent);
        Check.That(line is not null);
        return true;
    }

    private static string HashOf(ReadOnlySpan<byte> json) =>
        XxHash3.HashToUInt64(json).ToString("x16", CultureInfo.InvariantCulture);
}
