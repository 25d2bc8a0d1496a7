using Evenkeel.Banking;
using Evenkeel.Banking.Cash;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;
using static Evenkeel.Demo.DemoOutcomes;

namespace Evenkeel.Demo.Building;

/// <summary>
/// What a demonstration bank needs beside accounts: tills with cash and their tellers, machines with
/// cash, and billers.
/// </summary>
internal sealed class DemoFittings(Bank bank, DemoPlan plan)
{
    private const uint Cny = DemoPlanner.Cny;

    /// <summary>Minor units in a till on the first day.</summary>
    private const long TillMinor = 50_000_000;

    /// <summary>
    /// Minor units in the machine that runs as a process of its own: as much as lies in its drawer when
    /// it is new (AtmOptions.Cassettes), since the books must agree with the notes.
    /// </summary>
    private const long DrawerMinor = 25_000_000;

    /// <summary>Minor units in a machine that only the load generator plays.</summary>
    private const long MachineMinor = 500_000_000;

    public async Task BuildAsync(
        IReadOnlyList<uint> currencies,
        bool withMachines,
        CancellationToken token
    )
    {
        foreach (var terminal in plan.Terminals)
        {
            switch (terminal.Kind)
            {
                case DemoTerminalKind.Till:
                    await OpenAsync(terminal, TerminalKind.Till, TillMinor, token);
                    break;
                case DemoTerminalKind.CashMachine when withMachines:
                    var isProcess = string.Equals(
                        terminal.Id,
                        DemoMachines.Process,
                        StringComparison.Ordinal
                    );
                    await OpenAsync(
                        terminal,
                        TerminalKind.CashMachine,
                        isProcess ? DrawerMinor : MachineMinor,
                        token
                    );
                    break;
            }
        }
        foreach (var teller in plan.Tellers)
        {
            _ = Done(
                await bank.Cash.OpenTillAsync(
                    new Actor.Staff(teller.Login, teller.Branch),
                    $"{teller.Login}/first-day",
                    new TerminalId(teller.Till),
                    token
                ),
                teller.Till
            );
        }
        var serial = 0u;
        foreach (var biller in plan.Billers)
        {
            _ = Done(
                await bank.Billers.OpenAsync(
                    DemoBuilder.Opener,
                    new BillerCode(biller.Code),
                    ++serial,
                    currencies,
                    token
                ),
                biller.Code
            );
        }
    }

    private async Task OpenAsync(
        DemoTerminal terminal,
        TerminalKind kind,
        long cashMinor,
        CancellationToken token
    )
    {
        TerminalId id = new(terminal.Id);
        _ = Done(
            await bank.Cash.RegisterAsync(
                DemoBuilder.Opener,
                $"terminal/{terminal.Id}",
                id,
                kind,
                terminal.Owner,
                Cny,
                token
            ),
            terminal.Id
        );
        _ = Done(
            await bank.Cash.FillAsync(
                DemoBuilder.Opener,
                $"fill/{terminal.Id}",
                id,
                new Money(cashMinor, Cny),
                token
            ),
            terminal.Id
        );
    }
}
