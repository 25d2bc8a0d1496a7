using System.Buffers.Binary;
using Evenkeel.Payments;
using Google.Protobuf;

namespace Evenkeel.Contract.Mapping;

/// <summary>What was sent can't be said in our words: a newer program's, or not the contract at all.</summary>
internal sealed class ContractException(string message) : Exception(message);

/// <summary>Values that have no type of their own on the wire.</summary>
internal static class Scalars
{
    private const int IdBytes = 16;

    public static ByteString ToWire(InstructionId id)
    {
        Span<byte> bytes = stackalloc byte[IdBytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, id.Value);
        return ByteString.CopyFrom(bytes);
    }

    public static InstructionId ToInstructionId(ByteString bytes) =>
        bytes.Length == IdBytes
            ? new InstructionId(BinaryPrimitives.ReadUInt128BigEndian(bytes.Span))
            : throw new ContractException("An id has 16 bytes.");

    public static ByteString ToWire(Guid value) =>
        ByteString.CopyFrom(value.ToByteArray(bigEndian: true));

    public static Guid ToGuid(ByteString bytes) =>
        bytes.Length == IdBytes
            ? new Guid(bytes.Span, bigEndian: true)
            : throw new ContractException("A UETR has 16 bytes.");

    public static long ToWire(DateTimeOffset instant) => (instant - DateTimeOffset.UnixEpoch).Ticks;

    public static DateTimeOffset ToInstant(long ticks)
    {
        try
        {
            return DateTimeOffset.UnixEpoch.AddTicks(ticks);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new ContractException("An instant is out of range.");
        }
    }

    public static DateOnly ToDate(int days) =>
        days >= DateOnly.MinValue.DayNumber && days <= DateOnly.MaxValue.DayNumber
            ? DateOnly.FromDayNumber(days)
            : throw new ContractException("A date is out of range.");

    /// <summary>The check digits are verified again: a line can't be trusted to carry a number whole.</summary>
    public static AccountNumber ToAccount(ulong value) =>
        AccountNumber.TryParse(
            value.ToString("D14", System.Globalization.CultureInfo.InvariantCulture),
            out var number
        )
            ? number
            : throw new ContractException("Not an account number.");

    public static Wire.Money ToWire(Money money) =>
        new() { Minor = money.Minor, Currency = money.Currency };

    public static Money ToMoney(Wire.Money? money) =>
        money is null
            ? throw new ContractException("An amount is missing.")
            : new Money(money.Minor, money.Currency);

    /// <summary>A number that this program knows; one of a newer program is refused, not guessed at.</summary>
    public static TEnum ToKnown<TEnum>(uint value)
        where TEnum : struct, Enum
    {
        var known = (TEnum)
            Convert.ChangeType(
                value,
                Enum.GetUnderlyingType(typeof(TEnum)),
                System.Globalization.CultureInfo.InvariantCulture
            );
        return Enum.IsDefined(known)
            ? known
            : throw new ContractException($"{typeof(TEnum).Name} has no {value}.");
    }

    public static T Needed<T>(T? message)
        where T : class => message ?? throw new ContractException($"{typeof(T).Name} is missing.");
}
