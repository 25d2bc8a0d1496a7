using System.Globalization;

namespace Evenkeel.CardKeys;

/// <summary>
/// What stands for a card number in instructions and records: 16 bytes of a keyed hash. Whoever has it
/// can't learn the number, and can't make the token of a number without the key.
/// </summary>
public readonly record struct CardToken(UInt128 Value)
{
    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);

    /// <returns>False when the text is not 32 hexadecimal digits.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out CardToken token)
    {
        var parsed = UInt128.TryParse(
            text,
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out var value
        );
        token = new CardToken(value);
        return parsed && text.Length == 32;
    }
}

/// <summary>
/// A PIN under the bank's key, bound to one card and one context. Travels in an instruction; is never
/// recorded, because nobody needs it after the decision.
/// </summary>
/// <param name="Bytes">37 bytes: version 1, synthetic nonce 12, ciphertext 8, tag 16.</param>
public readonly record struct SealedPin(ReadOnlyMemory<byte> Bytes)
{
    public const int Length = 37;

    /// <summary>Says nothing: not even a sealed PIN belongs into a log line.</summary>
    public override string ToString() => "(sealed PIN)";
}

/// <summary>
/// What the bank stores of a PIN: 16 bytes of a hash keyed behind <see cref="ICardKeys"/>, bound to the
/// card's token. Without the key it can't be searched, however few PINs there are.
/// </summary>
public readonly record struct PinVerifier(UInt128 Value)
{
    /// <summary>For storing: 32 lower-case hexadecimal digits.</summary>
    public string ToStored() => Value.ToString("x32", CultureInfo.InvariantCulture);

    /// <returns>False when the text is not what <see cref="ToStored"/> writes.</returns>
    public static bool TryParse(ReadOnlySpan<char> stored, out PinVerifier verifier)
    {
        var parsed = CardToken.TryParse(stored, out var same);
        verifier = new PinVerifier(same.Value);
        return parsed;
    }

    public override string ToString() => "(PIN verifier)";
}
