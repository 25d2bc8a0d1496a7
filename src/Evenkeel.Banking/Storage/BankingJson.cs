using System.Text.Json.Serialization;
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
using Evenkeel.Payments;

namespace Evenkeel.Banking.Storage;

/// <summary>JSON of all documents. Persisted: names never change, members are only added.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(CustomerDocument))]
[JsonSerializable(typeof(AccountDocument))]
[JsonSerializable(typeof(OrderDocument))]
[JsonSerializable(typeof(Product))]
[JsonSerializable(typeof(ProductTerms))]
[JsonSerializable(typeof(BankCalendar))]
[JsonSerializable(typeof(BusinessDayDocument))]
[JsonSerializable(typeof(InterestDocument))]
[JsonSerializable(typeof(TrialBalance))]
[JsonSerializable(typeof(FeeDocument))]
[JsonSerializable(typeof(LoanDocument))]
[JsonSerializable(typeof(ApprovalDocument))]
[JsonSerializable(typeof(AuditDocument))]
[JsonSerializable(typeof(BreakDocument))]
[JsonSerializable(typeof(BulkChunkDocument))]
[JsonSerializable(typeof(BulkDayDocument))]
[JsonSerializable(typeof(BulkNotice))]
[JsonSerializable(typeof(BulkRunDocument))]
[JsonSerializable(typeof(CursorDocument))]
[JsonSerializable(typeof(ParticipantDocument))]
[JsonSerializable(typeof(SettlementDocument))]
[JsonSerializable(typeof(UetrDocument))]
[JsonSerializable(typeof(WorkDocument))]
[JsonSerializable(typeof(BillDocument))]
[JsonSerializable(typeof(BillerDocument))]
[JsonSerializable(typeof(CardDocument))]
[JsonSerializable(typeof(CardPinDocument))]
[JsonSerializable(typeof(CreditLineDocument))]
[JsonSerializable(typeof(ExceptionDocument))]
[JsonSerializable(typeof(LimitSet))]
[JsonSerializable(typeof(OutsideAccount))]
[JsonSerializable(typeof(PartyText))]
[JsonSerializable(typeof(PayeeDocument))]
[JsonSerializable(typeof(ProposalDocument))]
[JsonSerializable(typeof(SealedPayee))]
[JsonSerializable(typeof(StandingOrderDocument))]
[JsonSerializable(typeof(StandingRunDocument))]
[JsonSerializable(typeof(StatementDocument))]
[JsonSerializable(typeof(SuspenseDocument))]
[JsonSerializable(typeof(SweepDocument))]
[JsonSerializable(typeof(TerminalDocument))]
[JsonSerializable(typeof(TerminalSerialDocument))]
[JsonSerializable(typeof(DayScheduleDocument))]
[JsonSerializable(typeof(CutOff))]
internal sealed partial class BankingJson : JsonSerializerContext;
