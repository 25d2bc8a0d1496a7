using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Evenkeel.Host.Demos;

/// <summary>How a company's program signs in at a gateway: OAuth 2.0 client credentials (RFC 6749).</summary>
internal static class ProgramSignIn
{
    private const string Path = "/bank/v1/oauth/token";

    /// <summary>Gets a token with all scopes of the client, for every request from now on.</summary>
    /// <returns>The status, and the text of a refusal.</returns>
    /// <exception cref="HttpRequestException">Nobody answered.</exception>
    public static async Task<(HttpStatusCode Status, string Refusal)> SignInAsync(
        HttpClient http,
        string client,
        string secret,
        CancellationToken cancellationToken
    )
    {
        using HttpRequestMessage request = new(HttpMethod.Post, Path)
        {
            Content = new FormUrlEncodedContent([
                new KeyValuePair<string, string>("grant_type", "client_credentials"),
            ]),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(
                // Both are encoded as a form is, before they are put together (RFC 6749, section 2.3.1).
                Encoding.UTF8.GetBytes(
                    $"{Uri.EscapeDataString(client)}:{Uri.EscapeDataString(secret)}"
                )
            )
        );
        using var answer = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccessStatusCode)
        {
            return (answer.StatusCode, text);
        }
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer",
            JsonSerializer.Deserialize(text, ProgramJson.Default.IssuedToken)!.AccessToken
        );
        return (answer.StatusCode, "");
    }
}

internal sealed record IssuedToken(string AccessToken);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IssuedToken))]
internal sealed partial class ProgramJson : JsonSerializerContext;
