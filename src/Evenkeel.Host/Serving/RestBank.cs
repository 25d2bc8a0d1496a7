using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Serving;

/// <summary>The REST interface of a bank, for what the binary protocol does not carry.</summary>
internal sealed class RestBank : IAsyncDisposable
{
    private const int TimeoutMs = 30_000;

    private readonly HttpClient _http;
    private readonly RunningBank? _own;

    /// <param name="key">Null for what is open to all.</param>
    /// <param name="certificateSha256">The certificate to trust besides those that the machine trusts.</param>
    /// <param name="own">Stopped with this, when it was started for it.</param>
    /// <param name="tls">Whom to trust instead of what the machine trusts.</param>
    public RestBank(
        Uri address,
        string? key,
        string? certificateSha256,
        RunningBank? own,
        SslClientAuthenticationOptions? tls = null
    )
    {
        SocketsHttpHandler handler = new();
        if (tls is not null)
        {
            handler.SslOptions = tls;
        }
        if (certificateSha256 is not null)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                string.Equals(
                    certificate?.GetCertHashString(HashAlgorithmName.SHA256),
                    certificateSha256,
                    StringComparison.OrdinalIgnoreCase
                );
        }
        _http = new HttpClient(handler)
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromMilliseconds(TimeoutMs),
        };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Bearer",
                key
            );
        }
        _own = own;
    }

    public Uri Address => _http.BaseAddress!;

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken token) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, Relative(path)), type, token);

    public Task<T> DeleteAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken token) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Delete, Relative(path)), type, token);

    public Task<T> PostAsync<TBody, T>(
        string path,
        TBody body,
        JsonTypeInfo<TBody> bodyType,
        JsonTypeInfo<T> type,
        CancellationToken token
    ) =>
        SendAsync(
            new HttpRequestMessage(HttpMethod.Post, Relative(path))
            {
                Content = JsonContent.Create(body, bodyType),
            },
            type,
            token
        );

    /// <summary>Status and body whatever they are; null when nobody answers.</summary>
    public async Task<(HttpStatusCode Status, string Body)?> ProbeAsync(
        string path,
        CancellationToken token
    )
    {
        try
        {
            using var response = await _http.GetAsync(Relative(path), token).ConfigureAwait(false);
            return (
                response.StatusCode,
                await response.Content.ReadAsStringAsync(token).ConfigureAwait(false)
            );
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_own is not null)
        {
            await _own.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<T> SendAsync<T>(
        HttpRequestMessage request,
        JsonTypeInfo<T> type,
        CancellationToken token
    )
    {
        try
        {
            using (request)
            {
                using var response = await _http.SendAsync(request, token).ConfigureAwait(false);
                if (!response.IsSuccessStatusCode)
                {
                    throw await RefusedAsync(response, token).ConfigureAwait(false);
                }
                return await response.Content.ReadFromJsonAsync(type, token).ConfigureAwait(false)
                    ?? throw new JsonException("null");
            }
        }
        catch (HttpRequestException e)
        {
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.CannotConnect(Address, e.Message)
            );
        }
        catch (JsonException e)
        {
            throw new CommandFailedException(ExitCode.Unknown, Text.UnknownOutcome(e.Message));
        }
        catch (TaskCanceledException) when (!token.IsCancellationRequested)
        {
            throw new CommandFailedException(
                ExitCode.Unknown,
                Text.UnknownOutcome($"{TimeoutMs} ms")
            );
        }
    }

    private static async Task<CommandFailedException> RefusedAsync(
        HttpResponseMessage response,
        CancellationToken token
    )
    {
        var body = await response.Content.ReadAsStringAsync(token).ConfigureAwait(false);
        RestProblem? problem = null;
        try
        {
            problem = JsonSerializer.Deserialize(body, RestJson.Default.RestProblem);
        }
        catch (JsonException)
        {
            // Something else than our bank answers there; its words are all there is to show.
        }
        string[] lines =
        [
            Text.RestRefused(
                (int)response.StatusCode,
                problem?.Detail ?? problem?.Title ?? response.ReasonPhrase ?? ""
            ),
        ];
        string[] hints = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => [Text.HintUnauthenticated],
            HttpStatusCode.Forbidden => [Text.HintForbidden],
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests => [Text.HintRetry],
            _ => [],
        };
        return new CommandFailedException(ExitCode.NotDone, [.. lines, .. hints]);
    }

    private static Uri Relative(string path) => new(path, UriKind.Relative);
}

/// <summary>A problem detail (RFC 9457).</summary>
internal sealed record RestProblem(string? Title, string? Detail);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RestProblem))]
internal sealed partial class RestJson : JsonSerializerContext;
