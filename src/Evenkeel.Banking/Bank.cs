using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.Auditing;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.Cards;
using Evenkeel.Banking.Cash;
using Evenkeel.Banking.CreditLines;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Loans;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Queries;
using Evenkeel.Banking.StaffEntries;
using Evenkeel.Banking.StandingOrders;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Sweeps;
using Evenkeel.CardKeys;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Payments;
using Evenkeel.Records;

namespace Evenkeel.Banking;

/// <summary>
/// The primary bank: decisions on documents and money, proposed to the journal of a node. It holds no
/// state of its own; any number may be made on one journal, and only the leader's proposals pass.
/// </summary>
public sealed class Bank
{
    /// <param name="decisions">Where the node's decisions queue; shared by all who decide on it.</param>
    /// <param name="cardKeys">Null where there are none: then no PIN can be verified.</param>
    public Bank(
        IJournal journal,
        DecisionQueue decisions,
        IPersonKeys persons,
        TimeProvider time,
        ICardKeys? cardKeys = null
    )
    {
        CardKeys = cardKeys;
        Journal = journal;
        Decisions = decisions;
        Persons = new PersonVault(persons);
        Time = time;
        Payments = new PaymentDesk(this);
        Queries = new AccountQueries(this);
        Customers = new CustomerAdministration(this);
        Accounts = new AccountAdministration(this);
        Opening = new BankOpening(this);
        Products = new ProductAdministration(this);
        Calendars = new CalendarAdministration(this);
        EndOfDay = new EndOfDayDesk(this);
        Books = new TrialBalances(this);
        Audit = new AuditTrail(this);
        Services = new CustomerServices(this);
        Cards = new CardAdministration(this);
        Cash = new CashAdministration(this);
        Approvals = new Approvals(this);
        ExceptionItems = new ExceptionItems(this);
        Billers = new Bills.BillerAdministration(this);
        Bulk = new Bulk.BulkDesk(this);
        BulkFiles = new Bulk.BulkFiles(this);
        StandingOrders = new StandingOrderDesk(this);
        Sweeps = new SweepDesk(this);
        Loans = new LoanDesk(this);
        CreditLines = new CreditLineDesk(this);
        CustomerStandingOrders = new CustomerStandingOrders(this);
        Credits = new CreditQueries(this);
        Reports = new AccountReports(this);
    }

    /// <summary>The indexes that the node's record store must be opened with.</summary>
    public static IReadOnlyList<RecordIndex> RecordIndexes => Collections.Indexes;

    public IPaymentProcessor Payments { get; }

    public IAccountQueries Queries { get; }

    public CustomerAdministration Customers { get; }

    public AccountAdministration Accounts { get; }

    public BankOpening Opening { get; }

    public ProductAdministration Products { get; }

    public CalendarAdministration Calendars { get; }

    /// <summary>Closes business days.</summary>
    public EndOfDayDesk EndOfDay { get; }

    /// <summary>The general ledger's trial balances.</summary>
    public TrialBalances Books { get; }

    public AuditTrail Audit { get; }

    public ICustomerServices Services { get; }

    public CardAdministration Cards { get; }

    public CashAdministration Cash { get; }

    /// <summary>What staff ask for and another member of staff approves.</summary>
    public Approvals Approvals { get; }

    public ExceptionItems ExceptionItems { get; }

    internal ICardKeys? CardKeys { get; }

    public Bills.BillerAdministration Billers { get; }

    /// <summary>Payroll and other files with many payments.</summary>
    public Bulk.BulkDesk Bulk { get; }

    /// <summary>The same for channels.</summary>
    public IBulkFiles BulkFiles { get; }

    /// <summary>Wakes the resolver of this process.</summary>
    internal Work.WorkBell WorkBell { get; } = new();

    public StandingOrderDesk StandingOrders { get; }

    public SweepDesk Sweeps { get; }

    public LoanDesk Loans { get; }

    public CreditLineDesk CreditLines { get; }

    /// <summary>Standing orders for channels.</summary>
    public IStandingOrders CustomerStandingOrders { get; }

    /// <summary>Loans and credit lines for channels.</summary>
    public ICreditQueries Credits { get; }

    /// <summary>Statements that were drawn, balances by value date.</summary>
    public AccountReports Reports { get; }

    internal IJournal Journal { get; }

    internal DecisionQueue Decisions { get; }

    internal PersonVault Persons { get; }

    internal TimeProvider Time { get; }

    /// <summary>Null before the bank was opened.</summary>
    /// <exception cref="BankUnavailableException">The journal could not answer.</exception>
    internal async ValueTask<DateOnly?> ReadBusinessDateAsync(CancellationToken cancellationToken)
    {
        var page = Answers.Value(
            await Journal.ReadRecordsAsync(
                new RecordQuery
                {
                    Collection = SystemRecords.Collection,
                    Key = SystemRecords.BusinessDate.Key,
                },
                cancellationToken
            )
        );
        return page.Records is [var record] ? SystemRecords.DecodeDate(record.Json.Span) : null;
    }
}
