using System.Text;
using Evenkeel.Channels.Tests.Iso8583;
using Evenkeel.Simulators.Atm;
using Xunit;

namespace Evenkeel.Simulators.Tests.Atm;

/// <summary>The machine's files, and the front of a machine in another process.</summary>
public sealed class AtmFilesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_torn_last_line_is_cut_off_and_a_damaged_one_before_it_refused()
    {
        await using AtmBed bed = new();
        await bed.WithdrawAsync(10_000);
        await bed.Machine.CrashAsync();
        var path = Path.Combine(bed.Folder, "journal.log");
        var whole = await File.ReadAllBytesAsync(path, Token);

        await File.WriteAllBytesAsync(path, [.. whole, .. "0123456789abcdef {\"$ty"u8], Token);
        bed.Machine = bed.Open();
        Assert.Equal(AtmResult.Paid, (await bed.WithdrawAsync(10_000)).Result);
        await bed.Machine.CrashAsync();

        var damaged = await File.ReadAllBytesAsync(path, Token);
        damaged[whole.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, damaged, Token);
        Assert.Throws<InvalidDataException>(bed.Open);

        await File.WriteAllBytesAsync(path, whole, Token);
        bed.Machine = bed.Open();
    }

    [Fact]
    public async Task A_machine_belongs_to_one_process_and_one_terminal()
    {
        await using AtmBed bed = new();
        Assert.Throws<IOException>(bed.Open);
        await bed.Machine.CrashAsync();
        using var other = bed.Host.Keys.KeysOf("ATM00002");
        Assert.Throws<InvalidDataException>(() =>
            AtmMachine.Open(
                bed.Options,
                other,
                TimeProvider.System,
                Microsoft.Extensions.Logging.Abstractions.NullLogger<AtmMachine>.Instance
            )
        );
        bed.Machine = bed.Open();
        Assert.Equal(AtmResult.Paid, (await bed.WithdrawAsync(10_000)).Result);
    }

    [Fact]
    public async Task The_drawer_keeps_its_notes_over_restarts()
    {
        await using AtmBed bed = new();
        await bed.WithdrawAsync(45_000);
        await bed.Machine.CrashAsync();
        bed.Machine = bed.Open();
        Assert.Equal(45_000, bed.NotesOut);
    }

    [Fact]
    public async Task A_customer_uses_a_running_machine_from_another_process()
    {
        await using AtmBed bed = new();
        Assert.Null(await UseAsync(bed, 10_000));
        await using (AtmFront.Open(bed.Machine, bed.TerminalKeys, bed.Folder, TimeProvider.System))
        {
            var receipt = await UseAsync(bed, 10_000);
            Assert.Equal((AtmResult.Paid, 10_000), (receipt!.Result, receipt.Given));
            var balance = await UseAsync(bed, 0);
            Assert.Equal(AtmBed.Balance - 10_000, balance!.Booked);
        }
        Assert.Null(await UseAsync(bed, 10_000));
        Assert.Equal(10_000, bed.Debited);
    }

    private static Task<AtmReceipt?> UseAsync(AtmBed bed, long minor) =>
        AtmFront.UseAsync(
            bed.Folder,
            bed.TerminalKeys,
            Encoding.ASCII.GetBytes(AtmBed.Pan),
            Encoding.ASCII.GetBytes(Terminal.Pin),
            2912,
            chipAgrees: true,
            minor,
            TimeProvider.System,
            Token
        );
}
