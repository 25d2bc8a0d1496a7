using System.Text.Json.Nodes;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Banking.Tests.Rest;

/// <summary>Files, standing orders, credit, branches, and where the money is: by REST, on the real bank.</summary>
public sealed class BankRestTests(BankByRest bed) : IClassFixture<BankByRest>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_is_brought_by_one_login_released_by_another_and_paid()
    {
        var (company, payer) = await bed.Bank.OpenAsync(1_000_000);
        var (_, anna) = await bed.Bank.OpenAsync(0);
        var (_, bo) = await bed.Bank.OpenAsync(0);
        var program = await bed.ProgramAsync(company);
        var file = Requests.File("WAGES", payer, TestBank.FirstDay, [(anna, 100_00), (bo, 50_00)]);

        var brought = await program.BringAsync(file);
        var again = await program.BringAsync(file);
        var own = await program.PostAsync($"bulk-files/{brought.Text("run")}/release");
        var weak = await (await bed.PersonAsync(company, "boss", isStrong: false)).PostAsync(
            $"bulk-files/{brought.Text("run")}/release"
        );
        var boss = await bed.PersonAsync(company, "boss");
        var released = await boss.PostAsync($"bulk-files/{brought.Text("run")}/release");

        Assert.Equal((201, "taken"), (brought.Status, brought.Text("outcome")));
        Assert.Equal((200, "known"), (again.Status, again.Text("outcome")));
        Assert.Equal(brought.Text("run"), again.Text("run"));
        Assert.Equal("approval-required", own.Reason);
        Assert.Equal("strong-authentication-required", weak.Reason);
        Assert.Equal((200, "scheduled"), (released.Status, released.Text("state")));

        var path = $"bulk-files/{brought.Text("run")}";
        await bed.Rail.UntilAsync(
            "the file is paid",
            async () => (await boss.GetAsync(path)).Text("state") == "done"
        );
        var done = await boss.GetAsync(path);
        Assert.Equal(2, done.Body!["paid_count"]!.GetValue<int>());
        Assert.Equal("150.00", done.Body["paid"]!["amount"]!.GetValue<string>());
        var items = (await boss.GetAsync($"{path}/items")).Body!["items"]!.AsArray();
        Assert.Equal(
            ["done", "done"],
            items.Select(static item => item!["state"]!.GetValue<string>())
        );
        Assert.Equal(100_00, await bed.Bank.BookedAsync(anna));
        // By the file's own line, too, the money is found: by company and by payee.
        var reference = items[0]!["end_to_end_id"]!.GetValue<string>();
        Assert.Equal("done", await StateAsync(program, reference));
        Assert.Equal("done", await StateAsync(boss, items[0]!["instruction"]!.GetValue<string>()));
        Assert.Equal("done", await StateAsync(boss, $"bulk:{brought.Text("run")}/2"));
        var listed = await boss.GetAsync(
            $"bulk-files?account={payer}&from=2026-11-20&to=2026-11-30"
        );
        Assert.Equal(
            brought.Text("run"),
            Assert.Single(listed.Body!["files"]!.AsArray())!["run"]!.GetValue<string>()
        );
    }

    [Fact]
    public async Task Two_people_of_a_company_are_two_and_one_of_them_is_not()
    {
        var (company, payer) = await bed.Bank.OpenAsync(1_000_000);
        var (_, anna) = await bed.Bank.OpenAsync(0);
        var maker = await bed.PersonAsync(company, "maker");
        var brought = await maker.BringAsync(
            Requests.File("TWO", payer, TestBank.FirstDay, [(anna, 1_00)])
        );
        var path = $"bulk-files/{brought.Text("run")}/release";

        Assert.Equal("approval-required", (await maker.PostAsync(path)).Reason);
        Assert.Equal(
            200,
            (await (await bed.PersonAsync(company, "second")).PostAsync(path)).Status
        );
    }

    [Fact]
    public async Task A_faulty_file_names_its_line_and_a_second_one_with_the_same_payments_is_held()
    {
        var (company, payer) = await bed.Bank.OpenAsync(1_000_000);
        var (_, anna) = await bed.Bank.OpenAsync(0);
        var program = await bed.ProgramAsync(company);
        var file = Requests.File("HELD", payer, TestBank.FirstDay, [(anna, 1_00), (anna, 2_00)]);

        var half = await program.BringAsync(
            file[..file.LastIndexOf("P,", StringComparison.Ordinal)]
        );
        var wrong = await program.BringAsync(
            file.Replace(",2.00,", ",two,", StringComparison.Ordinal)
        );
        var first = await program.BringAsync(file);
        var renamed = await program.BringAsync(
            file.Replace("H,1,HELD,", "H,1,OTHER-NAME,", StringComparison.Ordinal)
        );
        var second = await bed.ProgramAsync(company, "second");
        var unasked = await second.PostAsync($"bulk-files/{renamed.Text("run")}/release");
        var cancelled = await program.PostAsync($"bulk-files/{first.Text("run")}/cancel");

        Assert.Equal((422, "file-faulty"), (half.Status, half.Reason));
        Assert.Equal("count_differs", half.Text("fault"));
        Assert.Equal((422, "file-faulty"), (wrong.Status, wrong.Reason));
        Assert.Equal("amount_invalid", wrong.Text("fault"));
        Assert.Equal(3, wrong.Body!["line"]!.GetValue<int>());
        Assert.Equal("correct_and_send_new", wrong.Text("retry"));
        Assert.Equal(201, first.Status);
        Assert.Equal("held", renamed.Text("state"));
        Assert.Equal(2, renamed.Body!["overlap"]!.GetValue<int>());
        Assert.Equal((409, "duplicate"), (unasked.Status, unasked.Reason));
        Assert.Equal("cancelled", cancelled.Text("state"));
    }

    [Fact]
    public async Task A_standing_order_is_set_up_changed_and_stopped()
    {
        var (customer, from) = await bed.Bank.OpenAsync(1_000_000);
        var (_, to) = await bed.Bank.OpenAsync(0);
        var person = await bed.PersonAsync(customer);
        var request = Requests.StandingOrder(from, to, "7.00");

        var weak = await (await bed.PersonAsync(customer, isStrong: false)).PostAsync(
            "standing-orders",
            request.DeepClone()
        );
        var made = await person.PostAsync("standing-orders", request.DeepClone(), key: "rent");
        var again = await person.PostAsync("standing-orders", request.DeepClone(), key: "rent");
        request["amount"] = "9.00";
        var other = await person.PostAsync("standing-orders", request.DeepClone(), key: "rent");
        var path = $"standing-orders/{made.Text("id")}";
        JsonObject change = new()
        {
            ["amount"] = "8.00",
            ["currency"] = "CNY",
            ["schedule"] = new JsonObject { ["every"] = "month", ["day"] = 5 },
            ["last"] = "2027-02-28",
            ["remittance"] = "rent",
        };
        var changed = await person.PutAsync(path, change.DeepClone());
        change["schedule"] = new JsonObject { ["every"] = "month", ["day"] = 32 };
        var unsound = await person.PutAsync(path, change);
        var stopped = await person.DeleteAsync(path);
        var listed = await person.GetAsync($"accounts/{from}/standing-orders");

        Assert.Equal("strong-authentication-required", weak.Reason);
        Assert.Equal(
            ["2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28", "2026-11-29"],
            made.Body!["next_dates"]!.AsArray().Select(static date => date!.GetValue<string>())
        );
        Assert.Equal(made.Text("id"), again.Text("id"));
        Assert.Equal("id-reused", other.Reason);
        // The 5th of December is a Saturday, of January a Tuesday, of February a Friday.
        Assert.Equal(
            ["2026-12-07", "2027-01-05", "2027-02-05"],
            changed.Body!["next_dates"]!.AsArray().Select(static date => date!.GetValue<string>())
        );
        Assert.Equal("8.00", changed.Body["amount"]!["amount"]!.GetValue<string>());
        Assert.Equal("rent", changed.Text("remittance"));
        Assert.Equal("date-invalid", unsound.Reason);
        Assert.Equal("cancelled", stopped.Text("state"));
        Assert.Empty(stopped.Body!["next_dates"]!.AsArray());
        Assert.Equal(
            "cancelled",
            Assert.Single(listed.Body!["standing_orders"]!.AsArray())!["state"]!.GetValue<string>()
        );
    }

    [Fact]
    public async Task A_borrower_sees_the_whole_schedule_and_it_pays_the_loan()
    {
        var (holder, settlement, loan) = await bed.Bank.DrawAsync(120_000, term: 12);
        var person = await bed.PersonAsync(holder);

        var listed = await person.GetAsync("loans");
        var whole = await person.GetAsync($"loans/{loan}");
        var lines = await person.GetAsync("credit-lines");

        var summary = Assert.Single(listed.Body!["loans"]!.AsArray())!;
        Assert.Equal(loan.ToString(), summary["account"]!.GetValue<string>());
        Assert.Equal(settlement.ToString(), whole.Text("paid_from"));
        Assert.Equal("2026-11-25", whole.Text("next_due"));
        var plan = whole.Body!["plan"]!.AsArray();
        Assert.Equal(12, plan.Count);
        Assert.Equal(1_200.00m, plan.Sum(static line => Decimal(line!["principal"]!)));
        Assert.Equal(0m, Decimal(plan[^1]!["remaining"]!));
        Assert.Empty(lines.Body!["credit_lines"]!.AsArray());
    }

    [Fact]
    public async Task A_teller_takes_a_customer_on_and_what_costs_money_needs_a_second_person()
    {
        var teller = await bed.StaffAsync("teller");
        var second = await bed.StaffAsync("second");
        JsonObject who = new()
        {
            ["kind"] = "person",
            ["name"] = "Wang Fang",
            ["language"] = "zh-Hans",
        };
        var opened = await teller.PostAsync("customers", who.DeepClone(), key: "form-17");
        var again = await teller.PostAsync("customers", who.DeepClone(), key: "form-17");
        var path = $"customers/{opened.Text("customer")}";
        JsonObject plain = new() { ["product"] = "current", ["currency"] = "CNY" };
        JsonObject credit = new()
        {
            ["product"] = "current",
            ["currency"] = "CNY",
            ["overdraft"] = "100.00",
        };
        JsonObject login = new() { ["login"] = "wang.fang" };

        var account = await teller.PostAsync($"{path}/accounts", plain);
        var alone = await teller.PostAsync($"{path}/accounts", credit.DeepClone());
        var self = await teller.PostAsync($"{path}/accounts", credit.DeepClone(), checker: teller);
        var both = await teller.PostAsync($"{path}/accounts", credit.DeepClone(), checker: second);
        var loginAlone = await teller.PostAsync($"{path}/logins", login.DeepClone());
        var made = await teller.PostAsync($"{path}/logins", login.DeepClone(), checker: second);
        var seen = await teller.GetAsync(path);
        var nobody = await teller.PostAsync("customers/C0/logins", login, checker: second);

        Assert.Equal(opened.Text("customer"), again.Text("customer"));
        Assert.Equal(200, account.Status);
        Assert.Equal("approval-required", alone.Reason);
        Assert.Equal("approval-required", self.Reason);
        Assert.Equal(200, both.Status);
        Assert.Equal("100.00", both.Body!["available"]!["amount"]!.GetValue<string>());
        Assert.Equal("approval-required", loginAlone.Reason);
        Assert.Equal("a first secret", made.Text("secret"));
        Assert.Equal("Wang Fang", seen.Body!["profile"]!["name"]!.GetValue<string>());
        Assert.Equal(2, seen.Body["accounts"]!.AsArray().Count);
        Assert.Equal("original-unknown", nobody.Reason);
        Assert.Contains(
            (await teller.GetAsync("products")).Body!["products"]!.AsArray(),
            static product =>
                product!["product"]!.GetValue<string>() == "current"
                && product["currency"]!.GetValue<string>() == "CNY"
        );
    }

    [Fact]
    public async Task Any_reference_finds_the_money_for_customer_program_and_staff()
    {
        var (customer, from) = await bed.Bank.OpenAsync(1_000_000);
        var (_, to) = await bed.Bank.OpenAsync(0);
        var person = await bed.PersonAsync(customer);
        var program = await bed.ProgramAsync(customer);
        var teller = await bed.StaffAsync("finder");
        var uetr = Guid.NewGuid();
        var payment = Requests.Payment(from, to, "12.00");
        payment["end_to_end_id"] = $"E2E-{from}";
        payment["uetr"] = uetr;
        var paid = await person.PostAsync("payments", payment);
        Assert.Equal("done", paid.Body!["state"]?.GetValue<string>());
        var machine = await bed.Bank.OpenMachineAsync(1_000_000);
        var till = await bed.Bank.OpenTillAsync("finder", 100_000);
        await bed.Bank.DoesAsync(
            Steps.New(
                new Movement.CashWithdrawal(new Funding.OfAccount(from), till),
                5_00,
                new Actor.Staff("finder", "B1"),
                Channel.Counter
            ) with
            {
                References = new References { Voucher = $"V{from}" },
            }
        );
        var card = await bed.Bank.IssueCardAsync(from);
        var withdrawal = Steps.New(
            new Movement.CardPurchase(
                new CardUse(card.Token, card.ExpiryYearMonth, Pin: null, EntryMode: null),
                new Merchant(machine, "SHOP", "5411", "A shop")
            ),
            3_00,
            new Actor.CardNetwork("line"),
            Channel.PointOfSale
        ) with
        {
            References = new References { Rrn = $"R{from}", Stan = "000017" },
        };
        await bed.Bank.DoesAsync(withdrawal);

        foreach (
            var reference in new[]
            {
                paid.Text("id"),
                $"E2E-{from}",
                $"e2e:E2E-{from}",
                uetr.ToString("D"),
                $"V{from}",
                $"R{from}",
                withdrawal.Id.ToString(),
            }
        )
        {
            foreach (var asker in new[] { person, program, teller })
            {
                Assert.Equal("done", await StateAsync(asker, reference));
            }
        }
        Assert.Equal(404, (await person.GetAsync("traces?reference=NONE-OF-THESE")).Status);
    }

    [Fact]
    public async Task A_statement_of_a_period_is_a_file_with_every_movement()
    {
        const int payments = 3;
        var (customer, from) = await bed.Bank.OpenAsync(1_000_000);
        var (payee, to) = await bed.Bank.OpenAsync(0);
        var person = await bed.PersonAsync(customer);
        for (var i = 0; i < payments; i++)
        {
            Assert.Equal(
                200,
                (await person.PostAsync("payments", Requests.Payment(from, to, "1.00"))).Status
            );
        }

        var file = (
            await (await bed.PersonAsync(payee)).GetAsync(
                $"accounts/{to}/statement.csv?from=2026-11-01&to=2026-12-31"
            )
        ).Raw;
        var unbounded = await person.GetAsync(
            $"accounts/{from}/statement.csv?from=2020-01-01&to=2026-12-31"
        );

        var lines = file.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1 + payments, lines.Length);
        Assert.Contains(",1.00,3.00,CNY,\"Transfer\"", lines[1], StringComparison.Ordinal);
        Assert.Contains($"\"{from}\"", lines[^1], StringComparison.Ordinal);
        Assert.Equal("date-invalid", unbounded.Reason);
    }

    private static async Task<string?> StateAsync(Caller caller, string reference)
    {
        var said = await caller.GetAsync($"traces?reference={Uri.EscapeDataString(reference)}");
        return said.Body?["traces"]?.AsArray() is [{ } trace]
            ? trace["state"]!.GetValue<string>()
            : $"{said.Status} for {reference}";
    }

    private static decimal Decimal(JsonNode amount) =>
        decimal.Parse(
            amount["amount"]!.GetValue<string>(),
            System.Globalization.CultureInfo.InvariantCulture
        );
}
