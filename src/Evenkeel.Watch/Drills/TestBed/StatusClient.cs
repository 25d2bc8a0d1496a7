using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>Asks the open pages of nodes, with little patience: they are asked often.</summary>
internal sealed class StatusClient : IDisposable
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http = new(
        new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(1) }
    )
    {
        Timeout = AnswerMax,
    };

    /// <summary>Null where no peer page is asked for.</summary>
    public string? PeerSecretFile { get; init; }

    public void Dispose() => _http.Dispose();

    public async Task<bool> IsOkAsync(Uri address, CancellationToken cancellationToken) =>
        (await GetAsync(address, null, cancellationToken)).Status == HttpStatusCode.OK;

    /// <returns>No status when nobody answered in time.</returns>
    public async Task<(HttpStatusCode? Status, JsonNode? Body)> GetAsync(
        Uri address,
        string? key,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, address);
            if (key is not null)
            {
                request.Headers.Authorization = new("Bearer", key);
            }
            if (PeerSecretFile is { } file && File.Exists(file))
            {
                // What members on loopback know each other by; the bed owns the directory.
                request.Headers.Add(
                    "Evenkeel-Peer",
                    (await File.ReadAllTextAsync(file, cancellationToken)).Trim()
                );
            }
            using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken);
            string text = await response.Content.ReadAsStringAsync(cancellationToken);
            return (response.StatusCode, Parse(text));
        }
        catch (HttpRequestException)
        {
            return (null, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, null);
        }
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
