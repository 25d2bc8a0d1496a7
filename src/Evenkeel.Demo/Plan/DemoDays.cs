using Evenkeel.Banking.Calendars;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Plan;

/// <summary>The days of a month on which things happen in a demonstration.</summary>
public static class DemoDays
{
    /// <summary>Wages, on the banking day before when it is none.</summary>
    public const int Pay = 15;

    public const int Rent = 1;
    public const int Insurance = 5;
    public const int Supplier = 25;

    /// <summary>Whether the wages of a month are paid on this day.</summary>
    public static bool IsPayDay(DateOnly date) => IsOn(date, Pay, DateShift.Preceding);

    public static bool IsRentDay(DateOnly date) => IsOn(date, Rent, DateShift.Following);

    public static bool IsSupplierDay(DateOnly date) => IsOn(date, Supplier, DateShift.Following);

    private static bool IsOn(DateOnly date, int day, DateShift shift) =>
        BankCalendar.Standard.Shift(new DateOnly(date.Year, date.Month, day), shift) == date;
}
