namespace Evenkeel.Host.Texts;

/// <summary>Texts of the demonstration bank.</summary>
internal static partial class Text
{
    public static string DemoDescription => Get();

    public static string DemoBuildDescription => Get();

    public static string DemoLoadDescription => Get();

    public static string DemoCheckDescription => Get();

    public static string DemoSeedOption => Get();

    public static string DemoPersonsOption => Get();

    public static string DemoNamesOption => Get();

    public static string DemoTimeArgument => Get();

    public static string DemoRateOption => Get();

    public static string DemoTruthOption => Get();

    public static string DemoBuilt(object a0, object a1, object a2) =>
        Format(nameof(DemoBuilt), a0, a1, a2);

    public static string DemoLoaded(object a0, object a1, object a2, object a3, object a4) =>
        Format(nameof(DemoLoaded), a0, a1, a2, a3, a4);

    public static string DemoLatency(object a0, object a1, object a2) =>
        Format(nameof(DemoLatency), a0, a1, a2);

    public static string DemoTruth(object a0) => Format(nameof(DemoTruth), a0);

    public static string DemoChecked(object a0, object a1, object a2, object a3, object a4) =>
        Format(nameof(DemoChecked), a0, a1, a2, a3, a4);

    public static string ProfileOption => Get();

    public static string DemoWhoDescription => Get();

    public static string DemoWhoArgument => Get();

    public static string DemoNobody(object a0) => Format(nameof(DemoNobody), a0);

    public static string DemoWhoCustomer => Get();

    public static string DemoWhoLogin => Get();

    public static string LedgerOnlyOption => Get();

    public static string HouseGateway(object a0) => Format(nameof(HouseGateway), a0);

    public static string HouseIso(object a0) => Format(nameof(HouseIso), a0);

    public static string HouseClearing(object a0) => Format(nameof(HouseClearing), a0);

    public static string DemoGatewayOption => Get();

    public static string DemoPayDescription => Get();

    public static string DemoPayToArgument => Get();

    public static string DemoPayAmountArgument => Get();

    public static string DemoPayReferenceArgument => Get();

    public static string DemoFindDescription => Get();

    public static string DemoFindReferenceArgument => Get();

    public static string DemoPayrollDescription => Get();

    public static string DemoPayrollLinesOption => Get();

    public static string DemoPayrollTaken(object a0, object a1, object a2) =>
        Format(nameof(DemoPayrollTaken), a0, a1, a2);

    public static string DemoPayrollPaid(object a0, object a1, object a2, object a3) =>
        Format(nameof(DemoPayrollPaid), a0, a1, a2, a3);

    public static string DemoDaysOption => Get();

    public static string DemoAgainOption => Get();

    public static string DemoOther(object a0) => Format(nameof(DemoOther), a0);

    public static string DemoNone(object a0) => Format(nameof(DemoNone), a0);

    public static string DemoWhoTill => Get();

    public static string DemoWhoCode(object a0, object a1) => Format(nameof(DemoWhoCode), a0, a1);

    public static string DemoKindAccount => Get();

    public static string DemoKindBiller => Get();

    public static string DemoKindCard => Get();

    public static string DemoKindMachine => Get();

    public static string DemoKindCreditLine => Get();

    public static string DemoKindCustomer => Get();

    public static string DemoKindLoan => Get();

    public static string DemoKindStandingOrder => Get();

    public static string DemoKindSweep => Get();

    public static string DemoKindTill => Get();

    public static string DemoSpeedOption => Get();

    public static string DemoLoadSeedOption => Get();

    public static string DemoLoadedMore(object a0, object a1, object a2, object a3) =>
        Format(nameof(DemoLoadedMore), a0, a1, a2, a3);

    public static string DemoCheckedMore(
        object a0,
        object a1,
        object a2,
        object a3,
        object a4,
        object a5
    ) => Format(nameof(DemoCheckedMore), a0, a1, a2, a3, a4, a5);

    public static string DemoNoTruth(object a0) => Format(nameof(DemoNoTruth), a0);

    public static string HouseTry => Get();

    public static string GatewaySignInsOption => Get();
}
