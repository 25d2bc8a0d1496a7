using Evenkeel.Banking;
using Evenkeel.Banking.Cash;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo;

/// <summary>What a demonstration bank needs beside accounts: tills with cash, and billers.</summary>
internal sealed class DemoFittings(Bank bank, DemoPlan plan, Actor opener)
{
    private const uint Cny = DemoPlanner.Cny;

    /// <summary>Minor units in a till on the first day.</summary>
    private const long CashMinor = 50_000_000;

    public async Task BuildAsync(IReadOnlyList<uint> currencies, CancellationToken token)
    {
        foreach (var terminal in plan.Terminals)
        {
            if (terminal.Kind == DemoTerminalKind.Till)
            {
                await OpenAsync(terminal, token);
            }
        }
        var serial = 0u;
        foreach (var biller in plan.Billers)
        {
            _ = DemoBuilder.Done(
                await bank.Billers.OpenAsync(
                    opener,
                    new BillerCode(biller.Code),
                    ++serial,
                    currencies,
                    token
                ),
                biller.Code
            );
        }
    }

    private async Task OpenAsync(DemoTerminal terminal, CancellationToken token)
    {
        TerminalId id = new(terminal.Id);
        _ = DemoBuilder.Done(
            await bank.Cash.RegisterAsync(
                opener,
                $"terminal/{terminal.Id}",
                id,
                TerminalKind.Till,
                terminal.Owner,
                Cny,
                token
            ),
            terminal.Id
        );
        _ = DemoBuilder.Done(
            await bank.Cash.FillAsync(
                opener,
                $"fill/{terminal.Id}",
                id,
                new Money(CashMinor, Cny),
                token
            ),
            terminal.Id
        );
    }
}
