using System.Globalization;
using Evenkeel.Host.Clusters;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Node;

namespace Evenkeel.Host.Upgrades;

/// <summary>
/// Raises the state version when two people ask for the same within ten minutes and every member
/// says that it knows it. What one of them said is kept in memory only: a new leader asks again.
/// </summary>
internal sealed class ActivationDesk(
    EvenkeelNode node,
    Membership? membership,
    PeerClient? peers,
    TimeProvider? time = null
)
{
    /// <summary>How long the second person has.</summary>
    public static readonly TimeSpan SecondPersonMax = TimeSpan.FromMinutes(10);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private (uint Version, ulong Maker, DateTimeOffset At)? _asked;

    public StateVersionAnswer Now() => Answer("known", "");

    /// <param name="version">What is asked for.</param>
    /// <param name="key">Number of the key that asks.</param>
    public async Task<StateVersionAnswer> AskAsync(
        uint version,
        ulong key,
        CancellationToken cancellationToken
    )
    {
        if (!node.IsLeading)
        {
            return Answer("not_leader", "this node does not lead; ask the one that does");
        }
        if (version <= node.StateVersion)
        {
            return Answer("active", "");
        }
        if (await WhyNotAsync(version, cancellationToken).ConfigureAwait(false) is { } problem)
        {
            return Answer("refused", problem);
        }
        ulong maker;
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            if (
                _asked is not { } asked
                || asked.Version != version
                || asked.Maker == key
                || now - asked.At > SecondPersonMax
            )
            {
                _asked = (version, key, now);
                return Answer("waiting", "a second person asks for the same with another key");
            }
            maker = asked.Maker;
            _asked = null;
        }
        return await node.ActivateAsync(version, maker, key, cancellationToken)
            .ConfigureAwait(false) switch
        {
            Answer<uint>.Done { Value: var active } when active >= version => Answer("active", ""),
            Answer<uint>.Done => Answer("refused", "the log came to another decision"),
            Answer<uint>.NotDone(_, var detail) => Answer("refused", detail),
            Answer<uint>.Unknown(var detail) => Answer("unknown", detail),
            var other => throw new InvariantException(other.GetType().Name),
        };
    }

    /// <summary>Null when every member knows the version; one that does not answer counts as no.</summary>
    private async Task<string?> WhyNotAsync(uint version, CancellationToken cancellationToken)
    {
        if (version > node.StateVersionMax)
        {
            return $"this node knows state versions up to {node.StateVersionMax}";
        }
        if (membership is null)
        {
            return null;
        }
        foreach (var member in membership.Others)
        {
            try
            {
                var text = await peers!
                    .SendAsync(
                        HttpMethod.Get,
                        member,
                        StateVersionEndpoint.PeerPath,
                        cancellationToken
                    )
                    .ConfigureAwait(false);
                if (uint.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) < version)
                {
                    return $"{member.Name} knows state versions up to {text}";
                }
            }
            catch (Exception e) when (e is HttpRequestException or FormatException)
            {
                return $"{member.Name} does not say what it knows: {e.Message}";
            }
        }
        return null;
    }

    private StateVersionAnswer Answer(string state, string detail) =>
        new(state, node.StateVersion, node.StateVersionMax, detail);
}
