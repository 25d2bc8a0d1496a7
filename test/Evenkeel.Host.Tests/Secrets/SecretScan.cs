using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Evenkeel.CardKeys;

namespace Evenkeel.Host.Tests.Secrets;

/// <summary>A secret at a place where it was found.</summary>
/// <param name="Place">A file relative to what was scanned, or the name of a stream.</param>
internal sealed record Finding(string Place, string Secret, string Form);

/// <summary>
/// Looks for secrets in files and streams, in every form in which a program may have written them, and
/// for whatever looks like a card number of the demonstration's issuer.
/// </summary>
internal sealed class SecretScan
{
    private const string Issuer = "622800";
    private const int IssuerNumberDigits = 16;
    private const int ChunkBytes = 1 << 20;

    /// <summary>More than the longest form of a secret.</summary>
    private const int OverlapBytes = 4_096;

    private readonly List<(string Secret, string Form, byte[] Bytes)> _needles = [];

    static SecretScan() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    public long BytesRead { get; private set; }

    /// <summary>A name, a text, a password.</summary>
    public void PlantText(string name, string text)
    {
        Plant(name, "UTF-8", Encoding.UTF8.GetBytes(text));
        Plant(name, "UTF-16", Encoding.Unicode.GetBytes(text));
        Plant(name, "UTF-16BE", Encoding.BigEndianUnicode.GetBytes(text));
        Plant(name, "address", Encoding.ASCII.GetBytes(Uri.EscapeDataString(text)));
        PlantBase64(name, Encoding.UTF8.GetBytes(text));
        if (!Ascii.IsValid(text))
        {
            Plant(name, "GB18030", Encoding.GetEncoding("GB18030").GetBytes(text));
            Plant(name, "Big5", Encoding.GetEncoding("big5").GetBytes(text));
            PlantEscaped(name, text);
        }
    }

    /// <summary>A short name: only forms that are too long to be met by chance.</summary>
    public void PlantShortName(string name, string text)
    {
        Plant(name, "UTF-8", Encoding.UTF8.GetBytes(text));
        if (!Ascii.IsValid(text))
        {
            PlantEscaped(name, text);
        }
    }

    public void PlantCard(string name, string pan)
    {
        PlantText(name, pan);
        var padded = pan.Length % 2 == 0 ? pan : pan + "F";
        Plant(name, "BCD", Convert.FromHexString(padded));
        // Half a byte later, as after an odd length or a track's sentinel.
        Plant(
            name,
            "BCD, shifted",
            Convert.FromHexString(pan[1..(1 + ((pan.Length - 1) / 2 * 2))])
        );
        Plant(name, "hexadecimal", HexOf(Encoding.ASCII.GetBytes(pan)));
    }

