using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Channels.Rest;

/// <summary>
/// Sign-ins of one network in a minute. By network and not by login: a stranger's tries must not stop
/// the customer.
/// </summary>
internal sealed class SignInBrake(RestChannelOptions options, TimeProvider time)
{
    private const int NetworksMax = 100_000;

    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private long _minute;

    public bool MayTry(string network)
    {
        var minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
        lock (_gate)
        {
            if (minute != _minute || _counts.Count >= NetworksMax)
            {
                _minute = minute;
                _counts.Clear();
            }
        }
        return _counts.AddOrUpdate(network, 1, static (_, count) => count + 1)
            <= options.SignInsPerMinuteMax;
    }

    /// <summary>Where somebody signs in from.</summary>
    public static string NetworkOf(HttpContext http) => NetworkOf(http.Connection.RemoteIpAddress);

    /// <summary>An address without its last part: what one household or company shares.</summary>
    private static string NetworkOf(IPAddress? address)
    {
        if (address is null)
        {
            return "none";
        }
        var bytes = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
        var kept = bytes.Length == 4 ? 3 : 6;
        bytes.AsSpan(kept).Clear();
        return new IPAddress(bytes).ToString();
    }
}
