using System.Security.Cryptography;
using System.Text;
using Evenkeel.CardKeys;

namespace Evenkeel.Simulators.Atm;

/// <summary>The card in the slot and the PIN at the pad; zeroed when the card is returned.</summary>
public sealed class AtmCard : IDisposable
{
    private readonly byte[] _pan;
    private readonly byte[] _pin;

    /// <param name="pan">The card number's ASCII digits; copied.</param>
    /// <param name="pin">The PIN's ASCII digits; copied.</param>
    /// <param name="expiryYearMonth">YYMM.</param>
    /// <param name="chipAgrees">
    /// The card has a chip that compared the PIN itself; without one nothing is paid while the line is
    /// down.
    /// </param>
    public AtmCard(
        ReadOnlySpan<byte> pan,
        ReadOnlySpan<byte> pin,
        int expiryYearMonth,
        bool chipAgrees
    )
    {
        if (!CardKeys.Pan.IsValid(pan))
        {
            throw new ArgumentException("Not a card number.", nameof(pan));
        }
        _pan = GC.AllocateUninitializedArray<byte>(pan.Length, pinned: true);
        _pin = GC.AllocateUninitializedArray<byte>(pin.Length, pinned: true);
        pan.CopyTo(_pan);
        pin.CopyTo(_pin);
        ExpiryYearMonth = expiryYearMonth;
        ChipAgrees = chipAgrees;
    }

    public int ExpiryYearMonth { get; }

    public bool ChipAgrees { get; }

    public string LastFour => CardKeys.Pan.LastFour(_pan);

    internal ReadOnlySpan<byte> Pan => _pan;

    internal byte[]? PinBlock(TerminalKeys keys) => keys.EncryptPin(_pin, _pan);

    internal byte[] Track2() => [.. _pan, .. Encoding.ASCII.GetBytes($"={ExpiryYearMonth:D4}201")];

    public override string ToString() => $"card ending {LastFour}";

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_pan);
        CryptographicOperations.ZeroMemory(_pin);
    }
}

/// <summary>What the customer got. The card always comes back.</summary>
/// <param name="Code">Field 39; <c>--</c> when the bank did not answer; null when it was not asked.</param>
/// <param name="Given">Minor units of notes.</param>
/// <param name="Offline">Paid under the floor limit, to be told later.</param>
/// <param name="Booked">Minor units, of a balance inquiry.</param>
/// <param name="Available">Minor units, of a balance inquiry.</param>
public sealed record AtmReceipt(
    AtmResult Result,
    string? Code,
    long Given,
    bool Offline,
    string Rrn,
    string LastFour,
    string? AuthorisationId = null,
    long? Booked = null,
    long? Available = null
);

/// <summary>How it ended for the customer.</summary>
public enum AtmResult
{
    None = 0,
    Paid = 1,

    /// <summary>Some notes came out; the rest is given back to the account.</summary>
    PaidInPart = 2,

    /// <summary>The bank said no.</summary>
    Refused = 3,

    /// <summary>The bank did not answer: no notes, the card is returned, the request is reversed.</summary>
    BankSilent = 4,

    /// <summary>No note came out though the bank agreed; the amount is given back to the account.</summary>
    Jammed = 5,

    /// <summary>The machine has not the notes for it.</summary>
    NoNotes = 6,

    /// <summary>The line is down and this is not paid without it.</summary>
    LineDown = 7,

    /// <summary>The PIN is no PIN.</summary>
    BadPin = 8,

    /// <summary>A balance was shown.</summary>
    Balance = 9,
}
