using System.Collections.Concurrent;
using Evenkeel.Channels.Rest;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Channels.Sessions;

/// <summary>
/// Sessions whose person signed out before they ran out. Each is an empty file beside the keys that
/// all gateways share, named by the session's id: looking for a name costs microseconds and can't lag,
/// as a list that is watched would.
/// </summary>
internal sealed class EndedSessions
{
    /// <summary>Below the directory of keys.</summary>
    public const string Folder = "ended";

    private const UnixFileMode OwnerOnly =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string? _directory;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _own = new();
    private long _cleanedHour;

    public EndedSessions(RestChannelOptions options, TimeProvider time, ILogger<EndedSessions> log)
    {
        _time = time;
        _log = log;
        if (options.SessionKeys is { } keys)
        {
            _directory = Path.Combine(keys, Folder);
            Directory.CreateDirectory(_directory);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(_directory, OwnerOnly);
            }
        }
    }

    public bool Contains(Guid id) =>
        _own.ContainsKey(id) || (_directory is not null && File.Exists(PathOf(id)));

    /// <summary>Its tokens are refused from now on, here and by every gateway that shares the keys.</summary>
    public void Add(Session session)
    {
        // A gateway that could not look meanwhile may have renewed it: until it could not live anyway.
        var until = session.Began + SessionLimits.Longest;
        _own[session.Id] = until;
        Clean();
        if (_directory is null)
        {
            return;
        }
        try
        {
            var path = PathOf(session.Id);
            File.WriteAllBytes(path, []);
            File.SetLastWriteTimeUtc(path, until.UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is over here. Elsewhere its token runs out within a quarter of an hour.
            _log.SessionEndNotShared(e);
        }
    }

    private string PathOf(Guid id) => Path.Combine(_directory!, id.ToString("N"));

    /// <summary>Once an hour; and of too many the ones that end soonest.</summary>
    private void Clean()
    {
        var now = _time.GetUtcNow();
        var hour = now.ToUnixTimeSeconds() / 3_600;
        if (
            Interlocked.Exchange(ref _cleanedHour, hour) == hour
            && _own.Count <= SessionLimits.EndedMax
        )
        {
            return;
        }
        foreach (var (id, until) in _own.OrderBy(static ended => ended.Value))
        {
            if (until >= now && _own.Count <= SessionLimits.EndedMax)
            {
                break;
            }
            _own.TryRemove(id, out _);
        }
        if (_directory is null)
        {
            return;
        }
        try
        {
            FileInfo[] files =
            [
                .. new DirectoryInfo(_directory)
                    .GetFiles()
                    .OrderBy(static file => file.LastWriteTimeUtc),
            ];
            var tooMany = files.Length - SessionLimits.EndedMax;
            foreach (
                var file in files.TakeWhile(
                    (file, i) => i < tooMany || file.LastWriteTimeUtc < now.UtcDateTime
                )
            )
            {
                file.Delete();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.EndedSessionsNotRemoved(e);
        }
    }
}

/// <summary>Lines about sessions; never whose.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(
        9151,
        LogLevel.Warning,
        "A session was ended that other gateways take until it runs out: the directory of keys can't be written."
    )]
    public static partial void SessionEndNotShared(this ILogger log, Exception failure);

    [LoggerMessage(9152, LogLevel.Warning, "Old ended sessions were not removed.")]
    public static partial void EndedSessionsNotRemoved(this ILogger log, Exception failure);
}
