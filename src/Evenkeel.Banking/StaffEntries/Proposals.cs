using System.Globalization;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Payments;
using static Evenkeel.Payments.OutcomeReason;

namespace Evenkeel.Banking.StaffEntries;

/// <summary>What each kind of proposal is, asks for, and does once it is approved.</summary>
internal static class Proposals
{
    public static ProposalDocument DocumentOf(
        Actor.Staff maker,
        StaffRequest request,
        DateTimeOffset now
    )
    {
        ProposalDocument document = new()
        {
            Kind = ProposalKind.None,
            State = ProposalState.Waiting,
            Maker = maker.User,
            Branch = maker.Branch,
            MadeAt = now,
            Why = request.Why,
        };
        return request switch
        {
            StaffRequest.Entry entry => document with
            {
                Kind = ProposalKind.Entry,
                Debit = entry.Debit,
                Credit = entry.Credit,
                AmountMinor = entry.Amount.Minor,
                Currency = entry.Amount.Currency,
                ValueDate = entry.ValueDate,
                Corrects = entry.Corrects?.ToString(),
            },
            StaffRequest.Overdraft overdraft => document with
            {
                Kind = ProposalKind.Overdraft,
                Account = overdraft.Account.ToString(),
                AmountMinor = overdraft.OverdraftMinor,
            },
            StaffRequest.Limits limits => document with
            {
                Kind = ProposalKind.Limits,
                Customer = limits.Customer.Value,
                Limits = limits.Set,
            },
            StaffRequest.State state => document with
            {
                Kind = ProposalKind.AccountState,
                Account = state.Account.ToString(),
                NewState = state.NewState,
            },
            StaffRequest.Exception exception => document with
            {
                Kind = ProposalKind.Exception,
                Exception = exception.Item,
                Credit = exception.Other,
            },
            _ => throw new InvalidOperationException("An unknown request."),
        };
    }

    public static ProposalView ViewOf(string id, ProposalDocument document) =>
        new(
            id,
            document.Kind,
            document.State,
            document.Maker,
            document.DecidedBy,
            document.MadeAt,
            document.Why,
            document.Debit,
            document.Credit,
            document.Currency == 0 ? null : new Money(document.AmountMinor, document.Currency),
            document.Account ?? document.Customer ?? document.Exception ?? document.Corrects
        );

    /// <summary>What can be said against it before anybody looks at it; the first in a fixed order.</summary>
    public static async ValueTask<OutcomeReason> FaultAsync(
        DecisionReader reader,
        ProposalDocument proposal,
        CancellationToken cancellationToken
    )
    {
        if (!IsCode(proposal.Why))
        {
            return Malformed;
        }
        switch (proposal.Kind)
        {
            case ProposalKind.Entry:
                return proposal.AmountMinor is <= 0 or > PaymentLimits.AmountMinorMax
                        ? AmountInvalid
                    : proposal.Currency == 0 ? CurrencyMismatch
                    : proposal.Debit == proposal.Credit ? SameAccount
                    : await SideFaultAsync(reader, proposal.Debit!, proposal.Currency)
                        is var debit
                            and not None
                        ? debit
                    : await SideFaultAsync(reader, proposal.Credit!, proposal.Currency)
                        is var credit
                            and not None
                        ? credit
                    : proposal.Corrects is { } corrects
                    && await Collections.Orders.ReadAsync(reader, corrects, cancellationToken)
                        is null
                        ? OriginalUnknown
                    : None;
            case ProposalKind.Overdraft when proposal.AmountMinor < 0:
                return AmountInvalid;
            case ProposalKind.AccountState
                when proposal.NewState is AccountState.None or AccountState.Closed:
                return NotSupported;
            case ProposalKind.Overdraft or ProposalKind.AccountState:
                return await Collections.Accounts.ReadAsync(
                    reader,
                    proposal.Account!,
                    cancellationToken
                ) switch
                {
                    null => DebtorAccountUnknown,
                    { State: AccountState.Closed } => DebtorAccountClosed,
                    { StateBeforeClosing: not null } => DebtorAccountBlocked,
                    { } account when proposal.Kind == ProposalKind.Overdraft =>
                        await OverdraftFaultAsync(reader, proposal, account, cancellationToken),
                    _ => None,
                };
            case ProposalKind.Limits:
                return !proposal.Limits!.IsSound ? Malformed
                    : await Collections.Customers.ReadAsync(
                        reader,
                        proposal.Customer!,
                        cancellationToken
                    )
                        is null
                        ? NotAuthorised
                    : None;
            case ProposalKind.Exception:
                return await Collections.Exceptions.ReadAsync(
                    reader,
                    proposal.Exception!,
                    cancellationToken
                ) switch
                {
                    null => OriginalUnknown,
                    { State: ExceptionState.Resolved } => Duplicate,
                    { SuspenseMinor: not 0 } when proposal.Credit is null => AmountInvalid,
                    { SuspenseMinor: 0 } when proposal.Credit is not null => AmountInvalid,
                    { SuspenseMinor: not 0 } item => await SideFaultAsync(
                        reader,
                        proposal.Credit!,
                        item.Currency
                    ),
                    _ => None,
                };
            default:
                return NotSupported;
        }

        async ValueTask<OutcomeReason> SideFaultAsync(
            DecisionReader source,
            EntrySide side,
            uint currency
        )
        {
            if (side.Account is null)
            {
                return side.Code is GlCode.None or GlCode.CurrentAccounts or GlCode.SavingsAccounts
                    ? CreditorAccountUnknown
                    : None;
            }
            var account = await Collections.Accounts.ReadAsync(
                source,
                side.Account,
                cancellationToken
            );
            return account is null ? CreditorAccountUnknown
                : account.State == AccountState.Closed || account.StateBeforeClosing is not null
                    ? CreditorAccountClosed
                : account.Currency != currency ? CurrencyMismatch
                : None;
        }
    }

