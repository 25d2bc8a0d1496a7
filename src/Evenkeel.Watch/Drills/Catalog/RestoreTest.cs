using Evenkeel.Watch.Backups;
using Evenkeel.Watch.Drills.Measuring;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Watch.Drills.Catalog;

/// <summary>D10: a backup is restored, and poisoned ones are.</summary>
internal sealed class RestoreTest : IDrill
{
    private const int Writers = 4;
    private const double RestoreMsMax = 15 * 60_000;
    private const double LossMsMax = 30 * 60_000;
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(10);

    public DrillPlan Plan { get; } =
        new()
        {
            Id = "D10",
            Name = "Restore test and poisoned backups",
            Hypothesis =
                "a backup that was made beside the serving bank restores to a bank that balances, "
                + "with every acknowledged transfer up to its position; a poisoned one is named, "
                + "and an older good one is chosen",
            Fault =
                "the newest set gets a flipped byte; loses a segment; is older than the policy; its "
                + "key is lost: each on a copy of its own",
        };

    public async Task RunAsync(DrillRun run, CancellationToken cancellationToken)
    {
        run.IsNotBuilt(
            "containment and notices (no incidents yet)",
            "scheduled restores (backup verify is called by a timer of the operator)"
        );
        await using DrillBed bed = await DrillBed.StartAsync(run, Writers, cancellationToken);
        using var place = new Place(run);
        // A follower: what it has is what the bank has, and customers don't wait for its disk.
        TestNode leader = await bed.Cluster.LeaderAsync(cancellationToken);
        TestNode source = bed.Cluster.Others(leader).First();
        for (int set = 1; set <= 2; set++)
        {
            await DrillBed.GoOnAsync(Between, cancellationToken);
            BackupOutcome made = await place.BackUpAsync(source.DataDirectory, cancellationToken);
            run.Require(
                $"set {set} is complete in both targets while customers go on",
                made.Complete,
                $"entries 1 to {made.LastIndex}, {made.Duration.TotalSeconds:0.0} s"
            );
        }
        await bed.JudgeAsync(cancellationToken);

        string before = DirectoryChecksum.Of(source.DataDirectory);
        await RestoreAsync(run, place, source.DataDirectory, cancellationToken);
        await PoisonAsync(run, place, cancellationToken);
        run.Require(
            "production is untouched: checksum over all files of the node",
            string.Equals(
                before,
                DirectoryChecksum.Of(source.DataDirectory),
                StringComparison.Ordinal
            ),
            before[..16]
        );
    }

    private static async Task RestoreAsync(
        DrillRun run,
        Place place,
        string source,
        CancellationToken cancellationToken
    )
    {
        RestoreCertificate clean = await place.VerifyAsync(
            place.First,
            place.Key,
            BackupLimits.AgeMaxDefault,
            source,
            cancellationToken
        );
        run.Happened($"clean restore: {clean.Transfers} transfers up to entry {clean.Index}");
        run.Require("the clean set is certified", clean.Passed, clean.Set ?? "none");
        run.Require("its sentinel is found", clean.Sentinel is not null, clean.Sentinel ?? "none");
        run.Measure("restoredTransfers", clean.Transfers);
        run.RequireAtMost("rtoMs", clean.RtoMs, RestoreMsMax, "from nothing to answering");
        run.RequireAtMost("rpoMs", clean.RpoMs, LossMsMax, "a loss of the node now would cost");
        run.Measure("rpoEntries", clean.RpoEntries);
        foreach (CertificateCheck check in clean.Checks)
        {
            run.Happened($"  {check.Name}: {check.Detail}");
        }
    }

