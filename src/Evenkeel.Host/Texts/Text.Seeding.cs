namespace Evenkeel.Host.Texts;

/// <summary>Texts of seeding and of the members' certificates.</summary>
internal static partial class Text
{
    public static string ClusterDescription => Get();

    public static string CertificatesDescription => Get();

    public static string CertificatesOutOption => Get();

    public static string CertificatesNodesOption => Get();

    public static string CertificatesNothingNew => Get();

    public static string FoundOption => Get();

    public static string BenchRejoinDescription => Get();

    public static string BenchRateOption => Get();

    public static string CertificatesKeep(object key) => Format(nameof(CertificatesKeep), key);

    public static string CertificatesFailed(object reason) =>
        Format(nameof(CertificatesFailed), reason);

    public static string ClusterCertificateBad(object name, object reason) =>
        Format(nameof(ClusterCertificateBad), name, reason);

    public static string SeedingFailed(object reason) => Format(nameof(SeedingFailed), reason);
}
