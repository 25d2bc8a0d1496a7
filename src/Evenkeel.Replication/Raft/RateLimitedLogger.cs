using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Replication;

/// <summary>
/// Passes each kind of warning of the engine once in a while: with a member away it would repeat
/// "unavailable" at every heartbeat, twenty times a second.
/// </summary>
internal sealed class RateLimitedLoggerFactory(ILoggerFactory inner, TimeProvider time)
    : ILoggerFactory
{
    /// <summary>The same event is passed at most once in this time.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public ILogger CreateLogger(string categoryName) =>
        new Limited(inner.CreateLogger(categoryName), time);

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    public void Dispose() { }

    private sealed class Limited(ILogger inner, TimeProvider time) : ILogger
    {
        private readonly ConcurrentDictionary<(int, LogLevel), long> lastPassed = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            var now = time.GetTimestamp();
            var key = (eventId.Id, logLevel);
            if (
                lastPassed.TryGetValue(key, out var last)
                && time.GetElapsedTime(last, now) < Interval
            )
            {
                return;
            }
            lastPassed[key] = now;
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
