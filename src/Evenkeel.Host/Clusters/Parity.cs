using System.Globalization;
using System.Text.Json.Serialization;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// One certificate for the question "could each of the others take over now?". Green only when
/// every member of the cluster file answered and none differs.
/// </summary>
internal sealed record ParityCertificate
{
    public required bool Green { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Who judged.</summary>
    public required string By { get; init; }

    public required string Lineage { get; init; }

    /// <summary>The latest entry at which all members have a digest; 0 when there is none.</summary>
    public required ulong EqualAtEntry { get; init; }

    /// <summary>How long ago the last of them had it, seconds; null when there is none.</summary>
    public required double? EqualSecondsAgo { get; init; }

    public required IReadOnlyList<MemberParity> Members { get; init; }

    /// <summary>Why it is red; empty when green.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }
}

/// <summary>One member's line of the certificate.</summary>
internal sealed record MemberParity
{
    public required string Name { get; init; }

    public required bool Answers { get; init; }

    public bool Leads { get; init; }

    public string? Binary { get; init; }

    public string? Configuration { get; init; }

    public uint StateVersion { get; init; }

    public ulong AppliedIndex { get; init; }

    /// <summary>Entries that the leader has committed and this member has not applied.</summary>
    public ulong LagEntries { get; init; }

    /// <summary>The latest entry at which its digest equals the leader's; null when none does.</summary>
    public ulong? EqualAtEntry { get; init; }

    public string? DiskProblem { get; init; }

    public long DiskFreeBytes { get; init; }

    /// <summary>Its wall clock less that of the judging member, milliseconds.</summary>
    public double ClockOffsetMs { get; init; }

    /// <summary>The last time it led: the last proof that its promotion works.</summary>
    public DateTimeOffset? LastLedAt { get; init; }

    public IReadOnlyList<string> Reasons { get; init; } = [];
}

/// <summary>A statement and what its receiver knows about it.</summary>
/// <param name="Statement">Null when the member did not answer.</param>
/// <param name="ClockOffsetNs">The member's wall clock less the receiver's.</param>
/// <param name="Problem">Why there is no statement.</param>
internal sealed record Heard(
    string Name,
    PeerStatement? Statement,
    long ClockOffsetNs,
    string? Problem
);

/// <summary>Compares statements. A pure function: it asks nobody, not even the clock.</summary>
internal static class ParityJudge
{
    /// <summary>Entries that a follower may be behind the leader's commit.</summary>
    public const ulong LagEntriesMax = 2_000;

    /// <summary>Difference of a wall clock from the judging member's, milliseconds.</summary>
    public const double ClockOffsetMsMax = 500;

    /// <summary>Age of the latest digest that all share, seconds.</summary>
    public const double DigestAgeSecondsMax = 45;

