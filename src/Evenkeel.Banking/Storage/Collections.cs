using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.Auditing;
using Evenkeel.Banking.Bills;
using Evenkeel.Banking.Bulk;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.Cards;
using Evenkeel.Banking.Cash;
using Evenkeel.Banking.CreditLines;
using Evenkeel.Banking.CustomerLimits;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.Fees;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Interest;
using Evenkeel.Banking.Loans;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Payees;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Queries;
using Evenkeel.Banking.Rails;
using Evenkeel.Banking.StaffEntries;
using Evenkeel.Banking.StandingOrders;
using Evenkeel.Banking.Sweeps;
using Evenkeel.Banking.Work;
using Evenkeel.Records;

namespace Evenkeel.Banking.Storage;

/// <summary>
/// Every kind of document of the bank: a new one is one line here and one in
/// <see cref="BankingJson"/>. Names are persisted: they never change.
/// </summary>
internal static class Collections
{
    public static readonly Collection<CustomerDocument> Customers = new(
        "customer",
        BankingJson.Default.CustomerDocument
    );

    public static readonly Collection<AccountDocument> Accounts = new(
        "account",
        BankingJson.Default.AccountDocument,
        ("customer", "customer")
    );

    public static readonly Collection<OrderDocument> Orders = new(
        "order",
        BankingJson.Default.OrderDocument,
        ("reference", "references"),
        ("account", "accounts"),
        ("due", "due")
    );

    public static readonly Collection<Product> Products = new(
        "product",
        BankingJson.Default.Product
    );

    public static readonly Collection<BankCalendar> Calendars = new(
        "calendar",
        BankingJson.Default.BankCalendar
    );

    public static readonly Collection<BusinessDayDocument> BusinessDays = new(
        "business-day",
        BankingJson.Default.BusinessDayDocument,
        ("next", "next")
    );

    public static readonly Collection<InterestDocument> Interest = new(
        "interest",
        BankingJson.Default.InterestDocument
    );

    public static readonly Collection<TrialBalance> TrialBalances = new(
        "trial-balance",
        BankingJson.Default.TrialBalance
    );

    public static readonly Collection<FeeDocument> Fees = new(
        "fee",
        BankingJson.Default.FeeDocument,
        ("state", "state")
    );

    public static readonly Collection<LoanDocument> Loans = new(
        "loan",
        BankingJson.Default.LoanDocument,
        ("nextRun", "nextRun")
    );

    public static readonly Collection<LimitSet> Limits = new(
        "limits",
        BankingJson.Default.LimitSet
    );

    public static readonly Collection<PayeeDocument> Payees = new(
        "payee",
        BankingJson.Default.PayeeDocument
    );

    public static readonly Collection<CardDocument> Cards = new(
        "card",
        BankingJson.Default.CardDocument,
        ("customer", "customer")
    );

    public static readonly Collection<CardPinDocument> CardPins = new(
        "card-pin",
        BankingJson.Default.CardPinDocument
    );

    public static readonly Collection<TerminalDocument> Terminals = new(
        "terminal",
        BankingJson.Default.TerminalDocument
    );

    public static readonly Collection<TerminalSerialDocument> TerminalSerials = new(
        "terminal-serial",
        BankingJson.Default.TerminalSerialDocument
    );

    public static readonly Collection<ExceptionDocument> Exceptions = new(
        "exception",
        BankingJson.Default.ExceptionDocument,
        ("state", "state")
    );

    public static readonly Collection<SuspenseDocument> Suspense = new(
        "suspense",
        BankingJson.Default.SuspenseDocument
    );

    public static readonly Collection<AuditDocument> Audit = new(
        "audit",
        BankingJson.Default.AuditDocument
    );

    public static readonly Collection<ProposalDocument> Proposals = new(
        "proposal",
        BankingJson.Default.ProposalDocument,
        ("state", "state")
    );

