using System.Globalization;
using System.Text;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Journal.Tests;

/// <summary>Decisions on records: never on what is no longer so, and never twice.</summary>
public sealed class DecisionQueueTests
{
    private const uint LimitReached = 7;
    private static readonly RecordKey First = new("doctor", "first");
    private static readonly RecordKey Second = new("doctor", "second");
    private static readonly RecordKey Stock = new("stock", "notes");

    private readonly InMemoryJournal _journal = new();

    /// <summary>
    /// Write skew: two doctors are on call, each goes off if the other is still on. Neither writes
    /// what the other reads, so that guards on written records alone would let both go.
    /// </summary>
    [Fact]
    public async Task Write_skew_through_a_record_that_is_only_read_is_caught()
    {
        Put(First, "on");
        Put(Second, "on");
        _journal.CommitsAtOnce = false;
        var queue = new DecisionQueue(_journal);

        var one = queue
            .DecideAsync(Request(1), GoOff(mine: First, other: Second), default)
            .AsTask();
        var two = queue
            .DecideAsync(Request(2), GoOff(mine: Second, other: First), default)
            .AsTask();
        await _journal.WaitForProposalsAsync(2);
        _journal.CommitsAtOnce = true;
        _journal.Commit(2);
        var results = new[] { Result(await one), Result(await two) };

        Assert.Equal(
            [OperationStatus.DecisionRefused, OperationStatus.Done],
            results.Select(x => x.Status).OrderDescending()
        );
        Assert.Equal(["off", "on"], new[] { Read(First), Read(Second) }.Order());
    }

    /// <summary>The same without the reader: shows that the test above can fail.</summary>
    [Fact]
    public async Task Write_skew_happens_when_a_read_goes_around_the_reader()
    {
        Put(First, "on");
        Put(Second, "on");
        _journal.CommitsAtOnce = false;
        var queue = new DecisionQueue(_journal);

        var one = queue.DecideAsync(Request(1), GoOffUnguarded(First, Second), default).AsTask();
        var two = queue.DecideAsync(Request(2), GoOffUnguarded(Second, First), default).AsTask();
        await _journal.WaitForProposalsAsync(2);
        _journal.Commit(2);
        await one;
        await two;

        Assert.Equal("off", Read(First));
        Assert.Equal("off", Read(Second));
    }

    [Fact]
    public async Task Absence_that_a_decision_relied_on_is_guarded()
    {
        _journal.CommitsAtOnce = false;
        var queue = new DecisionQueue(_journal);
        var open = queue
            .DecideAsync(
                Request(1),
                async (reader, draft, token) =>
                    await reader.ReadAsync(First, token) is null
                        ? draft with
                        {
                            Writes = [Write(Stock, "made")],
                        }
                        : draft with
                        {
                            RefusalCode = LimitReached,
                        },
                default
            )
            .AsTask();
        await _journal.WaitForProposalsAsync(1);
        Put(First, "came between");
        _journal.Commit(1);
        await _journal.WaitForProposalsAsync(2);
        _journal.Commit(1);

        Assert.Equal(OperationStatus.DecisionRefused, Result(await open).Status);
        Assert.Equal("", Read(Stock));
    }

    [Theory]
    [InlineData(64L << 20)]
    [InlineData(0)]
    public async Task A_record_that_was_changed_elsewhere_is_read_anew_whatever_was_kept(
        long cacheBytesMax
    )
    {
        Put(First, "on");
        var queue = new DecisionQueue(
            _journal,
            new DecisionLimits { CacheBytesMax = cacheBytesMax }
        );
        List<string> seen = [];
        Decide copy = async (reader, draft, token) =>
        {
            var read = await reader.ReadAsync(First, token);
            seen.Add(Encoding.UTF8.GetString(read!.Json.Span));
            return draft with { Writes = [new RecordWrite(Stock, read.Json)] };
        };
        Result(await queue.DecideAsync(Request(1), copy, default));
        Put(First, "off");

        Assert.Equal(
            OperationStatus.Done,
            Result(await queue.DecideAsync(Request(2), copy, default)).Status
        );

        Assert.Equal("off", Read(Stock));
        // What was kept cost one attempt more, and nothing else.
        Assert.Equal(cacheBytesMax == 0 ? 2 : 3, seen.Count);
    }

    [Fact]
    public async Task Business_date_that_a_decision_read_is_guarded()
    {
        var monday = new DateOnly(2026, 11, 23);
        _journal.ApplyNow(SystemRecords.OpenBusinessDate(new(90), monday, new("node", "1")));
        _journal.CommitsAtOnce = false;
        var queue = new DecisionQueue(_journal);
        var booking = queue
            .DecideAsync(
                Request(1),
                async (reader, draft, token) =>
                    draft with
                    {
                        Writes =
                        [
                            Write(Stock, $"{await reader.ReadBusinessDateAsync(token):yyyy-MM-dd}"),
                        ],
                    },
                default
            )
            .AsTask();
        await _journal.WaitForProposalsAsync(1);
        _journal.ApplyNow(
            SystemRecords.RollBusinessDate(new(91), monday, monday.AddDays(1), new("node", "1"))
        );
        _journal.Commit(1);
        await _journal.WaitForProposalsAsync(2);
        _journal.Commit(1);

        Assert.Equal(OperationStatus.Done, Result(await booking).Status);
        Assert.Equal("2026-11-24", Read(Stock));
    }

