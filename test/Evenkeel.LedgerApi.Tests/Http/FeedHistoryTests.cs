using System.Text.Json.Nodes;
using Xunit;

namespace Evenkeel.LedgerApi.Tests.Http;

/// <summary>A consumer of the change feed after the bank went back to an earlier position.</summary>
public sealed class FeedHistoryTests
{
    private static readonly UInt128 Old = 1;
    private static readonly UInt128 New = 2;

    [Fact]
    public async Task A_consumer_that_is_ahead_of_a_restored_position_is_refused_and_told_where_to_go_on()
    {
        var (first, second, cursors) = await FollowAsync();
        // Restored to right after the first change.
        await using var restored = await BankAsync(Fork(at: first));
        var refused = await restored.GetAsync($"/v1/change-events?cursor={cursors.Second}");
        Assert.Equal(409, (int)refused.Status);
        Assert.Equal("position_not_in_history", refused.String("reason"));
        Assert.Equal(
            first.ToString(System.Globalization.CultureInfo.InvariantCulture),
            refused.String("fork_timestamp")
        );
        Assert.True(second > first);

        // As it was told: from the fork on, without a cursor.
        var again = await restored.GetAsync($"/v1/change-events?timestamp_min={first + 1}");
        Assert.NotEmpty(again.Json["change_events"]!.AsArray());
        var next = await restored.GetAsync(
            $"/v1/change-events?timestamp_min={first + 1}&cursor={again.String("next_cursor")}"
        );
        Assert.Equal(200, (int)next.Status);
    }

    [Fact]
    public async Task A_consumer_that_is_not_ahead_goes_on_without_noticing()
    {
        var (first, _, cursors) = await FollowAsync();
        await using var restored = await BankAsync(Fork(at: first));
        var page = await restored.GetAsync($"/v1/change-events?cursor={cursors.First}");
        Assert.Equal(200, (int)page.Status);
    }

    [Fact]
    public async Task A_position_of_a_history_that_shares_nothing_begins_anew()
    {
        var (_, _, cursors) = await FollowAsync();
        await using var stranger = await BankAsync(new FeedHistory(99, []));
        var refused = await stranger.GetAsync($"/v1/change-events?cursor={cursors.First}");
        Assert.Equal("position_not_in_history", refused.String("reason"));
        Assert.Equal("0", refused.String("fork_timestamp"));
    }

    private static FeedHistory Fork(ulong at) => new(New, [new FeedAncestor(Old, 7, at)]);

    private static async Task<ApiHost> BankAsync(FeedHistory history)
    {
        var api = await ApiHost.StartAsync(
            new LedgerApiOptions { AnonymousRequestsPerSecondMax = 100_000, History = history }
        );
        await api.OpenAccountsAsync(2);
        await api.PutAsync("/v1/transfers/5", ApiHost.Transfer(1, 2, 30));
        await api.PutAsync("/v1/transfers/6", ApiHost.Transfer(2, 1, 10));
        return api;
    }

    /// <summary>Reads two changes, one a page: their log times and the cursors after them.</summary>
    private static async Task<(
        ulong First,
        ulong Second,
        (string First, string Second) Cursors
    )> FollowAsync()
    {
        await using var api = await BankAsync(new FeedHistory(Old, []));
        var first = await api.GetAsync("/v1/change-events?limit=1");
        var second = await api.GetAsync(
            $"/v1/change-events?limit=1&cursor={first.String("next_cursor")}"
        );
        return (
            TimeOf(first.Json),
            TimeOf(second.Json),
            (first.String("next_cursor")!, second.String("next_cursor")!)
        );
    }

    private static ulong TimeOf(JsonNode page) =>
        ulong.Parse(
            page["change_events"]![0]!["timestamp"]!.ToString(),
            System.Globalization.CultureInfo.InvariantCulture
        );
}
