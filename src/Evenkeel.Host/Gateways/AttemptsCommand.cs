using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Evenkeel.Gateway.Attempts;
using Evenkeel.Host.CommandLine;
using Evenkeel.Payments;
using Spectre.Console;

namespace Evenkeel.Host.Gateways;

/// <summary><c>evenkeel gateway attempts</c>: who tried what, and what they were told.</summary>
internal static class AttemptsCommand
{
    public static Command Create()
    {
        Option<DirectoryInfo> data = new("--data")
        {
            Description = Text.GatewayDataOption,
            HelpName = "DIR",
            Required = true,
        };
        Option<ulong?> after = new("--acknowledged-after")
        {
            Description = Text.AttemptsAfterOption,
            HelpName = "INDEX",
        };
        Option<string?> lineage = new("--lineage")
        {
            Description = Text.AttemptsLineageOption,
            HelpName = "LINEAGE",
        };
        Command command = new("attempts", Text.AttemptsDescription)
        {
            data,
            after,
            lineage,
            CommonOptions.Json,
        };
        command.Does(
            (parsed, terminal, _) =>
            {
                var folder = parsed.GetRequiredValue(data);
                if (!folder.Exists)
                {
                    throw new CommandFailedException(
                        ExitCode.NotDone,
                        Text.AttemptsNoFolder(folder.FullName)
                    );
                }
                var index = parsed.GetValue(after);
                UInt128 of = 0;
                if (
                    index is not null
                    && !UInt128.TryParse(
                        parsed.GetValue(lineage),
                        NumberStyles.AllowHexSpecifier,
                        CultureInfo.InvariantCulture,
                        out of
                    )
                )
                {
                    throw new CommandFailedException(ExitCode.Usage, Text.AttemptsLineageMissing);
                }
                var report = AttemptReport.Read(folder.FullName);
                report = index is { } position ? report.After(of, position) : report;
                Print(terminal, report);
                terminal.Object(AttemptsOutput.Of(report), AttemptsJson.Default.AttemptsOutput);
                return Task.FromResult(ExitCode.Ok);
            }
        );
        return command;
    }

    private static void Print(Terminal terminal, AttemptReport report)
    {
        var table = Terminal.NewTable(
            Text.AttemptsColumnWhen,
            Text.AttemptsColumnKey,
            Text.AttemptsColumnService,
            Text.AttemptsColumnOutcome,
            Text.AttemptsColumnTries,
            Text.AttemptsColumnNode,
            Text.AttemptsColumnPosition,
            Text.AttemptsColumnTransfers
        );
        foreach (var attempt in report.Attempts)
        {
            var output = AttemptOutput.Of(attempt);
            string[] cells =
            [
                attempt.When.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture),
                output.Asker is { } asker
                    ? $"{output.Channel}/{asker}"
                    : output.Principal.ToString(CultureInfo.InvariantCulture),
                attempt.Request.Service.ToString(),
                attempt.Outcome.ToString(),
                output.Tries.ToString(CultureInfo.InvariantCulture),
                output.ServedBy ?? "-",
                output.Position ?? "-",
                output.Instruction
                    ?? (
                        output.TransferIds.Count == 1
                            ? output.TransferIds[0]
                            : output.TransferIds.Count.ToString(CultureInfo.InvariantCulture)
                    ),
            ];
            table.AddRow([.. cells.Select(c => new Spectre.Console.Text(c))]);
        }
        terminal.Table(table);
        foreach (var gap in report.Gaps)
        {
            terminal.Line(
                Text.AttemptsGap(
                    gap.Since.ToString("O", CultureInfo.InvariantCulture),
                    gap.Until.ToString("O", CultureInfo.InvariantCulture),
                    gap.AtLeast,
                    gap.Cause
                )
            );
        }
        terminal.Line(Text.AttemptsCount(report.Attempts.Count));
    }
}

