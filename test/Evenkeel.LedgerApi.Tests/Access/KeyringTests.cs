using System.Text;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.LedgerApi.Tests.Bank;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.LedgerApi.Tests.Access;

public sealed class KeyringTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly KeyringOptions _options = new();
    private TestBank _journal = null!;
    private Keyring _keyring = null!;
    private KeyAdministration _keys = null!;

    public async ValueTask InitializeAsync()
    {
        _journal = await TestBank.OpenAsync();
        _keyring = new Keyring(_journal, _time, _options);
        _keys = new KeyAdministration(_journal, _keyring, _time, _options);
    }

    public ValueTask DisposeAsync()
    {
        _keyring.Dispose();
        return _journal.DisposeAsync();
    }

    [Fact]
    public async Task The_first_key_is_issued_once_and_may_do_everything()
    {
        var first = Done(await KeyBootstrap.EnsureFirstKeyAsync(_keys, default));
        Assert.NotNull(first);
        Assert.Null(Done(await KeyBootstrap.EnsureFirstKeyAsync(_keys, default)));
        var identity = Done(await _keyring.AuthenticateAsync(first.Token.Reveal(), default));
        Assert.NotNull(identity);
        Assert.Equal(1ul, identity.Number);
        Assert.True(identity.Has(KeyScopes.All));
    }

    [Fact]
    public async Task Many_starts_at_once_make_one_first_key()
    {
        var starts = await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(_ =>
                    Task.Run(async () =>
                        Done(await KeyBootstrap.EnsureFirstKeyAsync(_keys, default))
                    )
                )
        );
        Assert.Single(starts, s => s is not null);
    }

    [Fact]
    public async Task Records_hold_no_secret()
    {
        var first = Done(await KeyBootstrap.EnsureFirstKeyAsync(_keys, default));
        var secret = first!.Token.Reveal();
        var page = Done(
            await _journal.ReadRecordsAsync(new RecordQuery { Collection = "api-key" }, default)
        );
        var json = Encoding.UTF8.GetString(Assert.Single(page.Records).Json.Span);
        Assert.DoesNotContain(secret, json, StringComparison.Ordinal);
        Assert.DoesNotContain(secret[5..], json, StringComparison.Ordinal);
        Assert.Contains(
            Convert.ToHexStringLower(first.Token.Hash()),
            json,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_wrong_secret_of_a_known_number_is_nobody()
    {
        await IssueAsync(KeyScopes.All);
        var forged = ApiKeyToken.Create(1).Reveal();
        Assert.Null(Done(await _keyring.AuthenticateAsync(forged, default)));
    }

    [Fact]
    public async Task An_unknown_number_is_nobody()
    {
        await IssueAsync(KeyScopes.All);
        Assert.Null(
            Done(await _keyring.AuthenticateAsync(ApiKeyToken.Create(99).Reveal(), default))
        );
        Assert.Null(Done(await _keyring.FindAsync(99, default)));
    }

    [Fact]
    public async Task A_revoked_key_stops_working_at_once()
    {
        await IssueAsync(KeyScopes.All);
        var second = await IssueAsync(KeyScopes.LedgerRead);
        Assert.NotNull(Done(await _keyring.AuthenticateAsync(second.Token.Reveal(), default)));
        var outcome = Done(await _keys.RevokeAsync(2, revokedBy: 1, default));
        Assert.Equal(KeyChange.Done, outcome.Change);
        Assert.Equal(1ul, outcome.Key!.RevokedBy);
        Assert.Null(Done(await _keyring.AuthenticateAsync(second.Token.Reveal(), default)));
        Assert.Null(Done(await _keyring.FindAsync(2, default)));
    }

    [Fact]
    public async Task A_revocation_elsewhere_is_noticed_after_the_refresh_time()
    {
        await IssueAsync(KeyScopes.All);
        var second = await IssueAsync(KeyScopes.LedgerRead);
        Assert.NotNull(Done(await _keyring.FindAsync(2, default)));
        using var elsewhere = new Keyring(_journal, _time, _options);
        var there = new KeyAdministration(_journal, elsewhere, _time, _options);
        await there.RevokeAsync(2, revokedBy: 1, default);
        _time.Advance(_options.RefreshAfter);
        Assert.Null(Done(await _keyring.AuthenticateAsync(second.Token.Reveal(), default)));
    }

    [Fact]
    public async Task The_last_admin_key_can_not_be_revoked()
    {
        await IssueAsync(KeyScopes.All);
        await IssueAsync(KeyScopes.LedgerWrite);
        Assert.Equal(KeyChange.LastAdmin, Done(await _keys.RevokeAsync(1, 1, default)).Change);
        await IssueAsync(KeyScopes.Admin);
        Assert.Equal(KeyChange.Done, Done(await _keys.RevokeAsync(1, 1, default)).Change);
        Assert.Equal(KeyChange.LastAdmin, Done(await _keys.RevokeAsync(3, 3, default)).Change);
    }

    [Fact]
    public async Task Two_admins_who_revoke_each_other_do_not_both_succeed()
    {
        await IssueAsync(KeyScopes.Admin);
        await IssueAsync(KeyScopes.Admin);
        var outcomes = await Task.WhenAll(
            Task.Run(async () => Done(await _keys.RevokeAsync(1, 2, default)).Change),
            Task.Run(async () => Done(await _keys.RevokeAsync(2, 1, default)).Change)
        );
        Assert.Equal([KeyChange.Done, KeyChange.LastAdmin], outcomes.Order());
    }

    [Fact]
    public async Task Revoking_twice_changes_nothing_the_second_time()
    {
        await IssueAsync(KeyScopes.Admin);
        await IssueAsync(KeyScopes.Admin);
        var first = Done(await _keys.RevokeAsync(2, 1, default));
        _time.Advance(TimeSpan.FromHours(1));
        var second = Done(await _keys.RevokeAsync(2, 1, default));
        Assert.Equal(first.Key!.RevokedAt, second.Key!.RevokedAt);
    }

    [Fact]
    public async Task A_number_is_never_given_twice()
    {
        await IssueAsync(KeyScopes.Admin);
        await IssueAsync(KeyScopes.LedgerRead);
        await _keys.RevokeAsync(2, 1, default);
        Assert.Equal(3ul, (await IssueAsync(KeyScopes.LedgerRead)).Key.Number);
    }

    [Fact]
    public async Task Keys_that_can_not_be_read_are_not_refused_but_unavailable()
    {
        var first = await IssueAsync(KeyScopes.All);
        _journal.ReadsRefused = FrameStatus.Unavailable;
        var answer = await _keyring.AuthenticateAsync(first.Token.Reveal(), default);
        Assert.IsType<Answer<KeyIdentity?>.NotDone>(answer);
    }

    [Fact]
    public async Task Known_keys_go_on_deciding_for_a_bounded_time_while_none_can_be_read()
    {
        var first = await IssueAsync(KeyScopes.All);
        Assert.NotNull(Done(await _keyring.FindAsync(1, default)));
        _journal.ReadsRefused = FrameStatus.Unavailable;
        _time.Advance(_options.StaleMax - TimeSpan.FromSeconds(1));
        Assert.NotNull(Done(await _keyring.AuthenticateAsync(first.Token.Reveal(), default)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<Answer<KeyIdentity?>.NotDone>(
            await _keyring.AuthenticateAsync(first.Token.Reveal(), default)
        );
    }

    [Fact]
    public async Task A_revocation_of_unknown_outcome_makes_the_keys_be_read_again()
    {
        await IssueAsync(KeyScopes.All);
        await IssueAsync(KeyScopes.LedgerRead);
        Assert.NotNull(Done(await _keyring.FindAsync(2, default)));
        _journal.AnswersLost = true;
        Assert.IsType<Answer<RevokeOutcome>.Unknown>(await _keys.RevokeAsync(2, 1, default));
        Assert.Null(Done(await _keyring.FindAsync(2, default)));
    }

    [Theory]
    [InlineData("", KeyScopes.Admin)]
    [InlineData("a\nb", KeyScopes.Admin)]
    [InlineData("fine", KeyScopes.None)]
    [InlineData("fine", (KeyScopes)(1u << 30))]
    public async Task A_key_without_a_plain_name_or_known_scopes_is_not_issued(
        string name,
        KeyScopes scopes
    )
    {
        var answer = await _keys.IssueAsync(name, scopes, 0, firstOnly: false, default);
        Assert.Equal(KeyChange.Invalid, Done(answer).Change);
    }

    [Fact]
    public async Task A_rescue_key_is_issued_when_others_exist()
    {
        await IssueAsync(KeyScopes.All);
        var rescue = Done(await KeyBootstrap.IssueRescueKeyAsync(_keys, default));
        Assert.Equal(2ul, rescue!.Key.Number);
    }

    private async Task<IssuedKey> IssueAsync(KeyScopes scopes) =>
        Done(await _keys.IssueAsync("test", scopes, 0, firstOnly: false, default)).Issued!;

    private static T Done<T>(Answer<T> answer) => Assert.IsType<Answer<T>.Done>(answer).Value;
}
