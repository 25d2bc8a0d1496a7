using System.Security.Cryptography;

namespace Evenkeel.CardKeys;

/// <summary>
/// The encrypting PIN pad of a simulated terminal: its own PIN key and MAC key, nobody else's. A real
/// terminal keeps them in hardware.
/// </summary>
public sealed class TerminalKeys : IDisposable
{
    private readonly byte[] _pin;
    private readonly byte[] _mac;

    internal TerminalKeys(string terminal, ReadOnlySpan<byte> pin, ReadOnlySpan<byte> mac)
    {
        RequireName(terminal);
        Terminal = terminal;
        _pin = GC.AllocateUninitializedArray<byte>(pin.Length, pinned: true);
        _mac = GC.AllocateUninitializedArray<byte>(mac.Length, pinned: true);
        pin.CopyTo(_pin);
        mac.CopyTo(_mac);
    }

    public string Terminal { get; }

    /// <summary>Reads keys that <see cref="Save"/> wrote.</summary>
    /// <exception cref="SoftwareKeysRefusedException">Any profile but <c>demo</c>.</exception>
    /// <exception cref="InvalidDataException">Not such a file, or a damaged one.</exception>
    public static TerminalKeys Load(string profile, string path) =>
        string.Equals(profile, SoftwareCardKeys.Profile, StringComparison.Ordinal)
            ? CardKeyFile.ReadTerminal(path)
            : throw new SoftwareKeysRefusedException(profile);

    /// <summary>Writes the keys to a file that only its owner reads.</summary>
    public void Save(string path) => CardKeyFile.WriteTerminal(path, Terminal, _pin, _mac);

    /// <summary>The PIN as the terminal sends it: format 0 under the PIN key, 8 bytes.</summary>
    /// <param name="pin">4 to 12 ASCII digits; the caller zeroes them.</param>
    /// <returns>Null when the PIN is not 4 to 12 digits.</returns>
    public byte[]? EncryptPin(ReadOnlySpan<byte> pin, ReadOnlySpan<byte> pan)
    {
        if (!Pan.IsWellFormed(pan))
        {
            throw new ArgumentException("Not a card number.", nameof(pan));
        }
        if (
            pin.Length is < CardKeyLimits.PinDigitsMin or > CardKeyLimits.PinDigitsMax
            || pin.ContainsAnyExceptInRange((byte)'0', (byte)'9')
        )
        {
            return null;
        }
        Span<byte> clear = stackalloc byte[CardKeyLimits.PinBlockBytes];
        var block = new byte[CardKeyLimits.PinBlockBytes];
        try
        {
            PinBlock.WritePinField(pin, clear);
            PinBlock.CombineWithPan(clear, pan);
            PinBlock.Encrypt(_pin, clear, block);
            return block;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(clear);
        }
    }

    /// <summary>Writes the 8 bytes that authenticate a message.</summary>
    public void MakeMac(ReadOnlySpan<byte> message, Span<byte> mac)
    {
        RequireMacRoom(mac);
        Span<byte> tag = stackalloc byte[AesCmac.Bytes];
        AesCmac.Compute(_mac, message, tag);
        tag[..CardKeyLimits.MacBytes].CopyTo(mac);
    }

    public bool VerifyMac(ReadOnlySpan<byte> message, ReadOnlySpan<byte> mac)
    {
        Span<byte> own = stackalloc byte[CardKeyLimits.MacBytes];
        MakeMac(message, own);
        return CryptographicOperations.FixedTimeEquals(own, mac);
    }

    /// <inheritdoc cref="ICardKeys.CheckValue"/>
    public string CheckValue(TerminalKeyUse use) =>
        use == TerminalKeyUse.Pin ? PinBlock.CheckValue(_pin) : AesCmac.CheckValue(_mac);

    /// <summary>Says nothing.</summary>
    public override string ToString() => "(terminal keys)";

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_pin);
        CryptographicOperations.ZeroMemory(_mac);
    }

    internal static void RequireMacRoom(ReadOnlySpan<byte> mac)
    {
        if (mac.Length != CardKeyLimits.MacBytes)
        {
            throw new ArgumentException("A MAC has 8 bytes.", nameof(mac));
        }
    }

    internal static void RequireName(string terminal)
    {
        if (terminal.Length is 0 or > CardKeyLimits.TerminalCharsMax)
        {
            throw new ArgumentException(
                "A terminal's name has 1 to 32 characters.",
                nameof(terminal)
            );
        }
    }
}
