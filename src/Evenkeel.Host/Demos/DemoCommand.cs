using System.CommandLine;
using Evenkeel.Host.Banks;

namespace Evenkeel.Host.Demos;

/// <summary>
/// <c>evenkeel demo</c>: a demonstration bank, who is in it, its customers at work, and what the bank
/// says now against what they were told then.
/// </summary>
internal static class DemoCommand
{
    public static Command Create(BankDoor door) =>
        new("demo", Text.DemoDescription)
        {
            DemoBuildCommand.Create(door),
            DemoWhoCommand.Create(door),
            DemoLoadCommand.Create(door),
            DemoCheckCommand.Create(door),
            DemoPayCommands.CreatePay(door),
            DemoPayCommands.CreateFind(),
            DemoPayrollCommand.Create(door),
        };
}
