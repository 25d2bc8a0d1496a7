using System.Text.Json;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.StaffEntries;

/// <summary>
/// Maker and checker. A proposal waits as a document and does nothing; another member of staff approves
/// it, and the operation of the approval does what it says, or rejects it. That they are two is enforced
/// when it is applied, not here alone.
/// </summary>
public sealed class Approvals
{
    private readonly Bank _bank;

    internal Approvals(Bank bank) => _bank = bank;

    /// <returns>The proposal, waiting; its id follows from the reference.</returns>
    public Task<TaskOutcome<ProposalView>> ProposeAsync(
        Actor.Staff maker,
        string reference,
        StaffRequest request,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        var id = InstructionId.From(Channel.Internal, $"proposal/{maker.User}", reference);
        var document = Proposals.DocumentOf(maker, request, _bank.Time.GetUtcNow());
        return Administration.DecideAsync(
            _bank,
            maker with
            {
                CheckedBy = null,
            },
            new OperationId(id.Value),
            "proposal/make",
            JsonSerializer.Serialize(
                document with
                {
                    MadeAt = default,
                },
                BankingJson.Default.ProposalDocument
            ),
            [],
            async (reader, draft, token) =>
                await Proposals.FaultAsync(reader, document, token)
                    is var fault
                        and not OutcomeReason.None
                    ? AdminDecision<ProposalView>.Refuse(draft, fault)
                    : AdminDecision<ProposalView>.Accept(
                        draft with
                        {
                            Guards = [new Guard.Absent(Collections.Proposals.Key(id.ToString()))],
                            Writes = [Collections.Proposals.Write(id.ToString(), document)],
                        },
                        Proposals.ViewOf(id.ToString(), document)
                    ),
            token => FindAsync(id.ToString(), token),
            cancellationToken
        );
    }

    /// <summary>Does what the proposal says, now.</summary>
    public Task<TaskOutcome<ProposalView>> ApproveAsync(
        Actor.Staff checker,
        string reference,
        string proposal,
        CancellationToken cancellationToken
    ) => DecideAsync(checker, "approve", reference, proposal, isApproved: true, cancellationToken);

    public Task<TaskOutcome<ProposalView>> RejectAsync(
        Actor.Staff checker,
        string reference,
        string proposal,
        CancellationToken cancellationToken
    ) => DecideAsync(checker, "reject", reference, proposal, isApproved: false, cancellationToken);

    /// <summary>Proposals in a state, oldest id first, one page.</summary>
    /// <exception cref="BankUnavailableException">The journal could not answer.</exception>
    public async Task<IReadOnlyList<ProposalView>> ListAsync(
        ProposalState state,
        CancellationToken cancellationToken
    )
    {
        var page = await Collections.Proposals.QueryAsync(
            _bank.Journal,
            new RecordQuery
            {
                Collection = Collections.Proposals.Name,
                Index = "state",
                Value = state.ToString(),
                Limit = PaymentLimits.PageLinesMax,
            },
            cancellationToken
        );
        return
        [
            .. page.Documents.Select(static found => Proposals.ViewOf(found.Key, found.Document)),
        ];
    }

    /// <summary>Null when there is none.</summary>
    /// <exception cref="BankUnavailableException">The journal could not answer.</exception>
    public async ValueTask<ProposalView?> FindAsync(
        string proposal,
        CancellationToken cancellationToken
    ) =>
        await Collections.Proposals.ReadAsync(_bank.Journal, proposal, cancellationToken)
            is { } document
            ? Proposals.ViewOf(proposal, document)
            : null;

    private async Task<TaskOutcome<ProposalView>> DecideAsync(
        Actor.Staff checker,
        string what,
        string reference,
        string proposal,
        bool isApproved,
        CancellationToken cancellationToken
    )
    {
        // Who made it never changes, so it can be read before the decision that needs it.
        ProposalDocument? made;
        try
        {
            made = await Collections.Proposals.ReadAsync(
                _bank.Journal,
                proposal,
                cancellationToken
            );
        }
        catch (BankUnavailableException)
        {
            return new TaskOutcome<ProposalView>.NotDone(OutcomeReason.ServiceUnavailable);
        }
        if (made is null)
        {
            return new TaskOutcome<ProposalView>.NotDone(OutcomeReason.OriginalUnknown);
        }
        var id = InstructionId.From(
            Channel.Internal,
            $"proposal-{what}/{checker.User}",
            $"{proposal}/{reference}"
        );
        return await Administration.DecideAsync(
            _bank,
            new Actor.Staff(made.Maker, made.Branch, checker.User),
            new OperationId(id.Value),
            $"proposal/{what}",
            proposal,
            [Collections.Proposals.Key(proposal)],
            async (reader, draft, token) =>
            {
                var now = _bank.Time.GetUtcNow();
                var known = await Collections.Proposals.ReadAsync(reader, proposal, token);
                if (known is not { State: ProposalState.Waiting })
                {
                    return Refuse(OutcomeReason.Duplicate);
                }
                if (isApproved && now > known.MadeAt.AddDays(BankingLimits.ProposalDaysMax))
                {
                    return Refuse(OutcomeReason.DateInvalid);
                }
                var decided = known with
                {
                    State = isApproved ? ProposalState.Approved : ProposalState.Rejected,
                    DecidedBy = checker.User,
                    DecidedAt = now,
                };
                var operation = draft;
                if (isApproved)
                {
                    (operation, var fault) = await Proposals.ApplyAsync(
                        _bank,
                        reader,
                        draft,
                        proposal,
                        known,
                        token
                    );
                    if (fault != OutcomeReason.None)
                    {
                        return Refuse(fault);
                    }
                    ApprovalDocument approval = new(
                        known.Kind,
                        known.Maker,
                        checker.User,
                        now,
                        known.Why
                    );
                    operation = operation with
                    {
                        Writes =
                        [
                            .. operation.Writes,
                            Collections.Approvals.Write(proposal, approval),
                        ],
                    };
                }
                return AdminDecision<ProposalView>.Accept(
                    operation with
                    {
                        Writes =
                        [
                            .. operation.Writes,
                            Collections.Proposals.Write(proposal, decided),
                        ],
                    },
                    Proposals.ViewOf(proposal, decided)
                );

                AdminDecision<ProposalView> Refuse(OutcomeReason reason) =>
                    AdminDecision<ProposalView>.Refuse(draft, reason);
            },
            token => FindAsync(proposal, token),
            cancellationToken
        );
    }
}
