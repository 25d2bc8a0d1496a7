using System.Net;
using System.Net.Security;
using Evenkeel.Host.Serving;

namespace Evenkeel.Host.Clusters;

/// <summary>Finds the member that leads by <c>/leaderz</c>. A hint: each write is decided by the log.</summary>
internal sealed class LeaderFinder : IDisposable
{
    private const int TimeoutMs = 1_000;

    private readonly HttpClient _http;

    /// <param name="tls">Whom to trust; null = what the machine trusts.</param>
    public LeaderFinder(SslClientAuthenticationOptions? tls = null)
    {
        SocketsHttpHandler handler = new() { UseProxy = false };
        if (tls is not null)
        {
            handler.SslOptions = tls;
        }
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromMilliseconds(TimeoutMs) };
    }

    /// <summary>Null when nobody says that it leads.</summary>
    public async Task<MemberEndpoints?> FindAsync(
        IReadOnlyList<MemberEndpoints> members,
        CancellationToken cancellationToken
    )
    {
        var asked = members
            .Select(async member =>
                await LeadsAsync(member.Rest, cancellationToken).ConfigureAwait(false)
                    ? member
                    : null
            )
            .ToList();
        while (asked.Count > 0)
        {
            var answered = await Task.WhenAny(asked).ConfigureAwait(false);
            if (await answered.ConfigureAwait(false) is { } leader)
            {
                return leader;
            }
            asked.Remove(answered);
        }
        return null;
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> LeadsAsync(Uri rest, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http
                .GetAsync(new Uri(rest, "/leaderz"), cancellationToken)
                .ConfigureAwait(false);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
