using System.Collections.Concurrent;
using Evenkeel.Banking;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;
using static Evenkeel.Demo.DemoOutcomes;

namespace Evenkeel.Demo;

/// <summary>Things of one kind.</summary>
/// <param name="Planned">As many as the plan asks for.</param>
/// <param name="There">Of those, as many as the bank has.</param>
public sealed record DemoCount(string Kind, int Planned, int There);

/// <summary>What of a plan a bank has.</summary>
/// <param name="Missing">References of what it has not, by kind: "loan person-3/loan".</param>
public sealed record DemoInventory(
    DemoDirectory Directory,
    IReadOnlyList<DemoCount> Counts,
    IReadOnlyList<string> Missing
)
{
    public bool IsWhole => Missing.Count == 0;

    /// <summary>Only looks; changes nothing.</summary>
    /// <param name="withCards">Whether cards and machines were asked for.</param>
    /// <exception cref="InvalidOperationException">The bank could not be asked.</exception>
    public static Task<DemoInventory> TakeAsync(
        Bank bank,
        DemoPlan plan,
        bool withCards,
        CancellationToken cancellationToken
    ) => new Taker(bank, plan, withCards).TakeAsync(cancellationToken);

    private sealed class Taker(Bank bank, DemoPlan plan, bool withCards)
    {
        private readonly ConcurrentDictionary<string, CustomerId> _customers = new(
            StringComparer.Ordinal
        );
        private readonly ConcurrentDictionary<string, AccountNumber> _accounts = new(
            StringComparer.Ordinal
        );
        private readonly ConcurrentDictionary<string, (int Planned, int There)> _counts = new(
            StringComparer.Ordinal
        );
        private readonly ConcurrentQueue<string> _missing = new();
        private readonly ILookup<string, DemoRoutine> _routines = plan.Routines.ToLookup(
            static routine => routine.Payer,
            StringComparer.Ordinal
        );

        public async Task<DemoInventory> TakeAsync(CancellationToken cancellationToken)
        {
            await DemoBuilder.ForEachAsync(plan.Customers, LookAsync, cancellationToken);
            await DemoBuilder.ForEachAsync(plan.Terminals, LookAsync, cancellationToken);
            await DemoBuilder.ForEachAsync(plan.Billers, LookAsync, cancellationToken);
            return new DemoInventory(
                new DemoDirectory(_customers, _accounts),
                [
                    .. _counts
                        .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
                        .Select(static pair => new DemoCount(
                            pair.Key,
                            pair.Value.Planned,
                            pair.Value.There
                        )),
                ],
                [.. _missing.Order(StringComparer.Ordinal)]
            );
        }

        private async ValueTask LookAsync(DemoCustomer customer, CancellationToken token)
        {
            var found = await bank.Customers.FindOpenedAsync(customer.Reference, token);
            Count("customer", customer.Reference, found is not null);
            if (found is null)
            {
                return;
            }
            _customers[customer.Reference] = found.Id;
            foreach (var account in customer.Accounts)
            {
                var opened = await bank.Accounts.FindOpenedAsync(account.Reference, token);
                Count("account", account.Reference, opened is not null);
                if (opened is not null)
                {
                    _accounts[account.Reference] = opened.Number;
                }
            }
            Actor holder = new Actor.Customer(found.Id, Assurance.Strong);
            if (withCards && customer.HasCard)
            {
                var cards = Found(
                    await bank.Services.ListCardsAsync(holder, token),
                    customer.Reference
                );
                Count("card", customer.Reference, cards.Count > 0);
            }
            await LookAtCreditAsync(customer, token);
            await LookAtOrdersAsync(customer, holder, token);
        }

        private async ValueTask LookAtCreditAsync(DemoCustomer customer, CancellationToken token)
        {
            if (customer.Loan is { } loan)
            {
                Count(
                    "loan",
                    loan.Account,
                    _accounts.TryGetValue(loan.Account, out var account)
                        && await bank.Loans.FindAsync(account, token) is not null
                );
            }
            if (customer.CreditLine is { } line)
            {
                Count(
                    "credit-line",
                    line.Account,
                    _accounts.TryGetValue(line.Account, out var account)
                        && await bank.CreditLines.FindAsync(account, token) is not null
                );
            }
        }

        private async ValueTask LookAtOrdersAsync(
            DemoCustomer customer,
            Actor holder,
            CancellationToken token
        )
        {
            var routines = _routines[customer.Main.Reference].ToArray();
            var planned = routines.Count(static r =>
                r.Kind is DemoRoutineKind.Rent or DemoRoutineKind.Insurance
            );
            if (planned > 0 && _accounts.TryGetValue(customer.Main.Reference, out var payer))
            {
                var orders = Found(
                    await bank.StandingOrders.ListAsync(holder, payer, token),
                    customer.Reference
                );
                for (var i = 0; i < planned; i++)
                {
                    Count("standing-order", customer.Reference, i < orders.Count);
                }
            }
            foreach (var saving in routines.Where(static r => r.Kind == DemoRoutineKind.Saving))
            {
                Count(
                    "sweep",
                    customer.Reference,
                    await bank.Sweeps.FindAsync(holder, DemoRoutines.ReferenceOf(saving), token)
                        is not null
                );
            }
        }

        private async ValueTask LookAsync(DemoTerminal terminal, CancellationToken token)
        {
            if (
                terminal.Kind == DemoTerminalKind.Till
                || (terminal.Kind == DemoTerminalKind.CashMachine && withCards)
            )
            {
                var found = await bank.Cash.FindAsync(new TerminalId(terminal.Id), token);
                Count(
                    terminal.Kind == DemoTerminalKind.Till ? "till" : "cash-machine",
                    terminal.Id,
                    found is not null
                );
            }
        }

        private async ValueTask LookAsync(DemoBiller biller, CancellationToken token) =>
            Count(
                "biller",
                biller.Code,
                await bank.Billers.FindAsync(new BillerCode(biller.Code), token) is not null
            );

        private void Count(string kind, string reference, bool isThere)
        {
            _counts.AddOrUpdate(
                kind,
                (1, isThere ? 1 : 0),
                (_, counts) => (counts.Planned + 1, counts.There + (isThere ? 1 : 0))
            );
            if (!isThere)
            {
                _missing.Enqueue($"{kind} {reference}");
            }
        }
    }
}
