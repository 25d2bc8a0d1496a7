using System.Net;
using System.Net.Security;

namespace Evenkeel.Simulators.Atm;

/// <summary>Notes of one kind at the start of a machine's life.</summary>
/// <param name="Denomination">Minor units of one note.</param>
public sealed record Cassette(long Denomination, int Notes);

/// <summary>What goes wrong in the drawer, decided by seed and number of the payout.</summary>
/// <param name="JamsPerThousand">Payouts of which no note comes out.</param>
/// <param name="ShortagesPerThousand">Payouts of which only some notes come out.</param>
public sealed record AtmFaults(int Seed, int JamsPerThousand = 0, int ShortagesPerThousand = 0);

/// <summary>One cash machine: where its bank is, what it holds, how it behaves.</summary>
public sealed record AtmOptions
{
    public required EndPoint Host { get; init; }

    /// <summary>Whom to believe to be the bank; null = the line speaks no TLS.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>Journal and drawer; no other process may have it.</summary>
    public required string Directory { get; init; }

    /// <summary>ISO 4217 number of its notes.</summary>
    public int Currency { get; init; } = 156;

    /// <summary>Field 32: up to 11 digits.</summary>
    public string Acquirer { get; init; } = "100001";

    /// <summary>Field 42: up to 15 characters.</summary>
    public string Acceptor { get; init; } = "EVENKEEL";

    /// <summary>Field 43: up to 40 characters.</summary>
    public string NameAndPlace { get; init; } = "EVENKEEL CASH MACHINE";

    /// <summary>Put into a new machine; one that has a drawer already keeps its notes.</summary>
    public IReadOnlyList<Cassette> Cassettes { get; init; } =
    [new(10_000, 2_000), new(5_000, 1_000)];

    public AtmFaults Faults { get; init; } = new(Seed: 1);

    /// <summary>Minor units up to which the machine pays while the line is down; 0 = never.</summary>
    public long FloorLimit { get; init; }

    /// <summary>Minor units of all offline payouts that the bank does not know of yet.</summary>
    public long OfflineExposureMax { get; init; } = 500_000;

    /// <summary>How long an answer is waited for; then the card is returned and the request reversed.</summary>
    public TimeSpan AnswerMax { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Between two tries to deliver what is stored.</summary>
    public TimeSpan RepeatEvery { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan EchoEvery { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan ConnectMax { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Called between two steps of a payout; a test ends the machine there.</summary>
    internal Action<AtmStep>? AfterStep { get; init; }
}

/// <summary>Points between which a machine can die.</summary>
internal enum AtmStep
{
    AskedIsStored,
    AnswerCame,
    ApprovalIsStored,
    NotesAreOut,
    SettledIsStored,
    Delivered,
}

/// <summary>Limits of the machine, each with its unit.</summary>
internal static class AtmLimits
{
    /// <summary>Stored messages that wait for delivery; with so many the machine is out of service.</summary>
    public const int StoredMax = 1_000;

    /// <summary>Bytes of the journal at which a start with nothing open begins a new one.</summary>
    public const long JournalBytesMax = 8 << 20;

    /// <summary>Notes of one payout.</summary>
    public const int NotesMax = 40;

    public const int StanMax = 999_999;
}
