using System.Diagnostics;
using System.Net;
using Evenkeel.Gateway.Attempts;
using Xunit;

namespace Evenkeel.Gateway.Tests;

/// <summary>What a customer sees while leaders come, go, hang and break.</summary>
public sealed class FailoverTests
{
    private const string OneWithId =
        """{"transfers":[{"id":"77","debit_account_id":"1","credit_account_id":"2","amount":"5","ledger":1,"code":1}]}""";

    private const string OneWithoutId =
        """{"transfers":[{"debit_account_id":"1","credit_account_id":"2","amount":"5","ledger":1,"code":1}]}""";

    private const string LinkedWithIds =
        """{"transfers":[{"id":"1","flags":["linked"],"amount":"5"},{"id":"2","amount":"5"}]}""";

    [Fact]
    public async Task A_request_goes_to_the_node_that_leads()
    {
        await using var house = await TestHouse.StartAsync(nodes: 3, hasLeader: false);
        house.Nodes[1].Leads = true;
        await house.UntilReadyAsync();
        var answer = await house.PutTransferAsync(1);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal("n2", answer.Headers.GetValues("Evenkeel-Served-By").Single());
        Assert.Single(answer.Headers.GetValues("Evenkeel-Request-Id"));
        Assert.Empty(house.Nodes[0].Seen);
    }

    [Fact]
    public async Task A_node_that_says_not_leader_is_left_for_the_one_that_leads()
    {
        await using var house = await TestHouse.StartAsync(nodes: 2);
        house.Nodes[0].Behaviour = Behaviour.NotLeader;
        house.Nodes[0].OnWrite = _ =>
        {
            house.Nodes[0].Leads = false;
            house.Nodes[1].Leads = true;
        };
        var answer = await house.PutTransferAsync(1);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal("n2", answer.Headers.GetValues("Evenkeel-Served-By").Single());
        Assert.Single(house.Nodes[0].Seen);
    }

    [Fact]
    public async Task A_request_is_held_while_nobody_leads()
    {
        await using var house = await TestHouse.StartAsync(nodes: 2, hasLeader: false);
        Task<HttpResponseMessage> waiting = house.PutTransferAsync(1);
        await Eventually.TrueAsync(
            "both were asked several times",
            () => house.Recorder.Written > 0
        );
        Assert.False(waiting.IsCompleted);
        house.Nodes[1].Leads = true;
        Assert.Equal(HttpStatusCode.Created, (await waiting).StatusCode);
    }

    [Fact]
    public async Task Without_a_leader_in_time_the_answer_says_that_nothing_happened()
    {
        await using var house = await TestHouse.StartAsync(
            configure: o => o with { HoldMax = TimeSpan.FromMilliseconds(200) },
            hasLeader: false
        );
        var answer = await house.PutTransferAsync(1);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(("unavailable", "not_done", "later"), await TestHouse.ProblemOf(answer));
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Theory]
    [InlineData((int)Behaviour.BreakMidAnswer)]
    [InlineData((int)Behaviour.BreakBefore)]
    [InlineData((int)Behaviour.SayUnknown)]
    [InlineData((int)Behaviour.InternalError)]
    public async Task A_try_that_nobody_knows_the_end_of_is_made_again_with_the_same_id(int first)
    {
        await using var house = await TestHouse.StartAsync();
        house.Nodes[0].Next.Enqueue((Behaviour)first);
        var answer = await house.PostTransfersAsync(OneWithoutId, idempotencyKey: "order-1");
        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal(["order-1"], house.Books.Done.Keys);
        Assert.Equal(2, house.Books.Asked["order-1"]);
    }

