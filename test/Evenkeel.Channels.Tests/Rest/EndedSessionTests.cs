using Evenkeel.Channels.Rest;
using Evenkeel.Channels.Sessions;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Channels.Tests.Rest;

/// <summary>Signing out counts everywhere.</summary>
public sealed class EndedSessionTests : IDisposable
{
    private readonly string _keys = Directory.CreateTempSubdirectory("evenkeel-ended-").FullName;
    private readonly Clock _time = new();

    public void Dispose() => Directory.Delete(_keys, recursive: true);

    [Fact]
    public async Task Who_signs_out_at_one_gateway_is_signed_out_at_all_and_after_a_restart()
    {
        await using var here = await RestBed.StartAsync(new ScriptedBank());
        await using var there = await RestBed.StartAsync(new ScriptedBank(), here.Keys);
        var session = await here.SignInAsync("customer", RestBed.CustomerLogin);
        var other = await here.SignInAsync("customer", RestBed.CustomerLogin);
        Assert.Equal(200, await ListAsync(there, session));

        var (ended, _, _) = await here.SendAsync(
            HttpMethod.Delete,
            "/bank/v1/sessions/current",
            session
        );

        Assert.Equal(204, ended);
        Assert.Equal(401, await ListAsync(here, session));
        Assert.Equal(401, await ListAsync(there, session));
        Assert.Equal(200, await ListAsync(there, other));
        await there.RestartAsync();
        Assert.Equal(401, await ListAsync(there, session));
    }

    [Fact]
    public void An_ended_session_is_kept_until_it_could_not_be_renewed_any_more()
    {
        var sessions = Open();
        var first = SessionOf();
        sessions.Add(first);
        _time.Now += SessionLimits.Longest - TimeSpan.FromMinutes(1);
        sessions.Add(SessionOf());
        Assert.True(Open().Contains(first.Id));

        _time.Now += TimeSpan.FromHours(1);
        var last = SessionOf();
        sessions.Add(last);

        Assert.False(Open().Contains(first.Id));
        Assert.True(Open().Contains(last.Id));
        Assert.False(sessions.Contains(first.Id));
    }

    [Fact]
    public void A_directory_that_is_lost_still_ends_the_session_here()
    {
        var sessions = Open();
        Directory.Delete(Path.Combine(_keys, EndedSessions.Folder));
        var session = SessionOf();

        sessions.Add(session);

        Assert.True(sessions.Contains(session.Id));
        Assert.False(Open().Contains(session.Id));
    }

    private static async Task<int> ListAsync(RestBed bed, string token) =>
        (await bed.SendAsync(HttpMethod.Get, "/bank/v1/accounts", token)).Status;

    private EndedSessions Open() =>
        new(
            new RestChannelOptions { SessionKeys = _keys },
            _time,
            NullLogger<EndedSessions>.Instance
        );

    private Session SessionOf() =>
        new(
            LoginKind.Customer,
            "c1",
            "C1",
            Branch: null,
            Assurance.Single,
            _time.Now,
            _time.Now + SessionLimits.Lifetime,
            Guid.NewGuid()
        );

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
