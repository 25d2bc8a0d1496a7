using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using Evenkeel.Bench;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Model;

namespace Evenkeel.Host.Benches;

/// <summary>
/// <c>evenkeel bench against --data DIR</c>: loads the bank that serves a directory, so that what it
/// holds stays: to fill one for a restore, or to measure customers while something else goes on.
/// </summary>
internal static class BenchAgainst
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var accounts = BenchCommand.Number(
            "--accounts",
            10_000,
            2,
            BenchCommand.AccountsMax,
            Text.BenchAccountsOption
        );
        var transfers = BenchCommand.Number(
            "--transfers",
            0,
            0,
            int.MaxValue,
            Text.BenchAgainstTransfersOption
        );
        var seconds = BenchCommand.Number(
            "--seconds",
            0,
            0,
            BenchCommand.SecondsMax,
            Text.BenchSecondsOption
        );
        var clients = BenchCommand.Number(
            "--clients",
            4,
            1,
            BenchCommand.ClientsMax,
            Text.BenchClientsOption
        );
        var batch = BenchCommand.Number(
            "--batch",
            Limits.BatchEventsMax,
            1,
            Limits.BatchEventsMax,
            Text.BenchBatchOption
        );
        Command command = new("against", Text.BenchAgainstDescription)
        {
            CommonOptions.Data,
            accounts,
            transfers,
            seconds,
            clients,
            batch,
            CommonOptions.Json,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                var data = parsed.GetRequiredValue(CommonOptions.Data).FullName;
                var load = new LedgerLoad(
                    Opener(data),
                    new WorkloadOptions
                    {
                        Accounts = parsed.GetValue(accounts),
                        // Another run must not ask for the same ids: they would be answered "exists".
                        Seed = (ulong)RandomNumberGenerator.GetInt32(int.MaxValue),
                    }
                );
                await load.SetUpAsync(null, token).ConfigureAwait(false);
                if (parsed.GetValue(transfers) is > 0 and var count)
                {
                    await load.FillAsync(count, parsed.GetValue(clients), null, token)
                        .ConfigureAwait(false);
                }
                if (parsed.GetValue(seconds) is > 0 and var duration)
                {
                    var result = await load.RunAsync(
                            "Evenkeel",
                            parsed.GetValue(clients),
                            parsed.GetValue(batch),
                            WarmUp,
                            TimeSpan.FromSeconds(duration),
                            token
                        )
                        .ConfigureAwait(false);
                    terminal.Table(BenchCommand.TableOf([result]));
                    terminal.Object(result, BenchJson.Default.Measurement);
                    return result.Refused == 0 ? ExitCode.Ok : ExitCode.NotDone;
                }
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static OpenTarget Opener(string data) =>
        EndpointFile.Read(data) is { } endpoints && OperatorKey.Read(data) is { Length: > 0 } key
            ? ClientTarget.Opener([IPEndPoint.Parse(endpoints.Binary)], key)
            : throw new CommandFailedException(ExitCode.NotDone, Text.NotServing(data));
}
