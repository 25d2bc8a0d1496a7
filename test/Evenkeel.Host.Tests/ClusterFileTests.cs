using System.Text;
using Evenkeel.Model.Clusters;
using Xunit;

namespace Evenkeel.Host.Tests;

public sealed class ClusterFileTests
{
    private const string Good = """
        {
          "formatVersion": 1,
          "lineage": "0123456789abcdef0123456789abcdef",
          "members": [
            { "name": "n1", "raft": "127.0.0.1:4171", "binary": "127.0.0.1:4191", "rest": "http://127.0.0.1:4181" },
            { "name": "n2", "raft": "127.0.0.1:4172", "binary": "127.0.0.1:4192", "rest": "http://127.0.0.1:4182" },
            { "name": "n3", "raft": "127.0.0.1:4173", "binary": "127.0.0.1:4193", "rest": "http://127.0.0.1:4183" }
          ]
        }
        """;

    [Fact]
    public void What_was_written_reads_as_the_same_cluster()
    {
        var file = Parse(Good);

        Assert.Equal(file.Hash, Parse(file.Format()).Hash);
        Assert.Equal(2, file.Quorum);
        Assert.Equal("n2", file.FindByRaft(file.Members[1].RaftEndpoint)!.Name);
        Assert.Null(file.Find("n4"));
    }

    [Fact]
    public void The_hash_is_of_what_the_file_means_and_not_of_how_it_is_written()
    {
        var other = Good.Replace("\n", " ", StringComparison.Ordinal)
            .Replace(
                "\"name\": \"n1\", \"raft\": \"127.0.0.1:4171\"",
                "\"raft\": \"127.0.0.1:4171\", \"name\": \"n1\"",
                StringComparison.Ordinal
            )
            .Replace(
                "\"formatVersion\": 1,",
                "\"formatVersion\": 1, \"timeouts\": { \"requestMs\": 120 },",
                StringComparison.Ordinal
            );

        Assert.Equal(Parse(Good).Hash, Parse(other).Hash);
        // A golden value: nodes of different versions compare it.
        Assert.Equal(
            "67fc597b6aee0350037cc03724289be7e4f97d3266061b1f48aa4a9e7c19459f",
            Parse(Good).Hash
        );
    }

    [Theory]
    [InlineData("4173", "4179")]
    [InlineData("\"n3\"", "\"n9\"")]
    [InlineData("cdef\"", "cde0\"")]
    [InlineData("1,", "1, \"timeouts\": { \"heartbeatMs\": 40 },")]
    [InlineData("1,", "1, \"budgets\": { \"accountsMax\": 1000 },")]
    public void Whatever_members_must_agree_on_changes_the_hash(string from, string to) =>
        Assert.NotEqual(Parse(Good).Hash, Parse(Replace(from, to)).Hash);

    [Fact]
    public void Where_certificates_lie_may_differ_between_machines()
    {
        const string To = "4181\", \"certificate\": \"a.pem\", \"certificateKey\": \"a.key\"";
        var here = Replace("4181\"", To);
        var there = Replace("4181\"", To.Replace("a.", "/etc/b.", StringComparison.Ordinal));

        Assert.Equal(Parse(here).Hash, Parse(there).Hash);
    }

    [Theory]
    [InlineData("\"formatVersion\": 1", "\"formatVersion\": 2", "formatVersion is 2")]
    [InlineData("cdef\"", "cde\"", "lineage must be 32")]
    [InlineData("\"n2\"", "\"n1\"", "2 have the name n1")]
    [InlineData("4172", "4171", "2 have the raft address")]
    [InlineData("4192", "4191", "2 have the binary address")]
    [InlineData("4182", "4181", "2 have the REST address")]
    [InlineData("\"n2\"", "\"n/2\"", "a name has 1 to 32")]
    [InlineData("127.0.0.1:4171", "localhost:4171", "raft must be ADDRESS:PORT")]
    [InlineData("127.0.0.1:4171", "0.0.0.0:4171", "an address that others can call")]
    [InlineData("127.0.0.1:4171", "10.0.0.1:4171", "members beyond loopback need certificates")]
    [InlineData("127.0.0.1:4191", "127.0.0.1", "binary must be HOST:PORT")]
    [InlineData("http://127.0.0.1:4181", "127.0.0.1:4181", "rest must be http://HOST:PORT")]
    [InlineData("1,", "1, \"timeouts\": { \"requestMs\": 150 },", "requestMs must be below")]
    [InlineData("1,", "1, \"timeouts\": { \"heartbeatMs\": 150 },", "heartbeatMs must be below")]
    [InlineData(
        "1,",
        "1, \"timeouts\": { \"electionMsMax\": 150 },",
        "electionMsMax must be above"
    )]
    [InlineData("1,", "1, \"qorum\": 2,", "qorum")]
    [InlineData("\"members\": [", "\"members\": [ null,", "null")]
    [InlineData("}", "", "invalid")]
    public void A_file_that_contradicts_itself_is_refused_with_the_reason(
        string from,
        string to,
        string reason
    )
    {
        var refused = Assert.Throws<ClusterFileException>(() => Parse(Replace(from, to)));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("cluster.json: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_problem_is_named_at_once()
    {
        var text = Replace("4172", "4171").Replace("4193", "0", StringComparison.Ordinal);

        var refused = Assert.Throws<ClusterFileException>(() => Parse(text));

        Assert.Equal(2, refused.Problems.Count);
    }

    [Fact]
    public void A_missing_file_is_refused_by_name() =>
        Assert.Contains(
            "nowhere.json",
            Assert.Throws<ClusterFileException>(() => ClusterFile.Read("nowhere.json")).Message,
            StringComparison.Ordinal
        );

    private static string Replace(string from, string to)
    {
        var at = Good.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0, from);
        return string.Concat(Good.AsSpan(0, at), to, Good.AsSpan(at + from.Length));
    }

    private static ClusterFile Parse(string text) =>
        ClusterFile.Parse(Encoding.UTF8.GetBytes(text), "cluster.json");
}
