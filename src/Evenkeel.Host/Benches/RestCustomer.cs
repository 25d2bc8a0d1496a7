using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Evenkeel.Host.Benches;

/// <summary>How one call over REST ended for a customer.</summary>
internal enum RestOutcome
{
    Done,

    /// <summary>Refused with the promise that nothing happened.</summary>
    NotDone,

    /// <summary>Broken, late, or told to be unknown.</summary>
    Unknown,
}

/// <summary>A customer with a connection of its own, who moves money by REST.</summary>
internal sealed class RestCustomer : IDisposable
{
    private const uint Ledger = 978;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;

    public RestCustomer(Uri bank, string key)
    {
        _http = new HttpClient(
            new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 1 }
        )
        {
            BaseAddress = bank,
            Timeout = Patience,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public void Dispose() => _http.Dispose();

    public Task<RestOutcome> PutTransferAsync(
        UInt128 id,
        UInt128 debit,
        UInt128 credit,
        uint amount,
        CancellationToken cancellationToken
    ) =>
        SendAsync(
            HttpMethod.Put,
            string.Create(CultureInfo.InvariantCulture, $"/v1/transfers/{id}"),
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"debit_account_id":"{{debit}}","credit_account_id":"{{credit}}","amount":"{{amount}}","ledger":{{Ledger}},"code":1}"""
            ),
            cancellationToken
        );

    /// <summary>Opens accounts 1 to this many.</summary>
    public async Task OpenAccountsAsync(int count, CancellationToken cancellationToken)
    {
        var accounts = Enumerable
            .Range(1, count)
            .Select(i =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $$"""{"id":"{{i}}","ledger":{{Ledger}},"code":1}"""
                )
            );
        var outcome = await SendAsync(
                HttpMethod.Post,
                "/v1/accounts",
                $$"""{"accounts":[{{string.Join(',', accounts)}}]}""",
                cancellationToken
            )
            .ConfigureAwait(false);
        if (outcome != RestOutcome.Done)
        {
            throw new InvalidOperationException("The accounts were not opened.");
        }
    }

    /// <summary>A key of its own for a customer: what one key may ask a second is limited.</summary>
    public async Task<string> IssueKeyAsync(CancellationToken cancellationToken)
    {
        using var request = Request(
            HttpMethod.Post,
            "/v1/keys",
            """{"name":"bench","scopes":["ledger:read","ledger:write"]}"""
        );
        using var response = await _http
            .SendAsync(request, cancellationToken)
            .ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(
            await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false)
        );
        return json.RootElement.GetProperty("token").GetString()!;
    }

    private async Task<RestOutcome> SendAsync(
        HttpMethod method,
        string path,
        string body,
        CancellationToken cancellationToken
    )
    {
        using var request = Request(method, path, body);
        try
        {
            using var response = await _http
                .SendAsync(request, cancellationToken)
                .ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                await response
                    .Content.ReadAsByteArrayAsync(cancellationToken)
                    .ConfigureAwait(false);
                return RestOutcome.Done;
            }
            var text = await response
                .Content.ReadAsStringAsync(cancellationToken)
                .ConfigureAwait(false);
            return
                response.StatusCode == HttpStatusCode.GatewayTimeout
                || !text.Contains("\"not_done\"", StringComparison.Ordinal)
                ? RestOutcome.Unknown
                : RestOutcome.NotDone;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return RestOutcome.Unknown;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return RestOutcome.Unknown;
        }
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, string body) =>
        new(method, new Uri(path, UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
}
