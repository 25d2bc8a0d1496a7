namespace Evenkeel.Host.Texts;

/// <summary>Texts of drills and of the soak.</summary>
internal static partial class Text
{
    public static string DrillDescription => Get();

    public static string DrillIdArgument => Get();

    public static string DrillKeepOption => Get();

    public static string DrillSeedOption => Get();

    public static string DrillBinaryOption => Get();

    public static string DrillColumnId => Get();

    public static string DrillColumnName => Get();

    public static string DrillColumnCriterion => Get();

    public static string DrillColumnLimit => Get();

    public static string DrillColumnMeasured => Get();

    public static string DrillPassed => Get();

    public static string DrillFailed => Get();

    public static string SoakDescription => Get();

    public static string SoakTimeArgument => Get();

    public static string SoakSeedOption => Get();

    public static string DrillUnknown(object id, object known) =>
        Format(nameof(DrillUnknown), id, known);

    public static string DrillHypothesis(object what) => Format(nameof(DrillHypothesis), what);

    public static string DrillFault(object what) => Format(nameof(DrillFault), what);

    public static string DrillAbort(object what) => Format(nameof(DrillAbort), what);

    public static string DrillAccelerated(object what) => Format(nameof(DrillAccelerated), what);

    public static string DrillNotBuilt(object what) => Format(nameof(DrillNotBuilt), what);

    public static string DrillAborted(object reason) => Format(nameof(DrillAborted), reason);

    public static string DrillEvidence(object directory) =>
        Format(nameof(DrillEvidence), directory);

    public static string DrillVerdictPassed(object id) => Format(nameof(DrillVerdictPassed), id);

    public static string DrillVerdictFailed(object id) => Format(nameof(DrillVerdictFailed), id);

    public static string SoakTimeNotUnderstood(object text) =>
        Format(nameof(SoakTimeNotUnderstood), text);
}
