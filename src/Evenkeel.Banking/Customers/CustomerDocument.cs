namespace Evenkeel.Banking.Customers;

/// <summary>State of a customer. Persisted: numbers only grow.</summary>
public enum CustomerState : byte
{
    None = 0,
    Active = 1,

    /// <summary>By order of a court or by the bank: nothing leaves any account.</summary>
    Frozen = 2,
    Left = 3,
}

/// <summary>A person or a company.</summary>
/// <param name="SealedProfile">Name, address and the like under the customer's own key (Base64).</param>
/// <param name="Accounts">Numbers of all accounts, in the order of opening.</param>
internal sealed record CustomerDocument(
    CustomerKind Kind,
    CustomerState State,
    string SealedProfile,
    IReadOnlyList<string> Accounts,
    DateOnly Since
);

/// <summary>Persisted: numbers only grow.</summary>
public enum CustomerKind : byte
{
    None = 0,
    Person = 1,
    Company = 2,
}

/// <summary>What identifies a customer. Sealed in the records; forgotten with the customer's key.</summary>
public sealed record CustomerProfile
{
    public required string Name { get; init; }

    /// <summary>"zh-Hans", "zh-Hant" or "en": the language of what the bank writes to them.</summary>
    public required string Language { get; init; }

    public string? Address { get; init; }

    public string? Phone { get; init; }

    public string? Email { get; init; }
}
