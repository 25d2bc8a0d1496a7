using Evenkeel.Import.Amlsim;
using Xunit;

namespace Evenkeel.Import.Tests;

public sealed class AmlsimImportTests
{
    [Fact]
    public async Task Accounts_that_may_not_be_overdrawn_refuse_in_file_order()
    {
        using var folder = SourceData.SmallAmlsim();
        MemoryBank bank = new();

        var report = await Run(folder.Path, allowOverdraft: false, bank);

        Assert.Equal(3, report.Accounts);
        Assert.Equal(6, report.Transfers);
        // Refused: 40.01 of 40.00, and 110.51 of 110.50 to itself.
        Assert.Equal((4, 2), (report.Booked, report.Refused));
        Assert.Equal((15_050, 15_050), ((long)report.SumBefore, (long)report.SumAfter));
        Assert.Equal(0, report.AccountsBelowZero);
        Assert.Equal((0, 11_000), ((long)report.LowestBalance, (long)report.HighestBalance));
        Assert.True(report.IsConserved);
    }

    [Fact]
    public async Task Without_the_limit_nothing_is_refused_and_accounts_end_below_zero()
    {
        using var folder = SourceData.SmallAmlsim();
        MemoryBank bank = new();

        var report = await Run(folder.Path, allowOverdraft: true, bank);

        Assert.Equal((6, 0), (report.Booked, report.Refused));
        Assert.Equal(0, report.AccountsBelowZero);
        Assert.Equal((0, 15_001), ((long)report.LowestBalance, (long)report.HighestBalance));
    }

    [Fact]
    public async Task Both_modes_live_side_by_side_in_one_bank()
    {
        using var folder = SourceData.SmallAmlsim();
        MemoryBank bank = new();
        var limited = await Run(folder.Path, allowOverdraft: false, bank);

        await Run(folder.Path, allowOverdraft: true, bank);

        Assert.Equal(limited, await Run(folder.Path, allowOverdraft: false, bank));
    }

    [Theory]
    [InlineData(Fault.DieBefore)]
    [InlineData(Fault.DieAfter)]
    internal async Task Killed_at_any_call_it_goes_on_and_loads_nothing_twice(Fault fault)
    {
        using var folder = SourceData.SmallAmlsim();
        MemoryBank undisturbed = new();
        var expected = await Run(folder.Path, allowOverdraft: false, undisturbed);

        for (var call = 1; call <= undisturbed.Calls; call++)
        {
            var killAt = call;
            MemoryBank bank = new() { FaultOf = n => n == killAt ? fault : Fault.None };
            await Assert.ThrowsAsync<KilledException>(() =>
                Run(folder.Path, allowOverdraft: false, bank)
            );
            bank.FaultOf = static _ => Fault.None;

            Assert.Equal(expected, await Run(folder.Path, allowOverdraft: false, bank));
            Assert.Equal(undisturbed.Booked.Count, bank.Booked.Count);
        }
    }

    [Theory]
    [InlineData(false, 74_015, 0)]
    [InlineData(true, 0, 8_496)]
    public async Task The_real_data_set_gives_the_published_figures(
        bool allowOverdraft,
        int refused,
        int belowZero
    )
    {
        var folder = SourceData.Find("amlsim");
        Assert.SkipWhen(folder is null, SourceData.MissingReason);
        MemoryBank bank = new();

        var report = await Run(folder, allowOverdraft, bank, batchTransfers: 8_190);

        Assert.Equal(20_000, report.Accounts);
        Assert.Equal(120_558, report.Transfers);
        Assert.Equal(refused, report.Refused);
        Assert.Equal(560_095_352, report.SumBefore);
        Assert.Equal(560_095_352, report.SumAfter);
        Assert.Equal(belowZero, report.AccountsBelowZero);
        if (allowOverdraft)
        {
            Assert.Equal(-3_336_175, report.LowestBalance);
            Assert.Equal(2_540_987, report.HighestBalance);
        }
    }

    private static Task<AmlsimReport> Run(
        string folder,
        bool allowOverdraft,
        MemoryBank bank,
        int batchTransfers = 2
    ) =>
        AmlsimImport.RunAsync(
            folder,
            allowOverdraft,
            bank,
            new ImportOptions { BatchTransfers = batchTransfers, Time = new ImmediateTime() },
            new Progress<ImportStep>(),
            TestContext.Current.CancellationToken
        );
}
