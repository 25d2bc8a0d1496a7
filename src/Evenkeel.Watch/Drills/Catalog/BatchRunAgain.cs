using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Evenkeel.Client;
using Evenkeel.Model;
using Evenkeel.Watch.Drills.TestBed;

namespace Evenkeel.Watch.Drills.Catalog;

/// <summary>D06: payroll dies in the middle, is run again, twice, and comes again under another name.</summary>
internal sealed class BatchRunAgain : IDrill
{
    private const int Lines = 10_000;
    private const int KillAtPercent = 37;
    private const int TransfersOfAPage = 8_189;

    private static readonly string[] Currencies = ["CNY"];
    private static readonly string[] Scopes = ["admin"];
    private static readonly TimeSpan BuildMax = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RunMax = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    public DrillPlan Plan { get; } =
        new()
        {
            Id = "D06",
            Name = "Batch dies and is run again",
            Hypothesis =
                "a payroll that dies in the middle goes on with its next line; started twice more and "
                + "brought again under another name it pays nobody a second time",
            Fault =
                $"SIGKILL of the bank when {KillAtPercent} % of {Lines} lines are paid; started again, "
                + "killed and started once more; the same file, and the same payments in another file",
            DurationMax = TimeSpan.FromMinutes(12),
        };

    public async Task RunAsync(DrillRun run, CancellationToken cancellationToken)
    {
        run.IsNotBuilt("the company is told by a notice (the bank emits one; nobody sends it yet)");
        await using Bed bed = new(run);
        await bed.StartAsync(cancellationToken);
        string date = DateTime.Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        await bed.PostAsync("/v1/bank/open", new { date, currencies = Currencies });
        using JsonDocument built = await bed.PostAsync(
            "/v1/demo/payroll",
            new
            {
                seed = run.Seed,
                lines = Lines,
                date,
            }
        );
        Payroll payroll = Payroll.Of(built.RootElement);
        run.Happened($"{Lines} accounts, a company and the file of their wages");

        JsonElement taken = await bed.UploadAsync(payroll.File);
        string id = taken.GetProperty("run").GetString()!;
        await bed.ReleaseAsync(id);
        int atKill = await KillAtAsync(run, bed, id, cancellationToken);
        run.RequireAtMost("linesPaidAtKill", atKill, Lines - 1, "it died in the middle");
        await bed.StartAsync(cancellationToken);
        await Patience.UntilAsync(
            "the run goes on",
            RunMax,
            async () => (await bed.FindAsync(id)).GetProperty("paidCount").GetInt32() > atKill,
            cancellationToken
        );
        await bed.KillAsync();
        run.Happened("killed once more, while it went on");
        await bed.StartAsync(cancellationToken);
        await Patience.UntilAsync(
            "the run is done",
            RunMax,
            async () => Says(await bed.FindAsync(id), "state", "Done"),
            cancellationToken
        );
        run.Happened("the run is done");

        await BringAgainAsync(run, bed, payroll, id);
        await JudgeAsync(run, bed, payroll, cancellationToken);
    }

    private static async Task<int> KillAtAsync(
        DrillRun run,
        Bed bed,
        string id,
        CancellationToken cancellationToken
    )
    {
        int paid = 0;
        await Patience.UntilAsync(
            $"{KillAtPercent} % of the lines are paid",
            RunMax,
            async () =>
            {
                paid = (await bed.FindAsync(id)).GetProperty("paidCount").GetInt32();
                return paid * 100L >= Lines * KillAtPercent;
            },
            cancellationToken
        );
        await bed.KillAsync();
        run.Happened($"SIGKILL; {paid} lines were known to be paid");
        return paid;
    }

    private static async Task BringAgainAsync(DrillRun run, Bed bed, Payroll payroll, string id)
    {
        JsonElement again = await bed.UploadAsync(payroll.File);
        run.Require(
            "the same bytes under another name are the same run",
            Says(again, "outcome", "known") && Says(again, "run", id),
            again.GetProperty("outcome").GetString()!
        );
        string renamed = payroll.File.Replace(
            payroll.File.Split(',')[2],
            "renamed",
            StringComparison.Ordinal
        );
        JsonElement other = await bed.UploadAsync(renamed);
        run.Require(
            "the same payments in another file are held with the reason",
            Says(other, "state", "Held")
                && Says(other, "reason", "duplicate")
                && other.GetProperty("overlap").GetInt32() == Lines,
            $"{other.GetProperty("state").GetString()}, {other.GetProperty("overlap").GetInt32()} lines"
        );
        run.Require(
            "who brought it can't release it alone",
            !await bed.TryReleaseAsync(
                other.GetProperty("run").GetString()!,
                bed.MakerKey,
                accept: true
            ),
            "refused"
        );
        string half = payroll.File[..(payroll.File.Length / 2)];
        JsonElement faulty = await bed.UploadAsync(half);
        run.Require(
            "half of the file is refused with its line",
            Says(faulty, "outcome", "faulty") && faulty.GetProperty("line").GetInt32() > 1,
            $"{faulty.GetProperty("fault").GetString()} at line {faulty.GetProperty("line").GetInt32()}"
        );
    }

