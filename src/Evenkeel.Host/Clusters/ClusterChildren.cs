using Evenkeel.Model.Clusters;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// Keeps a process for each member that the cluster file of a directory names, and for each that
/// wants to join: they come and go while the supervisor runs.
/// </summary>
/// <param name="start">Keeps a member running with a cluster file until cancelled.</param>
/// <param name="changed">Told of a newer cluster file.</param>
internal sealed class ClusterChildren(
    string directory,
    Func<string, string, CancellationToken, Task> start,
    Action<ClusterFile> changed
)
{
    private const int LookMs = 250;

    private readonly Dictionary<string, (Task Running, CancellationTokenSource Leaving)> _children =
        new(StringComparer.Ordinal);

    public async Task FollowAsync(ClusterFile file, CancellationToken stopping)
    {
        var path = ClusterSetup.PathIn(directory);
        while (!stopping.IsCancellationRequested)
        {
            var joining = JoiningFile
                .In(directory)
                .Where(j => file.Find(j.Name) is null)
                .ToDictionary(static j => j.Name, static j => j.Path, StringComparer.Ordinal);
            foreach (var name in file.Members.Select(static m => m.Name).Concat(joining.Keys))
            {
                if (!_children.ContainsKey(name))
                {
                    var leaving = CancellationTokenSource.CreateLinkedTokenSource(stopping);
                    _children[name] = (
                        start(name, joining.GetValueOrDefault(name) ?? path, leaving.Token),
                        leaving
                    );
                }
            }
            foreach (
                var name in _children
                    .Keys.Where(n => file.Find(n) is null && !joining.ContainsKey(n))
                    .ToList()
            )
            {
                await EndAsync(name).ConfigureAwait(false);
            }
            await Task.Delay(LookMs, stopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            file = Read(path, file);
        }
        foreach (var name in _children.Keys.ToList())
        {
            await EndAsync(name).ConfigureAwait(false);
        }
    }

    private ClusterFile Read(string path, ClusterFile before)
    {
        try
        {
            var now = ClusterFile.Read(path);
            if (now.VersionNow <= before.VersionNow)
            {
                return before;
            }
            // Whoever was taken out must not be taken for one that wants to join.
            foreach (var (name, joined) in JoiningFile.In(directory))
            {
                if (before.Find(name) is not null && now.Find(name) is null)
                {
                    File.Delete(joined);
                }
            }
            changed(now);
            return now;
        }
        catch (ClusterFileException)
        {
            return before;
        }
    }

    private async Task EndAsync(string name)
    {
        var (running, leaving) = _children[name];
        _children.Remove(name);
        await leaving.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        leaving.Dispose();
    }
}
