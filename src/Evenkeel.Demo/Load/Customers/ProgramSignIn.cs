using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Evenkeel.Demo.Load.Customers;

/// <summary>How a company's program signs in at a gateway: OAuth 2.0 client credentials (RFC 6749).</summary>
internal static class ProgramSignIn
{
    private const string Path = "/bank/v1/oauth/token";

    /// <summary>Asks for a token with all scopes of the client.</summary>
    public static HttpRequestMessage Request(string client, string secret)
    {
        HttpRequestMessage request = new(HttpMethod.Post, Path)
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
        return request;
    }

    public static IssuedToken Read(string answer) =>
        JsonSerializer.Deserialize(answer, ProgramJson.Default.IssuedToken)
        ?? throw new JsonException("No token.");
}

/// <param name="ExpiresIn">Seconds.</param>
internal sealed record IssuedToken(string AccessToken, int ExpiresIn);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IssuedToken))]
internal sealed partial class ProgramJson : JsonSerializerContext;
