using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Orders;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Advising;

/// <summary>
/// After an advice was posted: an account that it took below its agreed overdraft is an exception
/// item. It is looked at after the posting and before the answer, so that no crash loses it.
/// </summary>
internal static class Overdrawn
{
    /// <exception cref="BankUnavailableException">The journal could not answer.</exception>
    public static async ValueTask CheckAsync(
        Bank bank,
        InstructionId id,
        CancellationToken cancellationToken
    )
    {
        var order = await Collections.Orders.ReadAsync(
            bank.Journal,
            id.ToString(),
            cancellationToken
        );
        if (
            order is not { State: InstructionState.Done or InstructionState.Held }
            || !AccountNumber.TryParse(order.Debtor, out var number)
            || await Collections.Accounts.ReadAsync(
                bank.Journal,
                number.ToString(),
                cancellationToken
            )
                is not { } account
        )
        {
            return;
        }
        var balance = await Balances.ReadAsync(bank.Journal, number, cancellationToken);
        if (balance.AvailableMinor + account.OverdraftMinor >= 0)
        {
            return;
        }
        ExceptionDocument item = new(
            ExceptionKind.Overdrawn,
            id.ToString(),
            number.ToString(),
            -(balance.AvailableMinor + account.OverdraftMinor),
            account.Currency,
            SuspenseMinor: 0,
            Session: 0,
            Exceptions.Owner,
            bank.Time.GetUtcNow(),
            order.BookingDate!.Value,
            ExceptionState.Open
        );
        var key = Exceptions.KeyOf(item, ordinal: 0);
        _ = Answers.Value(
            await bank.Journal.ProposeAsync(
                new Operation
                {
                    Id = new OperationId(id.Derive("overdrawn").Value),
                    Principals = [new Principal(PrincipalKinds.Node, "overdrawn")],
                    // A repeat finds another balance: it is the same finding.
                    RequestHash = id.Value,
                    Guards = [new Guard.Absent(Collections.Exceptions.Key(key))],
                    Writes = [Collections.Exceptions.Write(key, item)],
                },
                cancellationToken
            )
        );
    }
}
