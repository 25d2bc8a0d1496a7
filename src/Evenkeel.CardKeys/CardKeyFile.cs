using System.Security.Cryptography;
using System.Text;
using Evenkeel.Model;

namespace Evenkeel.CardKeys;

/// <summary>
/// The files of software keys (docs/formats/card-keys.md): a first line that says what it is, one
/// value a line, and a last line with the SHA-256 of everything before it.
/// </summary>
internal static class CardKeyFile
{
    private const string MasterHeader = "evenkeel software card keys 1";
    private const string TerminalHeader = "evenkeel terminal keys 1";
    private const int FileBytesMax = 4_096;

    /// <summary>Reads the 32 bytes, or makes and keeps them when there is no file yet.</summary>
    public static void ReadOrCreate(string path, Span<byte> master)
    {
        if (!File.Exists(path))
        {
            RandomNumberGenerator.Fill(master);
            if (TryWriteNew(path, [MasterHeader, Convert.ToHexStringLower(master)]))
            {
                return;
            }
        }
        var lines = Read(path, MasterHeader, values: 1);
        if (!TryHex(lines[0], master))
        {
            throw Bad(path);
        }
    }

    public static void WriteTerminal(
        string path,
        string terminal,
        ReadOnlySpan<byte> pin,
        ReadOnlySpan<byte> mac,
        ReadOnlySpan<byte> store
    )
    {
        string[] lines =
        [
            TerminalHeader,
            Convert.ToHexStringLower(Encoding.UTF8.GetBytes(terminal)),
            Convert.ToHexStringLower(pin),
            Convert.ToHexStringLower(mac),
            Convert.ToHexStringLower(store),
        ];
        File.Delete(path); // New keys replace the old ones, as loading a terminal does.
        if (!TryWriteNew(path, lines))
        {
            throw new IOException($"{path} was written by somebody else at the same moment.");
        }
    }

    public static TerminalKeys ReadTerminal(string path)
    {
        var lines = Read(path, TerminalHeader, values: 4);
        Span<byte> pin = stackalloc byte[24];
        Span<byte> mac = stackalloc byte[32];
        Span<byte> store = stackalloc byte[32];
        try
        {
            var name = Encoding.UTF8.GetString(Convert.FromHexString(lines[0]));
            if (!TryHex(lines[1], pin) || !TryHex(lines[2], mac) || !TryHex(lines[3], store))
            {
                throw Bad(path);
            }
            return new TerminalKeys(name, pin, mac, store);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw Bad(path);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pin);
            CryptographicOperations.ZeroMemory(mac);
            CryptographicOperations.ZeroMemory(store);
        }
    }

    /// <returns>False when the file is there already, made by another process in between.</returns>
    private static bool TryWriteNew(string path, string[] lines)
    {
        var text = string.Concat(lines.Select(l => l + "\n"));
        var bytes = Encoding.UTF8.GetBytes($"{text}{HashOf(text)}\n");
        // Written beside and then linked under its name: nobody ever reads half a file of keys.
        var beside = $"{path}.{Environment.ProcessId}.new";
        FileStreamOptions options = new()
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Options = FileOptions.WriteThrough,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (FileStream file = new(beside, options))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        CryptographicOperations.ZeroMemory(bytes);
        return NewFile.TryName(beside, path);
    }

    private static string[] Read(string path, string header, int values)
    {
        if (new FileInfo(path).Length > FileBytesMax)
        {
            throw Bad(path);
        }
        var text = File.ReadAllText(path);
        var lines = text.Split('\n');
        if (
            lines.Length != values + 3
            || !string.Equals(lines[0], header, StringComparison.Ordinal)
            || lines[^1].Length > 0
            || !string.Equals(
                HashOf(text[..(text.Length - lines[^2].Length - 1)]),
                lines[^2],
                StringComparison.Ordinal
            )
        )
        {
            throw Bad(path);
        }
        return lines[1..^2];
    }

    private static string HashOf(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static bool TryHex(string text, Span<byte> into) =>
        text.Length == into.Length * 2
        && Convert.FromHexString(text, into, out _, out var written)
            == System.Buffers.OperationStatus.Done
        && written == into.Length;

    private static InvalidDataException Bad(string path) =>
        new($"{path} is not a file of card keys of this version, or it is damaged.");
}
