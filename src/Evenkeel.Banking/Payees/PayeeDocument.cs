namespace Evenkeel.Banking.Payees;

/// <summary>Somebody whom a customer pays. The key is "customer/pseudonym".</summary>
/// <param name="SealedCreditor">Bank, account and name under the customer's key (Base64).</param>
/// <param name="Since">When it was added; for a day from then on a smaller limit holds.</param>
internal sealed record PayeeDocument(string SealedCreditor, DateTimeOffset Since);

/// <summary>What is sealed in a <see cref="PayeeDocument"/>.</summary>
/// <param name="Bank">Null = an account of this bank.</param>
internal sealed record SealedPayee(string? Bank, string Account, string? Name);
