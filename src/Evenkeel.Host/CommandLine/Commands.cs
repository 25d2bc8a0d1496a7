using System.CommandLine;
using Evenkeel.Host.LedgerExec;

namespace Evenkeel.Host.CommandLine;

/// <summary>
/// Every command of the executable, in the order in which the help lists them. A new command is one
/// file and one line here.
/// </summary>
internal static class Commands
{
    public static RootCommand Root()
    {
        RootCommand root = new("Evenkeel: the bank that stays open.");
        foreach (Command command in All())
        {
            root.Subcommands.Add(command);
        }
        return root;
    }

    private static IEnumerable<Command> All() => [LedgerCommand.Create()];
}
