using System.Security.Cryptography;

namespace Evenkeel.CardKeys;

/// <summary>
/// The encrypting PIN pad of a simulated terminal: its own keys for PIN, MAC and storage, nobody else's. A real
/// terminal keeps them in hardware.
/// </summary>
public sealed class TerminalKeys : IDisposable
{
    private readonly byte[] _pin;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _mac;
    private readonly byte[] _store;

    internal TerminalKeys(
        string terminal,
        ReadOnlySpan<byte> pin,
        ReadOnlySpan<byte> mac,
        ReadOnlySpan<byte> store
    )
    {
        RequireName(terminal);
        Terminal = terminal;
        _pin = GC.AllocateUninitializedArray<byte>(pin.Length, pinned: true);
        _mac = GC.AllocateUninitializedArray<byte>(mac.Length, pinned: true);
        pin.CopyTo(_pin);
        mac.CopyTo(_mac);
        _store = GC.AllocateUninitializedArray<byte>(store.Length, pinned: true);
        store.CopyTo(_store);
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
    public void Save(string path) => CardKeyFile.WriteTerminal(path, Terminal, _pin, _mac, _store);

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

    /// <summary>
    /// Seals what the terminal must keep in its own files, card numbers above all: AES-256-GCM under the
    /// terminal's storage key. 28 bytes longer than what went in: nonce 12, ciphertext, tag 16.
    /// </summary>
    public byte[] SealForStorage(ReadOnlySpan<byte> content)
    {
        var stored = new byte[NonceBytes + content.Length + TagBytes];
        RandomNumberGenerator.Fill(stored.AsSpan(0, NonceBytes));
        using AesGcm cipher = new(_store, TagBytes);
        cipher.Encrypt(
            stored.AsSpan(0, NonceBytes),
            content,
            stored.AsSpan(NonceBytes, content.Length),
            stored.AsSpan(NonceBytes + content.Length)
        );
        return stored;
    }

    /// <summary>Opens what <see cref="SealForStorage"/> sealed; the caller zeroes it after use.</summary>
    /// <returns>Null when it was altered or sealed by another terminal.</returns>
    public byte[]? OpenFromStorage(ReadOnlySpan<byte> stored)
    {
        if (stored.Length < NonceBytes + TagBytes)
        {
            return null;
        }
        var content = new byte[stored.Length - NonceBytes - TagBytes];
        using AesGcm cipher = new(_store, TagBytes);
        try
        {
            cipher.Decrypt(
                stored[..NonceBytes],
                stored[NonceBytes..^TagBytes],
                stored[^TagBytes..],
                content
            );
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>
    /// By what a terminal knows a card again without keeping its number: 16 hexadecimal digits, of use
    /// in this terminal only.
    /// </summary>
    public string MarkOf(ReadOnlySpan<byte> pan)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(_store, pan, hash);
        return Convert.ToHexStringLower(hash[..8]);
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
        CryptographicOperations.ZeroMemory(_store);
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
