namespace Evenkeel.Host.Texts;

/// <content>Backups.</content>
internal static partial class Text
{
    public static string BackupDescription => Get();

    public static string BackupKeyDescription => Get();

    public static string BackupKeyOutOption => Get();

    public static string BackupKeyMade(object id, object path) =>
        Format(nameof(BackupKeyMade), id, path);

    public static string BackupKeyWarning => Get();

    public static string BackupRunDescription => Get();

    public static string BackupListDescription => Get();

    public static string BackupVerifyDescription => Get();

    public static string BackupRestoreDescription => Get();

    public static string BackupPruneDescription => Get();

    public static string BackupHeldDescription => Get();

    public static string BackupTargetOption => Get();

    public static string BackupKeyFileOption => Get();

    public static string BackupScratchOption => Get();

    public static string BackupFullOption => Get();

    public static string BackupImmutableOption => Get();

    public static string BackupRateOption => Get();

    public static string BackupMade(object set, object entry, object seconds) =>
        Format(nameof(BackupMade), set, entry, seconds);

    public static string BackupTargetDone(
        object target,
        object stored,
        object bytes,
        object reused
    ) => Format(nameof(BackupTargetDone), target, stored, bytes, reused);

    public static string BackupTargetFailed(object target, object why) =>
        Format(nameof(BackupTargetFailed), target, why);

    public static string BackupFull => Get();

    public static string BackupIncrement => Get();

    public static string BackupProved => Get();

    public static string BackupUnproved => Get();

    public static string BackupSourceOption => Get();

    public static string BackupAgeOption => Get();

    public static string BackupSentinelOption => Get();

    public static string BackupSigningOption => Get();

    public static string BackupSigningMissing => Get();

    public static string BackupRandomOption => Get();

    public static string BackupRejected(object set, object problem, object detail) =>
        Format(nameof(BackupRejected), set, problem, detail);

    public static string BackupNoneGood(object target) => Format(nameof(BackupNoneGood), target);

    public static string BackupCertified(
        object set,
        object entry,
        object transfers,
        object seconds,
        object target
    ) => Format(nameof(BackupCertified), set, entry, transfers, seconds, target);

    public static string BackupLoss(object entries, object seconds) =>
        Format(nameof(BackupLoss), entries, seconds);

    public static string BackupFromOption => Get();

    public static string BackupToOption => Get();

    public static string BackupAtOption => Get();

    public static string BackupAtTimeOption => Get();

    public static string BackupSetOption => Get();

    public static string BackupRestored(
        object set,
        object entry,
        object directory,
        object seconds
    ) => Format(nameof(BackupRestored), set, entry, directory, seconds);

    public static string BackupRestoredLineage(object lineage, object parent) =>
        Format(nameof(BackupRestoredLineage), lineage, parent);

    public static string BackupRestoredStart(object directory) =>
        Format(nameof(BackupRestoredStart), directory);

    public static string BackupKeepOption => Get();

    public static string BackupDryRunOption => Get();

    public static string BackupPruned(object target, object deleted, object kept, object bytes) =>
        Format(nameof(BackupPruned), target, deleted, kept, bytes);

    public static string BackupPruneRefused(object set) => Format(nameof(BackupPruneRefused), set);

    public static string BackupHeld(object first, object last, object count) =>
        Format(nameof(BackupHeld), first, last, count);

    public static string BackupAttemptsOption => Get();

    public static string BackupAttemptsLost(object count) =>
        Format(nameof(BackupAttemptsLost), count);

    public static string BenchAgainstDescription => Get();

    public static string BenchAgainstTransfersOption => Get();
}