    /// <param name="lineage">That of the cluster file.</param>
    /// <param name="configuration">Hash of the judging member's cluster file.</param>
    public static ParityCertificate Judge(
        string by,
        string lineage,
        string configuration,
        DateTimeOffset now,
        IReadOnlyList<Heard> heard
    )
    {
        var answered = heard.Select(static h => h.Statement).OfType<PeerStatement>().ToList();
        var leader = answered.FirstOrDefault(static s => s.Leads);
        var reference = leader ?? answered.MaxBy(static s => s.AppliedIndex);
        var members = heard.Select(h => JudgeMember(h, reference, lineage, configuration)).ToList();
        List<string> reasons =
        [
            .. members.SelectMany(static m => m.Reasons.Select(r => $"{m.Name}: {r}")),
        ];
        if (leader is null)
        {
            reasons.Add("nobody leads");
        }
        var (index, at) = LastShared(answered, heard.Count);
        var age = at is { } taken ? Math.Max(0, (now - taken).TotalSeconds) : (double?)null;
        if (age is null)
        {
            reasons.Add("there is no entry yet at which all members have a digest");
        }
        else if (age > DigestAgeSecondsMax)
        {
            reasons.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the last entry at which all members have the same digest is {age:F0} s old"
                )
            );
        }
        return new ParityCertificate
        {
            Green = reasons.Count == 0,
            At = now,
            By = by,
            Lineage = lineage,
            EqualAtEntry = index,
            EqualSecondsAgo = age,
            Members = members,
            Reasons = reasons,
        };
    }

    /// <summary>
    /// An entry at which more than half of all members agree on a digest that is not ours; null when
    /// there is none.
    /// </summary>
    /// <param name="membersCount">Members of the cluster.</param>
    public static ulong? WrongAt(
        PeerStatement own,
        IReadOnlyList<PeerStatement> others,
        int membersCount
    )
    {
        foreach (var mine in own.Digests.Reverse())
        {
            var theirs = others
                .Where(o => string.Equals(o.Lineage, own.Lineage, StringComparison.Ordinal))
                .Select(o => o.Digests.FirstOrDefault(d => d.Index == mine.Index)?.State)
                .OfType<string>()
                .GroupBy(static s => s, StringComparer.Ordinal)
                .MaxBy(static g => g.Count());
            if (
                theirs is not null
                && theirs.Count() > membersCount / 2
                && !string.Equals(theirs.Key, mine.State, StringComparison.Ordinal)
            )
            {
                return mine.Index;
            }
        }
        return null;
    }

    private static MemberParity JudgeMember(
        Heard heard,
        PeerStatement? reference,
        string lineage,
        string configuration
    )
    {
        if (heard.Statement is not { } said || reference is null)
        {
            return new MemberParity
            {
                Name = heard.Name,
                Answers = false,
                Reasons = [$"does not answer: {heard.Problem}"],
            };
        }
        var lag =
            reference.CommitIndex > said.AppliedIndex
                ? reference.CommitIndex - said.AppliedIndex
                : 0;
        var offsetMs = heard.ClockOffsetNs / 1e6;
        var (equalAt, differsAt) = Compare(said, reference);
        List<string> reasons = [];
        Require(Same(said.Lineage, lineage), $"has lineage {said.Lineage}, not {lineage}");
        Require(
            Same(said.Configuration, configuration),
            $"runs configuration {Short(said.Configuration)}, not {Short(configuration)}"
        );
        Require(
            Same(said.Binary, reference.Binary),
            $"runs binary {Short(said.Binary)}, {reference.Name} runs {Short(reference.Binary)}"
        );
        Require(
            said.StateVersion == reference.StateVersion,
            $"has state version {said.StateVersion}, {reference.Name} has {reference.StateVersion}"
        );
        // It begins as the difference of programs does: an upgrade that is going on looks past both.
        Require(
            Agree(said.StateVersionMax, reference.StateVersionMax),
            $"runs binary {Short(said.Binary)} that applies state versions up to "
                + $"{said.StateVersionMax}, {reference.Name} up to {reference.StateVersionMax}"
        );
        Require(
            Agree(said.Quarantine, reference.Quarantine),
            $"leaves out other entries than {reference.Name} by orders of quarantine"
        );
        Require(lag <= LagEntriesMax, $"is {lag} entries behind");
        Require(
            differsAt is null,
            $"has another state than {reference.Name} behind entry {differsAt}"
        );
        Require(said.DiskProblem is null, $"disk: {said.DiskProblem}");
        Require(
            Math.Abs(offsetMs) <= ClockOffsetMsMax,
            string.Create(CultureInfo.InvariantCulture, $"its clock is {offsetMs:F0} ms off")
        );
        Require(said.ClockStepNs == 0, "its clock stepped and was not confirmed");
        Require(said.Ready, $"is not ready: {string.Join(", ", said.Reasons)}");
        return new MemberParity
        {
            Name = heard.Name,
            Answers = true,
            Leads = said.Leads,
            Binary = said.Binary,
            Configuration = said.Configuration,
            StateVersion = said.StateVersion,
            AppliedIndex = said.AppliedIndex,
            LagEntries = lag,
            EqualAtEntry = equalAt,
            DiskProblem = said.DiskProblem,
            DiskFreeBytes = said.DiskFreeBytes,
            ClockOffsetMs = offsetMs,
            LastLedAt = said.LastLedAt,
            Reasons = reasons,
        };

        void Require(bool holds, string reason)
        {
            if (!holds)
            {
                reasons.Add(reason);
            }
        }
    }

    /// <summary>The latest entry where both have the same digest, and the latest where they differ.</summary>
    private static (ulong? EqualAt, ulong? DiffersAt) Compare(PeerStatement a, PeerStatement b)
    {
        ulong? equal = null;
        ulong? differs = null;
        foreach (var mine in a.Digests)
        {
            if (b.Digests.FirstOrDefault(d => d.Index == mine.Index) is not { } theirs)
            {
                continue;
            }
            if (Same(mine.State, theirs.State))
            {
                equal = mine.Index;
            }
            else
            {
                differs = mine.Index;
            }
        }
        return (equal, differs);
    }

    private static (ulong Index, DateTimeOffset? At) LastShared(
        List<PeerStatement> answered,
        int membersCount
    )
    {
        if (answered.Count == 0)
        {
            return (0, null);
        }
        foreach (var digest in answered[0].Digests.Reverse())
        {
            var same = answered
                .Select(s =>
                    s.Digests.FirstOrDefault(d =>
                        d.Index == digest.Index && Same(d.State, digest.State)
                    )
                )
                .OfType<StatedDigest>()
                .ToList();
            if (same.Count == membersCount)
            {
                return (digest.Index, same.Max(static d => d.TakenAt));
            }
        }
        return (0, null);
    }

    /// <summary>An older program says nothing of this, and is red for being another one.</summary>
    private static bool Agree<T>(T? a, T? b) =>
        a is null || b is null || EqualityComparer<T>.Default.Equals(a, b);

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.Ordinal);

    private static string Short(string hash) => hash.Length > 12 ? hash[..12] : hash;
}
