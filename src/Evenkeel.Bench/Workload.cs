using Evenkeel.Model;

namespace Evenkeel.Bench;

/// <summary>How the load picks accounts.</summary>
public enum Distribution
{
    /// <summary>Every account alike.</summary>
    Uniform,

    /// <summary>Zipf with exponent 0.99: few accounts get most of the load.</summary>
    Zipf,
}

/// <summary>The shape of a load, the same for Evenkeel and its peers.</summary>
public sealed record WorkloadOptions
{
    public int Accounts { get; init; } = 10_000;

    /// <summary>Transfers that use the one hot account, percent.</summary>
    public int HotPercent { get; init; }
    public Distribution Distribution { get; init; } = Distribution.Uniform;
    public ulong Seed { get; init; } = 1;

    /// <summary>Another seed for each run: an id seen before would be answered "exists".</summary>
    public WorkloadOptions ForRun(ulong run) => this with { Seed = Seed + (1000 * run) };
}

/// <summary>Makes transfers from a seed; one for each client, so that no lock is shared.</summary>
public sealed class Workload
{
    public const uint Ledger = 840;
    public const ushort Code = 1;

    private readonly WorkloadOptions _options;
    private readonly Zipf? _zipf;
    private SplitMix _random;

    public Workload(WorkloadOptions options, int client)
    {
        _options = options;
        _random = new SplitMix(unchecked((options.Seed << 20) + (ulong)client + 1));
        _zipf = options.Distribution is Distribution.Zipf ? new Zipf(options.Accounts) : null;
    }

    /// <summary>The id of the account with this ordinal, from 0.</summary>
    public static UInt128 AccountId(int ordinal) => new(0xBEEF, (ulong)ordinal + 1);

    /// <summary>The next transfer; its id is random, the harder case for every index.</summary>
    public Transfer Next()
    {
        var debit = PickAccount();
        var credit = PickAccount();
        if (_options.HotPercent > 0 && (int)(_random.Next() % 100) < _options.HotPercent)
        {
            // The hot account pays or is paid, in turn.
            if ((_random.Next() & 1) == 0)
            {
                debit = 0;
            }
            else
            {
                credit = 0;
            }
        }
        if (credit == debit)
        {
            credit = debit + 1 < _options.Accounts ? debit + 1 : debit - 1;
        }
        return new Transfer
        {
            Id = new UInt128(_random.Next(), _random.Next() | 1),
            DebitAccountId = AccountId(debit),
            CreditAccountId = AccountId(credit),
            Amount = 1 + (_random.Next() % 100),
            Ledger = Ledger,
            Code = Code,
        };
    }

    private int PickAccount() =>
        _zipf is null ? (int)(_random.Next() % (ulong)_options.Accounts) : _zipf.Next(ref _random);
}

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): small, fast, seeded.</summary>
internal struct SplitMix(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double NextUnit() => (Next() >> 11) * (1.0 / (1UL << 53));
}

/// <summary>Zipf-distributed ordinals after Gray et al., "Quickly generating billion-record synthetic databases" (1994).</summary>
internal sealed class Zipf
{
    private const double Theta = 0.99;
    private readonly int _n;
    private readonly double _zetaN;
    private readonly double _alpha;
    private readonly double _eta;

    public Zipf(int n)
    {
        _n = n;
        var zetaTwo = 1 + Math.Pow(0.5, Theta);
        for (var i = 1; i <= n; i++)
        {
            _zetaN += 1 / Math.Pow(i, Theta);
        }
        _alpha = 1 / (1 - Theta);
        _eta = (1 - Math.Pow(2.0 / n, 1 - Theta)) / (1 - (zetaTwo / _zetaN));
    }

    public int Next(ref SplitMix random)
    {
        var u = random.NextUnit();
        var uz = u * _zetaN;
        if (uz < 1)
        {
            return 0;
        }
        if (uz < 1 + Math.Pow(0.5, Theta))
        {
            return 1;
        }
        var ordinal = (int)(_n * Math.Pow((_eta * u) - _eta + 1, _alpha));
        return Math.Min(ordinal, _n - 1);
    }
}