    /// <summary>The effects of an approved proposal; everything is looked at anew.</summary>
    public static async ValueTask<(Operation Operation, OutcomeReason Fault)> ApplyAsync(
        Bank bank,
        DecisionReader reader,
        Operation draft,
        string id,
        ProposalDocument proposal,
        CancellationToken cancellationToken
    )
    {
        var fault = await FaultAsync(reader, proposal, cancellationToken);
        if (fault != None)
        {
            return (draft, fault);
        }
        if (await reader.ReadBusinessDateAsync(cancellationToken) is not { } date)
        {
            return (draft, ServiceUnavailable);
        }
        switch (proposal.Kind)
        {
            case ProposalKind.Entry:
                return (
                    await EntryAsync(bank, reader, draft, id, proposal, date, cancellationToken),
                    None
                );
            case ProposalKind.Exception:
                return (
                    await ResolveAsync(bank, reader, draft, id, proposal, date, cancellationToken),
                    None
                );
            case ProposalKind.Limits:
                return (
                    draft with
                    {
                        Writes = [Collections.Limits.Write(proposal.Customer!, proposal.Limits!)],
                    },
                    None
                );
            case ProposalKind.Overdraft:
                return (
                    await OverdraftAsync(bank, reader, draft, proposal, cancellationToken),
                    None
                );
            default:
                var account = await Collections.Accounts.ReadAsync(
                    reader,
                    proposal.Account!,
                    cancellationToken
                );
                return (
                    draft with
                    {
                        Writes =
                        [
                            Collections.Accounts.Write(
                                proposal.Account!,
                                account! with
                                {
                                    State = proposal.NewState,
                                }
                            ),
                        ],
                    },
                    None
                );
        }
    }

    private static async ValueTask<OutcomeReason> OverdraftFaultAsync(
        DecisionReader reader,
        ProposalDocument proposal,
        AccountDocument account,
        CancellationToken cancellationToken
    )
    {
        if (proposal.AmountMinor == 0)
        {
            return None;
        }
        var product = await ProductAdministration.ReadAsync(
            reader,
            account.Product,
            account.Currency,
            cancellationToken
        );
        return await reader.ReadBusinessDateAsync(cancellationToken) is not { } date
                ? ServiceUnavailable
            : product is not { MayHaveAllowance: true } ? NotSupported
            : proposal.AmountMinor > product.TermsOn(date).AllowanceMinorMax
                ? TransactionLimitExceeded
            : None;
    }

    private static async ValueTask<Operation> OverdraftAsync(
        Bank bank,
        DecisionReader reader,
        Operation draft,
        ProposalDocument proposal,
        CancellationToken cancellationToken
    )
    {
        var account = await Collections.Accounts.ReadAsync(
            reader,
            proposal.Account!,
            cancellationToken
        );
        var ledgerId = LedgerIds.Of(AccountNumber.Parse(proposal.Account!));
        var limits = Answers.Value(
            await bank.Journal.LookupAccountLimitsAsync(
                new UInt128[] { ledgerId },
                cancellationToken
            )
        );
        return draft with
        {
            AccountUpdates =
            [
                new AccountUpdate
                {
                    Id = ledgerId,
                    Allowance = (UInt128)proposal.AmountMinor,
                    ExpectedVersion = limits[0].Version,
                    Flags = AccountUpdateFlags.SetAllowance,
                },
            ],
            Writes =
            [
                Collections.Accounts.Write(
                    proposal.Account!,
                    account! with
                    {
                        OverdraftMinor = proposal.AmountMinor,
                    }
                ),
            ],
        };
    }

