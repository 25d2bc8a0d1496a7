using Evenkeel.Banking.Bills;
using Evenkeel.Banking.Rails;
using Xunit;

namespace Evenkeel.Banking.Tests.Rails;

public sealed class MachineTests
{
    private static readonly Dictionary<(RailStage, ClearingStatus?), RailAction> Rail = new()
    {
        [(RailStage.ToSend, null)] = RailAction.Send,
        [(RailStage.ToSend, ClearingStatus.Settled)] = RailAction.Settle,
        [(RailStage.ToSend, ClearingStatus.Rejected)] = RailAction.GiveBack,
        [(RailStage.ToSend, ClearingStatus.Pending)] = RailAction.Await,
        [(RailStage.Asking, ClearingStatus.NotFound)] = RailAction.SendAgain,
        [(RailStage.Asking, ClearingStatus.Settled)] = RailAction.Settle,
        [(RailStage.Asking, ClearingStatus.Rejected)] = RailAction.GiveBack,
        [(RailStage.Asking, ClearingStatus.Pending)] = RailAction.Await,
        [(RailStage.Accepted, ClearingStatus.Settled)] = RailAction.Settle,
        [(RailStage.Accepted, ClearingStatus.Rejected)] = RailAction.GiveBack,
        [(RailStage.Accepted, ClearingStatus.Pending)] = RailAction.Await,
    };

    [Fact]
    public void Every_stage_and_answer_of_the_clearing_leads_where_the_table_says_and_nowhere_else()
    {
        ClearingStatus?[] answers = [null, .. Enum.GetValues<ClearingStatus>()];
        foreach (var stage in Enum.GetValues<RailStage>().Where(s => s != RailStage.None))
        {
            foreach (var answer in answers)
            {
                var isFinal =
                    stage is RailStage.Settled or RailStage.Rejected or RailStage.Returned;
                var expected =
                    isFinal ? RailAction.Nothing
                    : Rail.TryGetValue((stage, answer), out var action) ? action
                    : RailAction.AskLater;
                Assert.Equal(expected, RailMachine.Next(stage, answer));
            }
        }
    }

    [Fact]
    public void Nothing_that_may_have_been_sent_is_sent_again_without_the_clearing_saying_it_never_saw_it()
    {
        foreach (var stage in Enum.GetValues<RailStage>().Where(s => s != RailStage.ToSend))
        {
            ClearingStatus?[] answers = [null, .. Enum.GetValues<ClearingStatus>()];
            Assert.All(
                answers.Where(a => a != ClearingStatus.NotFound || stage != RailStage.Asking),
                answer =>
                    Assert.False(
                        RailMachine.Next(stage, answer) is RailAction.Send or RailAction.SendAgain
                    )
            );
        }
    }

    private static readonly (BillStage, BillerStatus?, bool IsOverdue, BillAction)[] Bill =
    [
        (BillStage.Reserved, null, false, BillAction.Send),
        (BillStage.Reserved, null, true, BillAction.Void),
        (BillStage.Asking, BillerStatus.Silent, false, BillAction.AskLater),
        (BillStage.Asking, BillerStatus.Silent, true, BillAction.BeginUndoing),
        (BillStage.Asking, BillerStatus.NotFound, false, BillAction.SendAgain),
        (BillStage.Asking, BillerStatus.NotFound, true, BillAction.BeginUndoing),
        (BillStage.Asking, BillerStatus.Pending, false, BillAction.AskLater),
        (BillStage.Asking, BillerStatus.Pending, true, BillAction.BeginUndoing),
        (BillStage.Asking, BillerStatus.Paid, true, BillAction.Post),
        (BillStage.Asking, BillerStatus.Refused, false, BillAction.Void),
        (BillStage.Undoing, BillerStatus.Silent, true, BillAction.AskLater),
        (BillStage.Undoing, BillerStatus.NotFound, true, BillAction.AskLater),
        (BillStage.Undoing, BillerStatus.Pending, true, BillAction.AskLater),
        (BillStage.Undoing, BillerStatus.Paid, true, BillAction.Post),
        (BillStage.Undoing, BillerStatus.Refused, true, BillAction.Void),
        (BillStage.Paid, BillerStatus.Refused, true, BillAction.Nothing),
        (BillStage.Refused, BillerStatus.Paid, false, BillAction.Nothing),
    ];

    [Fact]
    public void A_bill_goes_where_its_table_says() =>
        Assert.All(
            Bill,
            row => Assert.Equal(row.Item4, BillMachine.Next(row.Item1, row.Item2, row.IsOverdue))
        );
}
