using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Model.Clusters;

namespace Evenkeel.Watch.Upgrades.Rolling;

/// <summary>
/// A cluster of <c>evenkeel run --nodes N</c>: what a node runs is written into its directory, its
/// process is asked to end, and the supervisor starts the new program (docs/formats/upgrade.md).
/// </summary>
public sealed class SupervisedCluster : IRollTarget, IDisposable
{
    private const int ProbeTimeoutMs = 2_000;
    private const int EndPatienceMs = 30_000;
    private const int LookMs = 50;
    private const int HandOverMs = 3_000;
    private const int HandOverAttempts = 3;
    private const string OtherProgram = "runs binary ";

    private readonly string _directory;
    private readonly ClusterFile _file;
    private readonly HttpClient _http;

    /// <param name="directory">The directory that was given to <c>run --nodes</c>.</param>
    /// <param name="key">An API key with the scopes admin and metrics:read.</param>
    public SupervisedCluster(string directory, string key)
    {
        _directory = directory;
        _file = ClusterFile.Read(Path.Combine(directory, "cluster.json"));
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            Timeout = TimeSpan.FromMilliseconds(ProbeTimeoutMs),
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public IReadOnlyList<string> Nodes => [.. _file.Members.Select(m => m.Name)];

    public async Task<IReadOnlyList<NodeView>> LookAsync(CancellationToken cancellationToken)
    {
        // Whoever answers first speaks for all; the leader's word on lag is the freshest.
        foreach (var member in _file.Members)
        {
            try
            {
                var parity = await _http
                    .GetFromJsonAsync(
                        new Uri(member.RestAddress, "/v1/parity"),
                        RollJson.Default.ParityWords,
                        cancellationToken
                    )
                    .ConfigureAwait(false);
                if (parity is not null)
                {
                    return [.. parity.Members.Select(View)];
                }
            }
            catch (Exception e)
                when (e is HttpRequestException or JsonException
                    || (
                        e is OperationCanceledException
                        && !cancellationToken.IsCancellationRequested
                    )
                )
            {
                // This one is the one that is away.
            }
        }
        return [];
    }

    public async Task<Probe> ProbeAsync(string node, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var ok = false;
        try
        {
            using var answer = await _http
                .GetAsync(
                    new Uri(_file.Find(node)!.RestAddress, "/v1/state-version"),
                    cancellationToken
                )
                .ConfigureAwait(false);
            ok = answer.IsSuccessStatusCode;
        }
        catch (Exception e)
            when (e is HttpRequestException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            // Counted as failed.
        }
        return new Probe(ok, Stopwatch.GetElapsedTime(started), ResidentBytes(node));
    }

    public async Task HandOverAsync(string node, CancellationToken cancellationToken)
    {
        // A hand-over that was refused (the successor lagged) is asked for again; a leader that is
        // stopped in the middle of one would leave the others standing back.
        for (var attempt = 0; attempt < HandOverAttempts; attempt++)
        {
            if (!await LeadsAsync(node, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
            await AskToHandOverAsync(node, cancellationToken).ConfigureAwait(false);
            var started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started).TotalMilliseconds < HandOverMs)
            {
                var views = await LookAsync(cancellationToken).ConfigureAwait(false);
                if (views.Any(v => v.Leads && !Same(v.Name, node)))
                {
                    return;
                }
                await Task.Delay(LookMs, cancellationToken).ConfigureAwait(false);
            }
        }
        // Then the others elect one when its process ends; clients hold on through that.
    }

    private async Task<bool> LeadsAsync(string node, CancellationToken cancellationToken)
    {
        var views = await LookAsync(cancellationToken).ConfigureAwait(false);
        return views.Any(v => v.Leads && Same(v.Name, node));
    }

    private async Task AskToHandOverAsync(string node, CancellationToken cancellationToken)
    {
        try
        {
            using var body = new StringContent("{}", Encoding.UTF8, "application/json");
            using var answer = await _http
                .PostAsync(
                    new Uri(_file.Find(node)!.RestAddress, "/v1/cluster/hand-over"),
                    body,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        catch (Exception e)
            when (e is HttpRequestException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            // It goes on there: who leads in the end is what counts.
        }
    }

    public async Task RestartAsync(
        string node,
        string executable,
        CancellationToken cancellationToken
    )
    {
        var directory = Path.Combine(_directory, node);
        NodeProgram.Choose(directory, executable);
        var running = NodeProgram.Running(directory);
        if (running is { } process)
        {
            Signal.Terminate(process.ProcessId);
        }
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var now = NodeProgram.Running(directory);
            if (now is not null && now.ProcessId != running?.ProcessId)
            {
                return;
            }
            if (Stopwatch.GetElapsedTime(started).TotalMilliseconds > EndPatienceMs)
            {
                throw new UpgradeException(
                    $"{node} was not started again within {EndPatienceMs / 1_000} s: does `evenkeel run --nodes` supervise {_directory}?"
                );
            }
            await Task.Delay(LookMs, cancellationToken).ConfigureAwait(false);
        }
    }

    public string ExecutableOf(string node) =>
        NodeProgram.Running(Path.Combine(_directory, node))?.Executable ?? "";

    public void Dispose() => _http.Dispose();

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.Ordinal);

    private static NodeView View(MemberWords said) =>
        new()
        {
            Name = said.Name,
            Answers = said.Answers,
            Leads = said.Leads,
            Program = said.Binary ?? "",
            StateVersion = said.StateVersion,
            AppliedIndex = said.AppliedIndex,
            LagEntries = said.LagEntries,
            EqualAtEntry = said.EqualAtEntry,
            // That programs differ is the very thing that is going on.
            Problems =
            [
                .. said.Reasons.Where(r => !r.StartsWith(OtherProgram, StringComparison.Ordinal)),
            ],
        };

    private long ResidentBytes(string node)
    {
        if (NodeProgram.Running(Path.Combine(_directory, node)) is not { } running)
        {
            return 0;
        }
        try
        {
            using var process = Process.GetProcessById(running.ProcessId);
            return process.WorkingSet64;
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            return 0;
        }
    }
}

/// <summary>The parity certificate as far as a rolling upgrade needs it.</summary>
internal sealed record ParityWords
{
    public IReadOnlyList<MemberWords> Members { get; init; } = [];
}

internal sealed record MemberWords
{
    public string Name { get; init; } = "";
    public bool Answers { get; init; }
    public bool Leads { get; init; }
    public string? Binary { get; init; }
    public uint StateVersion { get; init; }
    public ulong AppliedIndex { get; init; }
    public ulong LagEntries { get; init; }
    public ulong? EqualAtEntry { get; init; }
    public IReadOnlyList<string> Reasons { get; init; } = [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ParityWords))]
internal sealed partial class RollJson : JsonSerializerContext;
