using System.Globalization;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Auditing;

/// <summary>Somebody asked for what is not theirs, and was refused.</summary>
/// <param name="What">What was asked for: a code.</param>
/// <param name="Account">The account that it was about; empty when it was about none.</param>
/// <param name="IsLastOfHour">More may have come in this hour; they were not written.</param>
internal sealed record AuditDocument(
    DateTimeOffset At,
    string Actor,
    string ActorKind,
    string What,
    string Account,
    bool IsLastOfHour
)
{
    /// <summary>Where it came in; lines of older programs do not say.</summary>
    public Channel? Channel { get; init; }
}

/// <summary>
/// Lines about refused access. At most so many an hour and actor: each has an operation id that
/// follows from actor, hour and number, so that neither restarts nor a flood make more of them.
/// </summary>
public sealed class AuditTrail
{
    private readonly Bank _bank;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _written = new(StringComparer.Ordinal);
    private string _hour = "";

    internal AuditTrail(Bank bank) => _bank = bank;

    /// <summary>The lines of one day (UTC), oldest hour first. For staff alone.</summary>
    /// <exception cref="BankUnavailableException">The journal could not answer.</exception>
    public async Task<QueryAnswer<IReadOnlyList<AuditLine>>> ListAsync(
        Actor actor,
        DateOnly day,
        CancellationToken cancellationToken
    )
    {
        if (actor is not (Payments.Actor.Staff or Payments.Actor.Bank))
        {
            return new QueryAnswer<IReadOnlyList<AuditLine>>.Refused(OutcomeReason.NotAuthorised);
        }
        List<AuditLine> lines = [];
        string? after = null;
        do
        {
            var page = await Collections.Audit.QueryAsync(
                _bank.Journal,
                new RecordQuery
                {
                    Collection = Collections.Audit.Name,
                    Prefix = day.ToString("yyyyMMdd", CultureInfo.InvariantCulture),
                    After = after,
                    Limit = PaymentLimits.PageLinesMax,
                },
                cancellationToken
            );
            lines.AddRange(page.Documents.Select(static found => LineOf(found.Document)));
            after = page.Next;
        } while (after is not null && lines.Count < BankingLimits.AuditLinesShownMax);
        return new QueryAnswer<IReadOnlyList<AuditLine>>.Found(lines, _bank.Time.GetUtcNow());
    }

    /// <summary>Writes a line unless the hour's are written. Never fails: the refusal stands without it.</summary>
    /// <param name="what">A code, not a text.</param>
    /// <param name="account">Empty when it was about none.</param>
    public async Task WriteAsync(
        Actor actor,
        string what,
        string account,
        CancellationToken cancellationToken,
        Channel channel = Channel.None
    )
    {
        var now = _bank.Time.GetUtcNow();
        var hour = now.ToString("yyyyMMddHH", CultureInfo.InvariantCulture);
        var who = $"{KindOf(actor)}/{actor.Name}";
        while (NextNumber(hour, who) is { } number)
        {
            if (
                await TryWriteAsync(
                    new AuditDocument(
                        now,
                        actor.Name,
                        KindOf(actor),
                        what,
                        account,
                        number == BankingLimits.AuditLinesPerHourMax
                    )
                    {
                        Channel = channel == Channel.None ? ChannelOf(actor) : channel,
                    },
                    string.Create(CultureInfo.InvariantCulture, $"{hour}/{who}/{number:D2}"),
                    cancellationToken
                )
            )
            {
                return;
            }
        }
    }

    /// <returns>False when this number was written by another process before.</returns>
    private async Task<bool> TryWriteAsync(
        AuditDocument line,
        string key,
        CancellationToken cancellationToken
    )
    {
        var answer = await _bank.Journal.ProposeAsync(
            new Operation
            {
                Id = new OperationId(InstructionId.From(Channel.Internal, "audit", key).Value),
                Principals = [new Principal(PrincipalKinds.Node, "audit")],
                Writes = [Collections.Audit.Write(key, line)],
            },
            cancellationToken
        );
        return answer
            is not Answer<OperationResult>.Done
            {
                Value.Status: OperationStatus.IdReusedWithOtherContent
            };
    }

    /// <summary>Null when the hour's lines of this actor are written.</summary>
    private int? NextNumber(string hour, string who)
    {
        lock (_lock)
        {
            if (!string.Equals(_hour, hour, StringComparison.Ordinal))
            {
                _hour = hour;
                _written.Clear();
            }
            var isKnown = _written.TryGetValue(who, out var written);
            if (
                written >= BankingLimits.AuditLinesPerHourMax
                || (!isKnown && _written.Count >= BankingLimits.AuditActorsMax)
            )
            {
                return null;
            }
            return _written[who] = written + 1;
        }
    }

    private static AuditLine LineOf(AuditDocument line) =>
        new(
            line.At,
            line.Actor,
            line.ActorKind,
            line.Channel ?? Channel.None,
            line.What,
            line.Account,
            line.IsLastOfHour
        );

    private static Channel ChannelOf(Actor actor) =>
        actor switch
        {
            Payments.Actor.Customer => Channel.Online,
            Payments.Actor.ApiClient => Channel.Api,
            Payments.Actor.Staff => Channel.Counter,
            Payments.Actor.Clearing => Channel.Clearing,
            _ => Channel.Internal,
        };

    private static string KindOf(Actor actor) =>
        actor switch
        {
            Payments.Actor.Customer => "customer",
            Payments.Actor.ApiClient => "api",
            Payments.Actor.Staff => "staff",
            Payments.Actor.CardNetwork => "card-network",
            Payments.Actor.Clearing => "clearing",
            _ => "bank",
        };
}
