using Evenkeel.Host.Clusters;
using Xunit;

namespace Evenkeel.Host.Tests;

/// <summary>What turns the certificate red, and what stops a member.</summary>
public sealed class ParityTests
{
    private const string Lineage = "0123456789abcdef0123456789abcdef";
    private const string Configuration = "c0ffee";
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 16, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Members_that_agree_are_green()
    {
        var certificate = Judge(Said("n1", leads: true), Said("n2"), Said("n3"));

        Assert.Empty(certificate.Reasons);
        Assert.True(certificate.Green);
        Assert.Equal(20ul, certificate.EqualAtEntry);
        Assert.Equal(2, certificate.EqualSecondsAgo);
    }

    public static TheoryData<string, string> Drifts() =>
        new()
        {
            { "configuration", "runs configuration" },
            { "binary", "runs binary" },
            { "lineage", "has lineage" },
            { "version", "has state version" },
            { "version-known", "runs binary b that applies state versions up to 1, n1 up to 2" },
            { "quarantine", "leaves out other entries than n1" },
            { "digest", "has another state than n1 behind entry 20" },
            { "lag", "is 2001 entries behind" },
            { "disk", "disk: full" },
            { "clock", "its clock is -501 ms off" },
            { "step", "its clock stepped" },
            { "ready", "is not ready: no-leader" },
            { "absent", "does not answer: nobody there" },
        };

    [Theory]
    [MemberData(nameof(Drifts))]
    public void Any_drift_of_one_member_is_red_with_the_reason(string drift, string reason)
    {
        var n2 = Said("n2");
        n2 = drift switch
        {
            "configuration" => With(n2, s => s with { Configuration = "other" }),
            "binary" => With(n2, s => s with { Binary = "other" }),
            "lineage" => With(n2, s => s with { Lineage = "other" }),
            "version" => With(n2, s => s with { StateVersion = 2 }),
            "version-known" => With(n2, s => s with { StateVersionMax = 1 }),
            "quarantine" => With(n2, s => s with { Quarantine = "a" }),
            "digest" => With(n2, s => s with { Digests = [s.Digests[0], Digest(20, "wrong")] }),
            "lag" => With(n2, s => s with { AppliedIndex = 5_000 - 2_001 }),
            "disk" => With(n2, s => s with { DiskProblem = "full" }),
            "clock" => n2 with { ClockOffsetNs = -501_000_000 },
            "step" => With(n2, s => s with { ClockStepNs = 1 }),
            "ready" => With(n2, s => s with { Ready = false, Reasons = ["no-leader"] }),
            _ => new Heard("n2", Statement: null, ClockOffsetNs: 0, "nobody there"),
        };

        var certificate = Judge(Said("n1", leads: true), n2, Said("n3"));

        Assert.False(certificate.Green);
        Assert.Contains(
            certificate.Reasons,
            r => r.StartsWith($"n2: {reason}", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Nobody_leading_is_red()
    {
        Assert.Contains("nobody leads", Judge(Said("n1"), Said("n2"), Said("n3")).Reasons);
    }

    [Fact]
    public void Digests_that_are_not_compared_any_more_are_red()
    {
        var certificate = ParityJudge.Judge(
            "n1",
            Lineage,
            Configuration,
            Now.AddSeconds(ParityJudge.DigestAgeSecondsMax),
            [Said("n1", leads: true), Said("n2"), Said("n3")]
        );

        Assert.Contains(certificate.Reasons, r => r.EndsWith("s old", StringComparison.Ordinal));
    }

    [Fact]
    public void A_member_is_wrong_only_when_a_majority_agrees_on_something_else()
    {
        var own = Wrong("n1", "mine");

        // Two of three agree against it.
        Assert.Equal(20ul, WrongAt(own, Wrong("n2", "theirs"), Wrong("n3", "theirs")));
        // One other alone proves nothing: it may be the wrong one.
        Assert.Null(WrongAt(own, Wrong("n2", "theirs")));
        Assert.Null(WrongAt(own, Wrong("n2", "theirs"), Wrong("n3", "else")));
        Assert.Null(WrongAt(own, Wrong("n2", "theirs"), Wrong("n3", "mine")));
        // Another history is another matter.
        Assert.Null(
            WrongAt(own, Wrong("n2", "theirs"), Wrong("n3", "theirs") with { Lineage = "other" })
        );
        Assert.Null(WrongAt(own, Wrong("n2", "mine"), Wrong("n3", "mine")));
    }

    private static ulong? WrongAt(PeerStatement own, params PeerStatement[] others) =>
        ParityJudge.WrongAt(own, others, membersCount: 3);

    private static PeerStatement Wrong(string name, string state) =>
        Said(name).Statement! with
        {
            Digests = [Digest(10, "same"), Digest(20, state)],
        };

    private static ParityCertificate Judge(params Heard[] heard) =>
        ParityJudge.Judge("n1", Lineage, Configuration, Now, heard);

    private static Heard With(Heard heard, Func<PeerStatement, PeerStatement> change) =>
        heard with
        {
            Statement = change(heard.Statement!),
        };

    private static StatedDigest Digest(ulong index, string state) =>
        new(index, state, Now.AddSeconds(-2));

    private static Heard Said(string name, bool leads = false) =>
        new(
            name,
            new PeerStatement
            {
                Name = name,
                Binary = "b",
                Configuration = Configuration,
                Lineage = Lineage,
                StateVersion = 1,
                StateVersionMax = 2,
                Quarantine = "0",
                Leads = leads,
                Leader = null,
                Ready = true,
                CommitIndex = 5_000,
                AppliedIndex = 5_000,
                SnapshotIndex = 0,
                ArchiveIndex = 5_000,
                Digests = [Digest(10, "a"), Digest(20, "b")],
                DiskProblem = null,
                DiskFreeBytes = 1,
                WallNs = 0,
                ClockStepNs = 0,
                LastLedAt = null,
                Reasons = [],
            },
            ClockOffsetNs: 0,
            Problem: null
        );
}
