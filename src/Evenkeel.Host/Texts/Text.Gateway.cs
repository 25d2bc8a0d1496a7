namespace Evenkeel.Host.Texts;

/// <summary>Texts of the gateway.</summary>
internal static partial class Text
{
    public static string GatewayDescription => Get();

    public static string GatewayClusterOption => Get();

    public static string GatewayNodeOption => Get();

    public static string GatewayPortOption => Get();

    public static string GatewayOperationsPortOption => Get();

    public static string GatewayHoldOption => Get();

    public static string GatewayRetentionOption => Get();

    public static string GatewayNodeAuthorityOption => Get();

    public static string GatewayNoNodes => Get();

    public static string GatewayDataOption => Get();

    public static string GatewayOpen(object folder) => Format(nameof(GatewayOpen), folder);

    public static string GatewayRest(object address) => Format(nameof(GatewayRest), address);

    public static string GatewayOperations(object address) =>
        Format(nameof(GatewayOperations), address);

    public static string GatewayNode(object name, object address) =>
        Format(nameof(GatewayNode), name, address);

    public static string AttemptsDescription => Get();

    public static string AttemptsAfterOption => Get();

    public static string AttemptsLineageOption => Get();

    public static string AttemptsLineageMissing => Get();

    public static string AttemptsNoFolder(object folder) =>
        Format(nameof(AttemptsNoFolder), folder);

    public static string AttemptsCount(object count) => Format(nameof(AttemptsCount), count);

    public static string AttemptsGap(object since, object until, object atLeast, object cause) =>
        Format(nameof(AttemptsGap), since, until, atLeast, cause);

    public static string AttemptsColumnWhen => Get();

    public static string AttemptsColumnKey => Get();

    public static string AttemptsColumnService => Get();

    public static string AttemptsColumnOutcome => Get();

    public static string AttemptsColumnTries => Get();

    public static string AttemptsColumnNode => Get();

    public static string AttemptsColumnPosition => Get();

    public static string AttemptsColumnTransfers => Get();

    public static string BenchGatewayDescription => Get();

    public static string BenchGatewayAdds(object p50, object p99) =>
        Format(nameof(BenchGatewayAdds), p50, p99);

    public static string BenchFailoverDescription => Get();

    public static string BenchKillsOption => Get();

    public static string BenchColumnKill => Get();

    public static string BenchColumnLeader => Get();

    public static string BenchColumnGap => Get();

    public static string BenchColumnBankGap => Get();

    public static string BenchFailoverSummary(
        object median,
        object p90,
        object worst,
        object errors,
        object acknowledged,
        object lost,
        object twice,
        object equal
    ) =>
        Format(
            nameof(BenchFailoverSummary),
            median,
            p90,
            worst,
            errors,
            acknowledged,
            lost,
            twice,
            equal
        );
}
