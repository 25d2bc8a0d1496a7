using System.Net.Sockets;
using System.Security.Authentication;
using Evenkeel.Model;

namespace Evenkeel.Client.Internal;

/// <param name="Line">Null when no node took the client; then why.</param>
/// <param name="Index">Of the endpoint.</param>
internal readonly record struct Opened(Line? Line, int Index, FrameStatus Status, string Detail);

/// <summary>
/// Keeps one line to one of the nodes. All calls that need a new line wait for the same search: each
/// node in turn, and the next one as well as soon as one takes its time.
/// </summary>
internal sealed class LineOpener(ClientOptions options) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly List<Line> _retired = [];
    private volatile Line? _line;
    private Task<Opened>? _search;
    private int _lineIndex;
    private int _next;

    /// <summary>The line in use; null before the first.</summary>
    public Line? Line => _line;

    public Task<Opened> OpenAsync(CancellationToken cancellationToken)
    {
        Task<Opened> search;
        lock (_gate)
        {
            if (_line is { IsBroken: false } open)
            {
                return Task.FromResult(new Opened(open, _lineIndex, FrameStatus.Ok, ""));
            }
            search = _search ??= Task.Run(SearchAsync, CancellationToken.None);
        }
        return search.WaitAsync(cancellationToken);
    }

    /// <summary>Every line with calls that may still be answered.</summary>
    public IReadOnlyList<Line> Lines
    {
        get
        {
            lock (_gate)
            {
                _retired.RemoveAll(static l => l.IsBroken);
                return _line is { } line ? [line, .. _retired] : [.. _retired];
            }
        }
    }

    /// <summary>
    /// The node behind this line does not lead: the next search begins after it. Calls that were sent
    /// before are still answered on it.
    /// </summary>
    public void Leave(Line line)
    {
        if (options.Endpoints.Count == 1)
        {
            return;
        }
        lock (_gate)
        {
            // Many calls hear of it at once; only the first one leaves, or the next node would be left too.
            if (_line != line || line.IsBroken)
            {
                return;
            }
            _next = (_lineIndex + 1) % options.Endpoints.Count;
            _line = null;
            _retired.Add(line);
        }
        line.Retire();
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync();
        Task<Opened>? search;
        lock (_gate)
        {
            search = _search;
        }
        if (search is not null)
        {
            await search;
        }
        foreach (Line line in Lines)
        {
            await line.DisposeAsync();
        }
        _disposed.Dispose();
    }

    private async Task<Opened> SearchAsync()
    {
        Opened found = await RoundAsync();
        lock (_gate)
        {
            if (found.Line is not null)
            {
                _line = found.Line;
                _lineIndex = found.Index;
                _next = found.Index;
            }
            _search = null;
        }
        return found;
    }

    private async Task<Opened> RoundAsync()
    {
        int count = options.Endpoints.Count;
        int first = _next;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_disposed.Token);
        List<Task<Opened>> asked = [];
        var result = new Opened(null, 0, FrameStatus.Unavailable, "no node answers");
        for (int started = 0; result.Line is null && (started < count || asked.Count > 0); )
        {
            if (started < count)
            {
                asked.Add(AskAsync((first + started) % count, stop.Token));
                started++;
            }
            Task answered = Task.WhenAny(asked);
            if (started < count)
            {
                answered = Task.WhenAny(answered, PatienceAsync(stop.Token));
            }
            await answered;
            foreach (Task<Opened> ended in asked.FindAll(static t => t.IsCompleted))
            {
                asked.Remove(ended);
                result = await KeepFirstAsync(result, ended);
            }
        }
        await stop.CancelAsync();
        foreach (Task<Opened> late in asked)
        {
            result = await KeepFirstAsync(result, late);
        }
        return result;
    }

    private Task PatienceAsync(CancellationToken cancellationToken) =>
        Task.Delay(
            TimeSpan.FromMilliseconds(options.NextEndpointAfterMs),
            options.Time,
            cancellationToken
        );

    private static async Task<Opened> KeepFirstAsync(Opened kept, Task<Opened> other)
    {
        Opened opened = await other;
        if (kept.Line is null)
        {
            return opened;
        }
        if (opened.Line is { } superfluous)
        {
            await superfluous.DisposeAsync();
        }
        return kept;
    }

    private async Task<Opened> AskAsync(int index, CancellationToken cancellationToken)
    {
        var endpoint = options.Endpoints[index];
        using var timeout = new CancellationTokenSource(
            TimeSpan.FromMilliseconds(options.ConnectTimeoutMs),
            options.Time
        );
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            timeout.Token,
            cancellationToken
        );
        try
        {
            var (line, status, detail) = await Line.OpenAsync(endpoint, options, either.Token);
            return new Opened(line, index, status, detail);
        }
        catch (Exception failure)
            when (failure
                    is SocketException
                        or IOException
                        or AuthenticationException
                        or InvalidDataException
                        or OperationCanceledException
            )
        {
            return new Opened(
                null,
                index,
                FrameStatus.Unavailable,
                $"{endpoint}: {failure.Message}"
            );
        }
    }
}
