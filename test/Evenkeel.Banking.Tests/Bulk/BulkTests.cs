using System.Globalization;
using System.Text;
using Evenkeel.Banking.Bulk;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Tests.Rails;
using Evenkeel.Banking.Work;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Banking.Tests.Bulk;

public sealed class BulkTests
{
    private const uint Cny = RailBank.Cny;

    private static readonly UInt128 Clearing = LedgerIds.Of(GlCode.BulkClearing, Cny);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", BulkFault.HeaderMissing, 1)]
    [InlineData("X,1\n", BulkFault.HeaderMalformed, 1)]
    [InlineData(
        "H,1,R,{0},2026-11-23,CNY,2,2.00,SALA\nP,A,,{1},N,1.00,\n",
        BulkFault.CountDiffers,
        2
    )]
    [InlineData(
        "H,1,R,{0},2026-11-23,CNY,1,2.00,SALA\nP,A,,{1},N,1.00,\n",
        BulkFault.SumDiffers,
        1
    )]
    [InlineData(
        "H,1,R,{0},2026-11-23,CNY,2,2.00,SALA\nP,A,,{1},N,1.00,\nP,B,,{1},N",
        BulkFault.LineMalformed,
        3
    )]
    [InlineData(
        "H,1,R,{0},2026-11-23,CNY,2,2.00,SALA\nP,A,,{1},N,1.00,\nP,B,,{1},N,1.005,\n",
        BulkFault.AmountInvalid,
        3
    )]
    [InlineData(
        "H,1,R,{0},2026-11-23,CNY,2,2.00,SALA\nP,A,,{1},N,1.00,\nP,A,,{1},N,1.00,\n",
        BulkFault.EndToEndIdTwice,
        3
    )]
    [InlineData(
        "H,1,R,{0},2026-11-23,CNY,1,1.00,SALA\nP,A,,12345,N,1.00,\n",
        BulkFault.AccountInvalid,
        2
    )]
    [InlineData(
        "H,1,R,{0},2026-11-23,CNY,1,1.00,SALA\nP,,,{1},N,1.00,\n",
        BulkFault.EndToEndIdInvalid,
        2
    )]
    [InlineData(
        "H,1,R,{0},2026-11-23,CNY,1,1.00,SALA\nP,A,,{1},N,1.00,\nP,B,,{1},N,1.00,\n",
        BulkFault.CountDiffers,
        3
    )]
    public void A_file_that_is_not_as_it_says_is_refused_with_its_line(
        string text,
        BulkFault fault,
        int line
    )
    {
        var file = string.Format(
            CultureInfo.InvariantCulture,
            text,
            AccountNumber.FromSerial(1),
            AccountNumber.FromSerial(2)
        );

        var bad = Assert.IsType<BulkReading.Bad>(BulkCsv.Read(Encoding.UTF8.GetBytes(file)));

        Assert.Equal((fault, line), (bad.Fault, bad.Line));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused() =>
        Assert.Equal(
            BulkFault.NotText,
            Assert.IsType<BulkReading.Bad>(BulkCsv.Read([0xFF, 0xFE, 0x00])).Fault
        );

    [Fact]
    public async Task A_released_file_pays_each_line_once_and_returns_what_it_cannot_pay()
    {
        await using var rail = await RailBank.StartAsync();
        var payroll = await Payroll.OpenAsync(rail, people: 5, lines: 450);
        var unknown = payroll.Lines.Count;
        payroll.Add("GONE", AccountNumber.FromSerial(77).ToString(), 500);

        var run = await payroll.UploadAndReleaseAsync();
        var end = await payroll.EndAsync(run);

        Assert.Equal(BulkState.Part, end.State);
        Assert.Equal((450, 1), (end.PaidCount, end.ReturnedCount));
        Assert.Equal(500, end.Returned.Minor);
        await payroll.AssertPaidOnceAsync();
        Assert.Equal(0, await rail.BalanceAsync(Clearing));
        var lines = await rail.Bank.Bank.Bulk.ReadLinesAsync(
            TestBank.Staff,
            run,
            unknown / BulkLimits.LinesAtOnce,
            Token
        );
        Assert.Equal(OutcomeReason.CreditorAccountUnknown, lines[^1].Reason);
        Assert.Empty(rail.Failures);
    }

    [Fact]
    public async Task Nobody_releases_their_own_file()
    {
        await using var rail = await RailBank.StartAsync();
        var payroll = await Payroll.OpenAsync(rail, people: 1, lines: 1);
        var taken = Assert.IsType<BulkUpload.Taken>(await payroll.UploadAsync());

        var outcome = await rail.Bank.Bank.Bulk.ReleaseAsync(
            payroll.Maker,
            taken.Run.Id,
            acceptOverlap: false,
            Token
        );

        Assert.Equal(
            OutcomeReason.ApprovalRequired,
            Assert.IsType<TaskOutcome<BulkRun>.NotDone>(outcome).Reason
        );
    }

    [Fact]
    public async Task The_same_bytes_again_are_the_same_run_and_change_nothing()
    {
        await using var rail = await RailBank.StartAsync();
        var payroll = await Payroll.OpenAsync(rail, people: 3, lines: 10);
        var run = await payroll.UploadAndReleaseAsync();
        await payroll.EndAsync(run);

        var known = Assert.IsType<BulkUpload.Known>(await payroll.UploadAsync());

        Assert.Equal(run, known.Run.Id);
        Assert.Equal(BulkState.Done, known.Run.State);
        await payroll.AssertPaidOnceAsync();
    }

    [Fact]
    public async Task The_same_payments_in_another_file_are_held_and_never_paid_twice()
    {
        await using var rail = await RailBank.StartAsync();
        var payroll = await Payroll.OpenAsync(rail, people: 3, lines: 10);
        await payroll.EndAsync(await payroll.UploadAndReleaseAsync());
        payroll.Reference = "PAYROLL-AGAIN";

        var held = Assert.IsType<BulkUpload.Taken>(await payroll.UploadAsync()).Run;
        Assert.Equal((BulkState.Held, 10), (held.State, held.Overlap));
        Assert.Equal(
            OutcomeReason.Duplicate,
            Assert
                .IsType<TaskOutcome<BulkRun>.NotDone>(
                    await rail.Bank.Bank.Bulk.ReleaseAsync(
                        Payroll.Checker,
                        held.Id,
                        acceptOverlap: false,
                        Token
                    )
                )
                .Reason
        );

        // Even on purpose: each payment is paid once for ever, and the payer has the sum again.
        TestBank.Done(
            await rail.Bank.Bank.Bulk.ReleaseAsync(
                Payroll.Checker,
                held.Id,
                acceptOverlap: true,
                Token
            )
        );
        var end = await payroll.EndAsync(held.Id);
        Assert.Equal((BulkState.NotDone, 10), (end.State, end.ReturnedCount));
        await payroll.AssertPaidOnceAsync();
    }

    [Fact]
    public async Task Two_runners_at_once_pay_each_line_once()
    {
        await using var rail = await RailBank.StartAsync();
        var payroll = await Payroll.OpenAsync(rail, people: 4, lines: 1_000);
        await using var other = Resolver.Start(
            rail.Bank.Bank,
            new ResolverOptions { IsLeading = static () => true }
        );

        var run = await payroll.UploadAndReleaseAsync();
        var end = await payroll.EndAsync(run);

        Assert.Equal((BulkState.Done, 1_000), (end.State, end.PaidCount));
        await payroll.AssertPaidOnceAsync();
    }

    [Fact]
    public async Task Without_the_whole_sum_no_line_is_paid()
    {
        await using var rail = await RailBank.StartAsync();
        var payroll = await Payroll.OpenAsync(rail, people: 1, lines: 2, endowed: false);
        var run = await payroll.UploadAndReleaseAsync();

        await rail.UntilAsync(
            "the shortage is known",
            async () => (await payroll.FindAsync(run)).Reason == OutcomeReason.InsufficientFunds
        );

        Assert.Equal(BulkState.Scheduled, (await payroll.FindAsync(run)).State);
        Assert.Equal(0, await rail.BalanceAsync(Clearing));
    }

    [Fact]
    public async Task Lines_for_other_banks_end_as_every_outgoing_credit_does()
    {
        await using var rail = await RailBank.StartAsync();
        var payroll = await Payroll.OpenAsync(rail, people: 1, lines: 1);
        payroll.Add("SUPPLIER-1", "6217000012345678", 700, "HARBCNSHXXX");

        var run = await payroll.UploadAndReleaseAsync();
        await payroll.EndAsync(run);
        var trace = await rail.EndAsync(
            BulkKeys.ItemOf(payroll.Payer.ToString(), TestBank.FirstDay, "SUPPLIER-1")
        );

        Assert.Equal(InstructionState.Done, trace.State);
        Assert.Equal(1, rail.House.TakenCount);
        await payroll.AssertPaidOnceAsync();
    }
}
