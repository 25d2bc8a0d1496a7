using System.Globalization;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Journal.Decisions;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Accounts;

/// <summary>What is asked for when an account is opened.</summary>
/// <param name="Product">Code of the product.</param>
/// <param name="Currency">Number of ISO 4217.</param>
/// <param name="OverdraftMinor">Agreed overdraft, minor units.</param>
public sealed record AccountOpening(
    CustomerId Customer,
    string Product,
    uint Currency,
    long OverdraftMinor = 0
);

/// <summary>An account that was opened, or is there already.</summary>
public sealed record OpenedAccount(AccountNumber Number);

/// <summary>Accounts are opened, changed and closed.</summary>
public sealed class AccountAdministration
{
    private const ulong Serials = 999_999_999_999;

    /// <summary>Numbers tried before giving up: each is taken once in a million at a million accounts.</summary>
    private const int NumbersTried = 8;

    private readonly Bank _bank;

    internal AccountAdministration(Bank bank) => _bank = bank;

    public Task<TaskOutcome<OpenedAccount>> OpenAsync(
        Actor actor,
        string reference,
        AccountOpening opening,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(opening);
        Check.That(opening.OverdraftMinor >= 0);
        var id = InstructionId.From(Channel.Internal, "account", reference);
        return Administration.DecideAsync(
            _bank,
            actor,
            new OperationId(id.Value),
            "account/open",
            $"{opening.Customer}\n{opening.Product}\n{opening.Currency}\n{opening.OverdraftMinor}",
            [Collections.Customers.Key(opening.Customer.Value)],
            (reader, draft, token) => DecideAsync(reader, draft, id, opening, token),
            async token => await FindOpenedAsync(id, token),
            cancellationToken
        );
    }

    /// <summary>
    /// Closes an account for good, by two people: only at zero and with no holds, since the money in it
    /// would be nobody's. See <see cref="AccountClosing"/>.
    /// </summary>
    public Task<TaskOutcome<OpenedAccount>> CloseAsync(
        Actor actor,
        string reference,
        AccountNumber account,
        string why,
        CancellationToken cancellationToken
    ) => new AccountClosing(_bank, actor, reference, account, why).RunAsync(cancellationToken);

    /// <summary>The one that was opened by this reference; null when none was.</summary>
    public ValueTask<OpenedAccount?> FindOpenedAsync(
        string reference,
        CancellationToken cancellationToken
    ) =>
        FindOpenedAsync(
            InstructionId.From(Channel.Internal, "account", reference),
            cancellationToken
        );

    private static async ValueTask<AdminDecision<OpenedAccount>> DecideAsync(
        DecisionReader reader,
        Operation draft,
        InstructionId id,
        AccountOpening opening,
        CancellationToken token
    )
    {
        if (await reader.ReadBusinessDateAsync(token) is not { } date)
        {
            return Refuse(OutcomeReason.ServiceUnavailable);
        }
        var customer = await Collections.Customers.ReadAsync(reader, opening.Customer.Value, token);
        if (customer is not { State: CustomerState.Active })
        {
            return Refuse(OutcomeReason.CustomerFrozen);
        }
        if (customer.Accounts.Count >= BankingLimits.AccountsPerCustomerMax)
        {
            return Refuse(OutcomeReason.DailyCountLimitExceeded);
        }
        var product = await ProductAdministration.ReadAsync(
            reader,
            opening.Product,
            opening.Currency,
            token
        );
        if (product?.GlCode is not { } glCode)
        {
            return Refuse(OutcomeReason.NotSupported);
        }
        if (
            opening.OverdraftMinor > 0
            && (
                !product.MayHaveAllowance
                || opening.OverdraftMinor > product.TermsOn(date).AllowanceMinorMax
            )
        )
        {
            return Refuse(OutcomeReason.TransactionLimitExceeded);
        }
        if (await FreeNumberAsync(reader, id, token) is not { } number)
        {
            return Refuse(OutcomeReason.Busy);
        }
        AccountDocument account = new(
            opening.Customer.Value,
            opening.Product,
            opening.Currency,
            AccountState.Open,
            opening.OverdraftMinor,
            date,
            id.ToString()
        );
        var ledgerId = LedgerIds.Of(number);
        return AdminDecision<OpenedAccount>.Accept(
            draft with
            {
                Accounts =
                [
                    new Account
                    {
                        Id = ledgerId,
                        Ledger = opening.Currency,
                        Code = (ushort)glCode,
                        Flags = product.LedgerFlags,
                    },
                ],
                AccountUpdates =
                    opening.OverdraftMinor == 0
                        ? []
                        :
                        [
                            new AccountUpdate
                            {
                                Id = ledgerId,
                                Allowance = (UInt128)opening.OverdraftMinor,
                                ExpectedVersion = 0,
                                Flags = AccountUpdateFlags.SetAllowance,
                            },
                        ],
                Writes =
                [
                    Collections.Accounts.Write(number.ToString(), account),
                    Collections.Customers.Write(
                        opening.Customer.Value,
                        customer with
                        {
                            Accounts = [.. customer.Accounts, number.ToString()],
                        }
                    ),
                ],
            },
            new OpenedAccount(number)
        );

        AdminDecision<OpenedAccount> Refuse(OutcomeReason reason) =>
            AdminDecision<OpenedAccount>.Refuse(draft, reason);
    }

    // The number follows from the request and not from a counter: openings do not wait for each other,
    // and nobody finds accounts by counting up.
    private static async ValueTask<AccountNumber?> FreeNumberAsync(
        DecisionReader reader,
        InstructionId id,
        CancellationToken token
    )
    {
        for (var i = 0; i < NumbersTried; i++)
        {
            var number = NumberOf(id, i);
            if (await Collections.Accounts.ReadAsync(reader, number.ToString(), token) is null)
            {
                return number;
            }
        }
        return null;
    }

    private async ValueTask<OpenedAccount?> FindOpenedAsync(
        InstructionId id,
        CancellationToken token
    )
    {
        for (var i = 0; i < NumbersTried; i++)
        {
            var number = NumberOf(id, i);
            var account = await Collections.Accounts.ReadAsync(
                _bank.Journal,
                number.ToString(),
                token
            );
            if (string.Equals(account?.OpenedBy, id.ToString(), StringComparison.Ordinal))
            {
                return new OpenedAccount(number);
            }
        }
        return null;
    }

    private static AccountNumber NumberOf(InstructionId id, int attempt)
    {
        var digest = id.Derive(attempt.ToString(CultureInfo.InvariantCulture)).Value;
        return AccountNumber.FromSerial(1 + ((ulong)(digest >> 64) % Serials));
    }
}
