namespace Evenkeel.Host.Texts;

/// <summary>Texts of the end of day.</summary>
internal static partial class Text
{
    public static string EndOfDayDescription => Get();

    public static string EndOfDayDateOption => Get();

    public static string EndOfDayNotOpened => Get();

    public static string DayBalanceDescription => Get();

    public static string DayBalanceDateOption => Get();

    public static string MonthDescription => Get();

    public static string MonthKillsOption => Get();

    public static string EndOfDayStep(object a0, object a1) => Format(nameof(EndOfDayStep), a0, a1);

    public static string EndOfDayDone(object a0, object a1) => Format(nameof(EndOfDayDone), a0, a1);

    public static string EndOfDayNotYet(object a0) => Format(nameof(EndOfDayNotYet), a0);

    public static string MonthInPeace(object a0) => Format(nameof(MonthInPeace), a0);

    public static string MonthBooks(object a0, object a1, object a2, object a3) =>
        Format(nameof(MonthBooks), a0, a1, a2, a3);

    public static string MonthSame(object a0, object a1) => Format(nameof(MonthSame), a0, a1);

    public static string MonthDiffers(object a0, object a1, object a2) =>
        Format(nameof(MonthDiffers), a0, a1, a2);

    public static string MonthEnded(object a0) => Format(nameof(MonthEnded), a0);

    public static string EndOfDayStatusOption => Get();

    public static string EndOfDayStatus(object a0, object a1) =>
        Format(nameof(EndOfDayStatus), a0, a1);

    public static string EndOfDayAtWork(object a0, object a1, object a2) =>
        Format(nameof(EndOfDayAtWork), a0, a1, a2);

    public static string EndOfDayFailed(object a0, object a1, object a2) =>
        Format(nameof(EndOfDayFailed), a0, a1, a2);

    public static string ScheduleDescription => Get();

    public static string ScheduleAtOption => Get();

    public static string ScheduleZoneOption => Get();

    public static string ScheduleCalendarOption => Get();

    public static string ScheduleRetryOption => Get();

    public static string ScheduleOffOption => Get();

    public static string ScheduleAtOrOff => Get();

    public static string ScheduleSet(object a0, object a1, object a2) =>
        Format(nameof(ScheduleSet), a0, a1, a2);

    public static string ScheduleEveryDay => Get();

    public static string ScheduleNone => Get();

    public static string DayBalanceAllOption => Get();

    public static string DayBalanceVerifyOption => Get();

    public static string DayBalanceSame => Get();

    public static string DayBalanceDiffers => Get();

    public static string BenchEndOfDayDescription => Get();

    public static string BenchEndOfDayPayments(object a0, object a1, object a2) =>
        Format(nameof(BenchEndOfDayPayments), a0, a1, a2);

    public static string BenchEndOfDayClosed(
        object a0,
        object a1,
        object a2,
        object a3,
        object a4
    ) => Format(nameof(BenchEndOfDayClosed), a0, a1, a2, a3, a4);

    public static string BenchEndOfDayStep => Get();

    public static string BenchEndOfDaySeconds => Get();

    public static string BenchEndOfDayHandled => Get();

    public static string MonthNodesOption => Get();

    public static string MonthKilled(object a0, object a1, object a2, object a3) =>
        Format(nameof(MonthKilled), a0, a1, a2, a3);

    public static string MonthAgreements(object a0, object a1, object a2, object a3) =>
        Format(nameof(MonthAgreements), a0, a1, a2, a3);
}