    private static async Task PoisonAsync(
        DrillRun run,
        Place place,
        CancellationToken cancellationToken
    )
    {
        SetManifest newest = await place.NewestAsync(cancellationToken);
        SetObject victim = newest.Objects.Last(o => o.Kind == SetObjectKind.Archive);
        (
            string What,
            BackupProblem Problem,
            BackupKey Key,
            TimeSpan Age,
            Action<string> Plant
        )[] poisons =
        [
            (
                "a flipped byte",
                BackupProblem.Altered,
                place.Key,
                BackupLimits.AgeMaxDefault,
                path => FlipMiddleByte(Path.Combine(path, victim.Path))
            ),
            (
                "a missing segment",
                BackupProblem.Missing,
                place.Key,
                BackupLimits.AgeMaxDefault,
                path => File.Delete(Path.Combine(path, victim.Path))
            ),
            ("a stale set", BackupProblem.Stale, place.Key, TimeSpan.FromTicks(1), _ => { }),
            (
                "a lost key",
                BackupProblem.KeyLost,
                BackupKey.Generate(),
                BackupLimits.AgeMaxDefault,
                _ => { }
            ),
        ];
        int named = 0;
        foreach (var poison in poisons)
        {
            using var copy = new Copy(place.First.Name);
            poison.Plant(copy.Path);
            RestoreCertificate certificate = await place.VerifyAsync(
                new DirectoryTarget(copy.Path),
                poison.Key,
                poison.Age,
                source: null,
                cancellationToken
            );
            bool isNamed =
                !certificate.Passed
                && certificate.Rejected.Any(r =>
                    string.Equals(r.Set, newest.Set, StringComparison.Ordinal)
                    && string.Equals(r.Problem, $"{poison.Problem}", StringComparison.Ordinal)
                );
            // Stale is said of a set that restores; without the key there is nothing to choose.
            bool choseRightly = poison.Problem switch
            {
                BackupProblem.KeyLost => certificate.Set is null,
                BackupProblem.Stale => certificate.Set is not null,
                _ => certificate.Set is { } chosen
                    && !string.Equals(chosen, newest.Set, StringComparison.Ordinal),
            };
            named += isNamed ? 1 : 0;
            run.Require(
                $"{poison.What} is named, and what is good is chosen",
                isNamed && choseRightly,
                $"{string.Join(", ", certificate.Rejected.Select(r => r.Problem))}; "
                    + $"chosen: {certificate.Set ?? "none"}"
            );
        }
        run.Measure("poisonsNamed", named);
    }

    private static void FlipMiddleByte(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = file.Length / 2;
        int value = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ 1));
    }

    /// <summary>Two targets, a key and a signer, below the evidence of the drill.</summary>
    private sealed class Place : IDisposable
    {
        private readonly string _scratch;
        private readonly CertificateSigner _signer;
        private readonly ProcessBank _bank;

        public Place(DrillRun run)
        {
            string backups = Path.Combine(run.Directory, "backups");
            _scratch = Directory.CreateDirectory(Path.Combine(backups, "scratch")).FullName;
            First = new DirectoryTarget(Path.Combine(backups, "first"));
            Second = new DirectoryTarget(Path.Combine(backups, "second"));
            _signer = CertificateSigner.OpenOrCreate(Path.Combine(backups, "signing.pem"));
            _bank = new ProcessBank(run.Binary, _scratch);
        }

        public BackupKey Key { get; } = BackupKey.Generate();

        public DirectoryTarget First { get; }

        private DirectoryTarget Second { get; }

        public Task<BackupOutcome> BackUpAsync(string data, CancellationToken cancellationToken) =>
            new BackupRunner(
                new BackupOptions
                {
                    DataDirectory = data,
                    Key = Key,
                    // Nothing shared: what is done to one set is done to that set alone.
                    Full = true,
                    ScratchDirectory = _scratch,
                }
            ).RunAsync([First, Second], cancellationToken);

        public Task<RestoreCertificate> VerifyAsync(
            DirectoryTarget target,
            BackupKey key,
            TimeSpan ageMax,
            string? source,
            CancellationToken cancellationToken
        ) =>
            new BackupVerifier(
                new VerifyOptions
                {
                    Key = key,
                    Signer = _signer,
                    Bank = _bank,
                    ScratchDirectory = _scratch,
                    AgeMax = ageMax,
                    Source = source,
                }
            ).RunAsync(target, cancellationToken);

        public async Task<SetManifest> NewestAsync(CancellationToken cancellationToken) =>
            (await BackupCatalog.ListAsync(First, Key, cancellationToken))[0].Manifest
            ?? throw new InvalidDataException("The newest set can't be read.");

        public void Dispose()
        {
            _signer.Dispose();
            // Certificates are the evidence; objects would fill the disk.
            Remove(_scratch);
            Remove(Path.Combine(First.Name, "objects"));
            Remove(Path.Combine(Second.Name, "objects"));
        }
    }

    /// <summary>A copy of a target that may be poisoned; gone afterwards.</summary>
    private sealed class Copy : IDisposable
    {
        public Copy(string target)
        {
            Path = target + "-copy";
            foreach (
                string file in Directory.EnumerateFiles(target, "*", SearchOption.AllDirectories)
            )
            {
                string to = System.IO.Path.Combine(
                    Path,
                    System.IO.Path.GetRelativePath(target, file)
                );
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(to)!);
                File.Copy(file, to);
                File.SetAttributes(to, FileAttributes.Normal);
            }
        }

        public string Path { get; }

        public void Dispose() => Remove(Path);
    }

    /// <summary>Objects are kept read-only.</summary>
    private static void Remove(string directory)
    {
        foreach (
            string file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
        )
        {
            File.SetAttributes(file, FileAttributes.Normal);
        }
        Directory.Delete(directory, recursive: true);
    }
}
