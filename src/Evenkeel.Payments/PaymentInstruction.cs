namespace Evenkeel.Payments;

/// <summary>
/// What a channel asks a bank to do with money: the same for the primary and the Stand-in, for a
/// person at a counter and a machine on a line.
/// </summary>
public sealed record PaymentInstruction
{
    public required InstructionId Id { get; init; }

    public required Actor Actor { get; init; }

    public required Origin Origin { get; init; }

    public required Movement Movement { get; init; }

    /// <summary>Positive; of a reversal the amount of the original.</summary>
    public required Money Amount { get; init; }

    public References References { get; init; } = new();

    /// <summary>The day on which it shall be executed; null = as soon as can be.</summary>
    public DateOnly? ExecutionDate { get; init; }

    /// <summary>
    /// The day from which it counts for interest, when that is not the booking date: what the bank
    /// owes a customer whose payment was late by the bank's doing. Not for customers to ask.
    /// </summary>
    public DateOnly? ValueDate { get; init; }

    /// <summary>Text for the payee.</summary>
    public string? Remittance { get; init; }

    /// <summary>
    /// It has happened already (cash given out, a decision of the Stand-in): it can't be refused, only
    /// posted, or put to suspense with an exception item.
    /// </summary>
    public bool IsAdvice { get; init; }

    /// <summary>When the originator asked, by the originator's clock.</summary>
    public DateTimeOffset AskedAt { get; init; }
}

/// <summary>Names that others know an instruction by. Each can be looked up.</summary>
public sealed record References
{
    /// <summary>The payer's own reference, passed on unchanged to the payee (ISO 20022).</summary>
    public string? EndToEndId { get; init; }

    /// <summary>Unique end-to-end transaction reference, a UUID of version 4 (ISO 20022).</summary>
    public Guid? Uetr { get; init; }

    /// <summary>Retrieval reference number, field 37 of ISO 8583.</summary>
    public string? Rrn { get; init; }

    /// <summary>System trace audit number, field 11 of ISO 8583.</summary>
    public string? Stan { get; init; }

    /// <summary>Number on a paper slip or in an offline journal.</summary>
    public string? Voucher { get; init; }

    /// <summary>File and line of a bulk order: "run/line".</summary>
    public string? BulkItem { get; init; }

    /// <summary>The clearing's own reference.</summary>
    public string? Rail { get; init; }

    /// <summary>All that are given, as "kind:value", the form in which they are indexed and looked up.</summary>
    public IEnumerable<string> Keys()
    {
        if (EndToEndId is { } endToEnd)
        {
            yield return $"e2e:{endToEnd}";
        }
        if (Uetr is { } uetr)
        {
            yield return $"uetr:{uetr:D}";
        }
        if (Rrn is { } rrn)
        {
            yield return $"rrn:{rrn}";
        }
        if (Stan is { } stan)
        {
            yield return $"stan:{stan}";
        }
        if (Voucher is { } voucher)
        {
            yield return $"voucher:{voucher}";
        }
        if (BulkItem is { } item)
        {
            yield return $"bulk:{item}";
        }
        if (Rail is { } rail)
        {
            yield return $"rail:{rail}";
        }
    }
}

/// <summary>What shall move, from where to where. Closed: a bank must answer each.</summary>
public abstract record Movement
{
    private Movement() { }

    /// <summary>From an account of this bank to anyone.</summary>
    public sealed record CreditTransfer(AccountNumber Debtor, Creditor Creditor) : Movement;

    /// <summary>From another bank to an account of this one; told by the clearing.</summary>
    public sealed record IncomingCredit(
        BankCode DebtorBank,
        string DebtorAccount,
        string DebtorName,
        AccountNumber Creditor
    ) : Movement;

    /// <summary>Notes given out at a till or machine.</summary>
    public sealed record CashWithdrawal(Funding From, TerminalId Terminal) : Movement;

    /// <summary>Notes taken in at a till or machine.</summary>
    public sealed record CashDeposit(AccountNumber To, TerminalId Terminal) : Movement;

    /// <summary>A shop asks to reserve: a hold, posted or voided later.</summary>
    public sealed record CardAuthorisation(CardUse Card, Merchant Merchant) : Movement;

    /// <summary>Pays in a shop at once.</summary>
    public sealed record CardPurchase(CardUse Card, Merchant Merchant) : Movement;

    /// <summary>The amount of an authorisation is known now: posts its hold, in part or whole.</summary>
    public sealed record CardCompletion(InstructionId Authorisation, Merchant Merchant) : Movement;

    /// <summary>Pays a bill through its biller, who may not answer in time.</summary>
    public sealed record BillPayment(AccountNumber Debtor, BillerCode Biller, string BillNumber)
        : Movement;

    /// <summary>
    /// Undoes an instruction whose result is not known or that was not completed. One that arrives
    /// before its original is remembered, and the original refused.
    /// </summary>
    /// <param name="Completed">What was done after all (partial dispense); null = nothing.</param>
    public sealed record Reversal(InstructionId Original, Money? Completed = null) : Movement;

    /// <summary>An outgoing credit that the clearing sends back after settlement.</summary>
    public sealed record Return(InstructionId Original, OutcomeReason Why) : Movement;
}

/// <summary>Who gets the money of a credit transfer.</summary>
public abstract record Creditor
{
    private Creditor() { }

    /// <param name="Name">As the payer knows the payee; compared with the account's holder when given.</param>
    public sealed record Here(AccountNumber Account, string? Name = null) : Creditor;

    public sealed record Elsewhere(BankCode Bank, string Account, string Name) : Creditor;
}

/// <summary>What pays for cash.</summary>
public abstract record Funding
{
    private Funding() { }

    public sealed record OfAccount(AccountNumber Account) : Funding;

    public sealed record OfCard(CardUse Card) : Funding;
}

/// <summary>A card as it was used.</summary>
/// <param name="ExpiryYearMonth">YYMM as on the card.</param>
/// <param name="Pin">
/// Null where none was asked for. Sealed for this card and this instruction only: the key interface
/// opens it with the token and, as context, the ASCII of the instruction's id in text (ADR 26).
/// </param>
/// <param name="EntryMode">Field 22 of ISO 8583: 051 chip with PIN, 021 stripe.</param>
public sealed record CardUse(
    CardToken Token,
    int ExpiryYearMonth,
    SealedPin? Pin,
    string? EntryMode = null
);

/// <summary>A shop.</summary>
/// <param name="Category">Merchant category code, four digits (ISO 18245).</param>
public sealed record Merchant(
    TerminalId Terminal,
    string Acceptor,
    string Category,
    string NameAndPlace
);
