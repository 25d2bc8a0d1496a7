using System.Globalization;
using Evenkeel.Banking;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.CreditLines;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Loans;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.StandingOrders;
using Evenkeel.Banking.Sweeps;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Month;

/// <summary>One who takes part in a simulated month.</summary>
internal sealed record MonthPerson(
    CustomerId Customer,
    AccountNumber Salary,
    AccountNumber? Savings,
    AccountNumber? Loan,
    AccountNumber? CreditLine
);

/// <summary>Everybody who takes part.</summary>
/// <param name="Night">Two accounts that pay each other while days are being closed.</param>
internal sealed record MonthCast(
    IReadOnlyList<MonthPerson> Persons,
    CustomerId Employer,
    AccountNumber EmployerAccount,
    AccountNumber Landlord,
    CustomerId NightOwl,
    IReadOnlyList<AccountNumber> Night
)
{
    public IEnumerable<(AccountNumber Number, string Product, uint Currency)> Accounts =>
        Persons
            .SelectMany(
                static (person, i) =>
                    new (AccountNumber?, string)[]
                    {
                        (person.Salary, "salary"),
                        (person.Savings, "savings"),
                        (person.Loan, MonthBank.LoanProduct(i)),
                        (person.CreditLine, "credit-line"),
                    }
            )
            .Where(static pair => pair.Item1 is not null)
            .Select(static pair => (pair.Item1!.Value, pair.Item2, MonthBank.Cny))
            .Append((EmployerAccount, "current", MonthBank.Cny))
            .Append((Landlord, "current", MonthBank.Cny))
            .Concat(Night.Select(static number => (number, "current", MonthBank.Hkd)));
}

/// <summary>
/// Opens the bank of a simulated month through its own doors. Every step has a reference: done again after
/// a stop it changes nothing and finds the same accounts.
/// </summary>
internal sealed class MonthBank(Bank bank, MonthOptions options)
{
    public const uint Cny = 156;
    public const uint Hkd = 344;

    public static readonly Actor Officer = new Actor.Staff("month-maker", "month", "month-checker");

    private static readonly BankCalendar NewYear = new(
        [DayOfWeek.Saturday, DayOfWeek.Sunday],
        [.. Enumerable.Range(16, 5).Select(static day => new DateOnly(2026, 2, day))],
        [new DateOnly(2026, 2, 14), new DateOnly(2026, 2, 28)]
    );

    public const int LoanTerm = 12;

    /// <summary>A Saturday, a Sunday or a holiday for some.</summary>
    public static DateOnly FirstDue(int person) => new(2026, 2, 7 + (person % 12));

    /// <summary>Whether the bank takes what a credit line's bill says from the salary account.</summary>
    public static bool IsPaidDirectly(int person) => person % 8 == 2;

    public static string LoanProduct(int person) => person % 2 == 0 ? "loan" : "loan-360";

    /// <exception cref="InvalidOperationException">The bank refused; the message says what.</exception>
    public async Task<MonthCast> OpenAsync(CancellationToken token)
    {
        await bank.Opening.OpenAsync(options.FirstDay, [Cny, Hkd], token);
        var isFirstDay = await bank.EndOfDay.BusinessDateAsync(token) == options.FirstDay;
        var employer = await CustomerAsync("employer", CustomerKind.Company, token);
        var employerAccount = await AccountAsync(
            employer,
            "employer",
            "current",
            Cny,
            900_000_000,
            0,
            token
        );
        var landlord = await CustomerAsync("landlord", CustomerKind.Company, token);
        var rents = await AccountAsync(landlord, "landlord", "current", Cny, 5_000_000, 0, token);
        var owl = await CustomerAsync("owl", CustomerKind.Person, token);
        List<AccountNumber> night =
        [
            await AccountAsync(owl, "owl-1", "current", Hkd, 40_000_000, 0, token),
            await AccountAsync(owl, "owl-2", "current", Hkd, 40_000_000, 0, token),
        ];
        List<MonthPerson> persons = [];
        for (var i = 0; i < options.Persons; i++)
        {
            persons.Add(await PersonAsync(i, token));
        }
        MonthCast cast = new(persons, employer, employerAccount, rents, owl, night);
        if (isFirstDay)
        {
            await AgreeAsync(cast, token);
        }
        return cast;
    }

    private async Task<MonthPerson> PersonAsync(int i, CancellationToken token)
    {
        var random = new Random((options.Seed * 1_000) + i);
        var name = Name("person", i);
        var customer = await CustomerAsync(name, CustomerKind.Person, token);
        return new MonthPerson(
            customer,
            await AccountAsync(
                customer,
                $"{name}-salary",
                "salary",
                Cny,
                random.Next(10_000, 800_000),
                i % 3 == 0 ? 100_000 : 0,
                token
            ),
            i % 2 == 0
                ? await AccountAsync(
                    customer,
                    $"{name}-savings",
                    "savings",
                    Cny,
                    random.Next(100_000, 20_000_000),
                    0,
                    token
                )
                : null,
            i % 3 == 1
                ? await AccountAsync(customer, $"{name}-loan", LoanProduct(i), Cny, 0, 0, token)
                : null,
            i % 4 == 2
                ? await AccountAsync(
                    customer,
                    $"{name}-line",
                    "credit-line",
                    Cny,
                    0,
                    2_000_000,
                    token
                )
                : null
        );
    }

