using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using Evenkeel.Host.Backups;
using Evenkeel.Host.CommandLine;
using Evenkeel.Model.Clusters;
using Evenkeel.Model.People;
using Evenkeel.Replication;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// <c>evenkeel cluster recover</c>: the quorum is gone for good, and two people say so. The first one
/// writes the order, the second one signs it and it is carried out. Works on files alone, on the
/// survivor's machine, while its node is stopped (ADR 24).
/// </summary>
internal static class RecoverCommand
{
    public static Command Create()
    {
        RecoverOptions options = new();
        var command = new Command("recover", Text.RecoverDescription);
        options.AddTo(command);
        command.Does(
            (parsed, terminal, _) =>
            {
                var path = ClusterDoor.PathOf(parsed);
                var file = Membership.ReadFile(path);
                var asked = options.Read(parsed, path, file);
                try
                {
                    return Task.FromResult(Run(terminal, path, file, asked));
                }
                catch (DirectoryInUseException)
                {
                    throw new CommandFailedException(
                        ExitCode.NotDone,
                        Text.DirectoryInUse(asked.Directory)
                    );
                }
                catch (Exception e) when (e is RecoveryException or ArchiveDamageException)
                {
                    throw new CommandFailedException(ExitCode.NotDone, e.Message);
                }
            }
        );
        return command;
    }

    private static int Run(Terminal terminal, string path, ClusterFile file, RecoverAsked asked)
    {
        var pending = Path.Combine(Path.GetDirectoryName(path)!, RecoveryOrder.FileName);
        var position = QuorumRecovery.Look(asked.Directory);
        var order = File.Exists(pending)
            ? RecoveryOrder.Read(pending)
            : Order(file, asked, position);
        if (
            !order.Orders(position)
            || !string.Equals(order.Survivor, asked.Survivor.Name, StringComparison.Ordinal)
            || !string.Equals(order.Raft, asked.Raft, StringComparison.Ordinal)
        )
        {
            throw new CommandFailedException(ExitCode.NotDone, Text.RecoverOtherOrder(pending));
        }
        Warn(terminal, order);
        var signed = order with
        {
            Signatures =
            [
                .. order.Signatures.Where(s =>
                    !string.Equals(s.Name, asked.Operator, StringComparison.Ordinal)
                ),
                OperatorSignature.Make(asked.Operator, asked.Key, order.Message),
            ],
        };
        var operators = OperatorsFile.ReadOrEmpty(OperatorsFile.PathFor(asked.Directory));
        var left = operators.WhyNotByTwo(signed.Message, signed.Signatures);
        // One signature may wait for the other; one that does not hold may not.
        if (left is not null && (signed.Signatures.Count > 1 || !Knows(operators, signed)))
        {
            throw new CommandFailedException(ExitCode.NotDone, left);
        }
        if (left is not null)
        {
            signed.Write(pending);
            terminal.Line(Text.RecoverWaiting(pending));
            return ExitCode.Ok;
        }
        CarryOut(terminal, path, file, asked, signed, position);
        File.Delete(pending);
        return ExitCode.Ok;
    }

    private static bool Knows(OperatorsFile operators, RecoveryOrder signed) =>
        signed.Signatures is [var only]
        && operators.Operators.Any(o =>
            string.Equals(o.Name, only.Name, StringComparison.Ordinal)
            && o.Verifies(signed.Message, only)
        );

    private static RecoveryOrder Order(
        ClusterFile file,
        RecoverAsked asked,
        SurvivorPosition position
    )
    {
        if (
            string.IsNullOrWhiteSpace(asked.Reason)
            || asked.Reason.Length > RecoveryOrder.ReasonCharsMax
            || asked.Reason.Contains('\n', StringComparison.Ordinal)
        )
        {
            throw new CommandFailedException(ExitCode.Usage, Text.QuarantineNeedsReason);
        }
        return new RecoveryOrder
        {
            FormatVersion = RecoveryOrder.FormatVersionNow,
            Lineage = position.Lineage.ToString(),
            Survivor = asked.Survivor.Name,
            Raft = asked.Raft,
            Index = position.Index,
            Chain = position.Chain.ToString(),
            LogIndex = position.LogIndex,
            Term = position.Term,
            Lost =
            [
                .. file
                    .Members.Where(m => m != asked.Survivor)
                    .Select(static m => m.Name)
                    .Order(StringComparer.Ordinal),
            ],
            Reason = asked.Reason,
        };
    }

    private static void Warn(Terminal terminal, RecoveryOrder order)
    {
        terminal.Line(
            Text.RecoverPosition(order.Survivor, order.Index, order.LogIndex - order.Index)
        );
        terminal.Line(Text.RecoverLoss(string.Join(", ", order.Lost), order.LogIndex));
        terminal.Line(Text.RecoverForGood(string.Join(", ", order.Lost)));
    }

