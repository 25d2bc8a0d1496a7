using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Demo;
using Evenkeel.Demo.Load.Customers;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Houses;
using Evenkeel.Payments;

namespace Evenkeel.Host.Demos;

/// <summary>
/// <c>evenkeel demo payroll</c>: money for the factory's people from a file, by REST: its program brings the
/// file, its person releases it with a second factor. Brought again it is known, and nothing moves.
/// </summary>
internal static class DemoPayrollCommand
{
    private const string Files = "/bulk-files";
    private const int LinesMax = 10_000;
    private const int LookMs = 200;
    private const int LooksMax = 300;

    public static Command Create(BankDoor door)
    {
        Option<int> lines = new("--lines")
        {
            Description = Text.DemoPayrollLinesOption,
            HelpName = "N",
            DefaultValueFactory = static _ => 100,
        };
        lines.Validators.Add(Bounds.Between(lines, 1, LinesMax));
        var payroll = new Command("payroll", Text.DemoPayrollDescription)
        {
            lines,
        }.WithRestOptions();
        payroll.Does(
            async (parsed, terminal, token) =>
            {
                var demonstration = await Demonstration
                    .FindAsync(door, parsed, token)
                    .ConfigureAwait(false);
                var folder = parsed.GetRequiredValue(CommonOptions.Data).FullName;
                using RestDoor rest = new(
                    demonstration.Plan,
                    HouseFile.Of(folder).Gateway,
                    TimeProvider.System
                );
                var run = await PayAsync(
                        rest,
                        PayrollFile.Bonus(
                            demonstration.Plan,
                            demonstration.Directory,
                            DateOnly.FromDateTime(DateTime.Today),
                            parsed.GetValue(lines)
                        ),
                        brought =>
                            terminal.Line(
                                Text.DemoPayrollTaken(brought.Outcome!, brought.Count, brought.Run)
                            ),
                        token
                    )
                    .ConfigureAwait(false);
                terminal.Line(
                    Text.DemoPayrollPaid(
                        run.PaidCount,
                        run.Count,
                        decimal.Parse(run.Paid.Amount, CultureInfo.InvariantCulture),
                        run.ReturnedCount
                    )
                );
                terminal.Object(run, PayrollJson.Default.PayrollRun);
                return run.IsOver ? ExitCode.Ok : ExitCode.Unknown;
            }
        );
        return payroll;
    }

    private static async Task<PayrollRun> PayAsync(
        RestDoor rest,
        string file,
        Action<PayrollRun> brought,
        CancellationToken token
    )
    {
        var program = rest.SessionOf(LoginKind.Program, DemoLogins.Company);
        Take(await program.EnsureAsync(strong: true, token).ConfigureAwait(false));
        var run = Read(await program.UploadAsync(Files, file, token).ConfigureAwait(false));
        brought(run);
        if (run.State is "awaiting_release")
        {
            // Whoever brought it may not release it: a person of the company, with a second factor.
            var person = rest.SessionOf(LoginKind.Customer, DemoLogins.Company);
            Take(await person.EnsureAsync(strong: true, token).ConfigureAwait(false));
            run = Read(
                await person
                    .PostAsync($"{Files}/{run.Run}/release", "{}", reference: null, token)
                    .ConfigureAwait(false)
            );
        }
        for (var look = 0; look < LooksMax && !run.IsOver; look++)
        {
            await Task.Delay(LookMs, token).ConfigureAwait(false);
            run = Read(await program.GetAsync($"{Files}/{run.Run}", token).ConfigureAwait(false));
        }
        return run;
    }

    private static void Take(RestReply? refusal)
    {
        if (refusal is not null)
        {
            throw Refused(refusal);
        }
    }

    private static PayrollRun Read(RestReply reply) =>
        reply.IsOk
            ? JsonSerializer.Deserialize(reply.Body, PayrollJson.Default.PayrollRun)!
            : throw Refused(reply);

    private static CommandFailedException Refused(RestReply reply) =>
        new(ExitCode.NotDone, Text.RestRefused(reply.Status, reply.Body));
}

/// <summary>A file as the bank shows it.</summary>
/// <param name="State">awaiting_release, held, scheduled, paying, done, part, not_done, cancelled.</param>
internal sealed record PayrollRun(
    string Run,
    string State,
    int Count,
    int PaidCount,
    PayrollAmount Paid,
    int ReturnedCount
)
{
    /// <summary><c>taken</c> or <c>known</c>: of an upload.</summary>
    public string? Outcome { get; init; }

    public bool IsOver => State is "done" or "part" or "not_done" or "cancelled";
}

internal sealed record PayrollAmount(string Amount, string Currency);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(PayrollRun))]
internal sealed partial class PayrollJson : JsonSerializerContext;
