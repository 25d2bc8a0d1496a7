using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;

namespace Evenkeel.Demo.Load;

/// <summary>What a customer asked, and what they were told: a line for each, nothing of persons.</summary>
/// <param name="Event">"asked" or "told".</param>
/// <param name="Id">The bank's number for it, as who asks computes it.</param>
/// <param name="Reference">The asker's own: what it is found by.</param>
/// <param name="Minor">Minor units; of what was asked, or told to be done.</param>
/// <param name="Outcome">In words of <see cref="ToldOutcome"/>, of what was told.</param>
/// <param name="Tries">How often it was sent until then, with the same reference.</param>
/// <param name="Reversal">The bank's number for what took it back.</param>
/// <param name="LatencyMs">Of what was told: from the first sending to the answer.</param>
public sealed record TruthLine(
    string Event,
    string Id,
    DateTimeOffset At,
    ActKind? Kind = null,
    string? Reference = null,
    string? Debtor = null,
    string? Creditor = null,
    long? Minor = null,
    uint? Currency = null,
    ToldOutcome? Outcome = null,
    string? Reason = null,
    int? Tries = null,
    string? Reversal = null,
    double? LatencyMs = null
);

/// <summary>
/// The load generator's own memory, outside the bank: ground truth for every check afterwards. What is
/// asked is on the disk before it is sent, so that nothing can be done that nobody remembers asking.
/// </summary>
public sealed class TruthLog : IAsyncDisposable
{
    private const int QueueMax = 65_536;

    private readonly FileStream _file;
    private readonly Channel<(TruthLine Line, TaskCompletionSource Written)> _queue =
        Channel.CreateBounded<(TruthLine, TaskCompletionSource)>(QueueMax);
    private readonly Task _writing;

    /// <param name="path">Appended to.</param>
    public TruthLog(string path)
    {
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Returns when it is on the disk.</summary>
    public Task AskedAsync(Act act, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(act);
        return WriteAsync(
            new TruthLine(
                "asked",
                act.Id!.Value.ToString(),
                act.At,
                act.Kind,
                act.Reference,
                act.Debtor?.ToString(),
                act.Creditor?.ToString(),
                act.Amount.Minor,
                act.Amount.Currency
            ),
            cancellationToken
        );
    }

    /// <summary>Returns when it is on the disk.</summary>
    public Task ToldAsync(
        Act act,
        DateTimeOffset at,
        Told told,
        TimeSpan latency,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(act);
        ArgumentNullException.ThrowIfNull(told);
        return WriteAsync(
            new TruthLine(
                "told",
                act.Id!.Value.ToString(),
                at,
                Outcome: told.Outcome,
                Minor: told.Minor,
                Reason: told.Reason,
                Tries: told.Tries,
                Reversal: told.Reversal?.ToString(),
                LatencyMs: Math.Round(latency.TotalMilliseconds, 3)
            ),
            cancellationToken
        );
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.Complete();
        await _writing;
        await _file.DisposeAsync();
    }

    /// <summary>Every whole line of a log; a torn last one is left out.</summary>
    /// <exception cref="InvalidDataException">A line in the middle is none: this is no log.</exception>
    public static IEnumerable<TruthLine> Read(string path)
    {
        var number = 0;
        string? broken = null;
        foreach (var text in File.ReadLines(path))
        {
            number++;
            if (broken is not null)
            {
                throw new InvalidDataException($"Line {number - 1} of the log is none: {broken}");
            }
            TruthLine? line = null;
            try
            {
                line = JsonSerializer.Deserialize(text, TruthJson.Default.TruthLine);
            }
            catch (JsonException e)
            {
                broken = e.Message;
            }
            if (line is not null)
            {
                yield return line;
            }
        }
    }

    internal static string TextOf(TruthLine line) =>
        JsonSerializer.Serialize(line, TruthJson.Default.TruthLine);

    private async Task WriteAsync(TruthLine line, CancellationToken cancellationToken)
    {
        TaskCompletionSource written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync((line, written), cancellationToken);
        await written.Task;
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
                waiting.Add(next.Written);
            }
            // One flush for all that came meanwhile.
            _file.Flush(flushToDisk: true);
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