    /// <summary>The clear block of ISO 9564-1 format 0, and the PIN's half of it.</summary>
    public void PlantPin(string name, string pin, string pan)
    {
        var half = Convert.FromHexString(
            string.Create(CultureInfo.InvariantCulture, $"{pin.Length:X2}{pin}").PadRight(16, 'F')
        );
        var number = Convert.FromHexString("0000" + pan[^13..^1]);
        byte[] block = [.. half.Zip(number, static (a, b) => (byte)(a ^ b))];
        foreach (
            var (form, bytes) in (ReadOnlySpan<(string, byte[])>)
                [("PIN block", block), ("PIN field", half)]
        )
        {
            Plant(name, form, bytes);
            Plant(name, form + ", hexadecimal", HexOf(bytes));
            Plant(
                name,
                form + ", hexadecimal",
                Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes))
            );
            PlantBase64(name, bytes);
        }
    }

    /// <summary>The key of an authenticator: its Base32 and the bytes themselves.</summary>
    public void PlantKey(string name, string base32, byte[] key)
    {
        PlantText(name, base32);
        Plant(name, "bytes", key);
        Plant(name, "hexadecimal", HexOf(key));
        PlantBase64(name, key);
    }

    public IReadOnlyList<Finding> Directory(string root)
    {
        List<Finding> found = [];
        foreach (
            var file in System.IO.Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
        )
        {
            if (new FileInfo(file).Length == 0)
            {
                // Sockets that a killed process left can't be opened.
                continue;
            }
            using var stream = new FileStream(
                file,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            );
            found.AddRange(Stream(Path.GetRelativePath(root, file), stream));
        }
        return found;
    }

    public IReadOnlyList<Finding> Stream(string place, Stream stream)
    {
        HashSet<Finding> found = [];
        var buffer = new byte[ChunkBytes + OverlapBytes];
        var kept = 0;
        while (stream.ReadAtLeast(buffer.AsSpan(kept), ChunkBytes, false) is var read and > 0)
        {
            BytesRead += read;
            var seen = buffer.AsSpan(0, kept + read);
            if (seen.ContainsAnyExcept((byte)0))
            {
                Look(place, seen, found);
            }
            kept = Math.Min(OverlapBytes, seen.Length);
            seen[^kept..].CopyTo(buffer);
        }
        return [.. found];
    }

    private void Look(string place, ReadOnlySpan<byte> seen, HashSet<Finding> found)
    {
        foreach (var (secret, form, bytes) in _needles)
        {
            if (seen.IndexOf(bytes) >= 0)
            {
                found.Add(new Finding(place, secret, form));
            }
        }
        LookForNumbers(place, seen, "ASCII", step: 1, found);
        LookForNumbers(place, seen, "UTF-16", step: 2, found);
        LookForPacked(place, seen, found);
    }

    private static void LookForNumbers(
        string place,
        ReadOnlySpan<byte> seen,
        string form,
        int step,
        HashSet<Finding> found
    )
    {
        var issuer = (step == 1 ? Encoding.ASCII : Encoding.Unicode).GetBytes(Issuer);
        for (
            var at = seen.IndexOf(issuer);
            at >= 0;
            at = seen[(at + 1)..].IndexOf(issuer) is var next and >= 0 ? at + 1 + next : -1
        )
        {
            List<byte> digits = [];
            for (
                var i = at;
                i < seen.Length
                    && digits.Count < CardKeyLimits.PanDigitsMax
                    && char.IsAsciiDigit((char)seen[i])
                    && (step == 1 || (i + 1 < seen.Length && seen[i + 1] == 0));
                i += step
            )
            {
                digits.Add(seen[i]);
                if (Pan.IsValid([.. digits]) && digits.Count >= IssuerNumberDigits)
                {
                    found.Add(new Finding(place, "a number of the issuer", form));
                }
            }
        }
    }

    private static void LookForPacked(string place, ReadOnlySpan<byte> seen, HashSet<Finding> found)
    {
        var issuer = Convert.FromHexString(Issuer);
        const int Bytes = IssuerNumberDigits / 2;
        for (
            var at = seen.IndexOf(issuer);
            at >= 0 && at + Bytes <= seen.Length;
            at = seen[(at + 1)..].IndexOf(issuer) is var next and >= 0 ? at + 1 + next : -1
        )
        {
            var digits = Convert.ToHexString(seen.Slice(at, Bytes));
            if (Pan.IsValid(Encoding.ASCII.GetBytes(digits)))
            {
                found.Add(new Finding(place, "a number of the issuer", "BCD"));
            }
        }
    }

    private void PlantEscaped(string name, string text)
    {
        foreach (var format in (ReadOnlySpan<string>)["x4", "X4"])
        {
            Plant(
                name,
                "JSON escapes",
                Encoding.ASCII.GetBytes(
                    string.Concat(
                        text.Select(c =>
                            char.IsAscii(c)
                                ? $"{c}"
                                : "\\u" + ((int)c).ToString(format, CultureInfo.InvariantCulture)
                        )
                    )
                )
            );
        }
    }

    /// <summary>Base64 of something that stands anywhere in a longer text: what every such text has.</summary>
    private void PlantBase64(string name, byte[] bytes)
    {
        for (var before = 0; before < 3; before++)
        {
            byte[] whole = [.. new byte[before], .. bytes];
            var text = Convert.ToBase64String(whole[..(whole.Length / 3 * 3)]);
            // The first group has foreign bits in it when something stands before.
            Plant(name, "Base64", Encoding.ASCII.GetBytes(text[(before == 0 ? 0 : 4)..]));
        }
    }

    private void Plant(string name, string form, byte[] bytes)
    {
        // Shorter ones are met by chance in what is sealed.
        if (bytes.Length >= 6 && !_needles.Exists(n => n.Bytes.AsSpan().SequenceEqual(bytes)))
        {
            _needles.Add((name, form, bytes));
        }
    }

    private static byte[] HexOf(byte[] bytes) =>
        Encoding.ASCII.GetBytes(Convert.ToHexString(bytes));
}
