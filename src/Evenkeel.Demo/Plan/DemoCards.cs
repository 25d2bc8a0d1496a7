using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Evenkeel.CardKeys;

namespace Evenkeel.Demo.Plan;

/// <summary>A card as its holder knows it. It follows from the seed, so that nobody has to store it.</summary>
/// <param name="Number">With its check digit.</param>
/// <param name="ExpiryYearMonth">YYMM.</param>
public sealed record DemoCard(string Number, int ExpiryYearMonth, string Pin)
{
    /// <summary>Says nothing: a number and a PIN belong into no log line.</summary>
    public override string ToString() => "(card)";
}

/// <summary>The cards of a demonstration bank.</summary>
public static class DemoCards
{
    /// <summary>Of all cards of the demonstration.</summary>
    public const int ExpiryYearMonth = 3_512;

    /// <summary>First digits of a number; issued to nobody by the demonstration's own rule.</summary>
    private const string Issuer = "622800";

    private const int SerialDigits = 9;
    private const uint SerialModulus = 1_000_000_000;
    private const uint PinModulus = 10_000;

    /// <summary>The card of a customer; null when the plan gives none.</summary>
    /// <remarks>Two customers of one plan with one number would be refused when it is built.</remarks>
    public static DemoCard? Of(DemoOptions options, DemoCustomer customer)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(customer);
        return customer.HasCard ? Of(options.Seed, customer.Reference) : null;
    }

    /// <summary>The card of a seed and a name.</summary>
    internal static DemoCard Of(int seed, string reference)
    {
        Span<byte> drawn = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(
            Encoding.UTF8.GetBytes(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"demonstration card/{seed}/{reference}"
                )
            ),
            drawn
        );
        var serial = BinaryPrimitives.ReadUInt32BigEndian(drawn) % SerialModulus;
        var pin = BinaryPrimitives.ReadUInt32BigEndian(drawn[4..]) % PinModulus;
        var digits =
            Issuer + serial.ToString(CultureInfo.InvariantCulture).PadLeft(SerialDigits, '0');
        return new DemoCard(
            digits + (char)Pan.CheckDigit(Encoding.ASCII.GetBytes(digits)),
            ExpiryYearMonth,
            pin.ToString("D4", CultureInfo.InvariantCulture)
        );
    }
}
