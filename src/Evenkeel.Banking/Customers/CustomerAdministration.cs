using System.Globalization;
using System.Text.Json;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Customers;

/// <summary>A customer as staff see them.</summary>
/// <param name="Profile">Null once the person was forgotten.</param>
public sealed record CustomerView(
    CustomerId Id,
    CustomerKind Kind,
    CustomerState State,
    CustomerProfile? Profile,
    IReadOnlyList<AccountNumber> Accounts
);

/// <summary>Customers come, change and go.</summary>
public sealed class CustomerAdministration
{
    private readonly Bank _bank;

    internal CustomerAdministration(Bank bank) => _bank = bank;

    /// <param name="reference">Of whoever asks; the customer's number follows from it.</param>
    public Task<TaskOutcome<CustomerView>> OpenAsync(
        Actor actor,
        string reference,
        CustomerKind kind,
        CustomerProfile profile,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(profile);
        var id = InstructionId.From(Channel.Internal, "customer", reference);
        var customer = new CustomerId(NumberOf(id));
        return Administration.DecideAsync(
            _bank,
            actor,
            new OperationId(id.Value),
            "customer/open",
            JsonSerializer.Serialize(profile, ProfileJson.Default.CustomerProfile) + $"\n{kind}",
            [],
            async (reader, draft, token) =>
            {
                if (await reader.ReadBusinessDateAsync(token) is not { } date)
                {
                    return AdminDecision<CustomerView>.Refuse(
                        draft,
                        OutcomeReason.ServiceUnavailable
                    );
                }
                var known = await Collections.Customers.ReadAsync(reader, customer.Value, token);
                if (known is not null)
                {
                    return AdminDecision<CustomerView>.Refuse(draft, OutcomeReason.Duplicate);
                }
                CustomerDocument document = new(
                    kind,
                    CustomerState.Active,
                    _bank.Persons.Seal(customer, profile),
                    [],
                    date
                );
                return AdminDecision<CustomerView>.Accept(
                    draft with
                    {
                        Writes = [Collections.Customers.Write(customer.Value, document)],
                    },
                    ViewOf(customer, document)
                );
            },
            async token => await FindAsync(customer, token),
            cancellationToken
        );
    }

    /// <summary>Nothing leaves any account of the customer while frozen.</summary>
    public Task<TaskOutcome<CustomerView>> SetStateAsync(
        Actor actor,
        string reference,
        CustomerId customer,
        CustomerState state,
        CancellationToken cancellationToken
    )
    {
        var id = InstructionId.From(Channel.Internal, "customer-state", reference);
        return Administration.DecideAsync(
            _bank,
            actor,
            new OperationId(id.Value),
            "customer/state",
            $"{customer.Value}\n{state}",
            [Collections.Customers.Key(customer.Value)],
            async (reader, draft, token) =>
            {
                var known = await Collections.Customers.ReadAsync(reader, customer.Value, token);
                if (known is null)
                {
                    return AdminDecision<CustomerView>.Refuse(draft, OutcomeReason.NotAuthorised);
                }
                var changed = known with { State = state };
                return AdminDecision<CustomerView>.Accept(
                    draft with
                    {
                        Writes = [Collections.Customers.Write(customer.Value, changed)],
                    },
                    ViewOf(customer, changed)
                );
            },
            async token => await FindAsync(customer, token),
            cancellationToken
        );
    }

    /// <summary>Null when there is none.</summary>
    public async ValueTask<CustomerView?> FindAsync(
        CustomerId customer,
        CancellationToken cancellationToken
    ) =>
        await Collections.Customers.ReadAsync(_bank.Journal, customer.Value, cancellationToken)
            is { } document
            ? ViewOf(customer, document)
            : null;

    /// <summary>The one who was opened by this reference; null when nobody was.</summary>
    public ValueTask<CustomerView?> FindOpenedAsync(
        string reference,
        CancellationToken cancellationToken
    ) =>
        FindAsync(
            new CustomerId(NumberOf(InstructionId.From(Channel.Internal, "customer", reference))),
            cancellationToken
        );

    private CustomerView ViewOf(CustomerId id, CustomerDocument document) =>
        new(
            id,
            document.Kind,
            document.State,
            _bank.Persons.OpenProfile(id, document.SealedProfile),
            [.. document.Accounts.Select(AccountNumber.Parse)]
        );

    /// <summary>"C" and 12 digits that follow from the operation.</summary>
    private static string NumberOf(InstructionId id) =>
        "C"
        + ((ulong)(id.Value >> 64) % 1_000_000_000_000).ToString(
            "D12",
            CultureInfo.InvariantCulture
        );
}