/// <param name="AtLeast">True when attempts are missing: the list is not complete.</param>
internal sealed record AttemptsOutput(
    bool AtLeast,
    IReadOnlyList<AttemptOutput> Attempts,
    IReadOnlyList<GapOutput> Gaps
)
{
    public static AttemptsOutput Of(AttemptReport report) =>
        new(
            report.Gaps.Count > 0,
            [.. report.Attempts.Select(AttemptOutput.Of)],
            [
                .. report.Gaps.Select(g => new GapOutput(
                    g.Since,
                    g.Until,
                    g.AtLeast,
                    AttemptOutput.Name(g.Cause)
                )),
            ]
        );
}

internal sealed record GapOutput(
    DateTimeOffset Since,
    DateTimeOffset Until,
    ulong AtLeast,
    string Cause
);

/// <summary>Ids are decimal strings, hashes hexadecimal.</summary>
internal sealed record AttemptOutput
{
    public required DateTimeOffset When { get; init; }
    public required string RequestId { get; init; }
    public required ulong Principal { get; init; }

    /// <summary>Of an instruction: customer, program, staff, card_network, clearing or bank.</summary>
    public string? Asker { get; init; }

    /// <summary>Of an instruction: the same for all of the same one who asked.</summary>
    public string? AskerHash { get; init; }

    /// <summary>Of an instruction.</summary>
    public string? Channel { get; init; }

    /// <summary>Its id as customers and the bank's own traces show it.</summary>
    public string? Instruction { get; init; }
    public required string Service { get; init; }
    public required string Method { get; init; }
    public required string Outcome { get; init; }
    public int Status { get; init; }
    public int Tries { get; init; }
    public uint LatencyUs { get; init; }
    public string? ServedBy { get; init; }
    public string? Reason { get; init; }

    /// <summary>LINEAGE/INDEX.</summary>
    public string? Position { get; init; }
    public uint Events { get; init; }
    public string? IdempotencyHash { get; init; }
    public IReadOnlyList<string> TransferIds { get; init; } = [];
    public IReadOnlyList<string> AccountHashes { get; init; } = [];
    public bool TransferIdsCut { get; init; }

    public static AttemptOutput Of(Attempt attempt)
    {
        var (request, end) = (attempt.Request, attempt.End);
        return new AttemptOutput
        {
            When = attempt.When,
            RequestId = request.RequestId.ToString("N", CultureInfo.InvariantCulture),
            Principal = request.Principal,
            Asker = request.Asker is { } asker ? Name(asker.Kind) : null,
            AskerHash = request.Asker is { } who ? Hex(who.Hash) : null,
            Channel = request.Asker is { } from ? Name(from.Channel) : null,
            Instruction = request
                is { Service: Gateway.Forwarding.Service.SubmitInstruction, TransferIds: [var id] }
                ? new InstructionId(id).ToString()
                : null,
            Service = Name(request.Service),
            Method = request.Method,
            Outcome = Name(attempt.Outcome),
            Status = end?.Status ?? 0,
            Tries = end?.Tries ?? 0,
            LatencyUs = end?.LatencyUs ?? 0,
            ServedBy = NullIfEmpty(end?.ServedBy),
            Reason = NullIfEmpty(end?.Reason),
            Position = PositionOf(attempt),
            Events = request.Events,
            IdempotencyHash = request.IdempotencyHash == 0 ? null : Hex(request.IdempotencyHash),
            TransferIds =
            [
                .. request.TransferIds.Select(i => i.ToString(CultureInfo.InvariantCulture)),
            ],
            AccountHashes = [.. request.AccountHashes.Select(Hex)],
            TransferIdsCut = request.Flags.HasFlag(AttemptFlags.TransferIdsCut),
        };
    }

    public static string? PositionOf(Attempt attempt) =>
        attempt.End is { Index: > 0 } end
            ? string.Create(CultureInfo.InvariantCulture, $"{Hex(end.Lineage)}/{end.Index}")
            : null;

    public static string Name<T>(T value)
        where T : struct, Enum =>
        System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static string Hex(UInt128 value) => value.ToString("x32", CultureInfo.InvariantCulture);

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(AttemptsOutput))]
internal sealed partial class AttemptsJson : JsonSerializerContext;
