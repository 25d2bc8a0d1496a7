using System.Diagnostics;
using System.Globalization;
using Evenkeel.Client;
using Evenkeel.Model;
using Evenkeel.Replication;

namespace Evenkeel.Watch.Backups;

/// <summary>How sets are verified.</summary>
public sealed record VerifyOptions
{
    public required BackupKey Key { get; init; }
    public required CertificateSigner Signer { get; init; }
    public required IScratchBank Bank { get; init; }

    /// <summary>The set is restored below it; emptied afterwards.</summary>
    public required string ScratchDirectory { get; init; }

    /// <summary>A set made longer ago is stale.</summary>
    public TimeSpan AgeMax { get; init; } = BackupLimits.AgeMaxDefault;

    /// <summary>The data directory that is backed up, only read: measures what a loss of it now would cost.</summary>
    public string? Source { get; init; }

    /// <summary>A transfer that must be in the set; null looks for the newest ones of its archive.</summary>
    public UInt128? Sentinel { get; init; }

    /// <summary>Begins with a set chosen by this generator instead of the newest.</summary>
    public Random? Choose { get; init; }
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>
/// Restores a set into a scratch bank and lets it prove itself. A set that fails is named with its
/// problem, and the next older one is tried; the certificate says which set is good.
/// </summary>
public sealed class BackupVerifier(VerifyOptions options)
{
    private readonly List<RejectedSet> rejected = [];
    private readonly List<CertificateCheck> checks = [];

    /// <returns>The certificate, stored beside the sets under <c>certificates/</c>.</returns>
    public async Task<RestoreCertificate> RunAsync(
        IBackupTarget target,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(target);
        var sets = (await BackupCatalog.ListAsync(target, options.Key, cancellationToken)).ToList();
        if (sets.Count == 0)
        {
            throw new BackupException(BackupProblem.NotFound, $"{target.Name} holds no set");
        }
        if (options.Choose is { } random)
        {
            var chosen = random.Next(sets.Count);
            sets = [.. sets[chosen..], .. sets[..chosen]];
        }
        var certificate = Begin(target);
        foreach (var found in sets)
        {
            checks.Clear();
            try
            {
                var manifest = found.Manifest ?? throw found.Problem!;
                certificate = await TryAsync(target, manifest, certificate, cancellationToken);
                break;
            }
            catch (BackupException bad) when (bad.Problem != BackupProblem.TargetFailed)
            {
                rejected.Add(new(found.Set, bad.Problem.ToString(), bad.Message));
            }
            finally
            {
                Clear();
            }
        }
        certificate = certificate with
        {
            MadeAt = options.Time.GetUtcNow(),
            Passed = certificate.Set is not null && rejected.Count == 0,
            Rejected = [.. rejected],
            Checks = [.. checks],
        };
        await StoreAsync(target, certificate, cancellationToken);
        return certificate;
    }

    private RestoreCertificate Begin(IBackupTarget target) =>
        new()
        {
            Format = RestoreCertificate.FormatName,
            FormatVersion = 1,
            MadeAt = options.Time.GetUtcNow(),
            Target = target.Name,
            Passed = false,
            Rejected = [],
            Checks = [],
            AgeMsMax = (long)options.AgeMax.TotalMilliseconds,
            Program = options.Bank.Program,
        };

    private async Task<RestoreCertificate> TryAsync(
        IBackupTarget target,
        SetManifest manifest,
        RestoreCertificate certificate,
        CancellationToken cancellationToken
    )
    {
        var age = options.Time.GetUtcNow() - manifest.MadeAt;
        if (age > options.AgeMax)
        {
            // Said, and verified nevertheless: an old set that restores is better than none.
            rejected.Add(
                new(
                    manifest.Set,
                    nameof(BackupProblem.Stale),
                    $"made {age:d\\.hh\\:mm\\:ss} ago; the policy allows {options.AgeMax:d\\.hh\\:mm\\:ss}"
                )
            );
        }
        var (rpoEntries, rpoMs) = MeasureLoss(manifest);
        var directory = Path.Combine(options.ScratchDirectory, "restored");
        var clock = Stopwatch.StartNew();
        var restorer = new Restorer(
            target,
            new RestoreOptions { Key = options.Key, Directory = directory }
        );
        var restored = await restorer.RestoreAsync(manifest, cancellationToken);
        foreach (var piece in manifest.Objects.Where(static o => o.Kind == SetObjectKind.Snapshot))
        {
            await restorer.CheckAsync(piece, cancellationToken);
        }
        Passed(
            "objects",
            $"{manifest.Objects.Count} listed, {restored.Bytes} bytes of archive, every hash as listed"
        );
        Passed(
            "chain",
            $"entries 1 to {restored.Position.Index}, ends in {restored.Position.Chain}"
        );
        var ids = SentinelTransfers.Read(Path.Combine(directory, "archive"), restored.Lineage);
        var restoreMs = clock.ElapsedMilliseconds;
        long rtoMs;
        long accounts;
        Transfer? sentinel;
        await using (var bank = await options.Bank.StartAsync(directory, cancellationToken))
        {
            rtoMs = clock.ElapsedMilliseconds;
            Passed("start", $"a node serves it after {rtoMs} ms");
            accounts = await BalanceAsync(bank.Client, cancellationToken);
            sentinel = await SentinelAsync(bank.Client, ids, cancellationToken);
        }
        if (await options.Bank.JudgeAsync(directory, cancellationToken) is { } unsound)
        {
            throw new BackupException(BackupProblem.StateDiffers, $"the verifier says: {unsound}");
        }
        Passed("verifier", "archive, history and checkpoints are sound");
        var state = await DigestAsync(manifest, restored, directory, cancellationToken);
        return certificate with
        {
            Set = manifest.Set,
            Lineage = manifest.Lineage,
            Index = manifest.LastIndex,
            Chain = manifest.Chain,
            StateDigest = state.Digest,
            Transfers = state.Rows,
            Accounts = accounts,
            Sentinel = sentinel?.Id.ToString(CultureInfo.InvariantCulture),
            RtoMs = rtoMs,
            RestoreMs = restoreMs,
            StartMs = rtoMs - restoreMs,
            RpoEntries = rpoEntries,
            RpoMs = rpoMs,
            AgeMs = (long)age.TotalMilliseconds,
        };
    }

