using Evenkeel.Journal;
using Xunit;

namespace Evenkeel.Records.Tests;

/// <summary>Copies of the records at one index: exact, verified before use, never half used.</summary>
public sealed class SnapshotTests : IDisposable
{
    private readonly Bank _bank = new(new RecordIndex("c", "by-n", "n"));

    public SnapshotTests()
    {
        for (var i = 1; i <= 20; i++)
        {
            Put(i);
        }
    }

    [Fact]
    public void Copy_is_of_the_captured_index_while_entries_go_on()
    {
        _bank.Store.AdvanceTo(20);
        var digest = _bank.Store.Digest;
        using var snapshot = _bank.Store.Capture();
        for (var i = 21; i <= 40; i++)
        {
            Put(i);
        }

        var copy = Copy(snapshot);
        Assert.Equal(20ul, snapshot.Index);
        Assert.Equal(digest, snapshot.Digest);
        Assert.NotEqual(digest, _bank.Store.Digest);

        var restored = _bank.Scratch("restored.db");
        RecordSnapshot.Restore(new MemoryStream(copy), restored, digest);
        using var store = RecordStore.Open(restored, [new RecordIndex("c", "by-n", "n")]);
        Assert.Equal(20ul, store.AppliedIndex);
        Assert.Equal(digest, store.Digest);
        var reader = store.CreateReader();
        Assert.True(reader.Scrub(CancellationToken.None).IsClean);
        Assert.NotNull(reader.FindOperation(new OperationId(20)));
        Assert.Null(reader.FindOperation(new OperationId(21)));
    }

    [Fact]
    public void Restored_records_and_a_replay_are_the_same_as_never_having_crashed()
    {
        using var snapshot = _bank.Store.Capture();
        var copy = Copy(snapshot);
        for (var i = 21; i <= 40; i++)
        {
            Put(i);
        }

        var digest = _bank.Store.Digest;
        var restored = _bank.Scratch("restored.db");
        RecordSnapshot.Restore(new MemoryStream(copy), restored, snapshot.Digest);
        using var store = RecordStore.Open(restored);
        var applier = new OperationApplier(store, new NaiveLedger());
        for (var i = 21; i <= 40; i++)
        {
            applier.BeginEntry((ulong)i);
            applier.Apply(Operation(i), Timestamp(i));
            applier.CommitEntry();
        }

        Assert.Equal(digest, store.Digest);
    }

    [Fact]
    public void Restore_replaces_older_records_and_their_journal()
    {
        using var snapshot = _bank.Store.Capture();
        var copy = Copy(snapshot);
        var path = _bank.Scratch("old.db");
        File.WriteAllText(path, "not a database");
        File.WriteAllText(path + "-wal", "an old journal");
        RecordSnapshot.Restore(new MemoryStream(copy), path, snapshot.Digest);
        Assert.False(File.Exists(path + "-wal"));
        using var store = RecordStore.Open(path);
        Assert.Equal(snapshot.Digest, store.Digest);
    }

    [Fact]
    public void Poisoned_copy_is_refused_and_the_old_records_stay()
    {
        using var snapshot = _bank.Store.Capture();
        var copy = Copy(snapshot);
        var at = copy.AsSpan().IndexOf("{\"n\":20,"u8);
        Assert.True(at > 0);
        copy[at + 5] ^= 1;
        var path = _bank.Scratch("kept.db");
        RecordStore.Open(path).Dispose();

        var error = Assert.Throws<RecordStoreException>(() =>
            RecordSnapshot.Restore(new MemoryStream(copy), path, snapshot.Digest)
        );
        Assert.Contains("row c/", error.Message);
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!, "kept.db*"));
        using var kept = RecordStore.Open(path);
        Assert.Equal(0ul, kept.AppliedIndex);
    }

    [Fact]
    public void Copy_of_another_state_is_refused()
    {
        using var snapshot = _bank.Store.Capture();
        var copy = Copy(snapshot);
        Put(21);
        var error = Assert.Throws<RecordStoreException>(() =>
            RecordSnapshot.Restore(
                new MemoryStream(copy),
                _bank.Scratch("x.db"),
                _bank.Store.Digest
            )
        );
        Assert.Contains("digest", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(20_000)]
    public void Truncated_copy_is_refused(int bytes)
    {
        using var snapshot = _bank.Store.Capture();
        var copy = Copy(snapshot)[..bytes];
        Assert.Throws<RecordStoreException>(() =>
            RecordSnapshot.Restore(new MemoryStream(copy), _bank.Scratch("x.db"), snapshot.Digest)
        );
    }

    public void Dispose() => _bank.Dispose();

    private static ulong Timestamp(int i) => (1_000_000 * (ulong)i) + 10_000;

    private static Operation Operation(int i) =>
        Bank.Operation((UInt128)i) with
        {
            Guards = [new Guard.Counter(new("c", "sum"), i, 0, 1_000_000)],
            Writes =
            [
                Bank.Write("c", $"k{i % 7}", $$"""{"n":{{i}},"x":"{{new string('x', 500)}}"}"""),
            ],
        };

    private byte[] Copy(RecordSnapshot snapshot)
    {
        var stream = new MemoryStream();
        snapshot.CopyTo(stream, _bank.Scratch("scratch.db"));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(_bank.Path)!, "scratch.db*"));
        return stream.ToArray();
    }

    private void Put(int i) => _bank.Apply(Operation(i));
}
