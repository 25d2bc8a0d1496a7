using System.CommandLine;

namespace Evenkeel.Host.Upgrades;

/// <summary><c>evenkeel upgrade</c>: every step of changing the program, in the order of use.</summary>
internal static class UpgradeCommand
{
    public static Command Create() =>
        new("upgrade", Text.UpgradeDescription) { RehearseCommand.Create() };
}
