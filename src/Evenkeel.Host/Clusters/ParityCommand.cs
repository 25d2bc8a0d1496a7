using System.CommandLine;
using System.Globalization;
using Evenkeel.Host.CommandLine;
using Spectre.Console;

namespace Evenkeel.Host.Clusters;

/// <summary><c>evenkeel verify parity</c>: could each of the others take over now?</summary>
internal static class ParityCommand
{
    public static Command Create()
    {
        var command = new Command("parity", Text.ParityDescription).WithClusterOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                var certificate = await AskAsync(parsed, token).ConfigureAwait(false);
                Print(terminal, certificate);
                terminal.Object(certificate, ClusterJson.Default.ParityCertificate);
                return certificate.Green ? ExitCode.Ok : ExitCode.NotDone;
            }
        );
        return command;
    }

    public static async Task<ParityCertificate> AskAsync(
        ParseResult parsed,
        CancellationToken token
    )
    {
        await using var member = await ClusterDoor
            .OpenAsync(parsed, mustLead: false, token)
            .ConfigureAwait(false);
        return await member
            .GetAsync(ClusterEndpoints.ParityPath, ClusterJson.Default.ParityCertificate, token)
            .ConfigureAwait(false);
    }

    public static void Print(Terminal terminal, ParityCertificate certificate)
    {
        var table = Terminal.NewTable(
            Text.ParityColumnMember,
            Text.ParityColumnRole,
            Text.ParityColumnApplied,
            Text.ParityColumnLag,
            Text.ParityColumnEqualAt,
            Text.ParityColumnBinary,
            Text.ParityColumnConfiguration,
            Text.ParityColumnDisk,
            Text.ParityColumnClock,
            Text.ParityColumnLastLed
        );
        foreach (var member in certificate.Members)
        {
            table.AddRow([.. Row(member).Select(static cell => new Markup(Markup.Escape(cell)))]);
        }
        terminal.Table(table);
        if (certificate.EqualSecondsAgo is { } seconds)
        {
            terminal.Line(
                Text.ParityEqual(
                    certificate.EqualAtEntry,
                    seconds.ToString("F1", CultureInfo.InvariantCulture)
                )
            );
        }
        terminal.Line(certificate.Green ? Text.ParityGreen : Text.ParityRed);
        foreach (var reason in certificate.Reasons)
        {
            terminal.Line($"  {reason}");
        }
    }

    private static string[] Row(MemberParity member)
    {
        if (!member.Answers)
        {
            return [member.Name, Text.ParityAbsent, "", "", "", "", "", "", "", ""];
        }
        return
        [
            member.Name,
            member.Leads ? Text.ParityLeads : Text.ParityFollows,
            Number(member.AppliedIndex),
            Number(member.LagEntries),
            member.EqualAtEntry is { } equal ? Number(equal) : "-",
            Short(member.Binary),
            Short(member.Configuration),
            member.DiskProblem ?? $"{Number((ulong)Math.Max(0, member.DiskFreeBytes) >> 30)} GiB",
            member.ClockOffsetMs.ToString("+0.0;-0.0;0", CultureInfo.InvariantCulture) + " ms",
            member.LastLedAt?.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
                ?? "-",
        ];
    }

    private static string Number(ulong number) =>
        number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Short(string? hash) => hash is { Length: > 8 } ? hash[..8] : hash ?? "-";
}