    private static void CarryOut(
        Terminal terminal,
        string path,
        ClusterFile file,
        RecoverAsked asked,
        RecoveryOrder order,
        SurvivorPosition position
    )
    {
        var child = QuorumRecovery.Run(
            asked.Directory,
            position,
            IPEndPoint.Parse(order.Raft),
            new Random(BitConverter.ToInt32(RandomNumberGenerator.GetBytes(sizeof(int))))
        );
        // Kept with the data: who ordered what, and why.
        order.Write(Path.Combine(asked.Directory, RecoveryOrder.FileName));
        var next = file with
        {
            Lineage = child.Id.ToString(),
            Version = file.VersionNow + 1,
            Parent = file.Lineage,
            ForkIndex = child.ForkIndex,
            Members = [asked.Survivor with { Raft = order.Raft }],
            Retired =
            [
                .. (file.Retired ?? [])
                    .Concat(file.Members.Select(static m => m.Raft))
                    .Distinct(StringComparer.Ordinal),
            ],
        };
        File.Copy(path, path + ".beyond-fork", overwrite: true);
        next.Write(path);
        List<AttemptsAfter> after =
        [
            .. asked.Attempts.Select(d =>
                RestoredAttempts.After(
                    d,
                    new LogPosition(position.Lineage, position.Index, position.Chain),
                    child
                )
            ),
        ];
        terminal.Line(Text.BackupRestoredLineage(child.Id, file.Lineage));
        foreach (var gateway in after)
        {
            RestoredAttempts.Say(terminal, gateway);
        }
        if (order.LogIndex > order.Index)
        {
            terminal.Line(Text.RecoverTakenOver(order.LogIndex - order.Index));
        }
        terminal.Line(Text.RecoverNext(path, asked.Survivor.Name));
        terminal.Object(
            new RecoveryOutput(
                child.Id.ToString(),
                file.Lineage,
                child.ForkIndex,
                order.LogIndex - order.Index,
                order.Lost,
                after
            ),
            RecoveryJson.Default.RecoveryOutput
        );
    }
}

/// <summary>What one person asks for.</summary>
internal sealed record RecoverAsked(
    ClusterMember Survivor,
    string Directory,
    string Raft,
    string Operator,
    ECDsa Key,
    string? Reason,
    IReadOnlyList<string> Attempts
);

/// <summary>The options of <c>cluster recover</c>.</summary>
internal sealed class RecoverOptions
{
    private readonly Option<string> _survivor = new("--survivor")
    {
        Description = Text.RecoverSurvivorOption,
        HelpName = "NAME",
        Required = true,
    };
    private readonly Option<DirectoryInfo?> _nodeData = new("--node-data")
    {
        Description = Text.RecoverNodeDataOption,
        HelpName = "DIR",
    };
    private readonly Option<string> _raft = new("--raft")
    {
        Description = Text.RecoverRaftOption,
        HelpName = "ADDRESS:PORT",
        Required = true,
    };
    private readonly Option<string?> _reason = new("--reason")
    {
        Description = Text.QuarantineReasonOption,
        HelpName = "TEXT",
    };
    private readonly Option<string> _operator = new("--operator")
    {
        Description = Text.OperatorNameOption,
        HelpName = "NAME",
        Required = true,
    };
    private readonly Option<FileInfo> _key = new("--sign-with")
    {
        Description = Text.SignWithOption,
        HelpName = "FILE",
        Required = true,
    };
    private readonly Option<DirectoryInfo[]> _attempts = new("--attempts")
    {
        Description = Text.BackupAttemptsOption,
        HelpName = "DIR",
    };

    public void AddTo(Command command)
    {
        Option[] all =
        [
            _survivor,
            _nodeData,
            _raft,
            _reason,
            _operator,
            _key,
            _attempts,
            CommonOptions.Data,
            ClusterDoor.Cluster,
            CommonOptions.Json,
        ];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="CommandFailedException">Something does not fit the cluster file.</exception>
    public RecoverAsked Read(ParseResult parsed, string path, ClusterFile file)
    {
        var name = parsed.GetRequiredValue(_survivor);
        var survivor =
            file.Find(name)
            ?? throw new CommandFailedException(
                ExitCode.Usage,
                Text.ClusterNoSuchMember(
                    name,
                    path,
                    string.Join(", ", file.Members.Select(static m => m.Name))
                )
            );
        var raft = parsed.GetRequiredValue(_raft);
        // Lost ones that come back dial the addresses that they know: nobody may be there.
        if (
            !IPEndPoint.TryParse(raft, out var address)
            || address.Port == 0
            || file.Members.Any(m => m.RaftEndpoint.Equals(address))
            || file.Retired?.Contains(raft, StringComparer.Ordinal) == true
        )
        {
            throw new CommandFailedException(ExitCode.Usage, Text.RecoverNeedsNewAddress(raft));
        }
        var directory =
            parsed.GetValue(_nodeData)?.FullName
            ?? Path.Combine(Path.GetDirectoryName(path)!, name);
        return new RecoverAsked(
            survivor,
            directory,
            address.ToString(),
            parsed.GetRequiredValue(_operator),
            OpenKey(parsed.GetRequiredValue(_key).FullName),
            parsed.GetValue(_reason),
            [.. (parsed.GetValue(_attempts) ?? []).Select(static d => d.FullName)]
        );
    }

    private static ECDsa OpenKey(string path)
    {
        if (!File.Exists(path))
        {
            throw new CommandFailedException(ExitCode.Usage, Text.OperatorKeyMissing(path));
        }
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new CommandFailedException(ExitCode.Usage, $"{path}: {e.Message}");
        }
    }
}
