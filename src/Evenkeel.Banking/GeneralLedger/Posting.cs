using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.GeneralLedger;

/// <summary>What a transfer in the ledger is for: its code. Persisted: numbers only grow.</summary>
public enum PostingKind : ushort
{
    None = 0,
    Transfer = 1,
    CashOut = 2,
    CashIn = 3,
    OutgoingCredit = 4,
    IncomingCredit = 5,
    Bill = 6,
    CardPurchase = 7,
    CardHold = 8,
    Reversal = 9,
    Return = 10,
    Fee = 11,
    InterestAccrual = 12,
    InterestCapitalised = 13,
    LoanDrawdown = 14,
    LoanInstalment = 15,
    Settlement = 16,
    Bulk = 17,
    StandingOrder = 18,
    Sweep = 19,
    Suspense = 20,
    Opening = 21,
    Correction = 22,
    CashMovement = 23,

    /// <summary>Closes an account; moves nothing.</summary>
    Closing = 40,
    CreditLinePayment = 24,
}

/// <summary>
/// The dates and origin that ride on each transfer: value date in <c>user_data_32</c>, booking date,
/// mode, channel and a terminal's serial number in <c>user_data_64</c>, the instruction in
/// <c>user_data_128</c>.
/// </summary>
internal static class Posting
{
    private const int ModeShift = 56;
    private const int ChannelShift = 48;
    private const int BookingShift = 32;

    /// <summary>Booking dates are days since this one, in 16 bits: up to the year 2179.</summary>
    private static readonly DateOnly Epoch = new(2000, 1, 1);

    public static ulong OriginOf(Origin origin, DateOnly bookingDate, uint terminalSerial = 0)
    {
        var day = bookingDate.DayNumber - Epoch.DayNumber;
        Check.That(day is >= 0 and <= ushort.MaxValue);
        return ((ulong)origin.Mode << ModeShift)
            | ((ulong)origin.Channel << ChannelShift)
            | ((ulong)day << BookingShift)
            | terminalSerial;
    }

    public static DateOnly BookingDateOf(in Transfer transfer) =>
        Epoch.AddDays((int)((transfer.UserData64 >> BookingShift) & ushort.MaxValue));

    public static Channel ChannelOf(in Transfer transfer) =>
        (Channel)((transfer.UserData64 >> ChannelShift) & byte.MaxValue);

    public static DateOnly ValueDateOf(in Transfer transfer) =>
        new(
            (int)(transfer.UserData32 / 10_000),
            (int)(transfer.UserData32 / 100 % 100),
            (int)(transfer.UserData32 % 100)
        );
}
