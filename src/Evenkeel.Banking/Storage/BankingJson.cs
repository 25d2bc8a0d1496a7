using System.Text.Json.Serialization;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.Auditing;
using Evenkeel.Banking.Bills;
using Evenkeel.Banking.Bulk;
using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.Cards;
using Evenkeel.Banking.Cash;
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
using Evenkeel.Banking.Rails;
using Evenkeel.Banking.StaffEntries;
using Evenkeel.Banking.Work;

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
[JsonSerializable(typeof(PartyText))]
[JsonSerializable(typeof(LimitSet))]
[JsonSerializable(typeof(PayeeDocument))]
[JsonSerializable(typeof(SealedPayee))]
[JsonSerializable(typeof(CardDocument))]
[JsonSerializable(typeof(CardPinDocument))]
[JsonSerializable(typeof(TerminalDocument))]
[JsonSerializable(typeof(TerminalSerialDocument))]
[JsonSerializable(typeof(ExceptionDocument))]
[JsonSerializable(typeof(SuspenseDocument))]
[JsonSerializable(typeof(AuditDocument))]
[JsonSerializable(typeof(ProposalDocument))]
[JsonSerializable(typeof(ApprovalDocument))]
[JsonSerializable(typeof(BulkRunDocument))]
[JsonSerializable(typeof(BulkChunkDocument))]
[JsonSerializable(typeof(BulkDayDocument))]
[JsonSerializable(typeof(BulkNotice))]
[JsonSerializable(typeof(WorkDocument))]
[JsonSerializable(typeof(UetrDocument))]
[JsonSerializable(typeof(ParticipantDocument))]
[JsonSerializable(typeof(CursorDocument))]
[JsonSerializable(typeof(SettlementDocument))]
[JsonSerializable(typeof(BreakDocument))]
[JsonSerializable(typeof(BillDocument))]
[JsonSerializable(typeof(BillerDocument))]
internal sealed partial class BankingJson : JsonSerializerContext;
