using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Evenkeel.Model;
using Evenkeel.Watch.Drills.Checking;

namespace Evenkeel.Watch.Drills.Load;

/// <summary>An account as REST shows it; totals are posted and held together.</summary>
internal readonly record struct RestAccount(
    UInt128 Id,
    UInt128 Debits,
    UInt128 Credits,
    ulong Content
);

/// <summary>An answer with what a customer makes of it.</summary>
internal readonly record struct RestAnswer(
    CallOutcome Outcome,
    ProbeVerdict Verdict,
    string Detail,
    CreateTransferResult Result = default,
    RestAccount? Account = null
);

/// <summary>The few calls of docs/api.md that probes make, without any code of the server.</summary>
internal sealed class RestCaller : IDisposable
{
    private static readonly string[] Retries =
    [
        "never",
        "same_request",
        "later",
        "elsewhere",
        "new_id",
        "decide_again",
    ];

    private readonly HttpClient _http;

    public RestCaller(Uri bank, string key, TimeSpan patience)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = bank,
            Timeout = patience,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public void Dispose() => _http.Dispose();

    public async Task<RestAnswer> ReadAccountAsync(UInt128 id)
    {
        var (status, body, failure) = await SendAsync(
            HttpMethod.Get,
            Invariant($"/v1/accounts/{id}"),
            null
        );
        if (status != HttpStatusCode.OK || body is null)
        {
            return Judge(status, body, failure);
        }
        RestAccount account = new(
            Whole(body, "id"),
            Whole(body, "debits_posted") + Whole(body, "debits_pending"),
            Whole(body, "credits_posted") + Whole(body, "credits_pending"),
            (ulong)Whole(body, "user_data_64")
        );
        return new RestAnswer(CallOutcome.Done, ProbeVerdict.Good, "", default, account);
    }

    public async Task<RestAnswer> PutTransferAsync(Movement movement, uint ledger, bool isHold)
    {
        var (status, body, failure) = await SendAsync(
            HttpMethod.Put,
            Invariant($"/v1/transfers/{movement.Id}"),
            TransferBody(movement, ledger, isHold, withId: false)
        );
        return
            status is HttpStatusCode.OK or HttpStatusCode.Created
            && body is not null
            && ResultOf(body) is { } result
            ? new RestAnswer(CallOutcome.Done, ProbeVerdict.Good, "", result)
            : Judge(status, body, failure);
    }

    /// <returns>True when all are there now.</returns>
    public async Task<bool> PostAccountsAsync(
        IReadOnlyList<(UInt128 Id, ulong Content)> accounts,
        uint ledger
    )
    {
        string[] each =
        [
            .. accounts.Select(a =>
                Invariant(
                    $$"""{"id":"{{a.Id}}","ledger":{{ledger}},"code":1,"user_data_64":"{{a.Content}}"}"""
                )
            ),
        ];
        var (status, body, _) = await SendAsync(
            HttpMethod.Post,
            "/v1/accounts",
            $$"""{"accounts":[{{string.Join(',', each)}}]}"""
        );
        return status == HttpStatusCode.OK
            && body?["results"] is JsonArray results
            && results.All(r => (string?)r?["status"] is "created" or "exists");
    }

    /// <returns>Null when it is not known, or not done.</returns>
    public async Task<CreateTransferResult[]?> PostTransfersAsync(
        IReadOnlyList<Movement> movements,
        uint ledger
    )
    {
        string[] each =
        [
            .. movements.Select(m => TransferBody(m, ledger, isHold: false, withId: true)),
        ];
        var (status, body, _) = await SendAsync(
            HttpMethod.Post,
            "/v1/transfers",
            $$"""{"transfers":[{{string.Join(',', each)}}]}"""
        );
        if (status != HttpStatusCode.OK || body?["results"] is not JsonArray answers)
        {
            return null;
        }
        CreateTransferResult?[] results = [.. answers.Select(r => r is null ? null : ResultOf(r))];
        return results.All(r => r is not null) ? [.. results.Select(r => r!.Value)] : null;
    }

    private static string TransferBody(Movement m, uint ledger, bool isHold, bool withId) =>
        Invariant(
            $$"""{{{(withId ? Invariant($"\"id\":\"{m.Id}\",") : "")}}"debit_account_id":"{{m.Debit}}","credit_account_id":"{{m.Credit}}","amount":"{{m.Amount}}","ledger":{{ledger}},"code":1{{(isHold ? ",\"flags\":[\"pending\"]" : "")}}}"""
        );

    /// <summary>Null for a refusal: the load's transfers can't be refused by a sound ledger.</summary>
    private static CreateTransferResult? ResultOf(JsonNode body) =>
        (string?)body["status"] switch
        {
            "created" => new()
            {
                Status = CreateTransferStatus.Created,
                Timestamp = (ulong)Whole(body, "timestamp"),
            },
            "exists" => new()
            {
                Status = CreateTransferStatus.Exists,
                Timestamp = (ulong)Whole(body, "timestamp"),
            },
            _ => null,
        };

    private static RestAnswer Judge(HttpStatusCode? status, JsonNode? body, string failure)
    {
        if (status is null)
        {
            return new RestAnswer(CallOutcome.Unknown, ProbeVerdict.Dirty, failure);
        }
        string detail = Invariant($"{(int)status} {(string?)body?["reason"]}");
        bool isPromise = (string?)body?["outcome"] is "not_done";
        bool saysRetry = Retries.Contains((string?)body?["retry"], StringComparer.Ordinal);
        // A refusal by the ledger itself would be a fault here: probes never ask for what it refuses.
        bool isOfTheLedger =
            status is HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity;
        if (isOfTheLedger || status is HttpStatusCode.NotFound)
        {
            return new RestAnswer(CallOutcome.Unknown, ProbeVerdict.Wrong, detail);
        }
        return isPromise && saysRetry
            ? new RestAnswer(CallOutcome.NotDone, ProbeVerdict.CleanRefusal, detail)
            : new RestAnswer(CallOutcome.Unknown, ProbeVerdict.Dirty, detail);
    }

    private async Task<(HttpStatusCode? Status, JsonNode? Body, string Failure)> SendAsync(
        HttpMethod method,
        string path,
        string? json
    )
    {
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative));
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }
        try
        {
            using HttpResponseMessage response = await _http.SendAsync(request);
            string text = await response.Content.ReadAsStringAsync();
            return (response.StatusCode, Parse(text), "");
        }
        catch (Exception failure)
            when (failure is HttpRequestException or TaskCanceledException or IOException)
        {
            return (null, null, failure.Message);
        }
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static UInt128 Whole(JsonNode body, string name) =>
        UInt128.TryParse((string?)body[name], CultureInfo.InvariantCulture, out UInt128 value)
            ? value
            : 0;

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
