using System.Text.Json.Nodes;
using Evenkeel.Host.LedgerExec;
using Xunit;

namespace Evenkeel.Host.Tests.LedgerExec;

public sealed class ExecSessionTests : IDisposable
{
    private const string TwoAccounts = """
        {"op":"create_accounts","events":[{"id":1,"ledger":1,"code":1,"flags":8},{"id":2,"ledger":1,"code":1}]}
        """;

    private readonly ExecSession _session = new();
    private int _line;

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Event_i_of_n_happens_at_T_less_n_plus_i_plus_1()
    {
        Assert.Equal(
            """{"op":"create_accounts","results":[{"timestamp":2,"status":"created"},{"timestamp":3,"status":"created"}]}""",
            Ask(TwoAccounts)
        );
        _ = Ask("""{"op":"lookup_accounts","ids":[1]}""");
        Assert.Equal(
            """{"op":"create_transfers","results":[{"timestamp":6,"status":"created"}]}""",
            Ask(Transfer("7", "5"))
        );
    }

    [Fact]
    public void Wide_numbers_travel_as_strings_and_narrow_ones_as_numbers()
    {
        _ = Ask(TwoAccounts);
        _ = Ask(
            Transfer("\"340282366920938463463374607431768211454\"", "\"18446744073709551615\"")
        );
        Assert.Equal(
            """
            {"op":"lookup_transfers","results":[{"id":"340282366920938463463374607431768211454","debit_account_id":"1","credit_account_id":"2","amount":"18446744073709551615","pending_id":"0","user_data_128":"0","user_data_64":0,"user_data_32":0,"timeout":0,"ledger":1,"code":1,"flags":0,"timestamp":5}]}
            """.Trim(),
            Ask("""{"op":"lookup_transfers","ids":["0xfffffffffffffffffffffffffffffffe"]}""")
        );
    }

    [Theory]
    [InlineData("\"history\"")]
    [InlineData("[\"history\"]")]
    [InlineData("{\"history\":true,\"linked\":false}")]
    public void Flags_given_by_name_are_answered_by_name(string flags)
    {
        _ = Ask(
            $$"""{"op":"create_accounts","events":[{"id":1,"ledger":1,"code":1,"flags":{{flags}}}]}"""
        );
        var account = Results("""{"op":"lookup_accounts","ids":[1]}""")[0]!;
        Assert.Equal("""["history"]""", account["flags"]!.ToJsonString());
    }

    [Fact]
    public void A_tick_expires_what_is_due_and_shows_it_as_a_change_event()
    {
        _ = Ask(TwoAccounts);
        _ = Ask(Transfer("7", "5", """, "flags":"pending", "timeout":2"""));
        Assert.Contains(
            "\"expired\":0",
            Ask("""{"op":"tick","nanoseconds":1000000000}"""),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "\"expired\":1",
            Ask("""{"op":"tick","nanoseconds":"1000000000"}"""),
            StringComparison.Ordinal
        );
        var events = Results("""{"op":"get_change_events","limit":10}""");
        Assert.Equal(
            ["two_phase_pending", "two_phase_expired"],
            events.Select(change => (string)change!["type"]!)
        );
        Assert.Equal("7", (string)events[1]!["transfer_id"]!);
        Assert.Equal("0", (string)events[1]!["debit_account_debits_pending"]!);
    }

    [Theory]
    [InlineData("""{"op":"get_account_balances","account_id":1,"limit":9,"flags":3}""")]
    [InlineData("""{"op":"get_account_balances","filter":{"account_id":1,"limit":9,"flags":3}}""")]
    [InlineData(
        """{"op":"get_account_balances","events":[{"account_id":1,"limit":9,"flags":3}]}"""
    )]
    public void A_filter_may_stand_in_three_places(string query)
    {
        _ = Ask(TwoAccounts);
        _ = Ask(Transfer("7", "5"));
        Assert.Equal(
            """[{"debits_pending":"0","debits_posted":"5","credits_pending":"0","credits_posted":"0","timestamp":5}]""",
            Results(query).ToJsonString()
        );
    }