    /// <summary>What two people agreed. Nobody writes here alone: apply itself refuses it.</summary>
    public static readonly Collection<ApprovalDocument> Approvals = new(
        "approval",
        BankingJson.Default.ApprovalDocument
    );

    public static readonly Collection<BulkRunDocument> BulkRuns = new(
        "bulk-run",
        BankingJson.Default.BulkRunDocument,
        ("customer", "customer")
    );

    public static readonly Collection<BulkChunkDocument> BulkChunks = new(
        "bulk-lines",
        BankingJson.Default.BulkChunkDocument
    );

    public static readonly Collection<BulkDayDocument> BulkDays = new(
        "bulk-day",
        BankingJson.Default.BulkDayDocument
    );

    public static readonly Collection<WorkDocument> Work = new(
        "work",
        BankingJson.Default.WorkDocument,
        ("open", "open")
    );

    public static readonly Collection<UetrDocument> Uetrs = new(
        "uetr",
        BankingJson.Default.UetrDocument
    );

    public static readonly Collection<ParticipantDocument> Participants = new(
        "clearing-participant",
        BankingJson.Default.ParticipantDocument
    );

    public static readonly Collection<CursorDocument> Cursors = new(
        "cursor",
        BankingJson.Default.CursorDocument
    );

    public static readonly Collection<SettlementDocument> Settlements = new(
        "settlement",
        BankingJson.Default.SettlementDocument
    );

    public static readonly Collection<BreakDocument> Breaks = new(
        "break",
        BankingJson.Default.BreakDocument
    );

    public static readonly Collection<BillDocument> Bills = new(
        "bill",
        BankingJson.Default.BillDocument
    );

    public static readonly Collection<BillerDocument> Billers = new(
        "biller",
        BankingJson.Default.BillerDocument
    );

    public static readonly Collection<StandingOrderDocument> StandingOrders = new(
        "standing-order",
        BankingJson.Default.StandingOrderDocument,
        ("nextRun", "nextRun"),
        ("debtor", "debtor")
    );

    public static readonly Collection<StandingRunDocument> StandingRuns = new(
        "standing-run",
        BankingJson.Default.StandingRunDocument,
        ("state", "state")
    );

    public static readonly Collection<SweepDocument> Sweeps = new(
        "sweep",
        BankingJson.Default.SweepDocument,
        ("nextRun", "nextRun")
    );

    public static readonly Collection<CreditLineDocument> CreditLines = new(
        "credit-line",
        BankingJson.Default.CreditLineDocument
    );

    public static readonly Collection<StatementDocument> Statements = new(
        "statement",
        BankingJson.Default.StatementDocument
    );

    /// <summary>The newest statement of each account: the next one goes on from it.</summary>
    public static readonly Collection<StatementDocument> LastStatements = new(
        "statement-last",
        BankingJson.Default.StatementDocument
    );

    public static readonly Collection<DayScheduleDocument> DaySchedules = new(
        "day-schedule",
        BankingJson.Default.DayScheduleDocument
    );

    public static readonly Collection<CutOff> CutOffs = new("cut-off", BankingJson.Default.CutOff);

    private static readonly ICollection[] All =
    [
        Customers,
        Accounts,
        Orders,
        Products,
        Calendars,
        BusinessDays,
        Interest,
        TrialBalances,
        Fees,
        Loans,
        Limits,
        Payees,
        Cards,
        CardPins,
        Terminals,
        TerminalSerials,
        Exceptions,
        Suspense,
        Audit,
        Proposals,
        Approvals,
        BulkRuns,
        BulkChunks,
        BulkDays,
        Work,
        Uetrs,
        Participants,
        Cursors,
        Settlements,
        Breaks,
        Bills,
        Billers,
        StandingOrders,
        StandingRuns,
        Sweeps,
        CreditLines,
        Statements,
        LastStatements,
        DaySchedules,
        CutOffs,
    ];

    public static IReadOnlyList<RecordIndex> Indexes =>
        [.. All.SelectMany(static collection => collection.Indexes)];
}
