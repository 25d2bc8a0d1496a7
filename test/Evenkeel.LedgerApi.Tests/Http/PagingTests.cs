using CsCheck;
using Evenkeel.LedgerApi.Tests.Bank;
using Xunit;

namespace Evenkeel.LedgerApi.Tests.Http;

public sealed class PagingTests
{
    [Fact]
    public async Task Pages_hold_every_row_once_in_both_directions_whatever_the_limit()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(7, "\"history\"");
        const int Count = 57;
        var transfers = Enumerable
            .Range(1, Count)
            .Select(i => ApiHost.Transfer(1 + (i % 3), 4 + (i % 3), i, id: $"{i}"));
        await api.PostAsync("/v1/transfers", ApiHost.Transfers([.. transfers]));
        (string Path, string Rows, string Id, int Count)[] lists =
        [
            ("/v1/transfers?ledger=978", "transfers", "id", Count),
            ("/v1/accounts?code=1", "accounts", "id", 7),
            ("/v1/accounts/2/transfers?side=debit", "transfers", "id", Count / 3),
            ("/v1/accounts/2/balances?code=1", "balances", "timestamp", Count / 3),
        ];
        foreach (var list in lists)
        {
            var oldest = await ReadAllAsync(api, $"{list.Path}&limit=1000", list.Rows, list.Id);
            Assert.Equal(list.Count, oldest.Count);
            Assert.Equal(oldest.Distinct(StringComparer.Ordinal), oldest);
            await Gen.Int[1, 60]
                .SampleAsync(
                    async limit =>
                    {
                        var path = $"{list.Path}&limit={limit}";
                        var up = await ReadAllAsync(api, path, list.Rows, list.Id);
                        var down = await ReadAllAsync(
                            api,
                            $"{path}&direction=newest_first",
                            list.Rows,
                            list.Id
                        );
                        down.Reverse();
                        return up.SequenceEqual(oldest) && down.SequenceEqual(oldest);
                    },
                    iter: Counts.Of(fast: 8, longRun: 200),
                    threads: 1,
                    seed: "0000KeoxCjW1"
                );
        }
    }

    [Fact]
    public async Task Rows_that_come_while_paging_are_neither_lost_nor_doubled()
    {
        await using var api = await ApiHost.StartAsync();
        await api.OpenAccountsAsync(2);
        List<string> seen = [];
        string? cursor = null;
        var next = 1;
        for (var round = 0; round < 10; round++)
        {
            await api.PutAsync($"/v1/transfers/{next}", ApiHost.Transfer(1, 2, next));
            next++;
            await api.PutAsync($"/v1/transfers/{next}", ApiHost.Transfer(1, 2, next));
            next++;
            var page = await api.GetAsync(
                $"/v1/change-events?limit=1{(cursor is null ? "" : $"&cursor={cursor}")}"
            );
            seen.AddRange(
                page.Json["change_events"]!
                    .AsArray()
                    .Select(e => e!["transfer"]!["id"]!.GetValue<string>())
            );
            cursor = page.String("next_cursor");
        }
        var rest = await api.GetAsync($"/v1/change-events?cursor={cursor}");
        seen.AddRange(
            rest.Json["change_events"]!
                .AsArray()
                .Select(e => e!["transfer"]!["id"]!.GetValue<string>())
        );
        Assert.Equal(Enumerable.Range(1, next - 1).Select(i => $"{i}"), seen);
    }

    [Fact]
    public async Task Records_page_by_key_and_prefix()
    {
        await using var api = await ApiHost.StartAsync();
        for (var i = 0; i < 23; i++)
        {
            await api.PostAsync(
                "/v1/operations",
                $$"""{"id":"{{100 + i}}","writes":[{"collection":"c","key":"{{(i % 2 == 0 ? "even" : "odd")}}/{{i:D2}}","value":{{i}}}]}"""
            );
        }
        var even = await ReadAllAsync(api, "/v1/records/c?prefix=even/&limit=5", "records", "key");
        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"even/{2 * i:D2}"), even);
        var all = await ReadAllAsync(api, "/v1/records/c?limit=7", "records", "key");
        Assert.Equal(23, all.Count);
        Assert.Equal(all.Order(StringComparer.Ordinal), all);
    }

    [Fact]
    public async Task Keys_page_by_number()
    {
        await using var api = await ApiHost.StartAsync();
        for (var i = 0; i < 4; i++)
        {
            await api.IssueAsync(Journal.Access.KeyScopes.LedgerRead);
        }
        var numbers = await ReadAllAsync(api, "/v1/keys?limit=2", "keys", "number");
        Assert.Equal(["1", "2", "3", "4", "5"], numbers);
    }

    private static async Task<List<string>> ReadAllAsync(
        ApiHost api,
        string path,
        string rows,
        string id
    )
    {
        List<string> all = [];
        string? cursor = null;
        do
        {
            var page = await api.GetAsync(cursor is null ? path : $"{path}&cursor={cursor}");
            all.AddRange(page.Json[rows]!.AsArray().Select(r => r![id]!.GetValue<string>()));
            Assert.True(all.Count <= 10_000, "The pages do not end.");
            cursor = page.String("next_cursor");
        } while (cursor is not null);
        return all;
    }
}
