using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Load;

/// <summary>What a customer asked, and what they were told: a line for each, nothing of persons.</summary>
/// <param name="Event">"asked" or "told".</param>
/// <param name="Minor">Minor units; of what was asked.</param>
/// <param name="Outcome">"done", "notDone" or "beingResolved"; of what was told.</param>
/// <param name="LatencyMs">Of what was told: from sending to the answer.</param>
public sealed record TruthLine(
    string Event,
    string Id,
    DateTimeOffset At,
    string? Debtor = null,
    string? Creditor = null,
    long? Minor = null,
    uint? Currency = null,
    string? Outcome = null,
    OutcomeReason? Reason = null,
    double? LatencyMs = null
);

/// <summary>
/// The load generator's own memory, outside the bank: ground truth for every check afterwards. What is
/// asked is written before it is sent, so that nothing can be done that nobody remembers asking.
/// </summary>
public sealed class TruthLog : IAsyncDisposable
{
    private const int QueueMax = 65_536;

    private readonly FileStream _file;
    private readonly Channel<(TruthLine Line, TaskCompletionSource? Written)> _queue =
        System.Threading.Channels.Channel.CreateBounded<(TruthLine, TaskCompletionSource?)>(
            QueueMax
        );
    private readonly Task _writing;

    /// <param name="path">Appended to.</param>
    public TruthLog(string path)
    {
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Returns when the line is on its way to the disk, and will survive this process.</summary>
    public async ValueTask AskedAsync(
        PaymentInstruction instruction,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(instruction);
        var transfer = (Movement.CreditTransfer)instruction.Movement;
        TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TruthLine line = new(
            "asked",
            instruction.Id.ToString(),
            instruction.AskedAt,
            transfer.Debtor.ToString(),
            (transfer.Creditor as Creditor.Here)?.Account.ToString(),
            instruction.Amount.Minor,
            instruction.Amount.Currency
        );
        await _queue.Writer.WriteAsync((line, written), cancellationToken);
        await written.Task;
    }

    public ValueTask ToldAsync(
        InstructionId id,
        DateTimeOffset at,
        PaymentOutcome outcome,
        TimeSpan latency,
        CancellationToken cancellationToken
    )
    {
        var (name, reason) = outcome switch
        {
            PaymentOutcome.Done => ("done", OutcomeReason.None),
            PaymentOutcome.NotDone notDone => ("notDone", notDone.Reason),
            PaymentOutcome.BeingResolved resolving => ("beingResolved", resolving.Reason),
            _ => throw new InvalidOperationException("A fourth kind of outcome."),
        };
        TruthLine line = new(
            "told",
            id.ToString(),
            at,
            Outcome: name,
            Reason: reason,
            LatencyMs: latency.TotalMilliseconds
        );
        return _queue.Writer.WriteAsync((line, null), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.Complete();
        await _writing;
        await _file.DisposeAsync();
    }

    /// <summary>Every whole line of a log; a torn last one is left out.</summary>
    public static IEnumerable<TruthLine> Read(string path)
    {
        foreach (var text in File.ReadLines(path))
        {
            TruthLine? line;
            try
            {
                line = JsonSerializer.Deserialize(text, TruthJson.Default.TruthLine);
            }
            catch (JsonException)
            {
                yield break;
            }
            if (line is not null)
            {
                yield return line;
            }
        }
    }

    private async Task WriteAsync()
    {
        List<TaskCompletionSource> waiting = [];
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (_queue.Reader.TryRead(out var next))
            {
                _file.Write(
                    JsonSerializer.SerializeToUtf8Bytes(next.Line, TruthJson.Default.TruthLine)
                );
                _file.WriteByte((byte)'\n');
                if (next.Written is { } written)
                {
                    waiting.Add(written);
                }
            }
            // To the system: it outlives this process, which is what may be killed here.
            await _file.FlushAsync();
            waiting.ForEach(static written => written.SetResult());
            waiting.Clear();
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(TruthLine))]
internal sealed partial class TruthJson : JsonSerializerContext;
