using System.Text.Json.Serialization;
using Evenkeel.Watch.Backups;

namespace Evenkeel.Host.Backups;

/// <param name="Problem">A stable name (docs/formats/backup.md).</param>
internal sealed record BackupProblemOutput(bool Passed, string Problem, string Detail);

internal sealed record BackupKeyOutput(string KeyId, string File);

internal sealed record BackupTargetOutput(
    string Target,
    string? Problem,
    string? Detail,
    int Stored,
    int Reused,
    long StoredBytes
);

internal sealed record BackupRunOutput(
    bool Complete,
    string Set,
    string Lineage,
    ulong LastIndex,
    ulong LogTime,
    long DurationMs,
    IReadOnlyList<BackupTargetOutput> Targets
);

internal sealed record BackupSetOutput(
    string Target,
    string Set,
    bool Proved,
    string? Problem,
    string? Detail,
    DateTimeOffset? MadeAt,
    bool? Full,
    string? Lineage,
    ulong? LastIndex,
    DateTimeOffset? RetainUntil,
    int? Objects,
    long? Bytes
);

internal sealed record BackupListOutput(IReadOnlyList<BackupSetOutput> Sets);

internal sealed record BackupVerifyOutput(
    bool Passed,
    string SigningKeyId,
    IReadOnlyList<RestoreCertificate> Certificates
);

internal sealed record BackupRestoreOutput(
    string Set,
    string Directory,
    string Lineage,
    string Parent,
    ulong ForkIndex,
    string Chain,
    ulong LogTime,
    long Bytes,
    long DurationMs,
    IReadOnlyList<RejectedSet> PassedOver,
    IReadOnlyList<AttemptsAfter> AttemptsAfter
);

internal sealed record BackupPruneOutput(
    string Target,
    IReadOnlyList<string> Kept,
    IReadOnlyList<string> Deleted,
    IReadOnlyList<string> Refused,
    IReadOnlyList<RejectedSet> Untouched,
    int ObjectsDeleted,
    long BytesDeleted
);

internal sealed record BackupPrunesOutput(IReadOnlyList<BackupPruneOutput> Targets);

internal sealed record BackupHeldSegment(
    ulong First,
    ulong Last,
    IReadOnlyList<string> Holders,
    bool MayLeave
);

internal sealed record BackupHeldOutput(IReadOnlyList<BackupHeldSegment> Segments);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(BackupProblemOutput))]
[JsonSerializable(typeof(BackupKeyOutput))]
[JsonSerializable(typeof(BackupRunOutput))]
[JsonSerializable(typeof(BackupListOutput))]
[JsonSerializable(typeof(BackupVerifyOutput))]
[JsonSerializable(typeof(BackupRestoreOutput))]
[JsonSerializable(typeof(BackupPrunesOutput))]
[JsonSerializable(typeof(BackupHeldOutput))]
internal sealed partial class BackupOutputJson : JsonSerializerContext;
