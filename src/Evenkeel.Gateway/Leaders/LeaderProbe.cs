using System.Net;
using System.Text.Json;

namespace Evenkeel.Gateway.Leaders;

/// <param name="Answered">The node said something.</param>
/// <param name="Leads">It said that it leads, has applied its own term and is ready.</param>
/// <param name="Term">Of its leadership; 0 when it does not tell.</param>
/// <param name="BankPort">Where it answers the bank's contract; 0 when it does not.</param>
internal readonly record struct ProbeAnswer(
    bool Answered,
    bool Leads,
    ulong Term,
    int BankPort = 0
);

/// <summary>Asks one node whether it leads.</summary>
internal interface ILeaderProbe
{
    /// <summary>Never throws: no answer is an answer.</summary>
    Task<ProbeAnswer> AskAsync(NodeAddress node, CancellationToken cancellationToken);
}

/// <summary><c>GET /leaderz</c>, on connections of its own: a full pool must not hide a leader.</summary>
internal sealed class LeaderProbe : ILeaderProbe, IDisposable
{
    private const string Path = "/leaderz";

    private readonly HttpMessageInvoker _http;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    public LeaderProbe(GatewayOptions options, TimeProvider time)
    {
        _timeout = options.ProbeMax;
        _time = time;
        SocketsHttpHandler handler = NodeConnections.Handler(options);
        handler.MaxConnectionsPerServer = 2;
        _http = new HttpMessageInvoker(handler);
    }

    public async Task<ProbeAnswer> AskAsync(NodeAddress node, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            timeout.Token,
            cancellationToken
        );
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Rest, Path));
        try
        {
            using HttpResponseMessage answer = await _http.SendAsync(request, either.Token);
            bool leads = answer.StatusCode == HttpStatusCode.OK;
            await answer.Content.LoadIntoBufferAsync(GatewayLimits.ProbeBytesMax, either.Token);
            byte[] body = await answer.Content.ReadAsByteArrayAsync(either.Token);
            return leads
                ? new ProbeAnswer(
                    Answered: true,
                    leads,
                    TermOf(body),
                    NumberOf(body, "bank_port"u8) is <= ushort.MaxValue and var port ? (int)port : 0
                )
                : new ProbeAnswer(Answered: true, leads, Term: 0);
        }
        catch (Exception failure)
            when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            return default;
        }
    }

    public void Dispose() => _http.Dispose();

    internal static ulong TermOf(ReadOnlySpan<byte> body) => NumberOf(body, "term"u8);

    private static ulong NumberOf(ReadOnlySpan<byte> body, ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            while (reader.Read())
            {
                if (
                    reader.TokenType == JsonTokenType.PropertyName
                    && reader.CurrentDepth == 1
                    && reader.ValueTextEquals(name)
                    && reader.Read()
                )
                {
                    return reader.TokenType switch
                    {
                        JsonTokenType.Number when reader.TryGetUInt64(out ulong number) => number,
                        JsonTokenType.String
                            when ulong.TryParse(reader.ValueSpan, out ulong text) => text,
                        _ => 0,
                    };
                }
            }
        }
        catch (JsonException)
        {
            // Who leads is said by the status; the body only tells which of two is newer.
        }
        return 0;
    }
}
