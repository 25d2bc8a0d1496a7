using System.Text;
using Evenkeel.Model.Clusters;
using Evenkeel.Replication;
using Xunit;

namespace Evenkeel.Replication.Tests;

/// <summary>Which membership counts, whoever says what (ADR 24).</summary>
public sealed class MembershipBookTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("evenkeel-book-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public void A_change_of_one_member_to_the_next_version_counts_and_is_durable()
    {
        var book = Book(FileOf(1, 1, 2, 3));
        Assert.True(Apply(book, FileOf(2, 1, 2, 3, 4)));
        Assert.Equal(2, book.Current.VersionNow);
        var again = new MembershipBook(FileOf(1, 1, 2, 3), "n1");
        again.Open(directory);
        Assert.Equal(4, again.Current.Members.Count);
    }

    [Theory]
    [InlineData(1, new[] { 1, 2, 3, 4 })]
    [InlineData(3, new[] { 1, 2, 3, 4 })]
    [InlineData(2, new[] { 1, 2, 3 })]
    [InlineData(2, new[] { 1, 2, 4 })]
    [InlineData(2, new[] { 1, 2, 3, 4, 5 })]
    [InlineData(2, new[] { 1 })]
    public void Any_other_change_is_ignored(int version, int[] members)
    {
        var book = Book(FileOf(1, 1, 2, 3));
        Assert.False(Apply(book, FileOf(version, members)));
        Assert.Equal([1, 2, 3], Numbers(book));
    }

    [Fact]
    public void Of_two_rivals_the_first_one_counts()
    {
        var book = Book(FileOf(1, 1, 2, 3));
        Assert.True(Apply(book, FileOf(2, 1, 2)));
        Assert.False(Apply(book, FileOf(2, 1, 2, 3, 4)));
        Assert.Equal([1, 2], Numbers(book));
    }

    [Fact]
    public void A_change_of_another_lineage_is_ignored_from_the_log_and_from_members()
    {
        var book = Book(FileOf(1, 1, 2, 3));
        var other = FileOf(2, 1, 2, 3, 4) with { Lineage = new string('b', 32) };
        Assert.False(Apply(book, other));
        Assert.False(book.TryCatchUp(other));
        Assert.True(book.TryCatchUp(FileOf(4, 1, 2, 3, 5)));
        Assert.False(book.TryCatchUp(FileOf(3, 1, 2, 3)));
        Assert.Equal([1, 2, 3, 5], Numbers(book));
    }

    [Fact]
    public void A_newer_file_is_not_believed_and_an_older_one_is_rewritten()
    {
        Apply(Book(FileOf(1, 1, 2, 3)), FileOf(2, 1, 2, 3, 4));
        var ahead = new MembershipBook(FileOf(3, 1, 2), "n1");
        ahead.Open(directory);
        Assert.Equal([1, 2, 3, 4], Numbers(ahead));
        var path = Path.Combine(directory, "cluster.json");
        FileOf(1, 1, 2, 3).Write(path);
        new MembershipBook(ClusterFile.Read(path), "n1", path).Open(directory);
        Assert.Equal(2, ClusterFile.Read(path).VersionNow);
    }

    [Fact]
    public void The_same_version_with_other_members_is_refused_by_name()
    {
        Book(FileOf(1, 1, 2, 3)).Keep(RealFileLayer.Instance);
        var other = new MembershipBook(FileOf(1, 1, 2, 4), "n1");
        var refused = Assert.Throws<RecoveryException>(() => other.Open(directory));
        Assert.Contains("other members", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_was_taken_out_is_refused_and_who_joins_waits()
    {
        var leaving = Book(FileOf(1, 1, 2, 3), "n3");
        Apply(leaving, FileOf(2, 1, 2));
        Assert.False(leaving.IsJoining);
        var removed = new MembershipBook(FileOf(1, 1, 2, 3), "n3");
        var refused = Assert.Throws<RecoveryException>(() => removed.Open(directory));
        Assert.Contains(
            "taken out of the cluster by version 2",
            refused.Message,
            StringComparison.Ordinal
        );
        var joining = new MembershipBook(FileOf(3, 1, 2, 3), "n3");
        joining.Open(directory);
        Assert.True(joining.IsJoining);
        Assert.True(Apply(joining, FileOf(3, 1, 2, 3)));
        Assert.False(joining.IsJoining);
    }

    [Fact]
    public void The_address_of_a_member_that_was_given_up_is_refused()
    {
        var file = FileOf(2, 1, 2) with { Retired = ["127.0.0.1:7002"] };
        Assert.Contains(file.Problems(), p => p.Contains("given up", StringComparison.Ordinal));
    }

    private MembershipBook Book(ClusterFile file, string name = "n1")
    {
        var book = new MembershipBook(file, name);
        book.Open(directory);
        return book;
    }

    private static bool Apply(MembershipBook book, ClusterFile next) =>
        book.TryApply(Encoding.UTF8.GetBytes(next.Format()), RealFileLayer.Instance);

    private static IEnumerable<int> Numbers(MembershipBook book) =>
        book.Current.Members.Select(m => m.RaftEndpoint.Port - 7000);

    private static ClusterFile FileOf(int version, params int[] members) =>
        new()
        {
            FormatVersion = ClusterFile.FormatVersionNow,
            Lineage = new string('a', 32),
            Version = version,
            Members =
            [
                .. members.Select(number => new ClusterMember
                {
                    Name = $"n{number}",
                    Raft = $"127.0.0.1:{7000 + number}",
                    Binary = $"127.0.0.1:{8000 + number}",
                    Rest = $"http://127.0.0.1:{9000 + number}",
                }),
            ],
        };
}
