using System.Text;
using Evenkeel.Channels.Tests.Iso8583;
using Evenkeel.Payments;
using Evenkeel.Simulators.Atm;
using Xunit;

namespace Evenkeel.Simulators.Tests.Atm;

public sealed class AtmMachineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_withdrawal_pays_and_both_sides_agree()
    {
        await using AtmBed bed = new();
        var receipt = await bed.WithdrawAsync(45_000);
        Assert.Equal(AtmResult.Paid, receipt.Result);
        Assert.Equal("00", receipt.Code);
        Assert.Equal(45_000, receipt.Given);
        Assert.Equal("7899", receipt.LastFour);
        Assert.Equal(45_000, bed.NotesOut);
        Assert.Equal(45_000, bed.Debited);
        Assert.Equal(0, bed.Machine.Stored);
    }

    [Fact]
    public async Task What_the_bank_or_the_machine_refuses_costs_nothing()
    {
        await using AtmBed bed = new();
        Assert.Equal("55", (await bed.WithdrawAsync(10_000, pin: "0000")).Code);
        Assert.Equal(AtmResult.NoNotes, (await bed.WithdrawAsync(12_345)).Result);
        Assert.Equal(AtmResult.NoNotes, (await bed.WithdrawAsync(100_000_000)).Result);
        Assert.Equal(AtmResult.BadPin, (await bed.WithdrawAsync(10_000, pin: "12")).Result);
        Assert.Equal(0, bed.NotesOut);
        Assert.Equal(0, bed.Debited);
        Assert.Equal(0, bed.Machine.Stored);
    }

    [Fact]
    public async Task A_balance_is_shown()
    {
        await using AtmBed bed = new();
        using AtmCard card = new(
            Encoding.ASCII.GetBytes(AtmBed.Pan),
            Encoding.ASCII.GetBytes(Terminal.Pin),
            2912,
            chipAgrees: true
        );
        var receipt = await bed.Machine.ShowBalanceAsync(card, Token);
        Assert.Equal(AtmResult.Balance, receipt.Result);
        Assert.Equal(AtmBed.Balance, receipt.Booked);
        Assert.Equal(AtmBed.Balance + 500, receipt.Available);
        // Two messages never share their numbers, in the same second either.
        Assert.NotEqual(receipt.Rrn, (await bed.WithdrawAsync(10_000)).Rrn);
    }

    [Fact]
    public async Task A_jam_gives_all_back_and_a_shortage_the_rest()
    {
        await using (AtmBed bed = new(o => o with { Faults = new AtmFaults(1, 1_000, 0) }))
        {
            var jammed = await bed.WithdrawAsync(45_000);
            Assert.Equal((AtmResult.Jammed, 0), (jammed.Result, jammed.Given));
            await bed.DeliverAllAsync();
            Assert.Equal(0, bed.Debited);
        }
        await using (AtmBed bed = new(o => o with { Faults = new AtmFaults(3, 0, 1_000) }))
        {
            var short_ = await bed.WithdrawAsync(45_000);
            Assert.InRange(short_.Given, 0, 40_000);
            await bed.DeliverAllAsync();
            Assert.Equal(short_.Given, bed.Debited);
            Assert.Equal(short_.Given, bed.NotesOut);
        }
    }

    [Fact]
    public async Task Over_many_payouts_with_faults_the_accounts_and_the_notes_agree()
    {
        await using AtmBed bed = new(o => o with { Faults = new AtmFaults(7, 100, 200) });
        HashSet<AtmResult> seen = [];
        for (var i = 1; i <= 150; i++)
        {
            seen.Add((await bed.WithdrawAsync(5_000 * ((i % 9) + 1))).Result);
        }
        await bed.DeliverAllAsync();
        Assert.Superset(
            new HashSet<AtmResult> { AtmResult.Paid, AtmResult.PaidInPart, AtmResult.Jammed },
            seen
        );
        Assert.Equal(bed.NotesOut, bed.Debited);
        Assert.Equal(0, bed.Machine.Exceptions);
    }

    [Fact]
    public async Task When_the_bank_is_silent_the_card_is_returned_and_the_request_reversed()
    {
        TaskCompletionSource bankIsBack = new();
        await using AtmBed bed = new();
        bed.Bank.Before = _ => bankIsBack.Task;
        var receipt = await bed.WithdrawAsync(45_000);
        Assert.Equal((AtmResult.BankSilent, 0), (receipt.Result, receipt.Given));
        Assert.Equal("--", receipt.Code);
        Assert.Equal(1, bed.Machine.Stored);
        Assert.False(await bed.Machine.DeliverAsync(Token));

        bankIsBack.SetResult();
        await bed.DeliverAllAsync();
        Assert.Equal(0, bed.Debited);
        Assert.Equal(0, bed.NotesOut);
    }

    [Fact]
    public async Task A_bank_that_decided_and_could_not_say_so_is_told_that_nothing_came_out()
    {
        await using AtmBed bed = new();
        TaskCompletionSource late = new();
        bed.Bank.Before = i =>
            i.Movement is Movement.CashWithdrawal ? late.Task : Task.CompletedTask;
        var asking = bed.WithdrawAsync(45_000);
        // The bank decides in the end, but the answer finds the line closed.
        Assert.Equal(AtmResult.BankSilent, (await asking).Result);
        late.SetResult();
        await bed.DeliverAllAsync();
        Assert.Equal(0, bed.Debited);
    }

    [Fact]
    public async Task Stored_messages_survive_restarts_and_go_before_anything_new()
    {
        List<string> decided = [];
        await using AtmBed bed = new();
        TaskCompletionSource never = new();
        bed.Bank.Before = _ => never.Task;
        await bed.WithdrawAsync(45_000);
        await bed.Machine.CrashAsync();
        bed.Machine = bed.Open();
        Assert.Equal(1, bed.Machine.Stored);
        Assert.Equal(AtmResult.LineDown, (await bed.WithdrawAsync(10_000)).Result);

        bed.Bank.Before = i =>
        {
            decided.Add(i.Movement.GetType().Name);
            return Task.CompletedTask;
        };
        await bed.Machine.CrashAsync();
        bed.Machine = bed.Open();
        var receipt = await bed.WithdrawAsync(10_000);
        Assert.Equal(AtmResult.Paid, receipt.Result);
        Assert.Equal([nameof(Movement.Reversal), nameof(Movement.CashWithdrawal)], decided);
        Assert.Equal(10_000, bed.Debited);
    }

    [Fact]
    public async Task While_the_line_is_down_only_the_floor_limit_is_paid_and_told_later()
    {
        await using AtmBed bed = new(o => o with { FloorLimit = 20_000 });
        await bed.Host.StopAsync();
        Assert.Equal(AtmResult.LineDown, (await bed.WithdrawAsync(25_000)).Result);
        Assert.Equal(
            AtmResult.LineDown,
            (await bed.WithdrawAsync(20_000, chipAgrees: false)).Result
        );
        var paid = await bed.WithdrawAsync(20_000);
        Assert.Equal((AtmResult.Paid, true), (paid.Result, paid.Offline));
        // Once a card, until the bank knows.
        Assert.Equal(AtmResult.LineDown, (await bed.WithdrawAsync(5_000)).Result);
        Assert.Equal(AtmResult.Paid, (await bed.WithdrawAsync(5_000, AtmBed.OtherPan)).Result);
        Assert.Equal(25_000, bed.NotesOut);
        Assert.Equal(0, bed.Debited);

        bed.Host.StartAgain();
        await bed.DeliverAllAsync();
        Assert.Equal(25_000, bed.Debited);
        Assert.Equal(AtmResult.Paid, (await bed.WithdrawAsync(5_000)).Result);
    }

    [Fact]
    public async Task Offline_payouts_end_at_the_exposure_limit()
    {
        await using AtmBed bed = new(o =>
            o with
            {
                FloorLimit = 20_000,
                OfflineExposureMax = 30_000,
            }
        );
        await bed.Host.StopAsync();
        Assert.Equal(AtmResult.Paid, (await bed.WithdrawAsync(20_000)).Result);
        Assert.Equal(AtmResult.LineDown, (await bed.WithdrawAsync(15_000, AtmBed.OtherPan)).Result);
        Assert.Equal(AtmResult.Paid, (await bed.WithdrawAsync(10_000, AtmBed.OtherPan)).Result);
    }

    /// <summary>Whatever was going on when the machine died: notes out = money taken, in the end.</summary>
    [Theory]
    [CombinatorialSteps]
    public async Task A_machine_that_dies_between_two_steps_ends_with_accounts_that_agree(
        int step,
        bool online,
        int faultsPerThousand
    )
    {
        var dies = (AtmStep)step;
        await using AtmBed bed = new(o =>
            o with
            {
                FloorLimit = 50_000,
                Faults = new AtmFaults(3, 0, faultsPerThousand),
            }
        );
        Assert.Equal(AtmResult.Balance, await SignOnAsync(bed));
        if (!online)
        {
            await bed.Host.StopAsync();
        }
        await bed.Machine.CrashAsync();
        bed.Options = bed.Options with
        {
            AfterStep = at =>
            {
                if (at == dies)
                {
                    throw new PowerLostException();
                }
            },
        };
        bed.Machine = bed.Open();
        var died = false;
        try
        {
            await bed.WithdrawAsync(45_000);
            await bed.Machine.DeliverAsync(Token);
        }
        catch (PowerLostException)
        {
            died = true;
        }
        await bed.Machine.CrashAsync();
        bed.Options = bed.Options with { AfterStep = null };
        if (!online)
        {
            bed.Host.StartAgain();
        }
        bed.Machine = bed.Open();
        await bed.DeliverAllAsync();

        Assert.Equal(bed.NotesOut, bed.Debited);
        Assert.Equal(0, bed.Machine.Exceptions);
        Assert.Equal(CombinatorialStepsAttribute.Happens(dies, online, faultsPerThousand), died);
        // And it serves the next one.
        Assert.Equal("00", (await bed.WithdrawAsync(5_000, AtmBed.OtherPan)).Code);
    }

    [Fact]
    public async Task A_machine_in_the_background_delivers_by_itself()
    {
        TaskCompletionSource reversed = new();
        await using AtmBed bed = new();
        TaskCompletionSource never = new();
        bed.Bank.Before = _ => never.Task;
        await bed.WithdrawAsync(45_000);
        bed.Bank.Before = i =>
        {
            reversed.TrySetResult();
            return Task.CompletedTask;
        };
        using CancellationTokenSource stop = new();
        var running = bed.Machine.RunAsync(stop.Token);
        await reversed.Task.WaitAsync(TimeSpan.FromSeconds(10), Token);
        await stop.CancelAsync();
        await running;
        Assert.Equal(0, bed.Debited);
    }

    [Fact]
    public async Task No_file_and_no_log_shows_a_card_number_a_track_or_a_PIN()
    {
        await using AtmBed bed = new(o =>
            o with
            {
                FloorLimit = 20_000,
                Faults = new AtmFaults(3, 300, 300),
            }
        );
        for (var i = 0; i < 10; i++)
        {
            await bed.WithdrawAsync(45_000);
        }
        await bed.Host.StopAsync();
        await bed.WithdrawAsync(20_000);
        bed.Host.StartAgain();
        await bed.DeliverAllAsync();
        await bed.Machine.CrashAsync();

        var files = Directory.GetFiles(bed.Folder);
        Assert.Equal(2, files.Length);
        foreach (var file in files)
        {
            AssertClean(await File.ReadAllTextAsync(file, Token));
        }
        AssertClean(string.Join('\n', bed.Log));
        Assert.NotEmpty(bed.Log);
        bed.Machine = bed.Open();

        static void AssertClean(string text)
        {
            Assert.DoesNotContain(AtmBed.Pan[..12], text, StringComparison.Ordinal);
            Assert.DoesNotContain(
                Convert.ToBase64String(Encoding.ASCII.GetBytes(AtmBed.Pan))[..12],
                text,
                StringComparison.Ordinal
            );
            Assert.DoesNotContain($"\"{Terminal.Pin}\"", text, StringComparison.Ordinal);
        }
    }

    private static async Task<AtmResult> SignOnAsync(AtmBed bed)
    {
        using AtmCard card = new(
            Encoding.ASCII.GetBytes(AtmBed.Pan),
            Encoding.ASCII.GetBytes(Terminal.Pin),
            2912,
            chipAgrees: true
        );
        return (await bed.Machine.ShowBalanceAsync(card, Token)).Result;
    }
}

internal sealed class PowerLostException : Exception;

/// <summary>Every step, on line and off, with and without faults of the drawer.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CombinatorialStepsAttribute : Xunit.v3.DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(
        System.Reflection.MethodInfo testMethod,
        Xunit.Sdk.DisposalTracker disposalTracker
    ) =>
        new([
            .. from step in Enum.GetValues<AtmStep>()
            from online in new[] { true, false }
            from faults in new[] { 0, 1_000 }
            select new TheoryDataRow<int, bool, int>((int)step, online, faults),
        ]);

    public override bool SupportsDiscoveryEnumeration() => true;

    /// <summary>Steps that a payout of that kind goes through.</summary>
    public static bool Happens(AtmStep step, bool online, int faultsPerThousand) =>
        step switch
        {
            AtmStep.AnswerCame or AtmStep.ApprovalIsStored => online,
            // Off line the bank is away; on line only what did not come out whole is stored.
            AtmStep.Delivered => online && faultsPerThousand > 0,
            _ => true,
        };
}
