using System.Text.Json;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal.Decisions;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Products;

/// <summary>The catalog: what the bank offers and on what conditions. Changed by two people.</summary>
public sealed class ProductAdministration
{
    private readonly Bank _bank;

    internal ProductAdministration(Bank bank) => _bank = bank;

    /// <summary>Null when there is none.</summary>
    public ValueTask<Product?> FindAsync(
        string code,
        uint currency,
        CancellationToken cancellationToken
    ) =>
        Collections.Products.ReadAsync(
            _bank.Journal,
            Product.KeyOf(code, currency),
            cancellationToken
        );

    /// <summary>All of them by code, then currency.</summary>
    public async ValueTask<IReadOnlyList<Product>> ListAsync(CancellationToken cancellationToken)
    {
        var page = await Collections.Products.QueryAsync(
            _bank.Journal,
            new() { Collection = Collections.Products.Name, Limit = BankingLimits.ProductsMax },
            cancellationToken
        );
        return [.. page.Documents.Select(static pair => pair.Document)];
    }

    /// <summary>
    /// New conditions from a day on that is not closed yet. What holds already is never edited: interest
    /// of the past stays what it was.
    /// </summary>
    public Task<TaskOutcome<Product>> SetTermsAsync(
        Actor actor,
        string reference,
        string code,
        uint currency,
        ProductTerms terms,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(terms);
        var id = InstructionId.From(Channel.Internal, "product-terms", reference);
        var key = Product.KeyOf(code, currency);
        return Administration.DecideAsync(
            _bank,
            actor,
            new(id.Value),
            "product/terms",
            $"{key}\n{JsonSerializer.Serialize(terms, BankingJson.Default.ProductTerms)}",
            [Collections.Products.Key(key)],
            async (reader, draft, token) =>
            {
                if (await reader.ReadBusinessDateAsync(token) is not { } date)
                {
                    return Refuse(OutcomeReason.ServiceUnavailable);
                }
                var known = await Collections.Products.ReadAsync(reader, key, token);
                if (known is null)
                {
                    return Refuse(OutcomeReason.NotSupported);
                }
                if (!terms.IsSound || known.Terms.Count >= ProductLimits.TermsMax)
                {
                    return Refuse(OutcomeReason.Malformed);
                }
                if (terms.From <= date || terms.From <= known.Terms[^1].From)
                {
                    return Refuse(OutcomeReason.DateInvalid);
                }
                var changed = known with { Terms = [.. known.Terms, terms] };
                return AdminDecision<Product>.Accept(
                    draft with
                    {
                        Writes = [Collections.Products.Write(key, changed)],
                    },
                    changed
                );

                AdminDecision<Product> Refuse(OutcomeReason reason) =>
                    AdminDecision<Product>.Refuse(draft, reason);
            },
            async token => await FindAsync(code, currency, token),
            cancellationToken
        );
    }

    internal static ValueTask<Product?> ReadAsync(
        DecisionReader reader,
        string code,
        uint currency,
        CancellationToken cancellationToken
    ) => Collections.Products.ReadAsync(reader, Product.KeyOf(code, currency), cancellationToken);
}
