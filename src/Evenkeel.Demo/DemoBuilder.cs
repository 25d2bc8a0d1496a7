using System.Collections.Concurrent;
using Evenkeel.Banking;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Desk;
using Evenkeel.CardKeys;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo;

/// <summary>Who is who in a demonstration bank that was built: the plan's references and the bank's numbers.</summary>
public sealed record DemoDirectory(
    IReadOnlyDictionary<string, CustomerId> Customers,
    IReadOnlyDictionary<string, AccountNumber> Accounts
);

/// <summary>
/// Opens everything a plan asks for, through the bank's own doors. Each step has the plan's reference as
/// its identity: killed in the middle and begun again, it ends in the same bank.
/// </summary>
/// <param name="cardKeys">Null: without cards and machines.</param>
public sealed class DemoBuilder(Bank bank, SoftwareCardKeys? cardKeys = null)
{
    /// <summary>Customers that are opened side by side; more only wait for the same disk.</summary>
    private const int AtOnce = 32;

    private static readonly Actor Opener = new Actor.Staff("demo-maker", "demo", "demo-checker");

    /// <exception cref="InvalidOperationException">The bank refused; the message says what.</exception>
    public async Task<DemoDirectory> BuildAsync(
        DemoPlan plan,
        DateOnly businessDate,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(plan);
        uint[] currencies =
        [
            .. plan
                .Customers.SelectMany(static c => c.Accounts)
                .Select(static a => a.Currency)
                .Distinct(),
        ];
        await bank.Opening.OpenAsync(businessDate, currencies, cancellationToken);
        await new DemoFittings(bank, plan, Opener).BuildAsync(currencies, cancellationToken);
        ConcurrentDictionary<string, CustomerId> customers = new(StringComparer.Ordinal);
        ConcurrentDictionary<string, AccountNumber> accounts = new(StringComparer.Ordinal);
        await Parallel.ForEachAsync(
            plan.Customers,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = AtOnce,
                CancellationToken = cancellationToken,
            },
            async (customer, token) =>
            {
                var id = await OpenAsync(plan, customer, token);
                customers[customer.Reference] = id;
                foreach (var account in customer.Accounts)
                {
                    accounts[account.Reference] = await OpenAsync(id, account, token);
                }
                if (
                    cardKeys is not null
                    && DemoCards.Of(plan.Options, customer) is { } card
                    && customer.Accounts is [var first, ..]
                )
                {
                    Accept(
                        await new DemoCardIssue(bank, cardKeys, Opener).IssueAsync(
                            customer,
                            card,
                            accounts[first.Reference],
                            token
                        ),
                        $"{customer.Reference}/card"
                    );
                }
            }
        );
        if (cardKeys is not null)
        {
            foreach (
                var machine in plan.Terminals.Where(static t =>
                    t.Kind == DemoTerminalKind.CashMachine
                )
            )
            {
                Accept(
                    await new DemoCardIssue(bank, cardKeys, Opener).OpenMachineAsync(
                        machine,
                        currencies[0],
                        cancellationToken
                    ),
                    machine.Id
                );
            }
        }
        return new DemoDirectory(customers, accounts);
    }

    private async Task<CustomerId> OpenAsync(
        DemoPlan plan,
        DemoCustomer customer,
        CancellationToken cancellationToken
    ) =>
        Done(
            await bank.Customers.OpenAsync(
                Opener,
                customer.Reference,
                customer.IsCompany ? CustomerKind.Company : CustomerKind.Person,
                new CustomerProfile
                {
                    Name = customer.Name,
                    Language = plan.Options.Language,
                    Address = customer.Address,
                    Phone = customer.Phone,
                },
                cancellationToken
            ),
            customer.Reference
        ).Id;

    private async Task<AccountNumber> OpenAsync(
        CustomerId customer,
        DemoAccount account,
        CancellationToken cancellationToken
    )
    {
        var number = Done(
            await bank.Accounts.OpenAsync(
                Opener,
                account.Reference,
                new AccountOpening(
                    customer,
                    account.Product,
                    account.Currency,
                    account.OverdraftMinor
                ),
                cancellationToken
            ),
            account.Reference
        ).Number;
        await bank.Opening.CarryOverAsync(
            number,
            new Money(account.OpeningMinor, account.Currency),
            account.Reference,
            cancellationToken
        );
        return number;
    }

    private static void Accept(OutcomeReason? refused, string reference)
    {
        if (refused is { } reason)
        {
            throw NotBuilt(reference, reason);
        }
    }

    private static InvalidOperationException NotBuilt(string reference, OutcomeReason reason) =>
        new($"The demonstration bank could not be built: {reference} was refused ({reason}).");

    internal static T Done<T>(TaskOutcome<T> outcome, string reference) =>
        outcome switch
        {
            TaskOutcome<T>.Done done => done.Value,
            TaskOutcome<T>.NotDone notDone => throw NotBuilt(reference, notDone.Reason),
            _ => throw new InvalidOperationException("A third kind of outcome."),
        };
}
