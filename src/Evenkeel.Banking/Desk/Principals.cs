using Evenkeel.Journal;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Desk;

/// <summary>Who stands in the journal for who asked.</summary>
internal static class Principals
{
    /// <summary>
    /// An advice is posted by the bank: it keeps a promise, and no person forces it. Else maker first,
    /// then checker.
    /// </summary>
    public static IReadOnlyList<Principal> Of(PaymentInstruction instruction) =>
        instruction.IsAdvice
            ? [new Principal(PrincipalKinds.Node, $"advice/{instruction.Actor.Name}")]
            : Of(instruction.Actor);

    public static IReadOnlyList<Principal> Of(Actor actor) =>
        actor switch
        {
            Actor.Customer customer => [new Principal(PrincipalKinds.Customer, customer.Id.Value)],
            Actor.ApiClient client => [new Principal("api", client.ClientId)],
            Actor.Staff { CheckedBy: { } checker } staff =>
            [
                new Principal(PrincipalKinds.Staff, staff.User),
                new Principal(PrincipalKinds.Staff, checker),
            ],
            Actor.Staff staff => [new Principal(PrincipalKinds.Staff, staff.User)],
            Actor.CardNetwork line => [new Principal("card-network", line.Line)],
            Actor.Clearing rail => [new Principal("clearing", rail.Rail)],
            Actor.Bank bank => [new Principal(PrincipalKinds.Node, bank.Task)],
            _ => throw new InvalidOperationException("An unknown actor."),
        };
}
