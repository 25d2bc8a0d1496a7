using System.Globalization;
using Evenkeel.Channels.Texts;
using Evenkeel.Model;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Channels.Rest;

/// <summary>From a request to an instruction, and from its outcome to the answer.</summary>
internal sealed class Submission(HttpContext http, RestChannelOptions options, TimeProvider time)
{
    private const string KeyHeader = "Idempotency-Key";

    /// <summary>The asker's reference; null when there is none or it can't be one.</summary>
    public string? Reference { get; } =
        http.Request.Headers[KeyHeader] is { Count: 1 } values
        && values[0]?.Trim().Trim('"') is { Length: > 0 and <= PaymentLimits.ReferenceCharsMax } key
        && key.All(static c => char.IsAscii(c) && !char.IsControl(c))
            ? key
            : null;

    /// <summary>Null when it is no amount of a currency with that many decimals.</summary>
    public static Money? AmountOf(string amount, string currency) =>
        Currencies.TryParseLedger(currency, out var ledger)
        && decimal.TryParse(
            amount,
            NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture,
            out var major
        )
            ? Money.FromDecimal(major, ledger)
            : null;

    /// <summary>The instruction that this request is, for ever: by whose it is and what they call it.</summary>
    public PaymentInstruction InstructionOf(Actor actor, Movement movement, Money amount)
    {
        var (channel, originator) = actor switch
        {
            Actor.Customer customer => (Channel.Online, customer.Id.Value),
            // All programs of a company number together: two of them must not pay one bill twice.
            Actor.ApiClient client => (Channel.Api, client.OnBehalfOf.Value),
            Actor.Staff staff => (Channel.Counter, staff.User),
            _ => throw new InvalidOperationException("Nobody who signs in."),
        };
        return new PaymentInstruction
        {
            Id = InstructionId.From(channel, originator, Reference!),
            Actor = actor,
            Origin = new Origin(channel),
            Movement = movement,
            Amount = amount,
            References = new References { EndToEndId = Reference },
            AskedAt = time.GetUtcNow(),
        };
    }

    /// <summary>
    /// Submits and says what became of it. Whoever asked may have gone: a payment that was taken is
    /// brought to its end.
    /// </summary>
    public async Task<IResult> SubmitAsync(
        IPaymentProcessor payments,
        PaymentInstruction instruction
    )
    {
        using CancellationTokenSource patience = new(options.AnswerMax, time);
        PaymentOutcome outcome;
        try
        {
            outcome = await payments
                .SubmitAsync(instruction, patience.Token)
                .WaitAsync(patience.Token);
        }
        catch (Exception)
        {
            // It may have been done: to say anything else would be a guess.
            outcome = new PaymentOutcome.BeingResolved(
                time.GetUtcNow() + ResolvedMax,
                OutcomeReason.ResultUnknown
            );
        }
        return outcome switch
        {
            PaymentOutcome.Done done => Results.Json(
                BodyOf(instruction.Id, done.Receipt),
                RestJson.Default.OutcomeBody
            ),
            PaymentOutcome.NotDone notDone => RestProblem.Of(notDone.Reason),
            PaymentOutcome.BeingResolved resolving => Results.Json(
                BodyOf(instruction.Id, resolving),
                RestJson.Default.OutcomeBody,
                statusCode: StatusCodes.Status202Accepted
            ),
            _ => throw new InvalidOperationException("A fourth kind of outcome."),
        };
    }

    /// <summary>By when an unknown result is known.</summary>
    private static readonly TimeSpan ResolvedMax = TimeSpan.FromMinutes(10);

    private static OutcomeBody BodyOf(InstructionId id, Receipt receipt) =>
        new("done", id.ToString())
        {
            Amount = AmountBody.Of(receipt.Amount),
            BookingDate = receipt.BookingDate,
            ValueDate = receipt.ValueDate,
            At = receipt.At,
            AuthorisationCode = receipt.AuthorisationCode,
        };

    private OutcomeBody BodyOf(InstructionId id, PaymentOutcome.BeingResolved resolving)
    {
        var slug = ReasonTable.Of(resolving.Reason).Slug;
        return new("being_resolved", id.ToString())
        {
            Reason = slug,
            Text = ReasonText.Of(slug, Languages.Of(http)),
            Deadline = resolving.Deadline,
        };
    }
}
