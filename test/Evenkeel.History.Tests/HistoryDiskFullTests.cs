using Evenkeel.Node.History;

namespace Evenkeel.History.Tests;

public sealed class HistoryDiskFullTests
{
    [Fact]
    public async Task A_full_disk_blocks_appending_loses_nothing_and_goes_on_by_itself()
    {
        using var scratch = new Scratch();
        var files = new RefusingFiles();
        using var history = FileHistory.Open(Kit.Options(scratch.Path, files));
        Kit.AppendSealed(history, 300);
        history.FlushTo(300, CancellationToken.None);

        files.IsFull = true;
        var applier = Task.Run(() => Kit.AppendSealed(history, 5_000));
        Kit.Until(() => history.Status.WritesBlocked is not null);
        Assert.Contains("no space", history.Status.WritesBlocked, StringComparison.Ordinal);
        Assert.Throws<IOException>(() =>
            history.FlushTo(history.SealedCount, CancellationToken.None)
        );

        // Reads go on: from the files and from RAM.
        history.Read(0, out var oldest);
        Kit.AssertRow(Kit.Row(0), oldest);
        history.Read(history.SealedCount - 1, out var newest);
        Assert.True(newest.Timestamp > 1_000_000 + 299);
        Assert.True(history.SealedCount < 300 + 512 + 64);
        Assert.False(applier.IsCompleted);

        files.IsFull = false;
        await applier.WaitAsync(TimeSpan.FromSeconds(30));
        history.FlushTo(5_000, CancellationToken.None);
        Assert.Null(history.Status.WritesBlocked);
        Assert.True(history.Status.ApplyWaited > TimeSpan.Zero);
        Kit.AssertRows(history);
    }

    [Fact]
    public void A_sync_that_fails_stops_the_history_for_good()
    {
        using var scratch = new Scratch();
        var files = new RefusingFiles();
        using var history = FileHistory.Open(Kit.Options(scratch.Path, files));
        Kit.AppendSealed(history, 30);
        history.FlushTo(20, CancellationToken.None);
        Kit.AppendSealed(history, 40);
        files.SyncFails = true;
        Assert.Throws<HistoryFaultException>(() => history.FlushTo(40, CancellationToken.None));
        files.SyncFails = false;
        Assert.Throws<HistoryFaultException>(() => history.FlushTo(40, CancellationToken.None));
        Assert.NotNull(history.Status.Fault);
    }

    [Fact]
    public void A_flush_can_be_given_up()
    {
        using var scratch = new Scratch();
        using var history = FileHistory.Open(Kit.Options(scratch.Path));
        Kit.AppendSealed(history, 30);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => history.FlushTo(30, cancelled.Token));
    }
}
