using System.CommandLine;
using Evenkeel.Host.CommandLine;
using Evenkeel.Watch.Backups;

namespace Evenkeel.Host.Backups;

/// <summary>
/// <c>evenkeel backup verify</c>: restores a set of each target into a scratch bank of this very
/// program and stores a signed certificate beside the sets.
/// </summary>
internal static class BackupVerifyCommand
{
    private const int MinutesMax = 60 * 24 * 365;

    public static Command Create()
    {
        Option<DirectoryInfo?> source = new("--source")
        {
            Description = Text.BackupSourceOption,
            HelpName = "DIR",
        };
        Option<int> age = new("--age-max")
        {
            Description = Text.BackupAgeOption,
            HelpName = "MINUTES",
            DefaultValueFactory = static _ => (int)BackupLimits.AgeMaxDefault.TotalMinutes,
        };
        age.Validators.Add(Bounds.Between(age, 0, MinutesMax));
        Option<string?> sentinel = new("--sentinel")
        {
            Description = Text.BackupSentinelOption,
            HelpName = "ID",
        };
        Option<FileInfo?> signing = new("--signing-key")
        {
            Description = Text.BackupSigningOption,
            HelpName = "FILE",
        };
        Option<int?> random = new("--random")
        {
            Description = Text.BackupRandomOption,
            HelpName = "SEED",
        };
        Command command = new("verify", Text.BackupVerifyDescription)
        {
            BackupArguments.Targets,
            BackupArguments.KeyFile,
            signing,
            source,
            age,
            sentinel,
            random,
            BackupArguments.Scratch,
            CommonOptions.Json,
        };
        command.DoesBackup(
            async (parsed, terminal, token) =>
            {
                var scratch = BackupArguments.ScratchOf(parsed);
                var targets = BackupArguments.Open(parsed);
                try
                {
                    using var signer = CertificateSigner.OpenOrCreate(SigningKey(parsed, signing));
                    var certificates = new List<RestoreCertificate>();
                    foreach (var target in targets)
                    {
                        var verifier = new BackupVerifier(
                            new VerifyOptions
                            {
                                Key = BackupArguments.Key(parsed),
                                Signer = signer,
                                Bank = new ProcessBank(Environment.ProcessPath!, scratch),
                                ScratchDirectory = scratch,
                                AgeMax = TimeSpan.FromMinutes(parsed.GetValue(age)),
                                Source = parsed.GetValue(source)?.FullName,
                                Sentinel = parsed.GetValue(sentinel) is { } id
                                    ? Arguments.Number(id)
                                    : null,
                                Choose = parsed.GetValue(random) is { } seed
                                    ? new Random(seed)
                                    : null,
                            }
                        );
                        var certificate = await verifier
                            .RunAsync(target, token)
                            .ConfigureAwait(false);
                        certificates.Add(certificate);
                        Say(terminal, certificate);
                    }
                    var passed = certificates.TrueForAll(static c => c.Passed);
                    terminal.Object(
                        new BackupVerifyOutput(passed, signer.KeyId, certificates),
                        BackupOutputJson.Default.BackupVerifyOutput
                    );
                    return passed ? ExitCode.Ok : ExitCode.NotDone;
                }
                finally
                {
                    await BackupArguments.CloseAsync(targets).ConfigureAwait(false);
                    Directory.Delete(scratch, recursive: true);
                }
            }
        );
        return command;
    }

    private static string SigningKey(ParseResult parsed, Option<FileInfo?> option) =>
        parsed.GetValue(option)?.FullName
        ?? (
            parsed.GetValue(BackupArguments.KeyFile) is { } key
                ? key.FullName + ".signing.pem"
                : throw new CommandFailedException(ExitCode.Usage, Text.BackupSigningMissing)
        );

    private static void Say(Terminal terminal, RestoreCertificate certificate)
    {
        foreach (var rejected in certificate.Rejected)
        {
            terminal.Complain(Text.BackupRejected(rejected.Set, rejected.Problem, rejected.Detail));
        }
        foreach (var check in certificate.Checks)
        {
            terminal.Line($"  {check.Name}: {check.Detail}");
        }
        if (certificate.Set is not { } set)
        {
            terminal.Complain(Text.BackupNoneGood(certificate.Target));
            return;
        }
        terminal.Line(
            Text.BackupCertified(
                set,
                certificate.Index,
                certificate.Transfers,
                certificate.RtoMs / 1000.0,
                certificate.Target
            )
        );
        if (certificate.RpoEntries is { } entries)
        {
            terminal.Line(Text.BackupLoss(entries, (certificate.RpoMs ?? 0) / 1000.0));
        }
    }
}
