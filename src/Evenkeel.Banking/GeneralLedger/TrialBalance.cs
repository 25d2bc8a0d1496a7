using System.Text.Json.Serialization;

namespace Evenkeel.Banking.GeneralLedger;

/// <summary>All accounts of one currency at the close of a business day.</summary>
/// <param name="Currency">Number of ISO 4217.</param>
/// <param name="ClosedNs">Log time of the close, nanoseconds since the Unix epoch.</param>
/// <param name="Lines">By code of the chart of accounts.</param>
public sealed record TrialBalance(
    DateOnly Date,
    uint Currency,
    ulong ClosedNs,
    IReadOnlyList<TrialBalanceLine> Lines
)
{
    /// <summary>Minor units.</summary>
    [JsonIgnore]
    public long DebitsMinor => Lines.Sum(static line => line.DebitMinor);

    /// <summary>Minor units.</summary>
    [JsonIgnore]
    public long CreditsMinor => Lines.Sum(static line => line.CreditMinor);

    /// <summary>Debit balances and credit balances are the same in sum.</summary>
    [JsonIgnore]
    public bool IsZeroSum => DebitsMinor == CreditsMinor;
}

/// <summary>The accounts of one code: each stands on the side of its balance.</summary>
/// <param name="Accounts">How many had a balance or a movement.</param>
/// <param name="DebitMinor">Sum of the accounts with a debit balance, minor units.</param>
/// <param name="CreditMinor">Sum of the accounts with a credit balance, minor units.</param>
public sealed record TrialBalanceLine(GlCode Code, int Accounts, long DebitMinor, long CreditMinor);
