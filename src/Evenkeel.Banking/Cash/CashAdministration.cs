using System.Globalization;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Cash;

/// <summary>A till or machine as staff see it.</summary>
/// <param name="Cash">What the books say lies in it.</param>
public sealed record TerminalView(
    TerminalId Id,
    TerminalKind Kind,
    string Branch,
    TerminalState State,
    string? Teller,
    Money Cash,
    TillCount? LastCount
);

/// <summary>Tills, machines and the vault: every note is in one ledger account or another.</summary>
public sealed class CashAdministration
{
    private const int SerialsTried = 8;

    private readonly Bank _bank;

    internal CashAdministration(Bank bank) => _bank = bank;

    /// <summary>A machine serves at once; a till when a teller opens it.</summary>
    public Task<TaskOutcome<TerminalView>> RegisterAsync(
        Actor actor,
        string reference,
        TerminalId terminal,
        TerminalKind kind,
        string branch,
        uint currency,
        CancellationToken cancellationToken
    ) =>
        DecideAsync(
            actor,
            "register",
            reference,
            terminal,
            $"{kind}\n{branch}\n{currency}",
            async (reader, draft, known, token) =>
            {
                if (kind is not (TerminalKind.Till or TerminalKind.CashMachine))
                {
                    return (draft, null, OutcomeReason.NotSupported);
                }
                if (known is not null)
                {
                    return (draft, null, OutcomeReason.Duplicate);
                }
                if (await FreeSerialAsync(reader, terminal, token) is not { } serial)
                {
                    return (draft, null, OutcomeReason.Busy);
                }
                TerminalDocument made = new(
                    kind,
                    branch,
                    serial,
                    currency,
                    kind == TerminalKind.CashMachine ? TerminalState.Open : TerminalState.Closed,
                    Teller: null
                );
                return (
                    draft with
                    {
                        Accounts =
                        [
                            new Account
                            {
                                Id = CashMovements.AccountOf(made),
                                Ledger = currency,
                                Code = (ushort)CashMovements.CodeOf(kind),
                                // Nobody gives out notes that are not there.
                                Flags =
                                    AccountFlags.CreditsMustNotExceedDebits | AccountFlags.History,
                            },
                        ],
                        Writes =
                        [
                            Collections.TerminalSerials.Write(
                                KeyOf(serial),
                                new TerminalSerialDocument(terminal.Value)
                            ),
                        ],
                    },
                    made,
                    OutcomeReason.None
                );
            },
            cancellationToken
        );

    /// <summary>Notes from the vault into a machine or till; a negative amount goes back to the vault.</summary>
    public Task<TaskOutcome<TerminalView>> FillAsync(
        Actor actor,
        string reference,
        TerminalId terminal,
        Money amount,
        CancellationToken cancellationToken
    ) =>
        DecideAsync(
            actor,
            "fill",
            reference,
            terminal,
            amount.ToString(),
            async (reader, draft, known, token) =>
                known is null ? (draft, null, OutcomeReason.TerminalUnknown)
                : known.Currency != amount.Currency ? (draft, null, OutcomeReason.CurrencyMismatch)
                : amount.Minor
                    is 0
                        or > PaymentLimits.AmountMinorMax
                        or < -PaymentLimits.AmountMinorMax
                    ? (draft, null, OutcomeReason.AmountInvalid)
                : await reader.ReadBusinessDateAsync(token) is not { } date
                    ? (draft, null, OutcomeReason.ServiceUnavailable)
                : (
                    draft with
                    {
                        Transfers =
                        [
                            Between(
                                draft.Id,
                                amount.Minor > 0
                                    ? CashMovements.AccountOf(known)
                                    : LedgerIds.Of(GlCode.VaultCash, amount.Currency),
                                amount.Minor > 0
                                    ? LedgerIds.Of(GlCode.VaultCash, amount.Currency)
                                    : CashMovements.AccountOf(known),
                                amount.Minor > 0 ? amount : -amount,
                                date,
                                known.Serial
                            ),
                        ],
                    },
                    known,
                    OutcomeReason.None
                ),
            cancellationToken
        );

