namespace Evenkeel.Host.Texts;

/// <summary>Texts of the bench of the bank.</summary>
internal static partial class Text
{
    public static string BenchBankDescription => Get();

    public static string BenchBankingDescription => Get();

    public static string BenchPaymentsOption => Get();

    public static string BenchRoundsOption => Get();

    public static string BenchBankingRatio(object ratio) =>
        Format(nameof(BenchBankingRatio), ratio);
}
