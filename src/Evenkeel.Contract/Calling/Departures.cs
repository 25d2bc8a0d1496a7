using System.Net;

namespace Evenkeel.Contract.Calling;

/// <summary>Whether the body of one try was asked for by a line: before that nobody can have read it.</summary>
internal sealed class Departure
{
    private volatile bool _hasLeft;

    public bool HasLeft => _hasLeft;

    public void Leave() => _hasLeft = true;
}

/// <summary>
/// Notices when a call leaves. What failed while still waiting for a line certainly did nothing, and
/// can be told as that; a status alone does not say it.
/// </summary>
internal sealed class Departures(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly AsyncLocal<Departure?> Current = new();

    /// <summary>Of the calls that the caller's flow makes from now on.</summary>
    public static Departure Begin() => Current.Value = new Departure();

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        if (Current.Value is { } departure && request.Content is { } content)
        {
            request.Content = new Noticed(content, departure);
        }
        return base.SendAsync(request, cancellationToken);
    }

    private sealed class Noticed : HttpContent
    {
        private readonly HttpContent _content;
        private readonly Departure _departure;

        public Noticed(HttpContent content, Departure departure)
        {
            _content = content;
            _departure = departure;
            foreach (var (name, values) in content.Headers.NonValidated)
            {
                Headers.TryAddWithoutValidation(name, values);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(
            Stream stream,
            TransportContext? context,
            CancellationToken cancellationToken
        )
        {
            _departure.Leave();
            return _content.CopyToAsync(stream, context, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _content.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