    /// <summary>Calendars, conditions, loans, credit lines, standing orders and sweeps: on the first day.</summary>
    private async Task AgreeAsync(MonthCast cast, CancellationToken token)
    {
        Done(await bank.Calendars.SetAsync(Officer, Ref("calendar"), Cny, NewYear, token));
        var savings = await bank.Products.FindAsync("savings", Cny, token);
        Done(
            await bank.Products.SetTermsAsync(
                Officer,
                Ref("savings-rate"),
                "savings",
                Cny,
                savings!.Terms[^1] with
                {
                    From = new DateOnly(2026, 2, 13),
                    CreditBasisPoints = 175,
                },
                token
            )
        );
        for (var i = 0; i < cast.Persons.Count; i++)
        {
            await AgreeAsync(cast, cast.Persons[i], i, token);
        }
    }

    private async Task AgreeAsync(
        MonthCast cast,
        MonthPerson person,
        int i,
        CancellationToken token
    )
    {
        var random = new Random((options.Seed * 7_000) + i);
        var name = Name("person", i);
        Actor holder = new Actor.Customer(person.Customer, Assurance.Strong);
        if (person.Loan is { } loan)
        {
            Done(
                await bank.Loans.DrawAsync(
                    Officer,
                    Ref($"{name}-loan"),
                    new LoanRequest(
                        loan,
                        person.Salary,
                        random.Next(500_000, 6_000_000),
                        LoanTerm,
                        FirstDue(i)
                    ),
                    token
                )
            );
        }
        if (person.CreditLine is { } line)
        {
            Done(
                await bank.CreditLines.AgreeAsync(
                    Officer,
                    Ref($"{name}-line"),
                    line,
                    IsPaidDirectly(i) ? person.Salary : null,
                    IsPaidDirectly(i) ? DirectPayment.Full : DirectPayment.None,
                    token
                )
            );
        }
        await OrderAsync(
            holder,
            $"{name}-rent",
            person.Salary,
            cast.Landlord,
            random.Next(80_000, 300_000),
            new Schedule(ScheduleKind.MonthlyOnDay, 1),
            token
        );
        if (person.Savings is { } account)
        {
            await OrderAsync(
                holder,
                $"{name}-save",
                person.Salary,
                account,
                random.Next(1_000, 20_000),
                new Schedule(ScheduleKind.Weekly, (int)DayOfWeek.Friday, DateShift.Preceding),
                token
            );
            Done(
                await bank.Sweeps.SetUpAsync(
                    holder,
                    Ref($"{name}-sweep"),
                    new SweepRequest(
                        person.Salary,
                        account,
                        TargetMinor: 300_000,
                        FillsUp: i % 4 == 0,
                        new Schedule(ScheduleKind.EndOfMonth)
                    ),
                    token
                )
            );
        }
    }

    private async Task OrderAsync(
        Actor holder,
        string name,
        AccountNumber from,
        AccountNumber to,
        long minor,
        Schedule schedule,
        CancellationToken token
    ) =>
        Done(
            await bank.StandingOrders.SetUpAsync(
                holder,
                Ref(name),
                new StandingOrderRequest(
                    from,
                    new Creditor.Here(to),
                    new Money(minor, Cny),
                    schedule,
                    options.FirstDay.AddDays(1)
                ),
                token
            )
        );

    private async Task<CustomerId> CustomerAsync(
        string name,
        CustomerKind kind,
        CancellationToken token
    ) =>
        Done(
            await bank.Customers.OpenAsync(
                Officer,
                Ref(name),
                kind,
                new CustomerProfile { Name = name, Language = "en" },
                token
            )
        ).Id;

    private async Task<AccountNumber> AccountAsync(
        CustomerId customer,
        string name,
        string product,
        uint currency,
        long openingMinor,
        long overdraftMinor,
        CancellationToken token
    )
    {
        var number = Done(
            await bank.Accounts.OpenAsync(
                Officer,
                Ref(name),
                new AccountOpening(customer, product, currency, overdraftMinor),
                token
            )
        ).Number;
        if (openingMinor > 0)
        {
            await bank.Opening.CarryOverAsync(
                number,
                new Money(openingMinor, currency),
                Ref(name),
                token
            );
        }
        return number;
    }

    private string Ref(string name) =>
        string.Create(CultureInfo.InvariantCulture, $"month-{options.Seed}/{name}");

    private static string Name(string kind, int i) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind}-{i}");

    private static T Done<T>(TaskOutcome<T> outcome) =>
        outcome switch
        {
            TaskOutcome<T>.Done done => done.Value,
            TaskOutcome<T>.NotDone no => throw new InvalidOperationException(
                $"The bank of the simulated month refused {typeof(T).Name}: {no.Reason}."
            ),
            _ => throw new InvalidOperationException("A third kind of outcome."),
        };
}
