using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Evenkeel.Bench;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Replication;
using Spectre.Console;

namespace Evenkeel.Host.Benches;

/// <summary>What it takes to make a member whole that lost its disk.</summary>
internal sealed record RejoinResult
{
    public required long Transfers { get; init; }

    public required int Accounts { get; init; }

    public required int RequestsPerSecond { get; init; }

    public required double FillTransfersPerSecond { get; init; }

    /// <summary>From the kill until every file was there and verified.</summary>
    public required double SecondsToSeeded { get; init; }

    /// <summary>From the kill until it had applied what the leader had.</summary>
    public required double SecondsToCaughtUp { get; init; }

    /// <summary>What the member says it did.</summary>
    public required string Seeding { get; init; }

    public required IReadOnlyList<PhaseLatency> Phases { get; init; }

    /// <summary>Of customers' transfers; none may be.</summary>
    public required long Refused { get; init; }

    /// <summary>The archives of all members prove the same history, to the same entry.</summary>
    public required bool SameHistory { get; init; }

    public required ulong LastEntry { get; init; }
}

/// <summary>
/// <c>evenkeel bench rejoin</c>: three nodes with a history, customers at a steady pace; one follower is
/// killed and its directory removed; it comes back by itself.
/// </summary>
internal sealed class RejoinBench(string folder, int accounts, long transfers, int rate)
{
    private const int Customers = 16;
    private const int FillClients = 4;

    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RejoinMax = TimeSpan.FromMinutes(30);