    [Fact]
    public async Task A_leader_that_hangs_is_left_when_another_leads()
    {
        await using var house = await TestHouse.StartAsync(
            nodes: 2,
            configure: o => o with { ProbeMax = TimeSpan.FromMilliseconds(50) }
        );
        StandInNode hanging = house.Nodes[0];
        hanging.Behaviour = Behaviour.HangAfter;
        hanging.OnWrite = _ =>
        {
            hanging.IsPaused = true;
            house.Nodes[1].Term = 2;
            house.Nodes[1].Leads = true;
        };
        long began = Stopwatch.GetTimestamp();
        var answer = await house.PutTransferAsync(9);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("n2", answer.Headers.GetValues("Evenkeel-Served-By").Single());
        Assert.Equal(2, house.Books.Asked["9"]);
        Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task Of_two_that_say_they_lead_the_higher_term_is_believed()
    {
        await using var house = await TestHouse.StartAsync(nodes: 2);
        house.Nodes[1].Term = 5;
        house.Nodes[1].Leads = true;
        await Eventually.TrueAsync(
            "the newer leader serves",
            async () =>
                (await house.SendAsync(HttpMethod.Get, "/v1/accounts/1"))
                    .Headers.GetValues("Evenkeel-Served-By")
                    .Single() == "n2"
        );
        house.Nodes[1].Leads = false;
        await Eventually.TrueAsync(
            "the older one is all there is",
            async () =>
                (await house.SendAsync(HttpMethod.Get, "/v1/accounts/1"))
                    .Headers.GetValues("Evenkeel-Served-By")
                    .Single() == "n1"
        );
    }

    [Theory]
    [InlineData(OneWithoutId)]
    [InlineData(LinkedWithIds)]
    public async Task Without_a_key_a_try_of_unknown_end_is_not_repeated_where_it_could_lie(
        string body
    )
    {
        await using var house = await TestHouse.StartAsync();
        house.Nodes[0].Next.Enqueue(Behaviour.BreakMidAnswer);
        var answer = await house.PostTransfersAsync(body);
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Equal(
            ("unknown_outcome", "unknown", "same_request"),
            await TestHouse.ProblemOf(answer)
        );
        Assert.Equal(1, Assert.Single(house.Books.Asked).Value);
    }

    [Fact]
    public async Task Without_a_key_but_with_ids_a_batch_is_repeated()
    {
        await using var house = await TestHouse.StartAsync();
        house.Nodes[0].Next.Enqueue(Behaviour.BreakMidAnswer);
        var answer = await house.PostTransfersAsync(OneWithId);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(2, house.Books.Asked["77"]);
    }

    [Fact]
    public async Task The_gateway_adds_no_idempotency_key_of_its_own()
    {
        await using var house = await TestHouse.StartAsync();
        await house.PostTransfersAsync(OneWithId);
        var (_, _, headers) = Assert.Single(house.Nodes[0].Seen);
        Assert.False(headers.ContainsKey("Idempotency-Key"));
    }

    [Fact]
    public async Task Issuing_a_key_is_never_repeated()
    {
        await using var house = await TestHouse.StartAsync();
        house.Nodes[0].Next.Enqueue(Behaviour.BreakMidAnswer);
        var answer = await house.SendAsync(
            HttpMethod.Post,
            "/v1/keys",
            """{"name":"x","scopes":["admin"]}""",
            idempotencyKey: "k"
        );
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Equal(1, Assert.Single(house.Books.Asked).Value);
    }

    [Fact]
    public async Task After_a_try_of_unknown_end_busy_does_not_mean_not_done()
    {
        await using var house = await TestHouse.StartAsync(configure: o =>
            o with
            {
                HoldMax = TimeSpan.FromMilliseconds(400),
            }
        );
        house.Nodes[0].Next.Enqueue(Behaviour.BreakMidAnswer);
        house.Nodes[0].Behaviour = Behaviour.Busy;
        var answer = await house.PutTransferAsync(5);
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
        Assert.Equal(
            ("unknown_outcome", "unknown", "same_request"),
            await TestHouse.ProblemOf(answer)
        );
        Assert.True(house.Books.Done.ContainsKey("5"));
    }

    [Fact]
    public async Task Busy_at_the_first_try_is_the_customers_answer()
    {
        await using var house = await TestHouse.StartAsync();
        house.Nodes[0].Behaviour = Behaviour.Busy;
        var answer = await house.PutTransferAsync(5);
        Assert.Equal(("busy", "not_done", "later"), await TestHouse.ProblemOf(answer));
        Assert.Equal(1, house.Books.Asked["5"]);
    }

    [Fact]
    public async Task A_failure_that_stays_is_told_after_three_tries()
    {
        await using var house = await TestHouse.StartAsync();
        house.Nodes[0].Behaviour = Behaviour.InternalError;
        var answer = await house.PutTransferAsync(5);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal(3, house.Books.Asked["5"]);
    }

    [Fact]
    public async Task Many_customers_see_a_pause_and_no_error_when_the_leader_changes()
    {
        await using var house = await TestHouse.StartAsync(nodes: 3);
        const int Customers = 40;
        const int Each = 25;
        int sent = 0;
        async Task<HttpStatusCode[]> CustomerAsync(int customer)
        {
            var seen = new HttpStatusCode[Each];
            for (int i = 0; i < Each; i++)
            {
                if (Interlocked.Increment(ref sent) == Customers * Each / 3)
                {
                    // It dies: half of the answers break, then nobody is there.
                    house.Nodes[0].Leads = false;
                    house.Nodes[0].Behaviour = Behaviour.BreakMidAnswer;
                    house.Nodes[2].Term = 2;
                    house.Nodes[2].Leads = true;
                }
                var answer = await house.PutTransferAsync((ulong)((customer * 1_000) + i));
                seen[i] = answer.StatusCode;
            }
            return seen;
        }
        var all = await Task.WhenAll(Enumerable.Range(1, Customers).Select(CustomerAsync));
        Assert.All(
            all.SelectMany(s => s),
            s => Assert.True(s is HttpStatusCode.Created or HttpStatusCode.OK)
        );
        Assert.Equal(Customers * Each, house.Books.Done.Count);
        await house.CloseGatewayAsync();
        var report = AttemptReport.Read(house.Directory);
        Assert.Equal(Customers * Each, report.Attempts.Count);
        Assert.All(report.Attempts, a => Assert.Equal(AttemptOutcome.Done, a.Outcome));
        Assert.Empty(report.Gaps);
    }
}
