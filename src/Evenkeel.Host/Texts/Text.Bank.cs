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

    public static string PasskeyDomainOption => Get();

    public static string PasskeyOriginsOption => Get();

    public static string GatewayContractOption => Get();

    public static string GatewayContractCertificateOption(object value) =>
        Format(nameof(GatewayContractCertificateOption), value);

    public static string GatewayContractKeyOption => Get();

    public static string GatewayIssuerOption => Get();

    public static string CertificatesGatewayOption => Get();

    public static string GatewaySessionKeysOption => Get();

    public static string GatewayIsoPortOption => Get();

    public static string GatewayCardKeysOption => Get();

    public static string GatewayCardKeysMissing => Get();

    public static string BankLoginDescription => Get();

    public static string BankLoginArgument => Get();

    public static string BankLoginKindOption => Get();

    public static string BankLoginSubjectOption => Get();

    public static string BankLoginBranchOption => Get();

    public static string BankLoginScopesOption(object value) =>
        Format(nameof(BankLoginScopesOption), value);

    public static string BankLoginSecretOption => Get();

    public static string BankLoginAuthenticatorOption => Get();

    public static string BankLoginChangeDescription => Get();

    public static string BankLoginChangeArgument => Get();

    public static string BankLoginChanged(object login) => Format(nameof(BankLoginChanged), login);

    public static string BankLoginMade(object value) => Format(nameof(BankLoginMade), value);

    public static string BankLoginKey(object value) => Format(nameof(BankLoginKey), value);

    public static string BankAuditDescription => Get();

    public static string BankAuditDayOption => Get();

    public static string BankAuditNothing => Get();

    public static string BankAuditWhen => Get();

    public static string BankAuditWho => Get();

    public static string BankAuditChannel => Get();

    public static string BankAuditWhat => Get();

    public static string BankAuditSubject => Get();
}
