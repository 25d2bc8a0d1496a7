namespace Evenkeel.Banking.Bills;

/// <summary>How far the payment of a bill has come. Persisted: numbers only grow.</summary>
internal enum BillStage : byte
{
    None = 0,

    /// <summary>The money is held; nothing has left the bank.</summary>
    Reserved = 1,

    /// <summary>The biller may have it.</summary>
    Asking = 2,

    /// <summary>Past its deadline: the biller is told to undo it until it says what it did.</summary>
    Undoing = 3,
    Paid = 4,
    Refused = 5,
}

internal enum BillAction
{
    Nothing = 0,
    Send = 1,
    AskLater = 2,

    /// <summary>The biller has never seen it: it goes out again under the same reference.</summary>
    SendAgain = 3,
    BeginUndoing = 4,
    Post = 5,
    Void = 6,
}

/// <summary>What an order has besides when it pays a bill.</summary>
/// <param name="Work">Key of the item that calls for the next step; null when there is none.</param>
internal sealed record BillPart(
    string Biller,
    uint Serial,
    string BillNumber,
    BillStage Stage,
    string? Work,
    int Steps = 0,
    string? Receipt = null
)
{
    public bool IsFinal => Stage is BillStage.Paid or BillStage.Refused;
}

/// <summary>Which instruction pays a bill: a second one is refused while the first may succeed.</summary>
internal sealed record BillDocument(string Instruction);

/// <param name="Serial">Which of the ledger's accounts is owed to it.</param>
internal sealed record BillerDocument(uint Serial, bool IsOpen);

/// <summary>
/// The whole of what may happen to a bill. Never sent twice without the biller having said that it
/// never saw it; never given back without the biller having said that it counts for nothing.
/// </summary>
internal static class BillMachine
{
    /// <param name="answer">Null when nothing was asked yet.</param>
    public static BillAction Next(BillStage stage, BillerStatus? answer, bool isOverdue) =>
        (stage, answer) switch
        {
            (BillStage.Paid or BillStage.Refused, _) => BillAction.Nothing,
            (BillStage.Reserved, null) => isOverdue ? BillAction.Void : BillAction.Send,
            (_, BillerStatus.Paid) => BillAction.Post,
            (_, BillerStatus.Refused) => BillAction.Void,
            (BillStage.Asking, _) when isOverdue => BillAction.BeginUndoing,
            (BillStage.Asking, BillerStatus.NotFound) => BillAction.SendAgain,
            _ => BillAction.AskLater,
        };

    public static TimeSpan Patience(int steps) =>
        TimeSpan.FromSeconds(
            Math.Min(BillLimits.AskSecondsMax, BillLimits.AskSecondsFirst << Math.Min(steps, 6))
        );
}
