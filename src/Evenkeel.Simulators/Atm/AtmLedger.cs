using Evenkeel.Model;

namespace Evenkeel.Simulators.Atm;

/// <summary>What the journal's lines add up to.</summary>
internal sealed class AtmLedger
{
    private readonly SortedDictionary<long, AtmEvent.Asked> _open = [];
    private readonly Dictionary<long, string> _approved = [];
    private readonly SortedDictionary<long, byte[]> _stored = [];
    private readonly Dictionary<long, AtmEvent.Asked> _offline = [];

    public long Payout { get; private set; }

    public int Stan { get; private set; }

    /// <summary>The terminal whose journal it is; null for a new one.</summary>
    public string? Terminal { get; private set; }

    /// <summary>Payouts begun and not ended, which only a crash leaves behind.</summary>
    public IReadOnlyCollection<AtmEvent.Asked> Open => [.. _open.Values];

    /// <summary>Messages for the bank, oldest first: payout and sealed bytes.</summary>
    public IReadOnlyCollection<KeyValuePair<long, byte[]>> Stored => [.. _stored];

    /// <summary>Minor units given out that the bank does not know of yet.</summary>
    public long OfflineExposure => _offline.Values.Sum(static asked => asked.Minor);

    /// <summary>Stored messages that the bank answered, but not as taken: somebody must look.</summary>
    public int Exceptions { get; private set; }

    /// <summary>
    /// The next trace number. One that no payout takes (an inquiry's) is used up in memory only: after a
    /// restart the transmission time is another.
    /// </summary>
    public int TakeStan() => Stan = (Stan % AtmLimits.StanMax) + 1;

    public string? AuthorisationOf(long payout) => _approved.GetValueOrDefault(payout);

    /// <summary>Whether a card was paid offline and the bank does not know of it yet.</summary>
    public bool IsExposed(string card) =>
        _offline.Values.Any(asked => string.Equals(asked.Card, card, StringComparison.Ordinal));

    public void Apply(AtmEvent line)
    {
        switch (line)
        {
            case AtmEvent.Began began:
                Terminal = began.Terminal;
                Payout = began.Payout;
                Stan = began.Stan;
                break;
            case AtmEvent.Asked asked:
                Check.That(asked.Payout == Payout + 1);
                Payout = asked.Payout;
                Stan = asked.Stan;
                _open.Add(asked.Payout, asked);
                if (!asked.Online)
                {
                    _offline.Add(asked.Payout, asked);
                }
                break;
            case AtmEvent.Approved approved:
                _approved.Add(approved.Payout, approved.AuthorisationId);
                break;
            case AtmEvent.Settled settled:
                Check.That(_open.Remove(settled.Payout));
                _approved.Remove(settled.Payout);
                if (settled.Stored is { } message)
                {
                    _stored.Add(settled.Payout, message);
                }
                else
                {
                    _offline.Remove(settled.Payout);
                }
                break;
            case AtmEvent.Delivered delivered:
                Check.That(_stored.Remove(delivered.Payout));
                _offline.Remove(delivered.Payout);
                Exceptions += AtmCodes.IsTaken(delivered.Code) ? 0 : 1;
                break;
            default:
                throw new InvalidDataException("An unknown line in the journal.");
        }
    }
}

/// <summary>What the machine makes of field 39.</summary>
internal static class AtmCodes
{
    public const string Approved = "00";

    /// <summary>In our journal only: no answer came.</summary>
    public const string NoAnswer = "--";

    /// <summary>The bank has it: done, or remembered for an original that it never saw.</summary>
    public static bool IsTaken(string code) => code is Approved or "25";

    /// <summary>The bank could not take it now: the same again later.</summary>
    public static bool IsForLater(string code) => code is "09" or "58" or "90" or "91" or "96";

    /// <summary>A refusal after which it is not certain that nothing moved at the bank.</summary>
    public static bool IsDoubtful(string code) => code is "09" or "68" or "91" or "96";
}
