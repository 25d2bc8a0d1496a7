using System.CommandLine;
using System.Security.Cryptography;
using Evenkeel.Host.CommandLine;
using Evenkeel.Model.People;
using Evenkeel.Node.Quarantine;

namespace Evenkeel.Host.Upgrades;

/// <summary>
/// <c>evenkeel upgrade operator</c> and <c>upgrade quarantine</c>: keys of people, and the override
/// that two of them sign. Works on files alone: the bank can't start.
/// </summary>
internal static class QuarantineCommand
{
    public static Command CreateOperator()
    {
        var name = Name();
        var key = Key();
        var command = new Command("operator", Text.UpgradeOperatorDescription)
        {
            name,
            key,
            CommonOptions.Data,
        };
        command.Does(
            (parsed, terminal, _) =>
            {
                var directory = parsed.GetRequiredValue(CommonOptions.Data).FullName;
                var path = OperatorsFile.PathFor(directory);
                var who = parsed.GetRequiredValue(name);
                var file = OperatorsFile.ReadOrEmpty(path);
                if (file.Operators.Any(o => string.Equals(o.Name, who, StringComparison.Ordinal)))
                {
                    throw new CommandFailedException(
                        ExitCode.NotDone,
                        Text.OperatorExists(who, path)
                    );
                }
                using var made = OpenOrMake(parsed.GetRequiredValue(key).FullName);
                (file with { Operators = [.. file.Operators, Operator.From(who, made)] }).Write(
                    path
                );
                terminal.Line(Text.OperatorAdded(who, path));
                return Task.FromResult(ExitCode.Ok);
            }
        );
        return command;
    }

    public static Command Create()
    {
        var name = Name();
        var key = Key();
        Option<ulong> entry = new("--entry")
        {
            Description = Text.QuarantineEntryOption,
            HelpName = "N",
            Required = true,
        };
        Option<string?> reason = new("--reason")
        {
            Description = Text.QuarantineReasonOption,
            HelpName = "TEXT",
        };
        var command = new Command("quarantine", Text.UpgradeQuarantineDescription)
        {
            entry,
            reason,
            name,
            key,
            CommonOptions.Data,
        };
        command.Does(
            (parsed, terminal, _) =>
            {
                var directory = parsed.GetRequiredValue(CommonOptions.Data).FullName;
                var number = parsed.GetRequiredValue(entry);
                var pending = Path.Combine(
                    directory,
                    "quarantine-" + QuarantineOverride.FileNameOf(number)
                );
                var order = File.Exists(pending)
                    ? QuarantineOverride.Read(pending)
                    : Order(directory, number, parsed.GetValue(reason));
                var signed = Sign(
                    order,
                    parsed.GetRequiredValue(name),
                    parsed.GetRequiredValue(key).FullName
                );
                var operators = OperatorsFile.ReadOrEmpty(OperatorsFile.PathFor(directory));
                var left = operators.WhyNotByTwo(signed.Message, signed.Signatures);
                if (left is not null && signed.Signatures.Count > 1)
                {
                    throw new CommandFailedException(ExitCode.NotDone, left);
                }
                if (left is not null)
                {
                    signed.Write(pending);
                    terminal.Line(Text.QuarantineWaiting(number, signed.PayloadSha256, pending));
                    return Task.FromResult(ExitCode.Ok);
                }
                foreach (var node in NodesOf(directory))
                {
                    var folder = Path.Combine(node, QuarantineOverride.FolderName);
                    Directory.CreateDirectory(folder);
                    var target = Path.Combine(folder, QuarantineOverride.FileNameOf(number));
                    signed.Write(target);
                    terminal.Line(Text.QuarantinePlaced(target));
                }
                File.Delete(pending);
                return Task.FromResult(ExitCode.Ok);
            }
        );
        return command;
    }

    /// <summary>What the first person signs: exactly the entry at which a node stopped.</summary>
    private static QuarantineOverride Order(string directory, ulong entry, string? reason)
    {
        var note = NodesOf(directory)
            .Select(PoisonNote.Read)
            .FirstOrDefault(n => n?.Entry == entry);
        if (note is null)
        {
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.QuarantineNotPoison(entry, PoisonNote.FileName)
            );
        }
        if (
            string.IsNullOrWhiteSpace(reason)
            || reason.Length > QuarantineOverride.ReasonCharsMax
            || reason.Contains('\n', StringComparison.Ordinal)
        )
        {
            throw new CommandFailedException(ExitCode.Usage, Text.QuarantineNeedsReason);
        }
        return new QuarantineOverride
        {
            FormatVersion = QuarantineOverride.FormatVersionNow,
            Lineage = note.Lineage,
            Entry = entry,
            PayloadSha256 = note.PayloadSha256,
            Reason = reason,
        };
    }

    private static QuarantineOverride Sign(QuarantineOverride order, string name, string keyPath)
    {
        if (!File.Exists(keyPath))
        {
            throw new CommandFailedException(ExitCode.Usage, Text.OperatorKeyMissing(keyPath));
        }
        using var key = OpenOrMake(keyPath);
        return order with
        {
            Signatures =
            [
                .. order.Signatures.Where(s =>
                    !string.Equals(s.Name, name, StringComparison.Ordinal)
                ),
                OperatorSignature.Make(name, key, order.Message),
            ],
        };
    }

    /// <summary>The node itself, or every node of a cluster on this machine.</summary>
    private static List<string> NodesOf(string directory)
    {
        var nodes = File.Exists(Path.Combine(directory, "cluster.json"))
            ? Directory
                .EnumerateDirectories(directory)
                .Where(d => File.Exists(Path.Combine(d, "lineage.json")))
                .Order(StringComparer.Ordinal)
                .ToList()
            : [];
        return nodes.Count > 0 ? nodes : [directory];
    }

    private static ECDsa OpenOrMake(string path)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        try
        {
            if (File.Exists(path))
            {
                key.ImportFromPem(File.ReadAllText(path));
            }
            else
            {
                // For its owner alone from the first byte on.
                FileStreamOptions options = new()
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                };
                if (!OperatingSystem.IsWindows())
                {
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }
                using StreamWriter writer = new(path, options);
                writer.WriteLine(key.ExportPkcs8PrivateKeyPem());
            }
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new CommandFailedException(ExitCode.Usage, $"{path}: {e.Message}");
        }
    }

    private static Option<string> Name() =>
        new("--operator")
        {
            Description = Text.OperatorNameOption,
            HelpName = "NAME",
            Required = true,
        };

    private static Option<FileInfo> Key() =>
        new("--sign-with")
        {
            Description = Text.SignWithOption,
            HelpName = "FILE",
            Required = true,
        };
}