    /// <summary>The teller who asks has the till from now on.</summary>
    public Task<TaskOutcome<TerminalView>> OpenTillAsync(
        Actor.Staff teller,
        string reference,
        TerminalId till,
        CancellationToken cancellationToken
    ) =>
        DecideAsync(
            teller,
            "open",
            reference,
            till,
            "",
            (_, draft, known, _) =>
                ValueTask.FromResult(
                    known switch
                    {
                        null or { Kind: not TerminalKind.Till } => (
                            draft,
                            null,
                            OutcomeReason.TerminalUnknown
                        ),
                        { State: TerminalState.Closed } => (
                            draft,
                            known with
                            {
                                State = TerminalState.Open,
                                Teller = teller.User,
                            },
                            OutcomeReason.None
                        ),
                        _ => (draft, (TerminalDocument?)null, OutcomeReason.Duplicate),
                    }
                ),
            cancellationToken
        );

    /// <summary>
    /// Closes a till by what was counted; the difference to the books goes to over and short. First
    /// nothing moves any more, then the books are read, then the difference is posted: killed in
    /// between, the same request goes on where it was.
    /// </summary>
    public async Task<TaskOutcome<TerminalView>> CloseTillAsync(
        Actor.Staff teller,
        string reference,
        TerminalId till,
        Money counted,
        CancellationToken cancellationToken
    )
    {
        var stopped = await DecideAsync(
            teller,
            "count",
            reference,
            till,
            counted.ToString(),
            (_, draft, known, _) =>
                ValueTask.FromResult(
                    known switch
                    {
                        null or { Kind: not TerminalKind.Till } => (
                            draft,
                            null,
                            OutcomeReason.TerminalUnknown
                        ),
                        _ when known.Currency != counted.Currency => (
                            draft,
                            null,
                            OutcomeReason.CurrencyMismatch
                        ),
                        _ when counted.Minor < 0 => (draft, null, OutcomeReason.AmountInvalid),
                        { State: TerminalState.Open } => (
                            draft,
                            known with
                            {
                                State = TerminalState.Counting,
                            },
                            OutcomeReason.None
                        ),
                        _ => (draft, (TerminalDocument?)null, OutcomeReason.TillClosed),
                    }
                ),
            cancellationToken
        );
        if (stopped is not TaskOutcome<TerminalView>.Done { Value: var view })
        {
            return stopped;
        }
        return await DecideAsync(
            teller,
            "close",
            reference,
            till,
            counted.ToString(),
            async (reader, draft, known, token) =>
            {
                if (await reader.ReadBusinessDateAsync(token) is not { } date)
                {
                    return (draft, null, OutcomeReason.ServiceUnavailable);
                }
                // Nothing moves on it while it is counted: what is read now is what it is.
                var booked = await BookedAsync(known!, token);
                TillCount count = new(booked, counted.Minor, reference, date);
                return known is not { State: TerminalState.Counting }
                    ? (draft, null, OutcomeReason.TillClosed)
                    : (
                        draft with
                        {
                            Transfers =
                                count.DifferenceMinor == 0
                                    ? []
                                    : [Difference(draft.Id, known, count, date)],
                        },
                        known with
                        {
                            State = TerminalState.Closed,
                            Teller = null,
                            LastCount = count,
                        },
                        OutcomeReason.None
                    );
            },
            cancellationToken
        );
    }

    /// <summary>Null when there is none.</summary>
    /// <exception cref="BankUnavailableException">The journal could not answer.</exception>
    public async ValueTask<TerminalView?> FindAsync(
        TerminalId terminal,
        CancellationToken cancellationToken
    ) =>
        await Collections.Terminals.ReadAsync(_bank.Journal, terminal.Value, cancellationToken)
            is { } document
            ? await ViewAsync(terminal, document, cancellationToken)
            : null;

