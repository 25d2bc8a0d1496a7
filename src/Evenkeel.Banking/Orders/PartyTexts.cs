using System.Text.Json;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Orders;

/// <summary>What one side of a payment may read of the other: for statements.</summary>
/// <param name="Account">Of another bank; one of this bank stands in the order itself.</param>
internal sealed record PartyText(string? Name, string? Account, string? Bank, string? Remittance);

/// <summary>
/// Names, outside accounts and the text for the payee, sealed for each side under its own key: to
/// forget one customer leaves the other's statement whole.
/// </summary>
internal static class PartyTexts
{
    public static void Seal(
        DecisionContext context,
        AccountDocument? debtor,
        PartyText? forDebtor,
        AccountDocument? creditor,
        PartyText? forCreditor
    ) =>
        context.SealedTexts = (
            Seal(context, debtor, forDebtor),
            Seal(context, creditor, forCreditor)
        );

    /// <summary>Null when there is none, or the customer was forgotten.</summary>
    public static PartyText? Open(
        PersonVault vault,
        CustomerId customer,
        InstructionId id,
        string? isSealed
    ) =>
        isSealed is not null && vault.Open(customer, PurposeOf(id), isSealed) is { } json
            ? JsonSerializer.Deserialize(json, BankingJson.Default.PartyText)
            : null;

    /// <summary>The name of an account's holder, for the other side; null for one who was forgotten.</summary>
    public static async ValueTask<string?> NameAsync(
        DecisionContext context,
        AccountDocument account,
        CancellationToken cancellationToken
    ) =>
        await context.ReadCustomerAsync(account.Customer, cancellationToken) is { } customer
            ? context
                .Bank.Persons.OpenProfile(new CustomerId(account.Customer), customer.SealedProfile)
                ?.Name
            : null;

    private static string? Seal(DecisionContext context, AccountDocument? of, PartyText? text) =>
        of is null || text is null or { Name: null, Account: null, Bank: null, Remittance: null }
            ? null
            : context.Bank.Persons.Seal(
                new CustomerId(of.Customer),
                PurposeOf(context.Instruction.Id),
                JsonSerializer.Serialize(text, BankingJson.Default.PartyText)
            );

    private static string PurposeOf(InstructionId id) => $"order/{id}";
}
