using System.Collections.Concurrent;

namespace Evenkeel.Payments.Compliance;

/// <summary>
/// A bank that does what a test says and keeps what it was asked. It knows ids, no balances: a channel
/// is judged by what it asks and how it says the answer.
/// </summary>
public sealed class ScriptedBank : IPaymentProcessor
{
    private readonly ConcurrentQueue<PaymentInstruction> _asked = new();
    private readonly ConcurrentDictionary<InstructionId, PaymentOutcome> _answers = new();

    /// <summary>Decides an instruction seen for the first time.</summary>
    public Func<PaymentInstruction, Task<PaymentOutcome>> Decide { get; set; } =
        static instruction => Task.FromResult<PaymentOutcome>(Done(instruction));

    /// <summary>Every instruction that came, repeats too, in order of arrival.</summary>
    public IReadOnlyList<PaymentInstruction> Asked => [.. _asked];

    public async Task<PaymentOutcome> SubmitAsync(
        PaymentInstruction instruction,
        CancellationToken cancellationToken
    )
    {
        _asked.Enqueue(instruction);
        if (InstructionRules.Judge(instruction) is var fault and not OutcomeReason.None)
        {
            return new PaymentOutcome.NotDone(fault);
        }
        if (_answers.TryGetValue(instruction.Id, out var first))
        {
            return first;
        }
        var outcome = await Decide(instruction).WaitAsync(cancellationToken);
        return _answers.GetOrAdd(instruction.Id, outcome);
    }

    public static PaymentOutcome.Done Done(PaymentInstruction instruction) =>
        new(
            new Receipt
            {
                Id = instruction.Id,
                Amount = instruction.Amount,
                BookingDate = new DateOnly(2026, 11, 23),
                ValueDate = new DateOnly(2026, 11, 23),
                At = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero),
                AuthorisationCode = instruction.Id.ToString()[..6].ToUpperInvariant(),
            }
        );
}
