using Evenkeel.Payments;

namespace Evenkeel.Gateway.Attempts;

/// <summary>Kinds of those who ask. Persisted: numbers only grow.</summary>
public enum AskerKind : byte
{
    None = 0,
    Customer = 1,

    /// <summary>A company's program.</summary>
    Program = 2,
    Staff = 3,

    /// <summary>A line of cash machines or shops: the card proves the customer.</summary>
    CardNetwork = 4,
    Clearing = 5,
    Bank = 6,
}

/// <summary>Who gave an instruction, without saying who that is.</summary>
/// <param name="Hash">Keyed, of the name: tells whether two instructions came from the same one.</param>
public sealed record AttemptAsker(AskerKind Kind, Channel Channel, UInt128 Hash)
{
    internal static AskerKind KindOf(Actor actor) =>
        actor switch
        {
            Actor.Customer => AskerKind.Customer,
            Actor.ApiClient => AskerKind.Program,
            Actor.Staff => AskerKind.Staff,
            Actor.CardNetwork => AskerKind.CardNetwork,
            Actor.Clearing => AskerKind.Clearing,
            Actor.Bank => AskerKind.Bank,
            _ => throw new InvalidOperationException("An unknown actor."),
        };
}
