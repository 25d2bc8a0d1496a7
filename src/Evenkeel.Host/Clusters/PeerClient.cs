using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Evenkeel.Model.Clusters;
using Evenkeel.Replication;

namespace Evenkeel.Host.Clusters;

/// <summary>Asks other members over the peer interface (<c>/peer/v1</c>).</summary>
internal sealed class PeerClient : IDisposable
{
    private const int ConnectTimeoutMs = 500;
    private const int TimeoutMs = 2_000;

    private readonly MembershipBook _book;
    private readonly HttpClient _http;

    public PeerClient(Membership membership)
    {
        _book = membership.Book;
        var handler = membership.CreatePeerHandler();
        handler.ConnectTimeout = TimeSpan.FromMilliseconds(ConnectTimeoutMs);
        // A member that was replaced at its address must be found again.
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(2);
        _http = new HttpClient(handler) { Timeout = TimeSpan.FromMilliseconds(TimeoutMs) };
        membership.Introduce(_http);
    }

    /// <summary>
    /// Asks the leader at a Raft address to confirm that it leads, and what it has applied by then.
    /// </summary>
    /// <exception cref="HttpRequestException">It does not answer, or does not lead.</exception>
    public async Task<ulong> ConfirmAtLeaderAsync(
        IPEndPoint leader,
        CancellationToken cancellationToken
    )
    {
        var member =
            _book.Current.FindByRaft(leader)
            ?? throw new HttpRequestException($"{leader} is no member of the cluster file");
        var text = await SendAsync(
                HttpMethod.Post,
                member,
                PeerEndpoints.ReadIndexPath,
                cancellationToken
            )
            .ConfigureAwait(false);
        return ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    /// <summary>What a member has applied; 0 when it does not answer.</summary>
    public async Task<ulong> AppliedIndexAsync(
        ClusterMember member,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var text = await SendAsync(
                    HttpMethod.Get,
                    member,
                    PeerEndpoints.AppliedPath,
                    cancellationToken
                )
                .ConfigureAwait(false);
            return ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    /// <summary>The body of a successful answer.</summary>
    /// <exception cref="HttpRequestException">Nobody answers there, or refuses.</exception>
    public async Task<string> SendAsync(
        HttpMethod method,
        ClusterMember member,
        string path,
        CancellationToken cancellationToken
    )
    {
        using HttpRequestMessage request = new(method, new Uri(member.RestAddress, path));
        try
        {
            using var answer = await _http
                .SendAsync(request, cancellationToken)
                .ConfigureAwait(false);
            var body = await answer
                .Content.ReadAsStringAsync(cancellationToken)
                .ConfigureAwait(false);
            return answer.IsSuccessStatusCode
                ? body
                : throw new HttpRequestException(body, inner: null, answer.StatusCode);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException(
                $"{member.Name} did not answer within {TimeoutMs} ms",
                late
            );
        }
    }

    public void Dispose() => _http.Dispose();
}
