using Evenkeel.Banking.Advising;
using Evenkeel.Banking.Cash;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.StaffEntries;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Banking.Tests;

/// <summary>What stands in documents for ever: names and numbers are only added.</summary>
public sealed class PersistedNamesTests
{
    [Theory]
    [InlineData(
        typeof(ExceptionKind),
        "0 None,1 AccountUnknown,2 AccountClosed,3 OtherCurrency,4 Overdrawn,5 TerminalUnknown,"
            + "6 CardUnknown,7 AdviceDiffers,8 AdviceAfterReversal,9 NotPostable,"
            + "10 ReversalImpossible,11 CompletionWithoutHold,12 TillDifference,13 ClearingSilent,"
            + "14 GiveBackImpossible,15 ReturnImpossible,16 PositionDiffers,17 CreditorBlocked,"
            + "18 ClearingMessageRefused"
    )]
    [InlineData(typeof(ExceptionState), "0 None,1 Open,2 Resolved")]
    [InlineData(typeof(TerminalKind), "0 None,1 Till,2 CashMachine")]
    [InlineData(typeof(TerminalState), "0 None,1 Closed,2 Open,3 Counting")]
    [InlineData(typeof(CardState), "0 None,1 NotActive,2 Active,3 Blocked,4 Lost,5 Stolen,6 Ended")]
    [InlineData(typeof(ProposalState), "0 None,1 Waiting,2 Approved,3 Rejected")]
    [InlineData(
        typeof(ProposalKind),
        "0 None,1 Entry,2 Overdraft,3 Limits,4 AccountState,5 Exception,6 AccountClosing"
    )]
    [InlineData(
        typeof(Channel),
        "0 None,1 Internal,2 Online,3 Api,4 File,5 Counter,6 CashMachine,7 PointOfSale,8 Clearing,"
            + "9 Agent"
    )]
    [InlineData(typeof(OriginMode), "0 Normal,1 StandIn,2 Offline,3 Replay,4 Correction")]
    public void Names_and_numbers_that_were_written_stay(Type type, string written)
    {
        var now = Enum.GetValuesAsUnderlyingType(type)
            .Cast<object>()
            .Select(number => $"{number} {Enum.GetName(type, number)}")
            .ToHashSet(StringComparer.Ordinal);

        Assert.Empty(written.Split(',').Except(now, StringComparer.Ordinal));
    }

    [Fact]
    public void A_transfer_s_code_means_what_it_meant()
    {
        Assert.Equal(
            (1, 2, 3, 7, 8, 9, 11, 20, 22, 23, 40),
            (
                (int)PostingKind.Transfer,
                (int)PostingKind.CashOut,
                (int)PostingKind.CashIn,
                (int)PostingKind.CardPurchase,
                (int)PostingKind.CardHold,
                (int)PostingKind.Reversal,
                (int)PostingKind.Fee,
                (int)PostingKind.Suspense,
                (int)PostingKind.Correction,
                (int)PostingKind.CashMovement,
                (int)PostingKind.Closing
            )
        );
    }
}
