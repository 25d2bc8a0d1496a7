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
            RollCommand.CreateRoll(door),
            RollCommand.CreateBack(door),
            ActivateCommand.Create(door),
            QuarantineCommand.CreateOperator(),
            QuarantineCommand.Create(),
        };
}
