using Evenkeel.Node.History;

namespace Evenkeel.History.Tests;

public sealed class HistoryCrashTests
{
    [Fact]
    public void After_power_loss_at_any_moment_the_flushed_rows_are_there_and_no_wrong_one()
    {
        var rounds = Kit.IsLong ? 2_000 : 60;
        var cuts = 0;
        for (var round = 0; round < rounds; round++)
        {
            using var scratch = new Scratch();
            using var after = new Scratch();
            var random = new Random(round);
            var files = new PowerLossFiles();
            var flushed = 0UL;
            using (var history = FileHistory.Open(Kit.Options(scratch.Path, files)))
            {
                var end = (ulong)random.Next(1, 2_000);
                while (history.Count < end)
                {
                    Kit.AppendSealed(history, history.Count + (ulong)random.Next(1, 90));
                    if (random.Next(6) == 0)
                    {
                        flushed = history.Count;
                        history.FlushTo(flushed, CancellationToken.None);
                    }
                }

                if (random.Next(4) != 0)
                {
                    // Let the writer catch up, so that there is something to lose half of.
                    Kit.AppendSealed(history, history.Count + (ulong)random.Next(100, 200));
                    Kit.Until(() => history.Status.WrittenRows + 100 > history.Count);
                }

                files.CopyAfterPowerLoss(after.Path, random);
            }

            using (var history = FileHistory.Open(Kit.Options(after.Path)))
            {
                Assert.True(history.Count >= flushed, $"round {round}: {history.Recovery.Cut}");
                history.RequireRows(flushed);
                Kit.AssertRows(history);
                cuts += history.Recovery.Cut is null ? 0 : 1;
                history.TruncateTo(flushed);
                Kit.AppendSealed(history, 2_100);
            }

            using (var history = FileHistory.Open(Kit.Options(after.Path)))
            {
                Assert.Equal(2_100UL, history.Count);
                Kit.AssertRows(history);
            }
        }

        // A simulation that never tears a write proves nothing.
        Assert.True(cuts > rounds / 10, $"only {cuts} of {rounds} rounds had a torn tail");
    }

    [Fact]
    public async Task A_copy_of_the_files_taken_while_they_are_written_opens_to_a_prefix()
    {
        using var scratch = new Scratch();
        using var history = FileHistory.Open(Kit.Options(scratch.Path));
        var until = Kit.IsLong ? 200_000UL : 20_000UL;
        var flushed = 0UL;
        var copier = Task.Run(() =>
        {
            var copies = 0;
            while (Volatile.Read(ref flushed) < until)
            {
                using var after = new Scratch();
                var atLeast = Volatile.Read(ref flushed);
                foreach (var path in Directory.GetFiles(scratch.Path))
                {
                    if (!path.EndsWith(".tmp", StringComparison.Ordinal))
                    {
                        File.Copy(path, after[Path.GetFileName(path)]);
                    }
                }

                using var copy = FileHistory.Open(Kit.Options(after.Path));
                Assert.True(copy.Count >= atLeast);
                Kit.AssertRows(copy);
                copies++;
            }

            return copies;
        });
        while (history.Count < until)
        {
            Kit.AppendSealed(history, history.Count + 70);
            history.FlushTo(history.Count, CancellationToken.None);
            Volatile.Write(ref flushed, history.Count);
        }

        Assert.True(await copier > 0);
    }

    [Fact]
    public void A_segment_that_was_being_made_is_dropped()
    {
        using var scratch = new Scratch();
        using (var history = FileHistory.Open(Kit.Options(scratch.Path)))
        {
            Kit.AppendSealed(history, 256);
        }

        File.WriteAllBytes(scratch["00000001.seg"], new byte[10_000]);
        using (var history = FileHistory.Open(Kit.Options(scratch.Path)))
        {
            Assert.Equal(256UL, history.Count);
            Assert.NotNull(history.Recovery.Cut);
            Kit.AppendSealed(history, 300);
        }

        using (var history = FileHistory.Open(Kit.Options(scratch.Path)))
        {
            Assert.Equal(300UL, history.Count);
            Kit.AssertRows(history);
        }
    }
}
