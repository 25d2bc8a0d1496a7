namespace Evenkeel.Payments;

/// <summary>Where an instruction came in. Persisted: numbers only grow.</summary>
public enum Channel : byte
{
    None = 0,

    /// <summary>The bank itself: standing orders, sweeps, end of day.</summary>
    Internal = 1,

    /// <summary>Customer pages and applications.</summary>
    Online = 2,

    /// <summary>A company's own system by API.</summary>
    Api = 3,

    /// <summary>A file with many payments.</summary>
    File = 4,

    /// <summary>The counter of a branch.</summary>
    Counter = 5,

    CashMachine = 6,

    /// <summary>A shop, on line or off.</summary>
    PointOfSale = 7,

    /// <summary>The interbank clearing.</summary>
    Clearing = 8,

    /// <summary>The hotline.</summary>
    Agent = 9,
}

/// <summary>How a movement came about (DESIGN, ledger semantics). Persisted: numbers only grow.</summary>
public enum OriginMode : byte
{
    Normal = 0,

    /// <summary>Decided by the Stand-in; told by an advice.</summary>
    StandIn = 1,

    /// <summary>Captured where the line was cut.</summary>
    Offline = 2,
    Replay = 3,
    Correction = 4,
}

/// <summary>Where and how an instruction was taken.</summary>
/// <param name="Terminal">Till, machine or device; null where there is none.</param>
public sealed record Origin(
    Channel Channel,
    OriginMode Mode = OriginMode.Normal,
    TerminalId? Terminal = null
)
{
    /// <summary>
    /// Number of the session of the Stand-in, or of an offline capture, whose promise this is; 0 = none.
    /// What can't be posted goes to this session's own suspense account.
    /// </summary>
    public uint Session { get; init; }
}

/// <summary>How sure the bank is of who asks.</summary>
public enum Assurance : byte
{
    None = 0,

    /// <summary>One factor.</summary>
    Single = 1,

    /// <summary>Two factors, or a passkey.</summary>
    Strong = 2,
}

/// <summary>Who asks. A channel makes it only from what it has verified.</summary>
public abstract record Actor
{
    private Actor() { }

    /// <summary>The name under which it stands in the journal and the audit.</summary>
    public abstract string Name { get; }

    /// <summary>A customer who signed in.</summary>
    public sealed record Customer(CustomerId Id, Assurance Assurance) : Actor
    {
        public override string Name => Id.Value;

        /// <summary>
        /// What was signed in with: tells the people of one company apart. Null = not known, and nobody
        /// counts as a second person then.
        /// </summary>
        public string? Login { get; init; }
    }

    /// <summary>A company's program, acting for one customer.</summary>
    public sealed record ApiClient(string ClientId, CustomerId OnBehalfOf) : Actor
    {
        public override string Name => ClientId;
    }

    /// <summary>A member of staff; <paramref name="CheckedBy"/> when another approved it.</summary>
    public sealed record Staff(string User, string Branch, string? CheckedBy = null) : Actor
    {
        public override string Name => User;
    }

    /// <summary>A card network or machine line: the card proves the customer.</summary>
    public sealed record CardNetwork(string Line) : Actor
    {
        public override string Name => Line;
    }

    /// <summary>The interbank clearing.</summary>
    public sealed record Clearing(string Rail) : Actor
    {
        public override string Name => Rail;
    }

    /// <summary>The bank itself.</summary>
    public sealed record Bank(string Task) : Actor
    {
        public override string Name => Task;
    }
}
