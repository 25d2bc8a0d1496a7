using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Queries;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Loans;

/// <summary>A loan to be paid out.</summary>
/// <param name="Account">An open account of a loan product, without any loan yet.</param>
/// <param name="Settlement">Gets the money and pays the instalments: the same holder and currency.</param>
/// <param name="Term">Instalments, one a month.</param>
/// <param name="FirstDue">Null = a month after the day it is paid out.</param>
public sealed record LoanRequest(
    AccountNumber Account,
    AccountNumber Settlement,
    long PrincipalMinor,
    int Term,
    DateOnly? FirstDue = null
);

/// <summary>Loans are paid out and paid back early here; the end of day collects the instalments.</summary>
public sealed class LoanDesk
{
    private const int TermMonthsMax = 480;

    private readonly Bank _bank;

    internal LoanDesk(Bank bank) => _bank = bank;

    public Task<TaskOutcome<LoanView>> DrawAsync(
        Actor actor,
        string reference,
        LoanRequest request,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        var id = InstructionId.From(Channel.Internal, "loan-draw", reference);
        var key = request.Account.ToString();
        return Administration.DecideAsync(
            _bank,
            actor,
            new(id.Value),
            "loan/draw",
            request.ToString(),
            [Collections.Loans.Key(key)],
            async (reader, draft, token) =>
            {
                if (await reader.ReadBusinessDateAsync(token) is not { } date)
                {
                    return Refuse(OutcomeReason.ServiceUnavailable);
                }
                if (actor is not Actor.Staff)
                {
                    return Refuse(OutcomeReason.NotAuthorised);
                }
                var account = await Collections.Accounts.ReadAsync(reader, key, token);
                var settlement = await Collections.Accounts.ReadAsync(
                    reader,
                    request.Settlement.ToString(),
                    token
                );
                if (account is not { State: AccountState.Open })
                {
                    return Refuse(OutcomeReason.DebtorAccountUnknown);
                }
                if (
                    settlement is not { State: AccountState.Open }
                    || !string.Equals(
                        settlement.Customer,
                        account.Customer,
                        StringComparison.Ordinal
                    )
                )
                {
                    return Refuse(OutcomeReason.CreditorAccountUnknown);
                }
                if (account.Currency != settlement.Currency)
                {
                    return Refuse(OutcomeReason.CurrencyMismatch);
                }
                var product = await ProductAdministration.ReadAsync(
                    reader,
                    account.Product,
                    account.Currency,
                    token
                );
                if (product is not { Kind: ProductKind.Loan })
                {
                    return Refuse(OutcomeReason.NotSupported);
                }
                if (
                    request.PrincipalMinor is <= 0 or > PaymentLimits.AmountMinorMax
                    || request.Term is < 1 or > TermMonthsMax
                )
                {
                    return Refuse(OutcomeReason.AmountInvalid);
                }
                var due = request.FirstDue ?? date.AddMonths(1);
                if (due <= date)
                {
                    return Refuse(OutcomeReason.DateInvalid);
                }
                if (await Collections.Loans.ReadAsync(reader, key, token) is not null)
                {
                    return Refuse(OutcomeReason.Duplicate);
                }
                var calendar = await CalendarAdministration.ReadAsync(
                    reader,
                    account.Currency,
                    token
                );
                var rate = product.TermsOn(date).DebitBasisPoints;
                LoanDocument loan = new()
                {
                    Customer = account.Customer,
                    Settlement = request.Settlement.ToString(),
                    Currency = account.Currency,
                    PrincipalMinor = request.PrincipalMinor,
                    OutstandingMinor = request.PrincipalMinor,
                    RateBasisPoints = rate,
                    Term = request.Term,
                    InstalmentMinor = Annuity.Instalment(
                        request.PrincipalMinor,
                        rate,
                        request.Term
                    ),
                    Drawn = date,
                    FirstDue = due,
                    NextRun = calendar.Shift(due, DateShift.Following),
                };
                return AdminDecision<LoanView>.Accept(
                    draft with
                    {
                        Transfers =
                        [
                            EndOfDayPosting.IntoOpen(
                                id,
                                "draw",
                                LedgerIds.Of(request.Account),
                                LedgerIds.Of(request.Settlement),
                                request.PrincipalMinor,
                                account.Currency,
                                PostingKind.LoanDrawdown,
                                date
                            ),
                        ],
                        Writes =
                        [
                            Collections.Loans.Write(key, loan),
                            BankOrders.Done(
                                id,
                                "loan-draw",
                                debtor: request.Account,
                                creditor: request.Settlement,
                                new Money(request.PrincipalMinor, account.Currency),
                                date,
                                _bank.Time.GetUtcNow()
                            ),
                        ],
                    },
                    ViewOf(key, loan)
                );

                AdminDecision<LoanView> Refuse(OutcomeReason reason) =>
                    AdminDecision<LoanView>.Refuse(draft, reason);
            },
            async token => await FindAsync(request.Account, token),
            cancellationToken
        );
    }

