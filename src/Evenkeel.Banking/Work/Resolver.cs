using System.Collections.Concurrent;
using Evenkeel.Banking.Bills;
using Evenkeel.Banking.Rails;

namespace Evenkeel.Banking.Work;

/// <summary>What the resolver works with.</summary>
public sealed record ResolverOptions
{
    /// <summary>Whether this node leads now. Only the leader works; a deposed one drops what it does.</summary>
    public required Func<bool> IsLeading { get; init; }

    /// <summary>The line to the clearing; null = none: what waits for it goes on waiting.</summary>
    public IClearing? Clearing { get; init; }

    /// <summary>The lines to billers; null = none.</summary>
    public IBillers? Billers { get; init; }

    /// <summary>Names this process in locks: two processes must not have the same.</summary>
    public string Instance { get; init; } = Guid.NewGuid().ToString("N");

    /// <summary>Hears of each step that failed: what kind of work, and why. It will be tried again.</summary>
    public Action<string, Exception> OnFailed { get; init; } = static (_, _) => { };
}

/// <summary>
/// Works off what is being resolved or due: credits for the clearing, bills, payroll. All that it
/// knows is in the records, so it may die at any point and start anywhere.
/// </summary>
public sealed class Resolver : IAsyncDisposable
{
    private readonly Bank _bank;
    private readonly ResolverOptions _options;
    private readonly Dictionary<string, IWorkHandler> _handlers;
    private readonly IReadOnlyList<IPump> _pumps;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, Task> _working = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DateTimeOffset NotBefore, int Failures)> _failed = new(
        StringComparer.Ordinal
    );
    private readonly Lock _gate = new();
    private readonly Task _loop;

    private Resolver(Bank bank, ResolverOptions options)
    {
        _bank = bank;
        _options = options;
        _handlers = WorkHandlers
            .Of(bank, options)
            .ToDictionary(static handler => handler.Kind, StringComparer.Ordinal);
        _pumps = WorkHandlers.Pumps(bank, options);
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Begins to work as soon as this node leads.</summary>
    public static Resolver Start(Bank bank, ResolverOptions options)
    {
        ArgumentNullException.ThrowIfNull(bank);
        ArgumentNullException.ThrowIfNull(options);
        return new Resolver(bank, options);
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }
        await _stopping.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task LoopAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            if (_options.IsLeading())
            {
                await LeadAsync();
            }
            await PauseAsync(_stopping.Token);
        }
    }

    /// <summary>One leadership: ends with it, and takes all its work down with it.</summary>
    private async Task LeadAsync()
    {
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var pumps = _pumps.Select(pump => PumpAsync(pump, leading.Token)).ToArray();
        while (!leading.IsCancellationRequested && _options.IsLeading())
        {
            await LookAsync(leading.Token);
            await PauseAsync(leading.Token);
        }
        await leading.CancelAsync();
        foreach (var task in pumps.Concat(_working.Values.ToArray()))
        {
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        _working.Clear();
        lock (_gate)
        {
            _failed.Clear();
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = _bank.Time.GetUtcNow();
            var due = await WorkQueue.ReadDueAsync(
                _bank.Journal,
                now,
                WorkLimits.LookMax,
                cancellationToken
            );
            foreach (var item in due)
            {
                if (_working.Count >= WorkLimits.AtOnceMax)
                {
                    return;
                }
                if (!_working.ContainsKey(item.Key) && MayTry(item.Key, now))
                {
                    _working[item.Key] = WorkAsync(item, cancellationToken);
                }
            }
        }
        catch (Exception e)
        {
            Report("look", e, cancellationToken);
        }
    }

    private async Task WorkAsync(WorkItem item, CancellationToken cancellationToken)
    {
        // Not in the look itself: the first step of a handler may take long.
        await Task.Yield();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(WorkLimits.StepSecondsMax));
        try
        {
            if (_handlers.TryGetValue(item.Kind, out var handler))
            {
                await handler.WorkAsync(item, patience.Token);
            }
        }
        catch (Exception e)
        {
            // One item that fails, whatever the reason, must not keep the others from being resolved.
            Report(item.Kind, e, cancellationToken);
        }
        finally
        {
            // One that was worked off never comes again under this key, so that this is soon forgotten.
            NotAgainAtOnce(item.Key);
            _working.TryRemove(item.Key, out _);
        }
    }

    private async Task PumpAsync(IPump pump, CancellationToken cancellationToken)
    {
        await Task.Yield();
        while (!cancellationToken.IsCancellationRequested)
        {
            var isBusy = false;
            try
            {
                isBusy = await pump.PumpAsync(cancellationToken);
            }
            catch (Exception e)
            {
                Report(pump.GetType().Name, e, cancellationToken);
            }
            if (!isBusy)
            {
                await PauseAsync(cancellationToken);
            }
        }
    }

    /// <summary>Deposed or stopping: what was at work ends, and that is no failure.</summary>
    private void Report(string what, Exception exception, CancellationToken cancellationToken)
    {
        if (!cancellationToken.IsCancellationRequested)
        {
            _options.OnFailed(what, exception);
        }
    }

    private bool MayTry(string key, DateTimeOffset now)
    {
        lock (_gate)
        {
            return !_failed.TryGetValue(key, out var failed) || failed.NotBefore <= now;
        }
    }

    private void NotAgainAtOnce(string key)
    {
        lock (_gate)
        {
            var failures = _failed.TryGetValue(key, out var failed) ? failed.Failures + 1 : 1;
            if (_failed.Count >= WorkLimits.LookMax * 4)
            {
                _failed.Clear();
            }
            _failed[key] = (_bank.Time.GetUtcNow() + WorkLimits.RetryAfter(failures), failures);
        }
    }

    private async Task PauseAsync(CancellationToken cancellationToken) =>
        await _bank.WorkBell.WaitAsync(
            TimeSpan.FromMilliseconds(WorkLimits.LookEveryMs),
            cancellationToken
        );
}