    /// <summary>From the ledger's own transfers: the runner's word is not asked.</summary>
    private static async Task JudgeAsync(
        DrillRun run,
        Bed bed,
        Payroll payroll,
        CancellationToken cancellationToken
    )
    {
        await using EvenkeelClient client = await bed.ConnectAsync(cancellationToken);
        Dictionary<UInt128, (int Wage, int Count, long Sum)> people = payroll
            .Accounts.Zip(payroll.Wages)
            .ToDictionary(p => LedgerId(p.First), p => (p.Second, 0, 0L));
        UInt128 payer = LedgerId(payroll.Payer);
        long fromPayer = 0;
        long toPayer = 0;
        ulong after = 0;
        while (true)
        {
            QueryFilter filter = new() { TimestampMin = after + 1, Limit = TransfersOfAPage };
            Transfer[] page = (
                await client.UntilKnownAsync(
                    () => client.QueryTransfersAsync(filter, cancellationToken),
                    cancellationToken
                )
            ).Require();
            if (page.Length == 0)
            {
                break;
            }
            foreach (Transfer transfer in page)
            {
                if (people.TryGetValue(transfer.CreditAccountId, out var seen))
                {
                    people[transfer.CreditAccountId] = (
                        seen.Wage,
                        seen.Count + 1,
                        seen.Sum + (long)transfer.Amount
                    );
                }
                fromPayer += transfer.DebitAccountId == payer ? (long)transfer.Amount : 0;
                toPayer += transfer.CreditAccountId == payer ? (long)transfer.Amount : 0;
            }
            after = page[^1].Timestamp;
        }
        long owed = payroll.Wages.Sum(static w => (long)w);
        long paid = people.Values.Sum(static p => p.Sum);
        int once = people.Values.Count(static p => p.Count == 1 && p.Sum == p.Wage);
        run.Measure("lines", Lines);
        run.Require($"paid exactly once: {Lines} of {Lines}", once == Lines, $"{once}");
        run.RequireAtMost(
            "linesPaidTwice",
            people.Values.Count(static p => p.Count > 1),
            0,
            "lines paid twice"
        );
        run.RequireAtMost(
            "linesNotPaid",
            people.Values.Count(static p => p.Count == 0),
            0,
            "lines not paid"
        );
        run.Require("totals are equal to the cent", paid == owed, $"{paid} of {owed} minor units");
        run.Require(
            "the payer was debited the file's sum once",
            fromPayer == owed && toPayer == owed * 2,
            $"{fromPayer} minor units"
        );
        Account clearing = (
            await client.UntilKnownAsync(
                () =>
                    client.LookupAccountsAsync(
                        new[] { ((UInt128)2 << 96) | ((UInt128)2240 << 64) | ((UInt128)156 << 32) },
                        cancellationToken
                    ),
                cancellationToken
            )
        ).Require()[0];
        run.Require(
            "nothing is left between payer and payees",
            clearing.CreditsPosted == clearing.DebitsPosted,
            $"{clearing.CreditsPosted} in, {clearing.DebitsPosted} out"
        );
    }

    private static bool Says(JsonElement answer, string name, string text) =>
        string.Equals(answer.GetProperty(name).GetString(), text, StringComparison.Ordinal);

    /// <summary>A customer's account in the ledger (docs/formats/bulk-csv.md).</summary>
    private static UInt128 LedgerId(string account) =>
        ((UInt128)1 << 96) | ulong.Parse(account, CultureInfo.InvariantCulture);

    private sealed record Payroll(
        string Payer,
        IReadOnlyList<string> Accounts,
        IReadOnlyList<int> Wages,
        string File
    )
    {
        public static Payroll Of(JsonElement json) =>
            new(
                json.GetProperty("payer").GetString()!,
                [.. json.GetProperty("accounts").EnumerateArray().Select(a => a.GetString()!)],
                [.. json.GetProperty("wages").EnumerateArray().Select(w => w.GetInt32())],
                json.GetProperty("file").GetString()!
            );
    }

