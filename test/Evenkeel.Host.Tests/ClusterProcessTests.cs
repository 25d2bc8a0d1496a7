using System.Globalization;
using System.Net;
using System.Text.Json;
using Xunit;

namespace Evenkeel.Host.Tests;

/// <summary>A cluster of three real processes under the supervisor.</summary>
public sealed class ClusterProcessTests : IDisposable
{
    private const int SignalKill = 9;
    private const int SignalContinue = 18;
    private const int SignalStop = 19;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory
        .CreateTempSubdirectory("evenkeel-cluster-")
        .FullName;
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Three_nodes_go_on_without_their_leader_and_outlive_their_supervisor()
    {
        using (var supervisor = StartSupervisor())
        {
            await supervisor.LineAsync(IsOpen);
            var leader = await LeaderAsync(except: null);
            await MakeKeyAsync("before");

            // A follower refuses a write before anything is queued, and says where not to ask.
            var follower = Members().First(m => m != leader);
            using var refused = await PostKeyAsync(follower);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
            Assert.Contains(
                "not_leader",
                await refused.Content.ReadAsStringAsync(),
                StringComparison.Ordinal
            );

            Signal(
                ProcessOf(await supervisor.LineAsync(l => IsStartOf(l, leader.Name))),
                SignalKill
            );
            var next = await LeaderAsync(except: leader);
            Assert.NotEqual(leader.Name, next.Name);
            await MakeKeyAsync("after");
            // It was started again.
            await supervisor.LineAsync(l =>
                l.StartsWith($"{leader.Name} ended", StringComparison.Ordinal)
            );

            // SIGKILL of the supervisor takes everybody with it.
            await supervisor.KillAsync();
            await WaitAsync(async () =>
                !(await Task.WhenAll(Members().Select(IsThereAsync))).Any(x => x)
            );
        }
        using var again = StartSupervisor(others: []);
        await again.LineAsync(IsOpen);
        Assert.Equal(["first key", "before", "after"], await KeyNamesAsync());
        var ended = await again.TerminateAsync();
        Assert.Equal(0, ended.ExitCode);
        Assert.DoesNotContain(true, await Task.WhenAll(Members().Select(IsThereAsync)));
    }

    [Fact(Skip = "long", SkipUnless = nameof(HostProcess.IsLong), SkipType = typeof(HostProcess))]
    public async Task A_paused_leader_acknowledges_nothing_when_it_returns()
    {
        using var supervisor = StartSupervisor();
        await supervisor.LineAsync(IsOpen);
        var old = await LeaderAsync(except: null);
        await MakeKeyAsync("before");
        var process = ProcessOf(await supervisor.LineAsync(l => IsStartOf(l, old.Name)));

        Signal(process, SignalStop);
        // It lies in the socket of a leader that does not know yet that it is none any more.
        var late = PostKeyAsync(old, "late");
        await LeaderAsync(except: old);
        await MakeKeyAsync("meanwhile");
        Signal(process, SignalContinue);

        using var answer = await late;
        Assert.False(answer.IsSuccessStatusCode, answer.StatusCode.ToString());
        Assert.Equal(["first key", "before", "meanwhile"], await KeyNamesAsync());
        await supervisor.TerminateAsync();
    }

    [Fact]
    public async Task Leadership_is_handed_over_and_parity_is_certified()
    {
        using var supervisor = StartSupervisor();
        await supervisor.LineAsync(IsOpen);
        await WaitAsync(async () => (await ParityAsync()).ExitCode == 0);
        // A busy machine may elect in between, and then the asked one has nothing to hand over.
        (Member Old, Member To)? handed = null;
        await WaitAsync(async () =>
        {
            var from = await LeaderAsync(except: null);
            var successor = Members().First(m => m != from);
            var answer = await HostProcess.RunAsync(
                "cluster",
                "hand-over",
                "--to",
                successor.Name,
                "--data",
                _directory,
                "--json"
            );
            handed = answer.ExitCode == 0 ? (from, successor) : null;
            Assert.True(
                handed is null
                    || string.Equals(
                        answer.Json().GetProperty("to").GetString(),
                        handed.Value.To.Name,
                        StringComparison.Ordinal
                    )
            );
            return handed is not null;
        });
        var old = handed!.Value.Old;

        // A member that hangs turns the certificate red, and green again when it goes on.
        var process = ProcessOf(await supervisor.LineAsync(l => IsStartOf(l, old.Name)));
        Signal(process, SignalStop);
        var red = await ParityAsync();
        Signal(process, SignalContinue);
        Assert.Equal(1, red.ExitCode);
        Assert.Contains(
            red.Json().GetProperty("reasons").EnumerateArray(),
            r => r.GetString()!.StartsWith($"{old.Name}: does not answer", StringComparison.Ordinal)
        );
        await WaitAsync(async () => (await ParityAsync()).ExitCode == 0);
        await supervisor.TerminateAsync();
    }

