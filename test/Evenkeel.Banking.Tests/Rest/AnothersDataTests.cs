using System.Globalization;
using System.Text.Json.Nodes;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Banking.Tests.Rest;

/// <summary>
/// Whoever asks for what is another's hears what they would hear if it were not there, and leaves a line
/// in the audit that says who, what, when and by which channel.
/// </summary>
public sealed class AnothersDataTests(BankByRest bed) : IClassFixture<BankByRest>
{
    private const string Nothing = "0123456789abcdef0123456789abcdef";

    private static readonly AccountNumber Nobodys = AccountNumber.FromSerial(999_999_999_999);

    /// <summary>Everything that can be asked for, by what the audit calls it; "person" = no program may ask.</summary>
    public static TheoryData<string, string, string> Ways =>
        new()
        {
            { "GET account", "account", "" },
            { "GET statement", "statement", "" },
            { "GET statement.csv", "statement", "" },
            { "GET standing-orders", "standing-order", "" },
            { "GET bulk-files", "bulk-file", "" },
            { "POST payment", "debit", "" },
            { "POST bill-payment", "debit", "" },
            { "POST standing-order", "standing-order", "" },
            { "POST bulk-file", "bulk-file", "" },
            { "GET standing-order", "standing-order", "" },
            { "PUT standing-order", "standing-order", "" },
            { "DELETE standing-order", "standing-order", "" },
            { "GET loan", "loan", "" },
            { "GET run", "bulk-file", "" },
            { "GET items", "bulk-file", "" },
            { "POST release", "bulk-file", "" },
            { "POST cancel", "bulk-file", "" },
            { "GET trace", "trace", "" },
            { "POST freeze", "card", "person" },
            { "POST unfreeze", "card", "person" },
            { "POST report-lost", "card", "person" },
            { "POST report-stolen", "card", "person" },
            { "DELETE payee", "payee-unknown", "person" },
        };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Anothers_is_as_one_that_is_not_there_and_leaves_a_line(
        string way,
        string what,
        string who
    )
    {
        var owned = await OwnedAsync();
        var (stranger, _) = await bed.Bank.OpenAsync(1_000);
        List<(Caller Caller, string Channel, string Name)> callers =
        [
            (await bed.PersonAsync(stranger), "online", stranger.Value),
        ];
        if (who.Length == 0)
        {
            callers.Add((await bed.ProgramAsync(stranger), "api", $"{stranger}.erp"));
        }
        foreach (var (caller, channel, name) in callers)
        {
            var missing = await AskAsync(caller, way, Missing);
            var linesOfMissing = (await LinesAsync(name)).Count;
            var others = await AskAsync(caller, way, owned);

            Assert.InRange(others.Status, 400, 499);
            Assert.Equal(missing.Status, others.Status);
            Assert.Equal(missing.Raw, others.Raw);
            var lines = await LinesAsync(name);
            Assert.Equal(linesOfMissing + 1, lines.Count);
            Assert.Equal(what, lines[^1]["what"]!.GetValue<string>());
            Assert.Equal(channel, lines[^1]["channel"]!.GetValue<string>());
            Assert.InRange(
                lines[^1]["at"]!.GetValue<DateTimeOffset>(),
                bed.Rail.Time.GetUtcNow().AddMinutes(-5),
                bed.Rail.Time.GetUtcNow()
            );
        }
    }

    [Fact]
    public async Task Asking_again_and_again_fills_no_log()
    {
        var owned = await OwnedAsync();
        var (stranger, _) = await bed.Bank.OpenAsync(0);
        var caller = await bed.PersonAsync(stranger);

        for (var i = 0; i < 2 * BankingLimits.AuditLinesPerHourMax; i++)
        {
            Assert.Equal(404, (await AskAsync(caller, "GET account", owned)).Status);
        }

        // The hour may have ended in between, once.
        Assert.InRange(
            (await LinesAsync(stranger.Value)).Count,
            BankingLimits.AuditLinesPerHourMax,
            2 * BankingLimits.AuditLinesPerHourMax
        );
    }

    [Fact]
    public async Task Staff_read_the_audit_and_nobody_else()
    {
        var (customer, _) = await bed.Bank.OpenAsync(0);

        Assert.Equal(200, (await (await bed.StaffAsync("auditor")).GetAsync("audit")).Status);
        Assert.Equal(403, (await (await bed.PersonAsync(customer)).GetAsync("audit")).Status);
        Assert.Equal(403, (await (await bed.ProgramAsync(customer)).GetAsync("audit")).Status);
    }

    private sealed record Names(
        string Account,
        string Card,
        string Payee,
        string Order,
        string Loan,
        string Run,
        string Reference
    );

    private static readonly Names Missing = new(
        Nobodys.ToString(),
        Nothing,
        Nothing,
        Nothing,
        Nobodys.ToString(),
        Nothing,
        "NO-SUCH-REFERENCE"
    );

