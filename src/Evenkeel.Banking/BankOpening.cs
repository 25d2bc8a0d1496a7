using System.Globalization;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking;

/// <summary>The first day of a bank: its business date and its own accounts, one set for each currency.</summary>
public sealed class BankOpening
{
    private static readonly Principal Opener = new(PrincipalKinds.Node, "bank-opening");

    private readonly Bank _bank;

    internal BankOpening(Bank bank) => _bank = bank;

    /// <summary>Opens what is not open yet; asking again changes nothing.</summary>
    /// <param name="currencies">Numbers of ISO 4217.</param>
    /// <exception cref="InvalidOperationException">The journal refused.</exception>
    public async Task OpenAsync(
        DateOnly businessDate,
        IReadOnlyList<uint> currencies,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(currencies);
        foreach (var currency in currencies)
        {
            await ProposeAsync(
                new Operation
                {
                    Id = IdOf($"accounts/{currency}"),
                    Principals = [Opener],
                    Accounts = [.. AccountsOf(currency)],
                },
                cancellationToken
            );
            foreach (var product in StandardCatalog.Of(currency))
            {
                await OfferAsync(product, cancellationToken);
            }
        }
        await RequireTwoPeopleAsync(Collections.Products.Name, cancellationToken);
        await RequireTwoPeopleAsync(Collections.Calendars.Name, cancellationToken);
        await RequireTwoPeopleAsync(Collections.CutOffs.Name, cancellationToken);
        await RequireTwoPeopleAsync(Collections.Approvals.Name, cancellationToken);
        if (await _bank.ReadBusinessDateAsync(cancellationToken) is null)
        {
            await ProposeAsync(
                SystemRecords.OpenBusinessDate(IdOf("date"), businessDate, Opener),
                cancellationToken
            );
        }
    }

    /// <summary>
    /// A balance that comes over from the books of before: from equity to the account, once for each
    /// reference.
    /// </summary>
    /// <exception cref="InvalidOperationException">The journal refused.</exception>
    public async Task CarryOverAsync(
        AccountNumber account,
        Money amount,
        string reference,
        CancellationToken cancellationToken
    )
    {
        if (
            await _bank.ReadBusinessDateAsync(cancellationToken) is not { } date
            || amount.Minor <= 0
        )
        {
            throw new InvalidOperationException(
                "A balance is carried over into an open bank, and is above zero."
            );
        }
        var id = InstructionId.From(Channel.Internal, "carry-over", reference);
        await ProposeAsync(
            new Operation
            {
                Id = new OperationId(id.Value),
                Principals = [Opener],
                RequestHash = OperationHash.OfRequest(
                    "bank/carry-over",
                    System.Text.Encoding.UTF8.GetBytes($"{account}\n{amount}")
                ),
                Guards = [new Guard.BusinessDate(date)],
                Transfers =
                [
                    new Transfer
                    {
                        Id = LedgerIds.Transfer(id, "main"),
                        DebitAccountId = LedgerIds.Of(GlCode.Equity, amount.Currency),
                        CreditAccountId = LedgerIds.Of(account),
                        Amount = (UInt128)amount.Minor,
                        UserData128 = id.Value,
                        UserData64 = Posting.OriginOf(new Origin(Channel.Internal), date),
                        UserData32 = ValueDates.ToNumber(date),
                        Ledger = amount.Currency,
                        Code = (ushort)PostingKind.Opening,
                    },
                ],
            },
            cancellationToken
        );
    }

    /// <summary>Only what is not offered yet: the bank's own people may have changed it since.</summary>
    private async Task OfferAsync(Product product, CancellationToken cancellationToken)
    {
        var key = Product.KeyOf(product.Code, product.Currency);
        if (await Collections.Products.ReadAsync(_bank.Journal, key, cancellationToken) is not null)
        {
            return;
        }
        await ProposeAsync(
            new Operation
            {
                Id = IdOf($"product/{key}"),
                Principals = [Opener],
                Guards = [new Guard.Absent(Collections.Products.Key(key))],
                Writes = [Collections.Products.Write(key, product)],
            },
            cancellationToken
        );
    }

    private Task RequireTwoPeopleAsync(string collection, CancellationToken cancellationToken) =>
        ProposeAsync(
            new Operation
            {
                Id = IdOf($"two-people/{collection}"),
                Principals = [Opener],
                Writes = [new RecordWrite(SystemRecords.TwoPeople(collection), "true"u8.ToArray())],
            },
            cancellationToken
        );

    private static IEnumerable<Account> AccountsOf(uint currency) =>
        Enum.GetValues<GlCode>()
            .Where(static code =>
                code
                    is not GlCode.None
                        and not GlCode.CurrentAccounts
                        and not GlCode.SavingsAccounts
                        and not GlCode.Loans
                        and not GlCode.CreditLines
            )
            .Select(code => new Account
            {
                Id = LedgerIds.Of(code, currency),
                Ledger = currency,
                Code = (ushort)code,
                Flags = AccountFlags.History,
            });

    private async Task ProposeAsync(Operation operation, CancellationToken cancellationToken)
    {
        var result = Answers.Value(await _bank.Journal.ProposeAsync(operation, cancellationToken));
        if (result.Status != OperationStatus.Done)
        {
            throw new InvalidOperationException(
                $"The bank could not be opened: {result.Status} ({result.FailedStatus})."
            );
        }
    }

    private static OperationId IdOf(string what) =>
        new(
            InstructionId
                .From(Channel.Internal, "bank-opening", what.ToString(CultureInfo.InvariantCulture))
                .Value
        );
}
