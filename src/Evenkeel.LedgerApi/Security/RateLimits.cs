using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Evenkeel.LedgerApi.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace Evenkeel.LedgerApi.Security;

/// <summary>
/// Bounds what one key, one address without a key, and all together may ask. Nobody waits in a
/// queue here: a refusal that says so at once is better than a late answer.
/// </summary>
internal static class RateLimits
{
    public static void Configure(RateLimiterOptions limiter, LedgerApiOptions options)
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<HttpContext, string>(http => PerCaller(http, options)),
            PartitionedRateLimiter.Create<HttpContext, string>(http =>
                // Probes and peers must get through when the house is full.
                IsProbe(http) || IsPeer(http)
                    ? RateLimitPartition.GetNoLimiter("probe")
                    : RateLimitPartition.GetConcurrencyLimiter(
                        "all",
                        _ => new ConcurrencyLimiterOptions
                        {
                            PermitLimit = options.ConcurrentRequestsMax,
                            QueueLimit = 0,
                        }
                    )
            )
        );
        limiter.OnRejected = (context, _) =>
            new ValueTask(ProblemWriter.WriteAsync(context.HttpContext, Reasons.RateLimited));
    }

    private static RateLimitPartition<string> PerCaller(HttpContext http, LedgerApiOptions options)
    {
        if (IsPeer(http))
        {
            // Members of the cluster, who prove it with each request.
            return RateLimitPartition.GetNoLimiter("peer");
        }
        if (IsProbe(http))
        {
            return PerSecond(
                $"probe {NetworkOf(http.Connection.RemoteIpAddress)}",
                ApiLimits.ProbesPerSecondMax,
                ApiLimits.ProbesPerSecondMax
            );
        }
        var known = http.User.Identity is { IsAuthenticated: true };
        var caller = known
            ? $"key {ApiKeyHandler.IdentityOf(http.User).Number.ToString(CultureInfo.InvariantCulture)}"
            : $"address {NetworkOf(http.Connection.RemoteIpAddress)}";
        var perSecond = known
            ? options.RequestsPerSecondMax
            : options.AnonymousRequestsPerSecondMax;
        return PerSecond(caller, perSecond, known ? options.RequestsBurstMax : perSecond * 2);
    }

    private static bool IsProbe(HttpContext http) =>
        http.Request.Path.Value is "/healthz" or "/readyz" or "/leaderz";

    private static bool IsPeer(HttpContext http) =>
        http.Request.Path.StartsWithSegments("/peer", StringComparison.Ordinal);

    private static RateLimitPartition<string> PerSecond(string caller, int perSecond, int burst) =>
        RateLimitPartition.GetTokenBucketLimiter(
            caller,
            _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = burst,
                TokensPerPeriod = Math.Max(1, perSecond / 10),
                ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
                QueueLimit = 0,
            }
        );

    /// <summary>One IPv6 client owns a /64: its addresses count as one.</summary>
    internal static string NetworkOf(IPAddress? address)
    {
        if (address is null)
        {
            return "none";
        }
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new IPNetwork(Masked(address), 64).ToString()
            : address.ToString();
    }

    private static IPAddress Masked(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