    /// <summary>One node in a process of its own, and its operators' keys.</summary>
    private sealed class Bed(DrillRun run) : IAsyncDisposable
    {
        private readonly string _data = Path.Combine(run.BedDirectory, "node");
        private readonly HttpClient _http = new() { Timeout = BuildMax };
        private BedProcess? _process;
        private string? _checkerKey;

        public string MakerKey { get; private set; } = "";

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            _process?.Dispose();
            Directory.CreateDirectory(_data);
            string endpoint = Path.Combine(_data, "endpoint.json");
            File.Delete(endpoint);
            _process = BedProcess.Start(
                "bank",
                [
                    run.Binary,
                    "node",
                    "--data",
                    _data,
                    "--port",
                    "0",
                    "--rest-port",
                    "0",
                    "--profile",
                    "demo",
                ],
                Path.Combine(run.BedDirectory, "bank.log")
            );
            await Patience.UntilAsync(
                "the bank serves",
                StartMax,
                () => File.Exists(endpoint) && File.Exists(Path.Combine(_data, "operator.key")),
                cancellationToken
            );
            using JsonDocument json = JsonDocument.Parse(
                await File.ReadAllBytesAsync(endpoint, cancellationToken)
            );
            Rest = new Uri(json.RootElement.GetProperty("rest").GetString()!);
            Binary = json.RootElement.GetProperty("binary").GetString()!;
            MakerKey = (
                await File.ReadAllTextAsync(Path.Combine(_data, "operator.key"), cancellationToken)
            ).Trim();
            run.Happened("the bank serves");
        }

        private Uri Rest { get; set; } = new("http://127.0.0.1");

        private string Binary { get; set; } = "";

        public Task KillAsync() => _process!.KillAsync();

        public Task<EvenkeelClient> ConnectAsync(CancellationToken cancellationToken) =>
            EvenkeelClient.ConnectAsync(
                new ClientOptions
                {
                    Endpoints = [System.Net.IPEndPoint.Parse(Binary)],
                    ApiKey = MakerKey,
                },
                cancellationToken
            );

        public async Task<JsonDocument> PostAsync(string path, object body)
        {
            using HttpResponseMessage answer = await SendAsync(
                HttpMethod.Post,
                path,
                MakerKey,
                JsonContent.Create(body)
            );
            string text = await answer.Content.ReadAsStringAsync();
            return answer.IsSuccessStatusCode
                ? JsonDocument.Parse(text)
                : throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {text}");
        }

        public async Task<JsonElement> UploadAsync(string file)
        {
            using HttpResponseMessage answer = await SendAsync(
                HttpMethod.Post,
                "/v1/bank/bulk",
                MakerKey,
                new ByteArrayContent(Encoding.UTF8.GetBytes(file))
                {
                    Headers = { ContentType = new MediaTypeHeaderValue("text/csv") },
                }
            );
            return JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        }

        public async Task ReleaseAsync(string id)
        {
            if (_checkerKey is null)
            {
                using JsonDocument issued = await PostAsync(
                    "/v1/keys",
                    new { name = "second person", scopes = Scopes }
                );
                _checkerKey = issued.RootElement.GetProperty("token").GetString();
            }
            if (!await TryReleaseAsync(id, _checkerKey!, accept: false))
            {
                throw new InvalidOperationException("The file could not be released.");
            }
        }

        public async Task<bool> TryReleaseAsync(string id, string key, bool accept)
        {
            using HttpResponseMessage answer = await SendAsync(
                HttpMethod.Post,
                $"/v1/bank/bulk/{id}/release?acceptOverlap={accept}",
                key,
                content: null
            );
            return answer.IsSuccessStatusCode;
        }

        public async Task<JsonElement> FindAsync(string id)
        {
            using HttpResponseMessage answer = await SendAsync(
                HttpMethod.Get,
                $"/v1/bank/bulk/{id}",
                MakerKey,
                content: null
            );
            return JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        }

        public ValueTask DisposeAsync()
        {
            _process?.Dispose();
            _http.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task<HttpResponseMessage> SendAsync(
            HttpMethod method,
            string path,
            string key,
            HttpContent? content
        )
        {
            using HttpRequestMessage request = new(method, new Uri(Rest, path))
            {
                Content = content,
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
            };
            return await _http.SendAsync(request);
        }
    }
}
