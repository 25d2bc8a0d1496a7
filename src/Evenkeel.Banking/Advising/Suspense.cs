using System.Globalization;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Storage;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Advising;

/// <summary>One side of a posting that can't be refused: an account, or why it can't be that account.</summary>
/// <param name="LedgerId">Null = it goes to suspense.</param>
/// <param name="Named">The account as the advice names it.</param>
internal readonly record struct AdviceSide(
    UInt128? LedgerId,
    ExceptionKind Fault,
    string? Named,
    AccountDocument? Document = null
);

/// <summary>
/// Where the money of a promise goes that an account can't take: one account for each session and
/// currency, so that a session can be closed by looking at its own.
/// </summary>
internal static class Suspense
{
    /// <summary>A customer's account: blocked, frozen or overdrawn is no reason any more.</summary>
    public static async ValueTask<AdviceSide> SideAsync(
        DecisionContext context,
        AccountNumber number,
        CancellationToken cancellationToken
    )
    {
        var account = await context.ReadAccountAsync(number, cancellationToken);
        var fault =
            account is null ? ExceptionKind.AccountUnknown
            : account.State == AccountState.Closed || account.StateBeforeClosing is not null
                ? ExceptionKind.AccountClosed
            : account.Currency != context.Instruction.Amount.Currency ? ExceptionKind.OtherCurrency
            : ExceptionKind.None;
        return fault == ExceptionKind.None
            ? new AdviceSide(LedgerIds.Of(number), fault, number.ToString(), account)
            : new AdviceSide(null, fault, number.ToString());
    }

    public static AdviceSide Of(UInt128 ledgerId) => new(ledgerId, ExceptionKind.None, Named: null);

    public static AdviceSide Missing(ExceptionKind fault, string? named) => new(null, fault, named);

    /// <summary>
    /// Posts an advice: forced, and with suspense in place of what is missing. Each missing side is an
    /// exception item; when both are, nothing moves and both remain to be explained.
    /// </summary>
    public static async ValueTask<Verdict> PostAsync(
        DecisionContext context,
        AdviceSide debit,
        AdviceSide credit,
        PostingKind kind,
        OrderDraft draft,
        CancellationToken cancellationToken,
        TransferFlags flags = TransferFlags.None,
        uint timeoutSeconds = 0,
        uint terminalSerial = 0
    )
    {
        var amount = context.Instruction.Amount;
        if (!await IsKeptAsync(context, amount.Currency, cancellationToken))
        {
            return Exceptions.NotPostable(context, OutcomeReason.CurrencyMismatch);
        }
        var isMissing = debit.LedgerId is null || credit.LedgerId is null;
        var moves = debit.LedgerId is not null || credit.LedgerId is not null;
        if (debit.LedgerId is null)
        {
            Exceptions.Open(context, debit.Fault, debit.Named, moves ? -amount.Minor : 0);
        }
        if (credit.LedgerId is null)
        {
            Exceptions.Open(context, credit.Fault, credit.Named, moves ? amount.Minor : 0);
        }
        if (moves)
        {
            var suspense = isMissing
                ? await AccountAsync(context, amount.Currency, cancellationToken)
                : default;
            context.Move(
                "main",
                debit.LedgerId ?? suspense,
                credit.LedgerId ?? suspense,
                amount,
                isMissing ? PostingKind.Suspense : kind,
                flags,
                timeoutSeconds: timeoutSeconds,
                terminalSerial: terminalSerial
            );
        }
        return new Verdict.Accept(
            draft,
            isMissing ? InstructionState.InSuspense
                : flags.HasFlag(TransferFlags.Pending) ? InstructionState.Held
                : InstructionState.Done
        );
    }

    /// <summary>The suspense account of the instruction's session, opened with its first item.</summary>
    public static async ValueTask<UInt128> AccountAsync(
        DecisionContext context,
        uint currency,
        CancellationToken cancellationToken
    )
    {
        var session = context.Instruction.Origin.Session;
        var id = LedgerIds.Of(GlCode.Suspense, currency, session);
        if (session == 0)
        {
            return id; // Opened with the bank.
        }
        var key = string.Create(CultureInfo.InvariantCulture, $"{session}/{currency}");
        if (await Collections.Suspense.ReadAsync(context.Reader, key, cancellationToken) is null)
        {
            context.Write(
                Collections.Suspense.Write(
                    key,
                    new SuspenseDocument(session, currency, context.BusinessDate)
                )
            );
            context.OpenAccount(
                new Account
                {
                    Id = id,
                    Ledger = currency,
                    Code = (ushort)GlCode.Suspense,
                    Flags = AccountFlags.History,
                }
            );
        }
        return id;
    }

    /// <summary>Whether the bank has books in this currency. What was opened never goes away.</summary>
    private static async ValueTask<bool> IsKeptAsync(
        DecisionContext context,
        uint currency,
        CancellationToken cancellationToken
    ) =>
        Answers
            .Value(
                await context.Bank.Journal.LookupAccountsAsync(
                    new UInt128[] { LedgerIds.Of(GlCode.Suspense, currency) },
                    cancellationToken
                )
            )
            .Length == 1;
}

/// <summary>A session's suspense account of one currency was opened. Key: "session/currency".</summary>
internal sealed record SuspenseDocument(uint Session, uint Currency, DateOnly Since);