    private static async ValueTask<Operation> EntryAsync(
        Bank bank,
        DecisionReader reader,
        Operation draft,
        string id,
        ProposalDocument proposal,
        DateOnly date,
        CancellationToken cancellationToken
    )
    {
        var now = bank.Time.GetUtcNow();
        var order = OrderOf(proposal, "staff-entry", proposal.AmountMinor, date, now);
        List<RecordWrite> writes = [Collections.Orders.Write(id, order)];
        if (proposal.Corrects is { } key)
        {
            var corrected = await Collections.Orders.ReadAsync(reader, key, cancellationToken);
            writes.Add(
                Collections.Orders.Write(
                    key,
                    corrected!.With(
                        corrected.State,
                        corrected.Reason,
                        new OrderEvent(now, corrected.State, proposal.Maker, $"corrected:{id}")
                    )
                )
            );
        }
        return draft with
        {
            Transfers =
            [
                TransferOf(
                    id,
                    Side(proposal.Debit!, proposal.Currency),
                    Side(proposal.Credit!, proposal.Currency),
                    new Money(proposal.AmountMinor, proposal.Currency),
                    PostingKind.Correction,
                    date,
                    proposal.ValueDate ?? date
                ),
            ],
            Writes = writes,
        };
    }

    private static async ValueTask<Operation> ResolveAsync(
        Bank bank,
        DecisionReader reader,
        Operation draft,
        string id,
        ProposalDocument proposal,
        DateOnly date,
        CancellationToken cancellationToken
    )
    {
        var now = bank.Time.GetUtcNow();
        var item = (
            await Collections.Exceptions.ReadAsync(reader, proposal.Exception!, cancellationToken)
        )!;
        var resolved = Collections.Exceptions.Write(
            proposal.Exception!,
            item with
            {
                State = ExceptionState.Resolved,
                ResolvedAt = now,
                ResolvedBy = [.. draft.Principals.Select(static principal => principal.Name)],
                Resolution = id,
            }
        );
        if (item.SuspenseMinor == 0)
        {
            return draft with { Writes = [resolved] };
        }
        var suspense = LedgerIds.Of(GlCode.Suspense, item.Currency, item.Session);
        var other = Side(proposal.Credit!, item.Currency);
        var isOwed = item.SuspenseMinor > 0;
        var amount = new Money(Math.Abs(item.SuspenseMinor), item.Currency);
        return draft with
        {
            Transfers =
            [
                TransferOf(
                    id,
                    debit: isOwed ? suspense : other,
                    credit: isOwed ? other : suspense,
                    amount,
                    PostingKind.Suspense,
                    date,
                    date
                ),
            ],
            Writes =
            [
                resolved,
                Collections.Orders.Write(
                    id,
                    OrderOf(
                        proposal with
                        {
                            Currency = item.Currency,
                            Corrects = item.Instruction,
                        },
                        "exception-resolution",
                        amount.Minor,
                        date,
                        now
                    )
                ),
            ],
        };
    }

    private static OrderDocument OrderOf(
        ProposalDocument proposal,
        string kind,
        long minor,
        DateOnly date,
        DateTimeOffset now
    ) =>
        new()
        {
            Kind = kind,
            State = InstructionState.Done,
            AmountMinor = minor,
            Currency = proposal.Currency,
            Channel = Channel.Internal,
            Mode = OriginMode.Correction,
            Debtor = proposal.Debit?.Account,
            Creditor = proposal.Credit?.Account,
            Accounts =
            [
                .. new[] { proposal.Debit?.Account, proposal.Credit?.Account }.OfType<string>(),
            ],
            BookingDate = date,
            ValueDate = proposal.ValueDate ?? date,
            Original = proposal.Corrects,
            By = proposal.Maker,
            Timeline = [new OrderEvent(now, InstructionState.Done, proposal.Maker, proposal.Why)],
        };

    private static UInt128 Side(EntrySide side, uint currency) =>
        side.Account is { } account
            ? LedgerIds.Of(AccountNumber.Parse(account))
            : LedgerIds.Of(side.Code, currency, side.Sub);

    private static Transfer TransferOf(
        string id,
        UInt128 debit,
        UInt128 credit,
        Money amount,
        PostingKind kind,
        DateOnly booking,
        DateOnly value
    )
    {
        Check.That(InstructionId.TryParse(id, out var instruction));
        return new Transfer
        {
            Id = LedgerIds.Transfer(instruction, "main"),
            DebitAccountId = debit,
            CreditAccountId = credit,
            Amount = (UInt128)amount.Minor,
            UserData128 = instruction.Value,
            UserData64 = Posting.OriginOf(
                new Origin(Channel.Internal, OriginMode.Correction),
                booking
            ),
            UserData32 = ValueDates.ToNumber(value),
            Ledger = amount.Currency,
            Code = (ushort)kind,
        };
    }

    private static bool IsCode(string text) =>
        text.Length is > 0 and <= PaymentLimits.ReferenceCharsMax
        && text.All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '-');
}
