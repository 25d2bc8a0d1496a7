using System.Net;

namespace Evenkeel.LedgerApi;

/// <summary>How the REST interface listens and what it bears.</summary>
public sealed record LedgerApiOptions
{
    /// <summary>Loopback unless configured otherwise.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 = any free port.</summary>
    public int Port { get; init; } = 7480;

    /// <summary>PEM file of the certificate chain; TLS is on when set.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>PEM file of the private key of <see cref="CertificatePath"/>.</summary>
    public string? CertificateKeyPath { get; init; }

    /// <summary>
    /// Clients may show a certificate. It is not judged here: whoever maps an endpoint that wants one
    /// decides. Needs TLS.
    /// </summary>
    public bool AsksForClientCertificates { get; init; }

    /// <summary>Bytes of the largest request body: a full batch of 8,190 events fits.</summary>
    public long BodyBytesMax { get; init; } = 8 << 20;

    public int ConnectionsMax { get; init; } = 1_024;

    /// <summary>Requests that are worked on at once, over all keys; more are refused with 429.</summary>
    public int ConcurrentRequestsMax { get; init; } = 512;

    /// <summary>Requests of one key (or of one address without a key) a second, in the long run.</summary>
    public int RequestsPerSecondMax { get; init; } = 2_000;

    /// <summary>Requests of one key that may come at once after a quiet time.</summary>
    public int RequestsBurstMax { get; init; } = 4_000;

    /// <summary>Requests without a valid key, by address, a second.</summary>
    public int AnonymousRequestsPerSecondMax { get; init; } = 50;

    /// <summary>From the request's headers to its answer.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes a second of a request body, after <see cref="BodyGrace"/>; slower is dropped.</summary>
    public int BodyBytesPerSecondMin { get; init; } = 240;

    /// <summary>More than a second: the web server looks once a second.</summary>
    public TimeSpan BodyGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the first answer to a request with an <c>Idempotency-Key</c> is kept. The ids that
    /// follow from the key are remembered by the ledger for ever.
    /// </summary>
    public TimeSpan IdempotencyRetention { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How often answers beyond their retention are looked for.</summary>
    public TimeSpan IdempotencySweepEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The collector of traces (OTLP over gRPC); none when not set.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>The reference page at /reference.</summary>
    public bool ServeReference { get; init; } = true;

    /// <summary>The lineage of the log behind the journal; answers of writes name it.</summary>
    public string? Lineage { get; init; }

    /// <summary>
    /// The histories that positions of the change feed may be of; null for a bank that was never
    /// restored and keeps nothing.
    /// </summary>
    public FeedHistory? History { get; init; }

    internal bool UsesTls => CertificatePath is not null;
}

/// <summary>Limits of this interface that are not for configuration, each with its unit.</summary>
internal static class ApiLimits
{
    /// <summary>Rows of one page.</summary>
    public const int PageRowsMax = 1_000;

    public const int PageRowsDefault = 100;

    /// <summary>Characters of an Idempotency-Key.</summary>
    public const int IdempotencyKeyCharsMax = 255;

    /// <summary>Characters of a cursor.</summary>
    public const int CursorCharsMax = 1_024;

    /// <summary>Probes of one address a second: gateways and supervisors look for the leader.</summary>
    public const int ProbesPerSecondMax = 1_000;

    /// <summary>Seconds that a refused client is asked to wait.</summary>
    public const int RetryAfterSeconds = 1;
}
