using Xunit;
using static Evenkeel.Replication.Tests.Testing;

namespace Evenkeel.Replication.Tests;

/// <summary>
/// Files that somebody or something has altered at random: readers hand out what was written, or name
/// the damage; they never hand out anything else and never break in another way.
/// </summary>
public sealed class ReaderFuzzTests
{
    private const int Seed = 20261123;
    private const int Entries = 40;
    private static readonly int Rounds = Long ? 50_000 : 500;
    private static readonly int Starts = Long ? 2_000 : 40;

    [Fact]
    public async Task No_bytes_break_the_reader_of_archives()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}, rounds {Rounds}");
        using var directory = new TestDirectory();
        await FillAsync(directory);
        var archive = directory["archive"];
        var whole = Directory
            .GetFiles(archive, "*.eka")
            .ToDictionary(static path => path, File.ReadAllBytes);
        Assert.True(whole.Count > 1, "a sealed segment and an open one");
        var random = new Random(Seed);
        for (var round = 0; round < Rounds; round++)
        {
            var (path, bytes) = whole.ElementAt(random.Next(whole.Count));
            File.WriteAllBytes(path, Mutate(bytes, random));
            ReadAll(archive, round);
            File.WriteAllBytes(path, bytes);
        }
    }

    [Fact]
    public async Task No_bytes_break_a_start()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}, starts {Starts}");
        using var original = new TestDirectory();
        await FillAsync(original);
        var random = new Random(Seed);
        var refused = 0;
        for (var round = 0; round < Starts; round++)
        {
            using var copy = new TestDirectory();
            foreach (
                var file in Directory.GetFiles(original.Path, "*", SearchOption.AllDirectories)
            )
            {
                var to = Path.Combine(copy.Path, Path.GetRelativePath(original.Path, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }
            var files = Directory.GetFiles(copy.Path, "*", SearchOption.AllDirectories);
            var victim = files[random.Next(files.Length)];
            File.WriteAllBytes(
                victim,
                Mutate(await File.ReadAllBytesAsync(victim, Patience), random)
            );
            var machine = new ListMachine();
            try
            {
                await using var log = await StartAsync(Options(copy), machine);
            }
            catch (RecoveryException)
            {
                // Named and refused; nothing was served.
                refused++;
                continue;
            }
            catch (Exception other)
            {
                throw new InvalidOperationException($"round {round}: {victim}", other);
            }
            Assert.Equal(
                Enumerable.Range(0, machine.Applied.Count),
                machine.Applied.Select(static payload => Number(payload))
            );
            Assert.True(machine.Applied.Count >= Entries, $"round {round}: {victim}");
        }
        Assert.True(refused < Starts, "most damage is mended, since there are two copies");
    }

    private static async Task FillAsync(TestDirectory directory)
    {
        var options = Options(directory) with { SegmentBytesMax = 16 << 10 };
        await using var log = await StartAsync(options, new ListMachine());
        await ProposeAsync(log, from: 0, count: Entries / 2, size: 700);
        await log.SnapshotAsync(Patience);
        await ProposeAsync(log, from: Entries / 2, count: Entries / 2, size: 700);
    }

    private static void ReadAll(string archive, int round)
    {
        var next = 0;
        try
        {
            using var reader = new ArchiveReader(archive, 1);
            while (reader.Read())
            {
                if (!reader.Payload.IsEmpty)
                {
                    Assert.Equal(Payload(next, 700), reader.Payload.ToArray());
                    next++;
                }
            }
        }
        catch (ArchiveDamageException)
        {
            // Named: that is what readers owe.
        }
        Assert.True(next <= Entries, $"round {round}");
    }

    /// <summary>One to six changes: flips, random bytes, zeros, cuts, growth, moved ranges.</summary>
    private static byte[] Mutate(byte[] whole, Random random)
    {
        byte[] bytes = [.. whole];
        for (var change = random.Next(1, 7); change > 0 && bytes.Length > 0; change--)
        {
            var at = random.Next(bytes.Length);
            var length = Math.Min(bytes.Length - at, 1 << random.Next(12));
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    random.NextBytes(bytes.AsSpan(at, length));
                    break;
                case 2:
                    bytes.AsSpan(at, length).Clear();
                    break;
                case 3:
                    bytes = bytes[..at];
                    break;
                case 4:
                    Array.Resize(ref bytes, bytes.Length + length);
                    random.NextBytes(bytes.AsSpan(bytes.Length - length));
                    break;
                default:
                    var from = random.Next(bytes.Length - length + 1);
                    bytes.AsSpan(from, length).CopyTo(bytes.AsSpan(at));
                    break;
            }
        }
        return bytes;
    }
}
