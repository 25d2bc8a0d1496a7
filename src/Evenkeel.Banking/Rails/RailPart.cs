namespace Evenkeel.Banking.Rails;

/// <summary>How far a credit to another bank has come. Persisted: numbers only grow.</summary>
internal enum RailStage : byte
{
    None = 0,

    /// <summary>Not on its way, for sure.</summary>
    ToSend = 1,

    /// <summary>It may have been sent: before anything else the clearing is asked.</summary>
    Asking = 2,

    /// <summary>The clearing has it and has not decided.</summary>
    Accepted = 3,
    Settled = 4,
    Rejected = 5,

    /// <summary>Came back after settlement.</summary>
    Returned = 6,
}

/// <summary>What an order has besides when it goes over the clearing.</summary>
/// <param name="Uetr">Its name at the clearing: of a return the return's own.</param>
/// <param name="Work">Key of the item that calls for the next step; null when there is none.</param>
/// <param name="Steps">Steps taken so far; numbers their ids.</param>
internal sealed record RailPart(
    string Uetr,
    RailStage Stage,
    string? Work = null,
    int Steps = 0,
    string? Bank = null
)
{
    /// <summary>Account and name at the other bank and the text, under the key of <see cref="Owner"/>.</summary>
    public string? Sealed { get; init; }

    /// <summary>The customer whose key it is.</summary>
    public string? Owner { get; init; }

    /// <summary>Of a return: the credit that goes back, as the clearing and as this bank name it.</summary>
    public string? OriginalUetr { get; init; }

    public string? Original { get; init; }

    /// <summary>External reason code of ISO 20022.</summary>
    public string? Code { get; init; }

    public DateOnly? SettlementDate { get; init; }

    public bool IsFinal => Stage is RailStage.Settled or RailStage.Rejected or RailStage.Returned;
}

/// <summary>Who is at the other end. Only ever stored sealed.</summary>
internal sealed record RailParty(string Account, string Name, string? Remittance);

/// <summary>Which instruction a UETR stands for: no two may have the same.</summary>
internal sealed record UetrDocument(string Instruction);

/// <summary>Another bank that the clearing reaches.</summary>
internal sealed record ParticipantDocument(bool IsReachable);

/// <summary>How far the inbox has been worked off.</summary>
internal sealed record CursorDocument(long After);
