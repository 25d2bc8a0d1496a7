using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Watch.Tests.Backups;

/// <summary>
/// A stand-in for an S3-compatible service: PUT (conditional, with object lock), GET, HEAD, DELETE
/// and LIST of one bucket in memory. It checks that requests are signed and that bodies match the
/// signed hash, not the signature itself.
/// </summary>
internal sealed class BucketStandIn : IAsyncDisposable
{
    public const string Bucket = "vault";
    private const string Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

    /// <summary>Small, so that lists come in pages.</summary>
    private const int PageMax = 2;

    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, Kept> objects = new(StringComparer.Ordinal);

    private BucketStandIn(WebApplication app) => this.app = app;

    public string Target =>
        $"s3://{Bucket}/bank?endpoint={Uri.EscapeDataString(app.Urls.Single())}&lock=COMPLIANCE";

    public IEnumerable<string> Keys => objects.Keys;

    public int Unsigned { get; private set; }

    public static async Task<BucketStandIn> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(static o => o.Limits.MaxRequestBodySize = 1L << 30);
        var built = builder.Build();
        var service = new BucketStandIn(built);
        built.Run(service.AnswerAsync);
        await built.StartAsync();
        return service;
    }

    public DateTimeOffset? LockedUntil(string key) => objects[key].LockedUntil;

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        if (
            !http
                .Request.Headers.Authorization.ToString()
                .StartsWith("AWS4-HMAC-SHA256 Credential=", StringComparison.Ordinal)
        )
        {
            Unsigned++;
            http.Response.StatusCode = 403;
            return;
        }
        var path = http.Request.Path.Value!.TrimStart('/');
        var key = path.Length > Bucket.Length ? path[(Bucket.Length + 1)..] : "";
        if (key.Length == 0)
        {
            await ListAsync(http);
        }
        else if (HttpMethods.IsPut(http.Request.Method))
        {
            await PutAsync(http, key);
        }
        else if (!objects.TryGetValue(key, out var kept))
        {
            await FailAsync(http, 404, "NoSuchKey");
        }
        else if (HttpMethods.IsDelete(http.Request.Method))
        {
            await DeleteAsync(http, key, kept);
        }
        else
        {
            http.Response.ContentLength = kept.Content.Length;
            http.Response.Headers.ETag = kept.ETag;
            if (HttpMethods.IsGet(http.Request.Method))
            {
                await http.Response.Body.WriteAsync(kept.Content, http.RequestAborted);
            }
        }
    }

    private async Task PutAsync(HttpContext http, string key)
    {
        using var memory = new MemoryStream();
        await http.Request.Body.CopyToAsync(memory, http.RequestAborted);
        var content = memory.ToArray();
        if (http.Request.Query.ContainsKey("retention"))
        {
            var until = XDocument
                .Load(new MemoryStream(content))
                .Descendants()
                .First(static e => e.Name.LocalName == "RetainUntilDate")
                .Value;
            objects[key] = objects[key] with { LockedUntil = Moment(until) };
            return;
        }
        var signed = http.Request.Headers["x-amz-content-sha256"].ToString();
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        if (signed.Length == 64 && !string.Equals(signed, hash, StringComparison.Ordinal))
        {
            await FailAsync(http, 400, "XAmzContentSHA256Mismatch");
            return;
        }
        var lockedUntil = http.Request.Headers["x-amz-object-lock-retain-until-date"].ToString();
        var kept = new Kept(
            content,
            $"\"sha256-{hash}\"",
            lockedUntil.Length > 0 ? Moment(lockedUntil) : null
        );
        if (http.Request.Headers.IfNoneMatch == "*")
        {
            if (!objects.TryAdd(key, kept))
            {
                await FailAsync(http, 412, "PreconditionFailed");
                return;
            }
        }
        else
        {
            objects[key] = kept;
        }
        http.Response.Headers.ETag = kept.ETag;
    }

    private async Task DeleteAsync(HttpContext http, string key, Kept kept)
    {
        if (kept.LockedUntil > DateTimeOffset.UtcNow)
        {
            await FailAsync(http, 403, "AccessDenied");
            return;
        }
        objects.TryRemove(key, out _);
        http.Response.StatusCode = 204;
    }

    private Task ListAsync(HttpContext http)
    {
        var prefix = http.Request.Query["prefix"].ToString();
        var after = http.Request.Query["continuation-token"].ToString();
        var found = objects
            .Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal))
            .Where(k => string.CompareOrdinal(k, after) > 0)
            .Order(StringComparer.Ordinal)
            .ToList();
        XNamespace s3 = Namespace;
        var isTruncated = found.Count > PageMax;
        var page = found.Take(PageMax).ToList();
        var answer = new XElement(
            s3 + "ListBucketResult",
            new XElement(s3 + "IsTruncated", isTruncated ? "true" : "false"),
            isTruncated ? new XElement(s3 + "NextContinuationToken", page[^1]) : null,
            page.Select(k => new XElement(
                s3 + "Contents",
                new XElement(s3 + "Key", k),
                new XElement(s3 + "LastModified", "2026-01-01T00:00:00.000Z"),
                new XElement(s3 + "Size", objects[k].Content.Length)
            ))
        );
        http.Response.ContentType = "application/xml";
        return http.Response.WriteAsync(answer.ToString(), http.RequestAborted);
    }

    private static Task FailAsync(HttpContext http, int status, string code)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/xml";
        return http.Response.WriteAsync(
            $"<Error><Code>{code}</Code><Message>{code}</Message></Error>",
            http.RequestAborted
        );
    }

    private static DateTimeOffset Moment(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private sealed record Kept(byte[] Content, string ETag, DateTimeOffset? LockedUntil);
}