    public static Command Create(Option<string> folder)
    {
        Option<int> accounts = new("--accounts")
        {
            Description = Text.BenchAccountsOption,
            HelpName = "N",
            DefaultValueFactory = static _ => 10_000,
        };
        Option<long> transfers = new("--transfers")
        {
            Description = Text.BenchTransfersOption,
            HelpName = "N",
            DefaultValueFactory = static _ => 10_000_000,
        };
        Option<int> rate = new("--rate")
        {
            Description = Text.BenchRateOption,
            HelpName = "N",
            DefaultValueFactory = static _ => 200,
        };
        Command command = new("rejoin", Text.BenchRejoinDescription)
        {
            accounts,
            transfers,
            rate,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                RejoinBench bench = new(
                    parsed.GetRequiredValue(folder),
                    Math.Max(2, parsed.GetValue(accounts)),
                    Math.Max(1, parsed.GetValue(transfers)),
                    Math.Clamp(parsed.GetValue(rate), 1, 100_000)
                );
                var result = await bench.RunAsync(terminal, token).ConfigureAwait(false);
                Show(terminal, result);
                terminal.Object(result, BenchJson.Default.RejoinResult);
                return result is { Refused: 0, SameHistory: true } ? ExitCode.Ok : ExitCode.NotDone;
            }
        );
        return command;
    }

    private async Task<RejoinResult> RunAsync(Terminal terminal, CancellationToken token)
    {
        var node = (ScratchNode)
            await ScratchNode.Starter(folder, nodes: 3)(token).ConfigureAwait(false);
        await using var ownNode = node.ConfigureAwait(false);
        using HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            node.ApiKey
        );
        var members = EndpointFile.Read(node.DataDirectory)!.Members!;
        var workload = new WorkloadOptions { Accounts = accounts };
        var open = ClientTarget.Opener(node.Endpoints, node.ApiKey);
        var fillRate = await FillAsync(open, workload, token).ConfigureAwait(false);
        terminal.Remark(
            string.Create(CultureInfo.CurrentCulture, $"{transfers:N0} filled, {fillRate:N0}/s")
        );
        await UntilAsync(async () =>
                (await AppliedAsync(http, members, token).ConfigureAwait(false)) is var applied
                && applied.Count == members.Count
                && applied.Values.Distinct().Count() == 1
            )
            .ConfigureAwait(false);

        List<PhaseLatency> phases = [];
        var customers = await PacedLoad
            .StartAsync("warm-up", open, workload, Customers, rate, token)
            .ConfigureAwait(false);
        double seeded;
        double caughtUp;
        MemberEndpoints lost;
        await using (customers.ConfigureAwait(false))
        {
            await Task.Delay(TimeSpan.FromSeconds(3), token).ConfigureAwait(false);
            customers.NextPhase("before");
            await Task.Delay(Phase, token).ConfigureAwait(false);
            lost = await FollowerAsync(http, members, token).ConfigureAwait(false);
            phases.Add(customers.NextPhase("rejoin"));
            (seeded, caughtUp) = await LoseAsync(node, lost, http, members, token)
                .ConfigureAwait(false);
            phases.Add(customers.NextPhase("after"));
            await Task.Delay(Phase, token).ConfigureAwait(false);
            phases.Add(customers.NextPhase("end"));
        }
        var last = 0UL;
        await UntilAsync(async () =>
            {
                var applied = await AppliedAsync(http, members, token).ConfigureAwait(false);
                last = applied.Count > 0 ? applied.Values.Max() : 0;
                return applied.Count == members.Count && applied.Values.All(i => i == last);
            })
            .ConfigureAwait(false);
        var seeding = await SeedingLineAsync(node, lost, token).ConfigureAwait(false);
        await node.StopAsync().ConfigureAwait(false);
        return new RejoinResult
        {
            Transfers = transfers,
            Accounts = accounts,
            RequestsPerSecond = rate,
            FillTransfersPerSecond = fillRate,
            SecondsToSeeded = seeded,
            SecondsToCaughtUp = caughtUp,
            Seeding = seeding,
            Phases = phases,
            Refused = customers.Refused,
            SameHistory =
                members
                    .Select(m => ChainAt(Path.Combine(node.DataDirectory, m.Name, "archive"), last))
                    .Distinct(StringComparer.Ordinal)
                    .Count() == 1,
            LastEntry = last,
        };
    }

    private async Task<double> FillAsync(
        OpenTarget open,
        WorkloadOptions workload,
        CancellationToken token
    )
    {
        var load = new LedgerLoad(open, workload);
        await load.SetUpAsync(null, token).ConfigureAwait(false);
        var clock = Stopwatch.StartNew();
        await load.FillAsync(transfers, FillClients, null, token).ConfigureAwait(false);
        return transfers / clock.Elapsed.TotalSeconds;
    }

    /// <summary>SIGKILL, and the directory is gone before the supervisor starts the member again.</summary>
    private static async Task<(double Seeded, double CaughtUp)> LoseAsync(
        ScratchNode node,
        MemberEndpoints lost,
        HttpClient http,
        IReadOnlyList<MemberEndpoints> members,
        CancellationToken token
    )
    {
        var directory = Path.Combine(node.DataDirectory, lost.Name);
        var gone = directory + ".lost";
        var clock = Stopwatch.StartNew();
        using (var process = Process.GetProcessById(node.ProcessOf(lost.Name)))
        {
            process.Kill();
            await process.WaitForExitAsync(token).ConfigureAwait(false);
        }
        // A name is gone at once; the bytes of a large history may take longer.
        Directory.Move(directory, gone);
        Directory.Delete(gone, recursive: true);
        await UntilAsync(async () =>
                (await SeedingLineAsync(node, lost, token).ConfigureAwait(false)).Length > 0
            )
            .ConfigureAwait(false);
        var seeded = clock.Elapsed.TotalSeconds;
        await UntilAsync(async () =>
            {
                var applied = await AppliedAsync(http, members, token).ConfigureAwait(false);
                var others = applied
                    .Where(a => !string.Equals(a.Key, lost.Name, StringComparison.Ordinal))
                    .Max(static a => a.Value);
                // Asked for in order of names: a customer's entry may lie between two answers.
                return applied.TryGetValue(lost.Name, out var own) && own + 5 >= others;
            })
            .ConfigureAwait(false);
        return (seeded, clock.Elapsed.TotalSeconds);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition().ConfigureAwait(false))
        {
            if (clock.Elapsed > RejoinMax)
            {
                throw new CommandFailedException(
                    ExitCode.NotDone,
                    Text.BenchNodeSilent(RejoinMax.TotalSeconds)
                );
            }
            await Task.Delay(Look, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task<MemberEndpoints> FollowerAsync(
        HttpClient http,
        IReadOnlyList<MemberEndpoints> members,
        CancellationToken token
    )
    {
        foreach (var member in members)
        {
            using var answer = await http.GetAsync(new Uri(member.Rest, "/leaderz"), token)
                .ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
            {
                return member;
            }
        }
        throw new CommandFailedException(ExitCode.NotDone, Text.BenchNodeSilent(0));
    }

    /// <summary>By name; members that don't answer are left out.</summary>
    private static async Task<Dictionary<string, ulong>> AppliedAsync(
        HttpClient http,
        IReadOnlyList<MemberEndpoints> members,
        CancellationToken token
    )
    {
        const string gauge = "evenkeel_node_applied_index{";
        Dictionary<string, ulong> applied = new(StringComparer.Ordinal);
        foreach (var member in members)
        {
            try
            {
                var text = await http.GetStringAsync(new Uri(member.Rest, "/metrics"), token)
                    .ConfigureAwait(false);
                if (
                    text.Split('\n')
                        .FirstOrDefault(l => l.StartsWith(gauge, StringComparison.Ordinal))
                        is { } line
                    && ulong.TryParse(
                        line.AsSpan(line.IndexOf("} ", StringComparison.Ordinal) + 2).Trim(),
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out var index
                    )
                )
                {
                    applied[member.Name] = index;
                }
            }
            catch (HttpRequestException)
            {
                // Not there, or not yet.
            }
            catch (TaskCanceledException) when (!token.IsCancellationRequested)
            {
                // Too busy to say.
            }
        }
        return applied;
    }

    private static async Task<string> SeedingLineAsync(
        ScratchNode node,
        MemberEndpoints member,
        CancellationToken token
    )
    {
        FileStream stream = new(
            Path.Combine(node.DataDirectory, "logs", $"{member.Name}.log"),
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite
        );
        await using var ownStream = stream.ConfigureAwait(false);
        using StreamReader reader = new(stream);
        var found = "";
        while (await reader.ReadLineAsync(token).ConfigureAwait(false) is { } line)
        {
            if (line.IndexOf("Seeding done", StringComparison.Ordinal) is var at and >= 0)
            {
                found = line[at..];
            }
        }
        return found;
    }

    /// <summary>Proves everything before it.</summary>
    private static string ChainAt(string archive, ulong index)
    {
        using ArchiveReader reader = new(archive, index, index);
        return reader.Read() ? reader.Chain.ToString() : $"no entry {index} in {archive}";
    }

    private static void Show(Terminal terminal, RejoinResult result)
    {
        var culture = CultureInfo.CurrentCulture;
        var table = Terminal.NewTable("", "s", "requests", "p50 ms", "p99 ms", "max ms");
        foreach (var phase in result.Phases)
        {
            table.AddRow(
                phase.Name,
                phase.Seconds.ToString("N1", culture),
                phase.Requests.ToString("N0", culture),
                phase.P50Ms.ToString("N2", culture),
                phase.P99Ms.ToString("N2", culture),
                phase.MaxMs.ToString("N2", culture)
            );
        }
        terminal.Table(table);
        terminal.Line(
            string.Create(
                culture,
                $"{result.Transfers:N0}: {result.SecondsToSeeded:N1} s -> {result.SecondsToCaughtUp:N1} s; {result.Refused:N0}; {result.SameHistory}"
            )
        );
        terminal.Line(result.Seeding);
    }
}
