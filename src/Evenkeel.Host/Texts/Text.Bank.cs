namespace Evenkeel.Host.Texts;

/// <content>The bank on a node, and channels before it.</content>
internal static partial class Text
{
    public static string BankDescription => Get();

    public static string BankOpenDescription => Get();

    public static string BankDateOption => Get();

    public static string BankCurrenciesOption => Get();

    public static string BankOpened(object date, object currencies) =>
        Format(nameof(BankOpened), date, currencies);

    public static string BankPortOption => Get();

    public static string PersonsOption => Get();

    public static string GatewayContractOption => Get();

    public static string GatewaySessionKeysOption => Get();

    public static string GatewayIsoPortOption => Get();

    public static string GatewayCardKeysOption => Get();

    public static string GatewayCardKeysMissing => Get();
}
