using Evenkeel.Banking.Desk;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Interest;
using Evenkeel.Banking.StaffEntries;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Work;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Accounts;

/// <summary>
/// Closing takes four steps, since a decision can't be guarded by a balance: the account stops, interest
/// that has accrued becomes money on it, then its balance is looked at, then it is closed or goes on as
/// before (and the interest can be taken out). Each step has an id of its own that
/// follows from the reference: killed in between, the same request goes on where it was.
/// </summary>
internal sealed class AccountClosing(
    Bank bank,
    Actor actor,
    string reference,
    AccountNumber number,
    string why
)
{
    public async Task<TaskOutcome<OpenedAccount>> RunAsync(CancellationToken cancellationToken)
    {
        if (actor is not (Actor.Staff { CheckedBy: not null } or Actor.Bank))
        {
            return new TaskOutcome<OpenedAccount>.NotDone(OutcomeReason.ApprovalRequired);
        }
        var stopped = await StepAsync("stop", Stop, cancellationToken);
        if (stopped is not TaskOutcome<OpenedAccount>.Done)
        {
            return stopped;
        }
        bool isEmpty;
        try
        {
            var known = await Collections.Accounts.ReadAsync(
                bank.Journal,
                number.ToString(),
                cancellationToken
            );
            if (known!.StateBeforeClosing is null)
            {
                // A repeat: the first request has come to its end.
                return known.State == AccountState.Closed
                    ? stopped
                    : new TaskOutcome<OpenedAccount>.NotDone(OutcomeReason.AccountNotEmpty);
            }
            // What has accrued is the holder's, or owed by the holder: on the account it is seen.
            if (
                await Collections.Interest.ReadAsync(
                    bank.Journal,
                    number.ToString(),
                    cancellationToken
                )
                is { CreditPostedMinor: > 0 }
                    or { DebitPostedMinor: > 0 }
            )
            {
                var settled = await SettleAsync(known.Currency, cancellationToken);
                if (settled is not TaskOutcome<OpenedAccount>.Done)
                {
                    return settled;
                }
            }
            isEmpty = await IsEmptyAsync(cancellationToken);
        }
        catch (BankUnavailableException)
        {
            return new TaskOutcome<OpenedAccount>.NotDone(OutcomeReason.ServiceUnavailable);
        }
        if (isEmpty)
        {
            return await StepAsync("close", Close, cancellationToken);
        }
        var kept = await StepAsync("keep", Keep, cancellationToken);
        return kept is TaskOutcome<OpenedAccount>.Done
            ? new TaskOutcome<OpenedAccount>.NotDone(OutcomeReason.AccountNotEmpty)
            : kept;
    }

    /// <summary>
    /// Not between a roll of the date and its trial balance, which counts what had accrued at the close.
    /// </summary>
    private Task<TaskOutcome<OpenedAccount>> SettleAsync(
        uint currency,
        CancellationToken cancellationToken
    ) =>
        Administration.DecideAsync(
            bank,
            actor,
            new OperationId(
                InstructionId.From(Channel.Internal, "account-settle", reference).Value
            ),
            "account/settle",
            $"{number}\n{why}",
            [Collections.Interest.Key(number.ToString())],
            async (reader, draft, token) =>
            {
                OpenedAccount result = new(number);
                var date = await Step.BusinessDateAsync(reader, token);
                if (
                    await BusinessDays.BeforeAsync(bank.Journal, date, token) is { } last
                    && !last.Done.Any(static done =>
                        string.Equals(
                            done.Name,
                            TrialBalanceStep.StepName,
                            StringComparison.Ordinal
                        )
                    )
                )
                {
                    throw new BankUnavailableException(
                        FrameStatus.Busy,
                        "The business day before is still being closed."
                    );
                }
                var interest = await Collections.Interest.ReadAsync(
                    reader,
                    number.ToString(),
                    token
                );
                var (after, transfers) = InterestSettlement.Of(
                    interest!,
                    new InstructionId(draft.Id.Value),
                    LedgerIds.Of(number),
                    currency,
                    date
                );
                return AdminDecision<OpenedAccount>.Accept(
                    draft with
                    {
                        Transfers = transfers,
                        Writes = [Collections.Interest.Write(number.ToString(), after)],
                    },
                    result
                );
            },
            _ => ValueTask.FromResult<OpenedAccount?>(new OpenedAccount(number)),
            cancellationToken
        );

    private Operation? Stop(Operation draft, AccountDocument known, DateOnly date) =>
        known.State == AccountState.Closed || known.StateBeforeClosing is not null
            ? null
            : draft with
            {
                Writes =
                [
                    Write(
                        known with
                        {
                            State = AccountState.Frozen,
                            StateBeforeClosing = known.State,
                        }
                    ),
                ],
            };

    private Operation? Close(Operation draft, AccountDocument known, DateOnly date)
    {
        if (known.StateBeforeClosing is null)
        {
            return null;
        }
        var checker = (actor as Actor.Staff)?.CheckedBy ?? actor.Name;
        return draft with
        {
            // The ledger refuses it from now on too, whoever forgets to ask.
            Transfers =
            [
                new Transfer
                {
                    Id = LedgerIds.Transfer(new InstructionId(draft.Id.Value), "close"),
                    DebitAccountId = LedgerIds.Of(number),
                    CreditAccountId = LedgerIds.Of(GlCode.Suspense, known.Currency),
                    Amount = 0,
                    UserData128 = draft.Id.Value,
                    UserData64 = Posting.OriginOf(new Origin(Channel.Internal), date),
                    UserData32 = ValueDates.ToNumber(date),
                    Ledger = known.Currency,
                    Code = (ushort)PostingKind.Closing,
                    Flags = TransferFlags.Pending | TransferFlags.ClosingDebit,
                },
            ],
            Writes =
            [
                Write(known with { State = AccountState.Closed, StateBeforeClosing = null }),
                Collections.Approvals.Write(
                    new InstructionId(draft.Id.Value).ToString(),
                    new ApprovalDocument(
                        ProposalKind.AccountClosing,
                        actor.Name,
                        checker,
                        bank.Time.GetUtcNow(),
                        why
                    )
                ),
            ],
        };
    }

    private Operation? Keep(Operation draft, AccountDocument known, DateOnly date) =>
        known.StateBeforeClosing is { } before
            ? draft with
            {
                Writes = [Write(known with { State = before, StateBeforeClosing = null })],
            }
            : null;

    private RecordWrite Write(AccountDocument document) =>
        Collections.Accounts.Write(number.ToString(), document);

    /// <summary>After the stop nothing moves: what is seen now stays.</summary>
    private async ValueTask<bool> IsEmptyAsync(CancellationToken cancellationToken)
    {
        var found = Answers.Value(
            await bank.Journal.LookupAccountsAsync(
                new UInt128[] { LedgerIds.Of(number) },
                cancellationToken
            )
        );
        Check.That(found is [_]);
        return found[0].CreditsPosted == found[0].DebitsPosted
            && found[0].DebitsPending == 0
            && found[0].CreditsPending == 0;
    }

    private Task<TaskOutcome<OpenedAccount>> StepAsync(
        string step,
        Func<Operation, AccountDocument, DateOnly, Operation?> change,
        CancellationToken cancellationToken
    ) =>
        Administration.DecideAsync(
            bank,
            actor,
            new OperationId(
                InstructionId.From(Channel.Internal, $"account-{step}", reference).Value
            ),
            $"account/{step}",
            $"{number}\n{why}",
            [Collections.Accounts.Key(number.ToString())],
            async (reader, draft, token) => await DecideAsync(reader, draft, change, token),
            _ => ValueTask.FromResult<OpenedAccount?>(new OpenedAccount(number)),
            cancellationToken
        );

    private async ValueTask<AdminDecision<OpenedAccount>> DecideAsync(
        DecisionReader reader,
        Operation draft,
        Func<Operation, AccountDocument, DateOnly, Operation?> change,
        CancellationToken cancellationToken
    )
    {
        var key = number.ToString();
        var known = await Collections.Accounts.ReadAsync(reader, key, cancellationToken);
        if (known is null)
        {
            return AdminDecision<OpenedAccount>.Refuse(draft, OutcomeReason.DebtorAccountUnknown);
        }
        return await reader.ReadBusinessDateAsync(cancellationToken) is not { } date
                ? AdminDecision<OpenedAccount>.Refuse(draft, OutcomeReason.ServiceUnavailable)
            : change(draft, known, date) is { } operation
                ? AdminDecision<OpenedAccount>.Accept(operation, new OpenedAccount(number))
            : AdminDecision<OpenedAccount>.Refuse(draft, OutcomeReason.DebtorAccountClosed);
    }
}