    [Fact]
    public async Task Decisions_on_one_key_pipeline_on_what_those_in_flight_will_write()
    {
        const int Count = 20;
        Put(Stock, "100");
        _journal.CommitsAtOnce = false;
        var queue = new DecisionQueue(_journal);
        var takes = Enumerable
            .Range(1, Count)
            .Select(i => queue.DecideAsync(Request((UInt128)i, Stock), Take(1), default).AsTask())
            .ToArray();
        // All of them are in flight at once, none is committed.
        await _journal.WaitForProposalsAsync(Count);
        _journal.Commit(Count);
        var results = await Task.WhenAll(takes);

        Assert.All(results, answer => Assert.Equal(OperationStatus.Done, Result(answer).Status));
        Assert.Equal("80", Read(Stock));
        Assert.Equal(Count, _journal.Proposed);
    }

    /// <summary>
    /// The forecast is wrong in the worst way: another write took the foreseen version number. Only
    /// the guard's content tells the two apart.
    /// </summary>
    [Fact]
    public async Task Decision_on_a_forecast_whose_version_another_write_took_is_made_anew()
    {
        Put(Stock, "100");
        _journal.CommitsAtOnce = false;
        var queue = new DecisionQueue(_journal);
        var one = queue.DecideAsync(Request(1, Stock), Take(60), default).AsTask();
        await _journal.WaitForProposalsAsync(1);
        var two = queue.DecideAsync(Request(2, Stock), Take(40), default).AsTask();
        await _journal.WaitForProposalsAsync(2);
        Put(Stock, "50");
        _journal.Commit(2);
        _journal.CommitsAtOnce = true;
        // 60 no longer fits in 50; 40 does.
        Assert.Equal(OperationStatus.DecisionRefused, Result(await one).Status);
        Assert.Equal(OperationStatus.Done, Result(await two).Status);
        Assert.Equal("10", Read(Stock));
    }

    [Fact]
    public async Task Deposed_leader_drops_its_forecasts()
    {
        Put(Stock, "100");
        _journal.CommitsAtOnce = false;
        var queue = new DecisionQueue(_journal);
        var lost = queue.DecideAsync(Request(1, Stock), Take(60), default).AsTask();
        await _journal.WaitForProposalsAsync(1);
        _journal.Depose();
        Assert.IsType<Answer<OperationResult>.Unknown>(await lost);

        _journal.CommitsAtOnce = true;
        var answer = await queue.DecideAsync(Request(2, Stock), Take(70), default);

        Assert.Equal(OperationStatus.Done, Result(answer).Status);
        Assert.Equal("30", Read(Stock));
        Assert.Equal(2, _journal.Proposed);
    }

    /// <summary>
    /// The answer to a withdrawal is lost. Its retry sees a stock that it has emptied itself, and
    /// would decide "no" about what is done.
    /// </summary>
    [Fact]
    public async Task Retry_that_would_now_be_refused_learns_that_it_was_done()
    {
        Put(Stock, "100");
        var queue = new DecisionQueue(_journal);
        var first = await queue.DecideAsync(Request(1, Stock), Take(100), default);
        var retry = await queue.DecideAsync(Request(1, Stock), Take(100), default);

        Assert.Equal(OperationStatus.Done, Result(first).Status);
        Assert.Equal(OperationStatus.Done, Result(retry).Status);
        Assert.True(Result(retry).Replayed);
        Assert.Equal("0", Read(Stock));
    }

    [Fact]
    public async Task Late_duplicate_of_a_refused_request_stays_refused()
    {
        Put(Stock, "10");
        var queue = new DecisionQueue(_journal);
        var refused = await queue.DecideAsync(Request(1, Stock), Take(100), default);
        Put(Stock, "1000");
        var late = await queue.DecideAsync(Request(1, Stock), Take(100), default);

        Assert.Equal(OperationStatus.DecisionRefused, Result(refused).Status);
        Assert.Equal(OperationStatus.DecisionRefused, Result(late).Status);
        Assert.Equal(LimitReached, Result(late).FailedStatus);
        Assert.Equal("1000", Read(Stock));
    }

