using System.Collections.Concurrent;
using Evenkeel.Banking;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Customers;
using Evenkeel.CardKeys;
using Evenkeel.Demo.Building;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;
using static Evenkeel.Demo.DemoOutcomes;

namespace Evenkeel.Demo;

/// <summary>
/// Opens everything a plan asks for, through the bank's own doors, and lets the bank live through a
/// period. Each step has the plan's reference as its identity: killed in the middle and begun again, it
/// ends in the same bank.
/// </summary>
/// <param name="cardKeys">Null: without cards and machines.</param>
public sealed class DemoBuilder(Bank bank, SoftwareCardKeys? cardKeys = null)
{
    /// <summary>Customers that are opened side by side; more only wait for the same disk.</summary>
    internal const int AtOnce = 32;

    internal static readonly Actor Opener = new Actor.Staff("demo-maker", "demo", "demo-checker");

    /// <exception cref="InvalidOperationException">The bank refused; the message says what.</exception>
    public async Task<DemoDirectory> BuildAsync(
        DemoPlan plan,
        DemoPeriod period,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(period);
        uint[] currencies =
        [
            .. plan
                .Customers.SelectMany(static c => c.Accounts)
                .Select(static a => a.Currency)
                .Distinct(),
        ];
        await bank.Opening.OpenAsync(period.First, currencies, cancellationToken);
        await new DemoFittings(bank, plan).BuildAsync(
            currencies,
            withMachines: cardKeys is not null,
            cancellationToken
        );
        ConcurrentDictionary<string, CustomerId> customers = new(StringComparer.Ordinal);
        ConcurrentDictionary<string, AccountNumber> accounts = new(StringComparer.Ordinal);
        await ForEachAsync(
            plan.Customers,
            async (customer, token) =>
            {
                var id = await OpenAsync(plan, customer, token);
                customers[customer.Reference] = id;
                foreach (var account in customer.Accounts)
                {
                    accounts[account.Reference] = await OpenAsync(id, account, token);
                }
                if (cardKeys is not null && DemoCards.Of(plan.Options, customer) is { } card)
                {
                    await new DemoCardIssue(bank, cardKeys).IssueAsync(
                        customer,
                        card,
                        accounts[customer.Main.Reference],
                        token
                    );
                }
            },
            cancellationToken
        );
        DemoDirectory directory = new(customers, accounts);
        // When everybody is there: a rent needs its landlord.
        DemoAgreements agreements = new(bank, plan, directory, period);
        await ForEachAsync(plan.Customers, agreements.MakeAsync, cancellationToken);
        await new DemoHistory(bank, plan, directory, period, cardKeys).LiveAsync(cancellationToken);
        return directory;
    }

    internal static Task ForEachAsync<T>(
        IEnumerable<T> items,
        Func<T, CancellationToken, ValueTask> work,
        CancellationToken cancellationToken
    ) =>
        Parallel.ForEachAsync(
            items,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = AtOnce,
                CancellationToken = cancellationToken,
            },
            work
        );

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
        if (account.OpeningMinor > 0)
        {
            await bank.Opening.CarryOverAsync(
                number,
                new Money(account.OpeningMinor, account.Currency),
                account.Reference,
                cancellationToken
            );
        }
        return number;
    }
}
