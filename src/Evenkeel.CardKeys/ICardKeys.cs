namespace Evenkeel.CardKeys;

/// <summary>
/// The only door to card keys and clear PINs: what stands behind it is a hardware security module, or,
/// in a demonstration, <see cref="SoftwareCardKeys"/>. Nothing that comes out of it is a key, a clear
/// PIN or a card number.
/// </summary>
/// <remarks>
/// Card numbers and PIN blocks go in as bytes that their owner zeroes; implementations keep no copy.
/// Safe for concurrent use. ADR 26.
/// </remarks>
public interface ICardKeys
{
    /// <summary>
    /// The token under which the bank knows a card: the same for the same number, useless without
    /// the key.
    /// </summary>
    /// <param name="pan">The card number, 13 to 19 ASCII digits.</param>
    /// <exception cref="ArgumentException">Not a card number by length or content.</exception>
    CardToken TokenOf(ReadOnlySpan<byte> pan);

    /// <summary>
    /// Translates a PIN block from a terminal's key to a sealed PIN that only the bank's verification
    /// can open, only for this card and only in this context.
    /// </summary>
    /// <param name="pinBlock">8 bytes, ISO 9564 format 0, encrypted under the terminal's PIN key.</param>
    /// <param name="pan">The card number, 13 to 19 ASCII digits.</param>
    /// <param name="terminal">Whose PIN key: a terminal or a line of the acquirer.</param>
    /// <param name="context">
    /// What the PIN was entered for, at most 128 bytes; by custom the instruction's id. The same input
    /// gives the same bytes, so that a repeated request is the same request.
    /// </param>
    /// <returns>Null when the block is no PIN block of this card under that key.</returns>
    SealedPin? SealPin(
        ReadOnlySpan<byte> pinBlock,
        ReadOnlySpan<byte> pan,
        string terminal,
        ReadOnlySpan<byte> context
    );

    /// <summary>Compares a sealed PIN with what was stored when the card was issued.</summary>
    PinVerdict VerifyPin(
        SealedPin pin,
        CardToken card,
        ReadOnlySpan<byte> context,
        PinVerifier stored
    );

    /// <summary>The value to store for a new card, or for a changed PIN.</summary>
    /// <returns>Null when the sealed PIN was not made for this card in this context.</returns>
    PinVerifier? MakeVerifier(SealedPin pin, CardToken card, ReadOnlySpan<byte> context);

    /// <summary>
    /// Writes the message authentication code of a terminal's message: AES-CMAC under the terminal's
    /// MAC key, its first 8 bytes.
    /// </summary>
    /// <param name="mac">Receives 8 bytes.</param>
    void MakeMac(ReadOnlySpan<byte> message, string terminal, Span<byte> mac);

    /// <summary>Whether the 8 bytes are the message's; compared in constant time.</summary>
    bool VerifyMac(ReadOnlySpan<byte> message, string terminal, ReadOnlySpan<byte> mac);

    /// <summary>
    /// The check value of a terminal's key, for comparing two ends after a key was loaded: 3 bytes for
    /// a PIN key (TDES of zeros), 5 for a MAC key (CMAC of zeros), in hexadecimal.
    /// </summary>
    string CheckValue(TerminalKeyUse use, string terminal);
}

/// <summary>What comparing a PIN found.</summary>
public enum PinVerdict : byte
{
    Correct = 1,
    Wrong = 2,

    /// <summary>
    /// The sealed PIN can't be opened: made for another card, another context or by another module.
    /// That says nothing about the PIN, so it counts as no wrong try.
    /// </summary>
    NotVerifiable = 3,
}

/// <summary>What a terminal's key is for.</summary>
public enum TerminalKeyUse : byte
{
    Pin = 1,
    Mac = 2,
}

/// <summary>Limits of card keys, each with its unit.</summary>
public static class CardKeyLimits
{
    public const int PanDigitsMin = 13;
    public const int PanDigitsMax = 19;
    public const int PinDigitsMin = 4;
    public const int PinDigitsMax = 12;
    public const int PinBlockBytes = 8;
    public const int MacBytes = 8;
    public const int ContextBytesMax = 128;
    public const int TerminalCharsMax = 32;
}