    private Task<Finished> ParityAsync() =>
        HostProcess.RunAsync("verify", "parity", "--data", _directory, "--json");

    private HostProcess StartSupervisor() =>
        StartSupervisor(["--nodes", "3", "--port", "0", "--rest-port", "0"]);

    private HostProcess StartSupervisor(string[] others) =>
        HostProcess.Start(["run", "--ledger-only", .. others, "--data", _directory]);

    private static bool IsOpen(string line) => line.EndsWith(" leads.", StringComparison.Ordinal);

    private static bool IsStartOf(string line, string name) =>
        line.StartsWith($"{name} started, process ", StringComparison.Ordinal);

    private static int ProcessOf(string started) =>
        int.Parse(started.AsSpan(started.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);

    private static void Signal(int process, int signal) =>
        Assert.Equal(0, HostProcess.Signal(process, signal));

    private List<Member> Members()
    {
        using var json = JsonDocument.Parse(
            File.ReadAllText(Path.Combine(_directory, "cluster.json"))
        );
        return
        [
            .. json
                .RootElement.GetProperty("members")
                .EnumerateArray()
                .Select(m => new Member(
                    m.GetProperty("name").GetString()!,
                    new Uri(m.GetProperty("rest").GetString()!)
                )),
        ];
    }

    /// <summary>Again until it is known to be done: a busy machine may elect at any moment.</summary>
    private Task MakeKeyAsync(string name) =>
        WaitAsync(async () =>
        {
            var made = await HostProcess.RunAsync(
                "keys",
                "create",
                "--name",
                name,
                "--scope",
                "ledger:read",
                "--data",
                _directory
            );
            return made.ExitCode == 0;
        });

    private async Task<IEnumerable<string>> KeyNamesAsync()
    {
        var listed = await HostProcess.RunAsync("keys", "list", "--data", _directory, "--json");
        return listed
            .Json()
            .GetProperty("keys")
            .EnumerateArray()
            .Select(k => k.GetProperty("name").GetString()!)
            .Distinct();
    }

    private async Task<HttpResponseMessage> PostKeyAsync(Member member, string name = "x")
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(member.Rest, "/v1/keys"))
        {
            Content = new StringContent(
                $$"""{"name":"{{name}}","scopes":["ledger:read"]}""",
                System.Text.Encoding.UTF8,
                "application/json"
            ),
        };
        var key = (await File.ReadAllTextAsync(Path.Combine(_directory, "operator.key"))).Trim();
        request.Headers.Authorization = new("Bearer", key);
        return await _http.SendAsync(request);
    }

    private async Task<Member> LeaderAsync(Member? except)
    {
        Member? leader = null;
        await WaitAsync(async () =>
        {
            foreach (var member in Members().Where(m => m != except))
            {
                if (await StatusAsync(member, "/leaderz") == HttpStatusCode.OK)
                {
                    leader = member;
                    return true;
                }
            }
            return false;
        });
        return leader!;
    }

    private async Task<bool> IsThereAsync(Member member) =>
        await StatusAsync(member, "/healthz") is not null;

    private async Task<HttpStatusCode?> StatusAsync(Member member, string path)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(member.Rest, path));
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource patience = new(Patience);
        while (!await condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private sealed record Member(string Name, Uri Rest);
}
