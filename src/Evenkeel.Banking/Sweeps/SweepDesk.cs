using Evenkeel.Banking.Calendars;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Queries;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Sweeps;

/// <summary>Keeps one account at a balance, with another one beside it.</summary>
/// <param name="Customer">Holder of both.</param>
/// <param name="Account">The account that is swept.</param>
/// <param name="Header">The account that gets what is too much.</param>
/// <param name="TargetMinor">What stays, minor units; 0 empties the account.</param>
/// <param name="FillsUp">What is too little comes back from the header account.</param>
/// <param name="NextRun">Business day of the next run; null when ended. Indexed.</param>
internal sealed record SweepDocument(
    string Customer,
    string Account,
    string Header,
    uint Currency,
    long TargetMinor,
    bool FillsUp,
    Schedule Schedule,
    DateOnly NextDue,
    DateOnly? NextRun,
    DateOnly? LastRun = null,
    OutcomeReason? LastReason = null
);

/// <summary>What is asked for when a sweep is set up.</summary>
public sealed record SweepRequest(
    AccountNumber Account,
    AccountNumber Header,
    long TargetMinor,
    bool FillsUp,
    Schedule Schedule
);

/// <summary>A sweep as its holder sees it.</summary>
/// <param name="LastReason">Why the last run moved nothing, when it should have.</param>
public sealed record SweepView(
    string Id,
    AccountNumber Account,
    AccountNumber Header,
    long TargetMinor,
    DateOnly? NextRun,
    DateOnly? LastRun,
    OutcomeReason? LastReason
);

/// <summary>Automatic sweeps between accounts of one customer; the end of day runs them.</summary>
public sealed class SweepDesk
{
    private readonly Bank _bank;

    internal SweepDesk(Bank bank) => _bank = bank;

    public Task<TaskOutcome<SweepView>> SetUpAsync(
        Actor actor,
        string reference,
        SweepRequest request,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(actor);
        ArgumentNullException.ThrowIfNull(request);
        var id = IdOf(actor, reference);
        var key = id.ToString();
        return Administration.DecideAsync(
            _bank,
            actor,
            new(id.Value),
            "sweep/set-up",
            request.ToString(),
            [Collections.Sweeps.Key(key)],
            async (reader, draft, token) =>
            {
                if (await reader.ReadBusinessDateAsync(token) is not { } date)
                {
                    return Refuse(OutcomeReason.ServiceUnavailable);
                }
                var account = await Collections.Accounts.ReadAsync(
                    reader,
                    request.Account.ToString(),
                    token
                );
                var header = await Collections.Accounts.ReadAsync(
                    reader,
                    request.Header.ToString(),
                    token
                );
                if (account is null || header is null || !Access.MaySee(actor, account))
                {
                    return Refuse(OutcomeReason.DebtorAccountUnknown);
                }
                if (!string.Equals(account.Customer, header.Customer, StringComparison.Ordinal))
                {
                    return Refuse(OutcomeReason.NotAuthorised);
                }
                if (account.Currency != header.Currency)
                {
                    return Refuse(OutcomeReason.CurrencyMismatch);
                }
                if (request.Account == request.Header)
                {
                    return Refuse(OutcomeReason.SameAccount);
                }
                if (request.TargetMinor < 0)
                {
                    return Refuse(OutcomeReason.AmountInvalid);
                }
                if (!request.Schedule.IsSound)
                {
                    return Refuse(OutcomeReason.DateInvalid);
                }
                var calendar = await CalendarAdministration.ReadAsync(
                    reader,
                    account.Currency,
                    token
                );
                var due = request.Schedule.FirstFrom(date.AddDays(1));
                var run = calendar.Shift(due, request.Schedule.Shift);
                SweepDocument sweep = new(
                    account.Customer,
                    request.Account.ToString(),
                    request.Header.ToString(),
                    account.Currency,
                    request.TargetMinor,
                    request.FillsUp,
                    request.Schedule,
                    due,
                    run > date ? run : date.AddDays(1)
                );
                return AdminDecision<SweepView>.Accept(
                    draft with
                    {
                        Writes = [Collections.Sweeps.Write(key, sweep)],
                    },
                    ViewOf(key, sweep)
                );

                AdminDecision<SweepView> Refuse(OutcomeReason reason) =>
                    AdminDecision<SweepView>.Refuse(draft, reason);
            },
            async token => await FindAsync(key, token),
            cancellationToken
        );
    }

    /// <summary>The one that the actor set up by this reference; null when there is none.</summary>
    public ValueTask<SweepView?> FindAsync(
        Actor actor,
        string reference,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(actor);
        return FindAsync(IdOf(actor, reference).ToString(), cancellationToken);
    }

    private static InstructionId IdOf(Actor actor, string reference) =>
        InstructionId.From(Channel.Internal, "sweep-set-up", $"{actor.Name}/{reference}");

    internal async ValueTask<SweepView?> FindAsync(
        string key,
        CancellationToken cancellationToken
    ) =>
        await Collections.Sweeps.ReadAsync(_bank.Journal, key, cancellationToken) is { } sweep
            ? ViewOf(key, sweep)
            : null;

    private static SweepView ViewOf(string key, SweepDocument sweep) =>
        new(
            key,
            AccountNumber.Parse(sweep.Account),
            AccountNumber.Parse(sweep.Header),
            sweep.TargetMinor,
            sweep.NextRun,
            sweep.LastRun,
            sweep.LastReason
        );
}
