using System.CommandLine;
using Evenkeel.Host.Banks;

namespace Evenkeel.Host.Upgrades;

/// <summary><c>evenkeel upgrade</c>: every step of changing the program, in the order of use.</summary>
internal static class UpgradeCommand
{
    public static Command Create(BankDoor door) =>
        new("upgrade", Text.UpgradeDescription)
        {
            RehearseCommand.Create(),
            ActivateCommand.Create(door),
        };
}