    [Fact]
    public void Setup_forces_balances_and_names_the_width_it_stores()
    {
        _ = Ask(TwoAccounts);
        _ = Ask(
            """{"op":"setup","id":1,"debits_pending":1,"debits_posted":"2","credits_posted":3}"""
        );
        Assert.Equal(
            "2",
            (string)Results("""{"op":"lookup_accounts","ids":[1]}""")[0]!["debits_posted"]!
        );
        Assert.Contains(
            "64 bits",
            Error("""{"op":"setup","id":1,"debits_posted":"18446744073709551616"}"""),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_negative_tick_leads_near_the_end_of_time()
    {
        _ = Ask(TwoAccounts);
        _ = Ask("""{"op":"tick","nanoseconds":-3000000000}""");
        var answer = Ask(Transfer("7", "5", """, "flags":"pending", "timeout":3"""));
        Assert.Contains("overflows_timeout", answer, StringComparison.Ordinal);
        Assert.Contains(
            "can't pass",
            Error("""{"op":"tick","nanoseconds":3000000000}"""),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Same_lines_same_digest()
    {
        using var other = new ExecSession();
        string[] lines = [TwoAccounts, Transfer("7", "5"), Transfer("8", "6")];
        foreach (var line in lines)
        {
            Assert.Equal(Ask(line), other.Answer(line, 1, out _));
        }

        var digest = Ask("""{"op":"digest"}""");
        Assert.Equal(digest, other.Answer("""{"op":"digest"}""", 1, out _));
        _ = Ask(Transfer("9", "1"));
        Assert.NotEqual(digest, Ask("""{"op":"digest"}"""));
    }

    [Theory]
    [InlineData("""not json""")]
    [InlineData("""[]""")]
    [InlineData("""{"op":7}""")]
    [InlineData("""{"op":"create_account"}""")]
    [InlineData("""{"op":"create_accounts","events":{}}""")]
    [InlineData("""{"op":"create_accounts","events":[7]}""")]
    [InlineData("""{"op":"create_accounts","events":[{"id":-1}]}""")]
    [InlineData("""{"op":"create_accounts","events":[{"id":1.5}]}""")]
    [InlineData("""{"op":"create_accounts","events":[{"id":null}]}""")]
    [InlineData(
        """{"op":"create_accounts","events":[{"id":"340282366920938463463374607431768211456"}]}"""
    )]
    [InlineData("""{"op":"create_accounts","events":[{"id":3,"code":65536}]}""")]
    [InlineData("""{"op":"create_accounts","events":[{"id":3,"cod":1}]}""")]
    [InlineData("""{"op":"create_accounts","events":[{"id":3,"id":4}]}""")]
    [InlineData("""{"op":"create_accounts","events":[{"id":3,"flags":["pending"]}]}""")]
    [InlineData("""{"op":"create_accounts","events":[{"\ud800":3}]}""")]
    [InlineData("""{"op":"create_accounts","events":[],"more":1}""")]
    [InlineData("""{"op":"get_account_transfers","events":[{},{}]}""")]
    [InlineData("""{"op":"tick","nanoseconds":-9223372036854775808}""")]
    [InlineData("""{"op":"setup","id":99}""")]
    [InlineData("""{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}""")]
    public void A_line_that_is_not_understood_is_answered_so_and_changes_nothing(string line)
    {
        _ = Ask(TwoAccounts);
        var digest = Ask("""{"op":"digest"}""");
        Assert.NotEmpty(Error(line));
        Assert.Equal(digest, Ask("""{"op":"digest"}"""));
    }

    [Fact]
    public void A_batch_above_the_limit_is_not_understood()
    {
        var events = string.Join(",", Enumerable.Repeat("{}", 8_191));
        Assert.Contains(
            "8190",
            Error($$"""{"op":"create_accounts","events":[{{events}}]}"""),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_setup_that_contradicts_a_hold_breaks_the_ledger_and_not_the_process()
    {
        _ = Ask(TwoAccounts);
        _ = Ask(Transfer("7", "5", """, "flags":"pending" """));
        _ = Ask("""{"op":"setup","id":1}""");
        Assert.Contains(
            "broken",
            Error(
                """{"op":"create_transfers","events":[{"id":8,"pending_id":7,"flags":"void_pending_transfer"}]}"""
            ),
            StringComparison.Ordinal
        );
        Assert.Contains("broken", Error("""{"op":"digest"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public void Blank_lines_count_and_are_not_answered()
    {
        using var input = new StringReader("\n  \nnot json\n{\"op\":\"tick\"}\n");
        using var output = new StringWriter();
        Assert.Equal(1, _session.Run(input, output));
        var answers = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, answers.Length);
        Assert.Contains("\"line\":3", answers[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Random_damage_to_lines_never_ends_the_session()
    {
        const int seed = 7;
        var random = new Random(seed);
        string[] lines =
        [
            TwoAccounts.Trim(),
            Transfer("7", "5", """, "flags":["pending"], "timeout":1"""),
            """{"op":"tick","nanoseconds":1000000000}""",
            """{"op":"get_account_transfers","account_id":1,"limit":10,"flags":["debits"]}""",
            """{"op":"query_accounts","limit":10}""",
            """{"op":"get_change_events","limit":10}""",
            """{"op":"update_accounts","events":[{"id":1,"allowance":5,"flags":["set_allowance"]}]}""",
        ];
        for (var i = 0; i < 5_000; i++)
        {
            var line = lines[random.Next(lines.Length)].ToCharArray();
            for (var damage = random.Next(4); damage > 0; damage--)
            {
                line[random.Next(line.Length)] = (char)random.Next(32, 127);
            }

            var answer = JsonNode.Parse(Ask(new string(line)))!;
            Assert.True(answer["op"] is not null || answer["error"] is not null);
        }
    }

    private static string Transfer(string id, string amount, string more = "") =>
        $$"""{"op":"create_transfers","events":[{"id":{{id}},"debit_account_id":1,"credit_account_id":2,"amount":{{amount}},"ledger":1,"code":1{{more}}}]}""";

    private string Ask(string line) => _session.Answer(line, ++_line, out _);

    private JsonArray Results(string line) => JsonNode.Parse(Ask(line))!["results"]!.AsArray();

    private string Error(string line)
    {
        var answer = _session.Answer(line, ++_line, out var understood);
        Assert.False(understood, answer);
        return (string)JsonNode.Parse(answer)!["error"]!;
    }
}