    /// <summary>
    /// Pays back before it is due: the interest accrued up to yesterday, then principal. The term stays,
    /// the instalments become smaller. Not while an instalment is overdue: that is paid first.
    /// </summary>
    /// <param name="amountMinor">Minor units; null = all that is owed.</param>
    public Task<TaskOutcome<LoanView>> RepayAsync(
        Actor actor,
        string reference,
        AccountNumber account,
        long? amountMinor,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(actor);
        var id = InstructionId.From(Channel.Internal, "loan-repay", $"{actor.Name}/{reference}");
        var key = account.ToString();
        return Administration.DecideAsync(
            _bank,
            actor,
            new(id.Value),
            "loan/repay",
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{key}\n{amountMinor}"
            ),
            [Collections.Loans.Key(key), Collections.Interest.Key(key)],
            async (reader, draft, token) =>
            {
                if (await reader.ReadBusinessDateAsync(token) is not { } date)
                {
                    return Refuse(OutcomeReason.ServiceUnavailable);
                }
                var document = await Collections.Accounts.ReadAsync(reader, key, token);
                var loan = await Collections.Loans.ReadAsync(reader, key, token);
                if (document is null || loan is null || !Access.MaySee(actor, document))
                {
                    return Refuse(OutcomeReason.OriginalUnknown);
                }
                var interest = await Collections.Interest.ReadAsync(reader, key, token);
                // Interest of the closed day must be known before anybody pays it.
                if (
                    loan.State == LoanState.Repaid
                    || loan.Open.Any()
                    || (interest?.Through ?? loan.Drawn.AddDays(-1)) < date.AddDays(-1)
                )
                {
                    return Refuse(OutcomeReason.OriginalNotReversible);
                }
                var accrued = Math.Max(0, interest?.DebitPostedMinor ?? 0);
                var owed = accrued + loan.OutstandingMinor;
                var amount = amountMinor ?? owed;
                if (amount <= accrued || amount > owed)
                {
                    return Refuse(OutcomeReason.AmountInvalid);
                }
                var calendar = await CalendarAdministration.ReadAsync(reader, loan.Currency, token);
                var left = owed - amount;
                var paid = loan with
                {
                    OutstandingMinor = left,
                    InstalmentMinor =
                        left == 0
                            ? 0
                            : Annuity.Instalment(
                                left,
                                loan.RateBasisPoints,
                                Math.Max(1, loan.Term - loan.DemandedCount)
                            ),
                };
                var after = LoanTerms.Judge(paid, calendar, date);
                return AdminDecision<LoanView>.Accept(
                    LoanPostings.Complete(
                        draft,
                        id,
                        key,
                        new LoanPayment(after, accrued, amount - accrued),
                        interest,
                        date,
                        "loan-repay",
                        _bank.Time.GetUtcNow()
                    ),
                    ViewOf(key, after)
                );

                AdminDecision<LoanView> Refuse(OutcomeReason reason) =>
                    AdminDecision<LoanView>.Refuse(draft, reason);
            },
            async token => await FindAsync(account, token),
            cancellationToken
        );
    }

    /// <summary>For the bank's own people; null when there is none.</summary>
    public async ValueTask<LoanView?> FindAsync(
        AccountNumber account,
        CancellationToken cancellationToken
    ) =>
        await Collections.Loans.ReadAsync(_bank.Journal, account.ToString(), cancellationToken)
            is { } loan
            ? ViewOf(account.ToString(), loan)
            : null;

    internal static LoanView ViewOf(string key, LoanDocument loan) =>
        new LoanView(
            AccountNumber.Parse(key),
            new Money(loan.PrincipalMinor, loan.Currency),
            new Money(loan.OutstandingMinor, loan.Currency),
            loan.RateBasisPoints,
            new Money(loan.InstalmentMinor, loan.Currency),
            loan.State,
            loan.OpenInterestMinor + loan.OpenPrincipalMinor,
            Annuity.Plan(
                loan.OutstandingMinor - loan.OpenPrincipalMinor,
                loan.RateBasisPoints,
                loan.InstalmentMinor,
                loan.DemandedCount + 1,
                Math.Max(0, loan.Term - loan.DemandedCount),
                loan.NextDue
            )
        )
        {
            Settlement = AccountNumber.Parse(loan.Settlement),
            Term = loan.Term,
            NextDue =
                loan.State == LoanState.Repaid || loan.DemandedCount >= loan.Term
                    ? null
                    : loan.NextDue,
            Due =
            [
                .. loan.Demanded.Select(static due => new DueInstalment(
                    due.Number,
                    due.Due,
                    due.InterestMinor,
                    due.PrincipalMinor,
                    due.InterestPaidMinor,
                    due.PrincipalPaidMinor,
                    due.Paid
                )),
            ],
        };
}