    /// <summary>Somebody who has one of each.</summary>
    private async Task<Names> OwnedAsync()
    {
        var (owner, account, loan) = await bed.Bank.DrawAsync(100_000, term: 6);
        var (_, payee) = await bed.Bank.OpenAsync(0);
        var person = await bed.PersonAsync(owner);
        var card = await bed.Bank.IssueCardAsync(account);
        var known = await person.PostAsync(
            "payees",
            new JsonObject { ["account"] = payee.ToString() }
        );
        var order = await person.PostAsync(
            "standing-orders",
            Requests.StandingOrder(account, payee, "7.00")
        );
        var run = await person.BringAsync(
            Requests.File($"OWNED-{account}", account, TestBank.FirstDay, [(payee, 100)])
        );
        var reference = $"MINE-{account}";
        var paid = await person.PostAsync(
            "payments",
            Requests.Payment(account, payee, "1.00"),
            key: reference
        );
        Assert.Equal(
            [200, 200, 201, 200],
            new[] { known.Status, order.Status, run.Status, paid.Status }
        );
        return new Names(
            account.ToString(),
            card.Token.Value,
            known.Text("id"),
            order.Text("id"),
            loan.ToString(),
            run.Text("run"),
            reference
        );
    }

    private static Task<Said> AskAsync(Caller caller, string way, Names of)
    {
        var account = AccountNumber.Parse(of.Account);
        return way switch
        {
            "GET account" => caller.GetAsync($"accounts/{of.Account}"),
            "GET statement" => caller.GetAsync($"accounts/{of.Account}/statement"),
            "GET statement.csv" => caller.GetAsync(
                $"accounts/{of.Account}/statement.csv?from=2026-11-01&to=2026-11-30"
            ),
            "GET standing-orders" => caller.GetAsync($"accounts/{of.Account}/standing-orders"),
            "GET bulk-files" => caller.GetAsync($"bulk-files?account={of.Account}"),
            "POST payment" => caller.PostAsync(
                "payments",
                Requests.Payment(account, AccountNumber.FromSerial(7), "1.00")
            ),
            "POST bill-payment" => caller.PostAsync(
                "bill-payments",
                new JsonObject
                {
                    ["from"] = of.Account,
                    ["biller"] = "WATER",
                    ["bill_number"] = "1",
                    ["amount"] = "1.00",
                    ["currency"] = "CNY",
                }
            ),
            "POST standing-order" => caller.PostAsync(
                "standing-orders",
                Requests.StandingOrder(account, AccountNumber.FromSerial(7), "7.00")
            ),
            "POST bulk-file" => caller.BringAsync(
                Requests.File(
                    "OF-A-STRANGER",
                    account,
                    TestBank.FirstDay,
                    [(AccountNumber.FromSerial(7), 100)]
                )
            ),
            "GET standing-order" => caller.GetAsync($"standing-orders/{of.Order}"),
            "PUT standing-order" => caller.PutAsync(
                $"standing-orders/{of.Order}",
                new JsonObject
                {
                    ["amount"] = "8.00",
                    ["currency"] = "CNY",
                    ["schedule"] = new JsonObject { ["every"] = "day" },
                }
            ),
            "DELETE standing-order" => caller.DeleteAsync($"standing-orders/{of.Order}"),
            "GET loan" => caller.GetAsync($"loans/{of.Loan}"),
            "GET run" => caller.GetAsync($"bulk-files/{of.Run}"),
            "GET items" => caller.GetAsync($"bulk-files/{of.Run}/items"),
            "POST release" => caller.PostAsync($"bulk-files/{of.Run}/release"),
            "POST cancel" => caller.PostAsync($"bulk-files/{of.Run}/cancel"),
            "GET trace" => caller.GetAsync($"traces?reference={of.Reference}"),
            "DELETE payee" => caller.DeleteAsync($"payees/{Uri.EscapeDataString(of.Payee)}"),
            _ => caller.PostAsync($"cards/{of.Card}/{way["POST ".Length..]}"),
        };
    }

    private async Task<IReadOnlyList<JsonNode>> LinesAsync(string name)
    {
        var staff = await bed.StaffAsync("auditor");
        // The bank's clock runs ahead of the machine's here, and may cross midnight.
        List<JsonNode> lines = [];
        var today = DateOnly.FromDateTime(bed.Rail.Time.GetUtcNow().UtcDateTime);
        for (var day = today.AddDays(-1); day <= today; day = day.AddDays(1))
        {
            var said = await staff.GetAsync(
                $"audit?day={day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}"
            );
            Assert.Equal(200, said.Status);
            lines.AddRange(
                said.Body!["lines"]!
                    .AsArray()
                    .Where(line =>
                        string.Equals(
                            line!["actor"]!.GetValue<string>(),
                            name,
                            StringComparison.Ordinal
                        )
                    )!
            );
        }
        return lines;
    }
}
