using System.CommandLine;
using System.CommandLine.Help;
using Evenkeel.Host.Backups;
using Evenkeel.Host.Banks;
using Evenkeel.Host.Benches;
using Evenkeel.Host.Clusters;
using Evenkeel.Host.Demos;
using Evenkeel.Host.Drills;
using Evenkeel.Host.Gateways;
using Evenkeel.Host.Imports;
using Evenkeel.Host.Keys;
using Evenkeel.Host.LedgerExec;
using Evenkeel.Host.Ledgers;
using Evenkeel.Host.Serving;
using Evenkeel.Host.Simulators;
using Evenkeel.Host.Upgrades;
using Evenkeel.Host.Verify;

namespace Evenkeel.Host.CommandLine;

/// <summary>
/// Every command of the executable, in the order in which the help lists them. A new command is one
/// file and one line here.
/// </summary>
internal static class Commands
{
    public static RootCommand Root(IBankDoor door, BankDoor rest)
    {
        RootCommand root = new(Text.RootDescription);
        root.Options.Add(CommonOptions.Language);
        foreach (var option in root.Options)
        {
            option.Description = option switch
            {
                HelpOption => Text.HelpOption,
                VersionOption => Text.VersionOption,
                _ => option.Description,
            };
        }
        foreach (var command in All(door, rest))
        {
            root.Subcommands.Add(command);
        }
        return root;
    }

    private static IEnumerable<Command> All(IBankDoor door, BankDoor rest) =>
        [
            RunCommand.CreateRun(),
            BankCommand.Create(rest),
            DemoCommand.Create(rest),
            ImportCommand.Create(door),
            StatementCommand.Create(door),
            AccountCommand.Create(door),
            TransferCommand.Create(door),
            TrialBalanceCommand.Create(door),
            KeysCommand.Create(rest),
            HealthCommand.Create(),
            ClockCommand.Create(rest),
            VerifyCommand.Create(),
            BackupCommand.Create(),
            UpgradeCommand.Create(rest),
            ShadowCommand.Create(),
            ClusterCommand.Create(),
            RunCommand.CreateNode(),
            GatewayCommand.Create(),
            Iso8583Command.Create(),
            AtmCommand.Create(),
            ClearingCommand.Create(),
            LedgerCommand.Create(),
            BenchCommand.Create(),
            DrillCommand.Create(),
            SoakCommand.Create(),
        ];
}
