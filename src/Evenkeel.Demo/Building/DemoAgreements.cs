using Evenkeel.Banking;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.Loans;
using Evenkeel.Banking.StandingOrders;
using Evenkeel.Banking.Sweeps;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;
using static Evenkeel.Demo.DemoOutcomes;

namespace Evenkeel.Demo.Building;

/// <summary>What a customer agrees on the first day: loan, credit line, standing orders, sweep.</summary>
internal sealed class DemoAgreements(
    Bank bank,
    DemoPlan plan,
    DemoDirectory directory,
    DemoPeriod period
)
{
    private readonly ILookup<string, DemoRoutine> _routines = plan.Routines.ToLookup(
        static routine => routine.Payer,
        StringComparer.Ordinal
    );

    public async ValueTask MakeAsync(DemoCustomer customer, CancellationToken token)
    {
        if (customer.Loan is { } loan)
        {
            _ = Done(
                await bank.Loans.DrawAsync(
                    DemoBuilder.Opener,
                    loan.Account,
                    new LoanRequest(
                        directory.Accounts[loan.Account],
                        directory.Accounts[loan.Settlement],
                        loan.PrincipalMinor,
                        loan.Months,
                        new Schedule(ScheduleKind.MonthlyOnDay, loan.DueDay).FirstFrom(
                            period.First.AddDays(1)
                        )
                    ),
                    token
                ),
                loan.Account
            );
        }
        if (customer.CreditLine is { } line)
        {
            _ = Done(
                await bank.CreditLines.AgreeAsync(
                    DemoBuilder.Opener,
                    line.Account,
                    directory.Accounts[line.Account],
                    line.Settlement is { } settlement ? directory.Accounts[settlement] : null,
                    line.Direct,
                    token
                ),
                line.Account
            );
        }
        Actor holder = new Actor.Customer(
            directory.Customers[customer.Reference],
            Assurance.Strong
        );
        foreach (var routine in _routines[customer.Main.Reference])
        {
            switch (routine.Kind)
            {
                case DemoRoutineKind.Rent or DemoRoutineKind.Insurance:
                    await OrderAsync(holder, routine, token);
                    break;
                case DemoRoutineKind.Saving:
                    await SweepAsync(holder, routine, token);
                    break;
            }
        }
    }

    private async Task OrderAsync(Actor holder, DemoRoutine routine, CancellationToken token)
    {
        var reference = DemoRoutines.ReferenceOf(routine);
        _ = Done(
            await bank.StandingOrders.SetUpAsync(
                holder,
                reference,
                new StandingOrderRequest(
                    directory.Accounts[routine.Payer],
                    new Creditor.Here(directory.Accounts[routine.Payee]),
                    new Money(routine.AmountMinor, routine.Currency),
                    new Schedule(ScheduleKind.MonthlyOnDay, routine.Day),
                    period.First.AddDays(1)
                ),
                token
            ),
            reference
        );
    }

    private async Task SweepAsync(Actor holder, DemoRoutine routine, CancellationToken token)
    {
        var reference = DemoRoutines.ReferenceOf(routine);
        _ = Done(
            await bank.Sweeps.SetUpAsync(
                holder,
                reference,
                new SweepRequest(
                    directory.Accounts[routine.Payer],
                    directory.Accounts[routine.Payee],
                    TargetMinor: routine.AmountMinor,
                    FillsUp: false,
                    new Schedule(ScheduleKind.MonthlyOnDay, routine.Day)
                ),
                token
            ),
            reference
        );
    }
}