    private async Task<long> BalanceAsync(EvenkeelClient bank, CancellationToken cancellationToken)
    {
        var (accounts, unbalanced) = await TrialBalance.TakeAsync(bank, cancellationToken);
        if (unbalanced.Count > 0)
        {
            throw new BackupException(
                BackupProblem.StateDiffers,
                $"debits differ from credits in ledger {string.Join(", ", unbalanced)}"
            );
        }
        Passed("trial balance", $"zero in every ledger, {accounts} accounts");
        return accounts;
    }

    private async Task<Transfer?> SentinelAsync(
        EvenkeelClient bank,
        IReadOnlyList<UInt128> ids,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<UInt128> wanted = options.Sentinel is { } given ? [given] : ids;
        if (wanted.Count == 0)
        {
            Passed("sentinel", "the set holds no transfer batch to look for");
            return null;
        }
        var found =
            await SentinelTransfers.FindAsync(bank, wanted, cancellationToken)
            ?? throw new BackupException(
                BackupProblem.StateDiffers,
                options.Sentinel is { } missing
                    ? $"transfer {missing} is not in it"
                    : $"none of the last {wanted.Count} transfers of the archive is in it"
            );
        Passed("sentinel", $"transfer {found.Id} of log time {found.Timestamp}");
        return found;
    }

    /// <summary>Replays without a node: what the snapshot and the set say must come out.</summary>
    private async Task<ReplayedState> DigestAsync(
        SetManifest manifest,
        Restored restored,
        string directory,
        CancellationToken cancellationToken
    )
    {
        var last = restored.Position.Index;
        var digests = await options.Bank.ReplayAsync(
            directory,
            manifest.Snapshot?.Index ?? 0,
            last,
            cancellationToken
        );
        if (manifest.Snapshot is { } snapshot)
        {
            using var reader = new ArchiveReader(
                Path.Combine(directory, "archive"),
                snapshot.Index,
                snapshot.Index,
                restored.Lineage
            );
            var chain = reader.Read() ? reader.Chain.ToString() : "none";
            var digest = digests.TryGetValue(snapshot.Index, out var at) ? at.Digest : "none";
            if (
                !string.Equals(digest, snapshot.StateDigest, StringComparison.Ordinal)
                || !string.Equals(chain, snapshot.Chain, StringComparison.Ordinal)
            )
            {
                throw new BackupException(
                    BackupProblem.StateDiffers,
                    $"at entry {snapshot.Index} the replay gives {digest} (chain {chain}), "
                        + $"the snapshot said {snapshot.StateDigest} (chain {snapshot.Chain})"
                );
            }
            Passed("digest", $"{digest} at entry {snapshot.Index}, as the snapshot said");
        }
        return digests.TryGetValue(last, out var end)
            ? end
            : throw new BackupException(
                BackupProblem.StateDiffers,
                $"the replay did not reach entry {last}"
            );
    }

    /// <summary>What a loss of the source at this moment would cost.</summary>
    private (ulong? Entries, long? Ms) MeasureLoss(SetManifest manifest)
    {
        if (options.Source is not { } source)
        {
            return default;
        }
        var archive = Path.Combine(source, "archive");
        if (ArchiveExtent.Find(archive) is not { } extent)
        {
            return default;
        }
        ulong time = 0;
        using var reader = new ArchiveReader(
            archive,
            Math.Min(extent.LastIndex, manifest.LastIndex + 1),
            extent.LastIndex
        );
        while (reader.Read())
        {
            time = EntryTime.Of(reader.Payload.Span) ?? time;
        }
        var entries = extent.LastIndex - Math.Min(extent.LastIndex, manifest.LastIndex);
        var behind = time > manifest.LogTime ? (time - manifest.LogTime) / 1_000_000 : 0;
        return (entries, (long)behind);
    }

    private async Task StoreAsync(
        IBackupTarget target,
        RestoreCertificate certificate,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(options.ScratchDirectory);
        var file = Path.Combine(options.ScratchDirectory, "certificate");
        await File.WriteAllBytesAsync(file, options.Signer.Sign(certificate), cancellationToken);
        var name = SetManifest.NewName(certificate.MadeAt);
        await target.PutAsync(
            $"certificates/{name}.json",
            file,
            retainUntil: null,
            cancellationToken
        );
        var keyName = $"certificates/{options.Signer.KeyId}.pem";
        if ((await target.ListAsync(keyName, cancellationToken)).Count == 0)
        {
            await File.WriteAllTextAsync(file, options.Signer.PublicKeyPem, cancellationToken);
            await target.PutAsync(keyName, file, retainUntil: null, cancellationToken);
        }
        File.Delete(file);
    }

    private void Passed(string name, string detail) => checks.Add(new(name, Ok: true, detail));

    private void Clear()
    {
        foreach (var left in (ReadOnlySpan<string>)["restored", "replay"])
        {
            var path = Path.Combine(options.ScratchDirectory, left);
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
        }
    }
}
