namespace Evenkeel.Host.Texts;

/// <summary>Texts of the simulated clearing and of bulk files.</summary>
internal static partial class Text
{
    public static string ClearingDescription => Get();

    public static string ClearingRunDescription => Get();

    public static string ClearingDataOption => Get();

    public static string ClearingListenOption => Get();

    public static string ClearingDateOption => Get();

    public static string ClearingSeedOption => Get();

    public static string ClearingRejectOption => Get();

    public static string ClearingSlowOption => Get();

    public static string ClearingSilentOption => Get();

    public static string ClearingLostOption => Get();

    public static string ClearingReturnOption => Get();

    public static string ClearingLineOption => Get();

    public static string ClearingOpen(object address) => Format(nameof(ClearingOpen), address);
}