    [Fact]
    public async Task Second_attempt_of_a_request_waits_for_the_first_one_in_flight()
    {
        Put(Stock, "100");
        _journal.CommitsAtOnce = false;
        var queue = new DecisionQueue(_journal);
        var first = queue.DecideAsync(Request(1, Stock), Take(100), default).AsTask();
        await _journal.WaitForProposalsAsync(1);
        var second = queue.DecideAsync(Request(1, Stock), Take(100), default).AsTask();
        _journal.CommitsAtOnce = true;
        Assert.Equal(1, _journal.Proposed);
        _journal.Commit(1);

        Assert.False(Result(await first).Replayed);
        Assert.True(Result(await second).Replayed);
        Assert.Equal("0", Read(Stock));
    }

    [Fact]
    public async Task Retries_after_stale_guards_are_bounded()
    {
        var queue = new DecisionQueue(_journal, new DecisionLimits { AttemptsMax = 3 });
        var attempts = 0;
        var answer = await queue.DecideAsync(
            Request(1),
            async (reader, draft, token) =>
            {
                await reader.ReadAsync(Stock, token);
                Put(Stock, $"{attempts++}"); // Somebody is always faster.
                return draft with { Writes = [Write(First, "x")] };
            },
            default
        );

        var notDone = Assert.IsType<Answer<OperationResult>.NotDone>(answer);
        Assert.Equal(FrameStatus.Busy, notDone.Reason);
        Assert.Equal(3, attempts);
        Assert.Equal("", Read(First));
    }

    [Fact]
    public async Task Queue_on_one_key_is_bounded()
    {
        Put(Stock, "100");
        _journal.CommitsAtOnce = false;
        var queue = new DecisionQueue(_journal, new DecisionLimits { DecisionsPerKeyMax = 2 });
        var one = queue.DecideAsync(Request(1, Stock), Take(1), default).AsTask();
        var two = queue.DecideAsync(Request(2, Stock), Take(1), default).AsTask();
        var three = await queue.DecideAsync(Request(3, Stock), Take(1), default);
        await _journal.WaitForProposalsAsync(2);
        _journal.Commit(2);
        await one;
        await two;

        var notDone = Assert.IsType<Answer<OperationResult>.NotDone>(three);
        Assert.Equal(FrameStatus.Busy, notDone.Reason);
        Assert.Equal("98", Read(Stock));
    }

    [Fact]
    public async Task Ill_formed_decision_is_not_proposed()
    {
        var queue = new DecisionQueue(_journal);
        var answer = await queue.DecideAsync(Request(1), (_, draft, _) => new(draft), default);

        var notDone = Assert.IsType<Answer<OperationResult>.NotDone>(answer);
        Assert.Equal(FrameStatus.InvalidRequest, notDone.Reason);
        Assert.Equal(0, _journal.Proposed);
    }

    private static DecisionRequest Request(UInt128 id, params RecordKey[] keys) =>
        new()
        {
            Id = new OperationId(id),
            Principals = [new Principal(PrincipalKinds.ApiKey, "1")],
            RequestHash = id + 1_000,
            Keys = keys,
        };

    private static Decide GoOff(RecordKey mine, RecordKey other) =>
        async (reader, draft, token) =>
            Text(await reader.ReadAsync(other, token)) == "on"
            && Text(await reader.ReadAsync(mine, token)) == "on"
                ? draft with
                {
                    Writes = [Write(mine, "off")],
                }
                : draft with
                {
                    RefusalCode = LimitReached,
                };

    private Decide GoOffUnguarded(RecordKey mine, RecordKey other) =>
        (_, draft, _) =>
            new(
                Read(other) == "on"
                    ? draft with
                    {
                        Writes = [Write(mine, "off")],
                    }
                    : draft with
                    {
                        RefusalCode = LimitReached,
                    }
            );

    private static Decide Take(int amount) =>
        async (reader, draft, token) =>
        {
            var left = int.Parse(
                Text(await reader.ReadAsync(Stock, token)),
                CultureInfo.InvariantCulture
            );
            return left >= amount
                ? draft with
                {
                    Writes = [Write(Stock, $"{left - amount}")],
                }
                : draft with
                {
                    RefusalCode = LimitReached,
                };
        };

    private static RecordWrite Write(RecordKey key, string text) =>
        new(key, Encoding.UTF8.GetBytes($"\"{text}\""));

    private static string Text(StoredRecord? record) =>
        record is null ? "" : Encoding.UTF8.GetString(record.Json.Span).Trim('"');

    private static OperationResult Result(Answer<OperationResult> answer) =>
        Assert.IsType<Answer<OperationResult>.Done>(answer).Value;

    private int _puts;

    private void Put(RecordKey key, string text) =>
        _journal.ApplyNow(
            new Operation
            {
                Id = new OperationId(1_000_000 + (UInt128)_puts++),
                Principals = [new Principal(PrincipalKinds.ApiKey, "1")],
                Writes = [Write(key, text)],
            }
        );

    private string Read(RecordKey key) =>
        _journal.State.Records.GetValueOrDefault(key).Json is { } json
            ? Encoding.UTF8.GetString(json).Trim('"')
            : "";
}
