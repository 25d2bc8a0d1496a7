namespace Evenkeel.Payments;

/// <summary>
/// What customers do for themselves beside paying: their cards and their payees. A bank that serves in
/// another's place answers it as far as it can: to freeze a card always works, to unfreeze it does not.
/// </summary>
public interface ICustomerServices
{
    Task<QueryAnswer<IReadOnlyList<CardView>>> ListCardsAsync(
        Actor actor,
        CancellationToken cancellationToken
    );

    /// <summary>From now on the card pays nothing. One factor is enough, and it is never refused to the holder.</summary>
    /// <param name="reference">Of whoever asks: the same again is the same request.</param>
    Task<QueryAnswer<CardView>> FreezeCardAsync(
        Actor actor,
        string reference,
        CardToken card,
        CancellationToken cancellationToken
    );

    /// <summary>Needs strong authentication.</summary>
    Task<QueryAnswer<CardView>> UnfreezeCardAsync(
        Actor actor,
        string reference,
        CardToken card,
        CancellationToken cancellationToken
    );

    /// <summary>Lost or stolen: for good. One factor is enough.</summary>
    Task<QueryAnswer<CardView>> ReportCardAsync(
        Actor actor,
        string reference,
        CardToken card,
        bool wasStolen,
        CancellationToken cancellationToken
    );

    Task<QueryAnswer<IReadOnlyList<PayeeView>>> ListPayeesAsync(
        Actor actor,
        CancellationToken cancellationToken
    );

    /// <summary>Needs strong authentication; a smaller limit holds for the payee's first day.</summary>
    Task<QueryAnswer<PayeeView>> AddPayeeAsync(
        Actor actor,
        string reference,
        Creditor creditor,
        CancellationToken cancellationToken
    );

    /// <summary>Found with what it was, also when it is gone already.</summary>
    Task<QueryAnswer<string>> RemovePayeeAsync(
        Actor actor,
        string reference,
        string payee,
        CancellationToken cancellationToken
    );
}

/// <summary>State of a card. Persisted: numbers only grow.</summary>
public enum CardState : byte
{
    None = 0,

    /// <summary>Sent to the holder, who has not said yet that it came.</summary>
    NotActive = 1,
    Active = 2,

    /// <summary>By the bank.</summary>
    Blocked = 3,
    Lost = 4,
    Stolen = 5,

    /// <summary>Replaced, or its account is closed.</summary>
    Ended = 6,
}

/// <summary>A card as its holder sees it.</summary>
/// <param name="ExpiryYearMonth">YYMM.</param>
/// <param name="IsPinBlocked">Too many wrong PINs: payments without a PIN still work.</param>
public sealed record CardView(
    CardToken Token,
    AccountNumber Account,
    string LastFour,
    int ExpiryYearMonth,
    CardState State,
    bool IsFrozen,
    bool IsPinBlocked
);

/// <summary>A payee as the customer sees it.</summary>
/// <param name="Id">Names it in the customer's list.</param>
/// <param name="Bank">Null = this bank.</param>
/// <param name="IsNew">For a day after it was added, while the smaller limit holds.</param>
public sealed record PayeeView(
    string Id,
    string? Bank,
    string Account,
    string? Name,
    DateTimeOffset Since,
    bool IsNew
);
