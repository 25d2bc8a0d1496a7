using System.Globalization;
using Evenkeel.Model;

namespace Evenkeel.Payments;

/// <summary>An amount of one currency, in whole minor units (cents, fen).</summary>
/// <param name="Minor">Minor units; may be negative where a balance is meant.</param>
/// <param name="Currency">Number of ISO 4217; the ledger of that currency has the same number.</param>
public readonly record struct Money(long Minor, uint Currency) : IComparable<Money>
{
    /// <summary>Letters of ISO 4217.</summary>
    public string Letters => Currencies.OfLedger(Currency).Letters;

    public static Money Zero(uint currency) => new(0, currency);

    public static Money operator +(Money left, Money right) =>
        new(left.Minor + Same(left, right).Minor, left.Currency);

    public static Money operator -(Money left, Money right) =>
        new(left.Minor - Same(left, right).Minor, left.Currency);

    public static Money operator -(Money value) => new(-value.Minor, value.Currency);

    public static bool operator <(Money left, Money right) => left.CompareTo(right) < 0;

    public static bool operator >(Money left, Money right) => left.CompareTo(right) > 0;

    public static bool operator <=(Money left, Money right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Money left, Money right) => left.CompareTo(right) >= 0;

    /// <summary>The sum.</summary>
    public static Money Add(Money left, Money right) => left + right;

    /// <summary>The difference.</summary>
    public static Money Subtract(Money left, Money right) => left - right;

    /// <summary>With the sign turned.</summary>
    public static Money Negate(Money value) => -value;

    /// <exception cref="InvariantException">Of different currencies.</exception>
    public int CompareTo(Money other) => Minor.CompareTo(Same(this, other).Minor);

    /// <summary>In major units, exactly.</summary>
    public decimal ToDecimal() =>
        new decimal(Minor) / PowerOfTen(Currencies.OfLedger(Currency).Decimals);

    /// <summary>From major units; null when there are more decimals than the currency has.</summary>
    public static Money? FromDecimal(decimal major, uint currency)
    {
        decimal minor;
        try
        {
            minor = major * PowerOfTen(Currencies.OfLedger(currency).Decimals);
        }
        catch (OverflowException)
        {
            return null;
        }
        return minor == decimal.Truncate(minor) && minor is >= long.MinValue and <= long.MaxValue
            ? new Money((long)minor, currency)
            : null;
    }

    /// <summary>"12.50 CNY", the same in every culture.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{ToDecimal().ToString($"F{Currencies.OfLedger(Currency).Decimals}", CultureInfo.InvariantCulture)} {Letters}"
        );

    private static Money Same(Money left, Money right)
    {
        Check.That(left.Currency == right.Currency);
        return right;
    }

    private static decimal PowerOfTen(int exponent)
    {
        var power = 1m;
        for (var i = 0; i < exponent; i++)
        {
            power *= 10;
        }
        return power;
    }
}