    private async Task<TaskOutcome<TerminalView>> DecideAsync(
        Actor actor,
        string what,
        string reference,
        TerminalId terminal,
        string body,
        Func<
            DecisionReader,
            Operation,
            TerminalDocument?,
            CancellationToken,
            ValueTask<(Operation Draft, TerminalDocument? Changed, OutcomeReason Fault)>
        > decide,
        CancellationToken cancellationToken
    )
    {
        var id = InstructionId.From(Channel.Internal, $"terminal-{what}", reference);
        var outcome = await Administration.DecideAsync(
            _bank,
            actor,
            new OperationId(id.Value),
            $"terminal/{what}",
            $"{terminal}\n{body}",
            [Collections.Terminals.Key(terminal.Value)],
            async (reader, draft, token) =>
            {
                if (actor is not (Actor.Staff or Actor.Bank))
                {
                    return AdminDecision<TerminalDocument>.Refuse(
                        draft,
                        OutcomeReason.NotAuthorised
                    );
                }
                var known = await Collections.Terminals.ReadAsync(reader, terminal.Value, token);
                var (made, changed, fault) = await decide(reader, draft, known, token);
                return fault != OutcomeReason.None
                    ? AdminDecision<TerminalDocument>.Refuse(draft, fault)
                    : AdminDecision<TerminalDocument>.Accept(
                        // One that only gets or gives notes is as it was, and payments go on.
                        ReferenceEquals(changed, known)
                            ? made
                            : made with
                            {
                                Writes =
                                [
                                    .. made.Writes,
                                    Collections.Terminals.Write(terminal.Value, changed!),
                                ],
                            },
                        changed!
                    );
            },
            async token =>
                await Collections.Terminals.ReadAsync(_bank.Journal, terminal.Value, token),
            cancellationToken
        );
        try
        {
            return outcome switch
            {
                TaskOutcome<TerminalDocument>.Done done => new TaskOutcome<TerminalView>.Done(
                    await ViewAsync(terminal, done.Value, cancellationToken)
                ),
                TaskOutcome<TerminalDocument>.NotDone notDone =>
                    new TaskOutcome<TerminalView>.NotDone(notDone.Reason),
                _ => throw new InvalidOperationException("A third kind of outcome."),
            };
        }
        catch (BankUnavailableException)
        {
            return new TaskOutcome<TerminalView>.NotDone(OutcomeReason.ResultUnknown);
        }
    }

    private async ValueTask<TerminalView> ViewAsync(
        TerminalId id,
        TerminalDocument document,
        CancellationToken cancellationToken
    ) =>
        new(
            id,
            document.Kind,
            document.Branch,
            document.State,
            document.Teller,
            new Money(await BookedAsync(document, cancellationToken), document.Currency),
            document.LastCount
        );

    private async ValueTask<long> BookedAsync(
        TerminalDocument terminal,
        CancellationToken cancellationToken
    )
    {
        var found = Answers.Value(
            await _bank.Journal.LookupAccountsAsync(
                new UInt128[] { CashMovements.AccountOf(terminal) },
                cancellationToken
            )
        );
        Check.That(found is [_]);
        return (long)((Int128)found[0].DebitsPosted - (Int128)found[0].CreditsPosted);
    }

    // The serial follows from the name and not from a counter: registrations don't wait for each other.
    private static async ValueTask<uint?> FreeSerialAsync(
        DecisionReader reader,
        TerminalId terminal,
        CancellationToken cancellationToken
    )
    {
        for (var i = 0; i < SerialsTried; i++)
        {
            var digest = InstructionId
                .From(Channel.Internal, "terminal-serial", terminal.Value)
                .Derive(i.ToString(CultureInfo.InvariantCulture));
            var serial = (uint)(digest.Value >> 96);
            if (
                serial != 0
                && await Collections.TerminalSerials.ReadAsync(
                    reader,
                    KeyOf(serial),
                    cancellationToken
                )
                    is null
            )
            {
                return serial;
            }
        }
        return null;
    }

    private static string KeyOf(uint serial) =>
        serial.ToString("D10", CultureInfo.InvariantCulture);

    private static Transfer Difference(
        OperationId id,
        TerminalDocument till,
        TillCount count,
        DateOnly date
    )
    {
        var cash = CashMovements.AccountOf(till);
        var overShort = LedgerIds.Of(GlCode.CashOverShort, till.Currency);
        var isOver = count.DifferenceMinor > 0;
        return Between(
            id,
            debit: isOver ? cash : overShort,
            credit: isOver ? overShort : cash,
            new Money(Math.Abs(count.DifferenceMinor), till.Currency),
            date,
            till.Serial
        );
    }

    private static Transfer Between(
        OperationId id,
        UInt128 debit,
        UInt128 credit,
        Money amount,
        DateOnly date,
        uint serial
    ) =>
        new()
        {
            Id = LedgerIds.Transfer(new InstructionId(id.Value), "main"),
            DebitAccountId = debit,
            CreditAccountId = credit,
            Amount = (UInt128)amount.Minor,
            UserData128 = id.Value,
            UserData64 = Posting.OriginOf(new Origin(Channel.Counter), date, serial),
            UserData32 = ValueDates.ToNumber(date),
            Ledger = amount.Currency,
            Code = (ushort)PostingKind.CashMovement,
        };
}
