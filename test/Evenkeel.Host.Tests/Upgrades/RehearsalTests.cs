using System.Net;
using System.Security.Cryptography;
using Evenkeel.Client;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Import.Tests;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Host.Tests.Upgrades;

/// <summary><c>evenkeel upgrade rehearse</c> with real programs: the same one, and one with a planted fault.</summary>
public sealed class RehearsalTests
{
    private const uint MissingAccount = 99;

    [Fact]
    public async Task A_candidate_that_does_the_same_passes_and_its_report_is_kept()
    {
        using TemporaryFolder data = new();
        using TemporaryFolder candidate = new();
        await FillAsync(data.Path);

        var rehearsal = await HostProcess.RunAsync(
            "upgrade",
            "rehearse",
            "--candidate",
            PlantedProgram.Copy(Path.Combine(candidate.Path, "same")),
            "--data",
            data.Path,
            "--json"
        );

        Assert.True(rehearsal.ExitCode == ExitCode.Ok, rehearsal.Error);
        var report = rehearsal.Json();
        Assert.True(report.GetProperty("passed").GetBoolean());
        Assert.True(report.GetProperty("eventsCompared").GetUInt64() >= 16);
        Assert.True(report.GetProperty("statesCompared").GetUInt64() >= 1);
        var kept = Directory.GetFiles(Path.Combine(data.Path, "rehearsals"), "*.json").Single();
        var token = TestContext.Current.CancellationToken;
        Assert.StartsWith(
            Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(kept, token))),
            await File.ReadAllTextAsync(kept + ".sha256", token)
        );
    }

    [Fact]
    public async Task A_candidate_that_answers_one_status_differently_is_refused_with_entry_event_and_words()
    {
        using TemporaryFolder data = new();
        using TemporaryFolder candidate = new();
        var answered = await FillAsync(data.Path);

        var rehearsal = await HostProcess.RunAsync(
            "upgrade",
            "rehearse",
            "--candidate",
            PlantedProgram.Make(
                Path.Combine(candidate.Path, "planted"),
                "CreateTransfer",
                instead: CreateTransferStatus.DebitAccountNotFound,
                of: CreateTransferStatus.CreditAccountNotFound
            ),
            "--data",
            data.Path,
            "--json"
        );

        Assert.Equal(ExitCode.NotDone, rehearsal.ExitCode);
        var difference = rehearsal.Json().GetProperty("difference");
        Assert.Equal("results", difference.GetProperty("kind").GetString());
        Assert.Equal("create_transfers", difference.GetProperty("operation").GetString());
        Assert.Equal(1u, difference.GetProperty("event").GetUInt32());
        Assert.Equal(
            "credit_account_not_found",
            difference.GetProperty("current").GetProperty("status").GetString()
        );
        Assert.Equal(
            "debit_account_not_found",
            difference.GetProperty("candidate").GetProperty("status").GetString()
        );
        Assert.Equal(
            answered[1].Timestamp,
            difference.GetProperty("current").GetProperty("timestamp").GetUInt64()
        );
        var entry = difference.GetProperty("entry").GetUInt64();
        Assert.True(entry > 1);
        Assert.Contains($"entry {entry}", rehearsal.Error);
    }

    [Fact]
    public async Task A_candidate_that_is_no_program_of_ours_is_refused()
    {
        using TemporaryFolder data = new();
        await FillAsync(data.Path);

        var rehearsal = await HostProcess.RunAsync(
            "upgrade",
            "rehearse",
            "--candidate",
            "/bin/true",
            "--data",
            data.Path,
            "--json"
        );

        Assert.Equal(ExitCode.NotDone, rehearsal.ExitCode);
        Assert.False(rehearsal.Json().GetProperty("passed").GetBoolean());
    }

    /// <summary>Serves for a moment; the second of the last three transfers has no credit account.</summary>
    private static async Task<CreateTransferResult[]> FillAsync(string data)
    {
        var token = TestContext.Current.CancellationToken;
        using var bank = HostProcess.Start([
            "run",
            "--ledger-only",
            "--data",
            data,
            "--port",
            "0",
            "--rest-port",
            "0",
        ]);
        await bank.LineAsync(l => l.StartsWith("Ctrl-C", StringComparison.Ordinal));
        var key = await File.ReadAllTextAsync(Path.Combine(data, "operator.key"), token);
        CreateTransferResult[] results;
        await using (
            var client = await EvenkeelClient.ConnectAsync(
                new ClientOptions
                {
                    Endpoints = [IPEndPoint.Parse(EndpointFile.Read(data)!.Binary)],
                    ApiKey = key.Trim(),
                },
                token
            )
        )
        {
            (await client.CreateAccountsAsync(new[] { Account(1), Account(2) }, token)).Require();
            for (var i = 0; i < 10; i++)
            {
                (
                    await client.CreateTransfersAsync(new[] { Transfer((uint)i + 100, 2) }, token)
                ).Require();
            }
            results = (
                await client.CreateTransfersAsync(
                    new[] { Transfer(1, 2), Transfer(2, MissingAccount), Transfer(3, 2) },
                    token
                )
            ).Require();
        }
        Assert.Equal(CreateTransferStatus.CreditAccountNotFound, results[1].Status);
        await bank.TerminateAsync();
        return results;
    }

    private static Account Account(uint id) =>
        new()
        {
            Id = id,
            Ledger = 1,
            Code = 1,
        };

    private static Transfer Transfer(uint id, uint credit) =>
        new()
        {
            Id = id,
            DebitAccountId = 1,
            CreditAccountId = credit,
            Amount = 5,
            Ledger = 1,
            Code = 1,
        };
}
