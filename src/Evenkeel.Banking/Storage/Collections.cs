using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Orders;
using Evenkeel.Records;

namespace Evenkeel.Banking.Storage;

/// <summary>
/// Every kind of document of the bank: a new one is one line here and one in
/// <see cref="BankingJson"/>. Names are persisted: they never change.
/// </summary>
internal static class Collections
{
    public static readonly Collection<CustomerDocument> Customers = new(
        "customer",
        BankingJson.Default.CustomerDocument
    );

    public static readonly Collection<AccountDocument> Accounts = new(
        "account",
        BankingJson.Default.AccountDocument,
        ("customer", "customer")
    );

    public static readonly Collection<OrderDocument> Orders = new(
        "order",
        BankingJson.Default.OrderDocument,
        ("reference", "references"),
        ("account", "accounts"),
        ("due", "due")
    );

    private static readonly ICollection[] All = [Customers, Accounts, Orders];

    public static IReadOnlyList<RecordIndex> Indexes =>
        [.. All.SelectMany(static collection => collection.Indexes)];
}
