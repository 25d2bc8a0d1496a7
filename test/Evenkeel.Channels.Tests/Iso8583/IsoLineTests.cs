using System.Net.Sockets;
using System.Text;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Iso8583.Codec;
using Xunit;

namespace Evenkeel.Channels.Tests.Iso8583;

/// <summary>What a line may do and what ends it: sign-on, MAC, frames, limits, silence.</summary>
public sealed class IsoLineTests : IDisposable
{
    private readonly SoftwareCardKeys _keys = IsoBed.NewKeys();
    private readonly CardBank _bank;

    public IsoLineTests()
    {
        _bank = new CardBank(_keys);
        _bank.Issue(Terminal.Pan, Terminal.Pin, 100_000);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _keys.Dispose();

    [Fact]
    public async Task Money_moves_only_between_sign_on_and_sign_off()
    {
        await using IsoBed bed = new(_keys, _bank, _bank);
        await using var line = await bed.ConnectAsync(cancellationToken: Token);
        Assert.Equal("58", await CodeAsync(line, bed.Terminal.Withdrawal(1, 100)));
        Assert.Equal("00", await CodeAsync(line, bed.Terminal.Network("001")));
        Assert.Equal("00", await CodeAsync(line, bed.Terminal.Withdrawal(2, 100)));
        Assert.Equal("00", await CodeAsync(line, bed.Terminal.Network("301")));
        Assert.Equal("12", await CodeAsync(line, bed.Terminal.Network("161")));
        Assert.Equal("00", await CodeAsync(line, bed.Terminal.Network("002")));
        Assert.Equal("58", await CodeAsync(line, bed.Terminal.Withdrawal(3, 100)));
        Assert.Equal(99_900, _bank.BalanceOf(Terminal.Pan));
    }

    [Fact]
    public async Task A_cut_over_of_the_peer_is_acknowledged_with_its_date()
    {
        await using IsoBed bed = new(_keys, _bank, _bank);
        await using var line = await bed.SignOnAsync(cancellationToken: Token);
        using var cutOver = bed.Terminal.Network("201");
        cutOver.Set(IsoField.SettlementDate, "1124");
        using var answer = await line.AskAsync(cutOver, IsoBed.Patience, Token);
        Assert.Equal("00", answer!.Text(IsoField.ResponseCode));
        Assert.Equal("1124", answer.Text(IsoField.SettlementDate));
        Assert.Equal("201", answer.Text(IsoField.NetworkCode));
    }

    [Fact]
    public async Task The_banks_new_business_date_is_announced_and_changes_field_15()
    {
        await using IsoBed bed = new(_keys, _bank, _bank);
        TaskCompletionSource<string> announced = new();
        await using var line = await bed.SignOnAsync(
            o => o with { CutOver = date => announced.TrySetResult(date) },
            Token
        );
        using var first = await line.AskAsync(
            bed.Terminal.Withdrawal(1, 100),
            IsoBed.Patience,
            Token
        );
        Assert.Equal("1123", first!.Text(IsoField.SettlementDate));
        Assert.False(announced.Task.IsCompleted);

        _bank.BusinessDate = _bank.BusinessDate.AddDays(1);
        using var second = await line.AskAsync(
            bed.Terminal.Withdrawal(2, 100),
            IsoBed.Patience,
            Token
        );
        Assert.Equal("1124", second!.Text(IsoField.SettlementDate));
        Assert.Equal("1124", await announced.Task.WaitAsync(IsoBed.Patience, Token));
        // A repeat of yesterday's still says yesterday.
        using var repeat = await line.AskAsync(
            bed.Terminal.Withdrawal(1, 100),
            IsoBed.Patience,
            Token
        );
        Assert.Equal("1123", repeat!.Text(IsoField.SettlementDate));
    }

    [Fact]
    public async Task A_message_without_a_MAC_ends_the_line()
    {
        await using IsoBed bed = new(_keys, _bank, _bank);
        await using var line = await bed.ConnectAsync(o => o with { Keys = null }, Token);
        await Assert.ThrowsAsync<IOException>(() => CodeAsync(line, bed.Terminal.Network("001")));
        Assert.Contains(bed.Log, l => l.StartsWith("9107 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_with_the_MAC_of_another_terminal_ends_the_line()
    {
        await using IsoBed bed = new(_keys, _bank, _bank);
        using var other = _keys.KeysOf("ATM00002");
        await using var line = await bed.ConnectAsync(o => o with { Keys = other }, Token);
        await Assert.ThrowsAsync<IOException>(() => CodeAsync(line, bed.Terminal.Network("001")));
        Assert.Equal(100_000, _bank.BalanceOf(Terminal.Pan));
    }

    [Fact]
    public async Task An_acquirers_line_has_one_key_for_all_its_terminals()
    {
        Iso8583Options options = new() { Line = "SWITCH01", KeyScope = IsoKeyScope.Line };
        await using IsoBed bed = new(_keys, _bank, _bank, options);
        using var lineKeys = _keys.KeysOf("SWITCH01");
        await using var line = await bed.ConnectAsync(o => o with { Keys = lineKeys }, Token);
        Assert.Equal("00", await CodeAsync(line, bed.Terminal.Network("001")));
        Terminal anySwitched = new(lineKeys);
        Assert.Equal("00", await CodeAsync(line, anySwitched.Withdrawal(1, 100)));
    }

    /// <summary>With no MAC agreed, what can be answered gets 30, and the line lives on.</summary>
    [Theory]
    [InlineData(
        "0200 0230000000000000 0604123456 123456 250000",
        "02100220000002000000060412345612345630"
    )]
    [InlineData(
        "0800 0220000000000000 0604123456 123456",
        "08100220000002000000060412345612345630"
    )]
    [InlineData(
        "0200 0230000000000000 0604123456 123456 120000",
        "02100230000002000000060412345612345612000030"
    )]
    public async Task Malformed_messages_get_30_and_their_good_fields_back(
        string text,
        string expected
    )
    {
        Iso8583Options options = new() { MacRequired = false };
        await using IsoBed bed = new(_keys, _bank, _bank, options);
        using var raw = await bed.ConnectRawAsync();
        var bytes = Encoding.ASCII.GetBytes(text.Replace(" ", "", StringComparison.Ordinal));
        await WriteFrameAsync(raw, bytes);
        Assert.Equal(expected, await ReadFrameAsync(raw));
        await WriteFrameAsync(raw, bytes);
        Assert.Equal(expected, await ReadFrameAsync(raw));
    }

    [Fact]
    public async Task A_malformed_message_that_nobody_could_match_ends_the_line()
    {
        Iso8583Options options = new() { MacRequired = false };
        await using IsoBed bed = new(_keys, _bank, _bank, options);
        using var raw = await bed.ConnectRawAsync();
        await WriteFrameAsync(raw, "02000220000000000000060412345612345x"u8.ToArray());
        Assert.Null(await ReadFrameAsync(raw));
    }

    [Theory]
    [InlineData("0000")]
    [InlineData("1001")]
    [InlineData("FFFF")]
    [InlineData("000430323030")]
    [InlineData("001430323130303232303030303030303030303030303030")]
    public async Task Bytes_that_are_no_message_end_the_line(string hex)
    {
        Iso8583Options options = new() { MacRequired = false };
        await using IsoBed bed = new(_keys, _bank, _bank, options);
        using var raw = await bed.ConnectRawAsync();
        await raw.GetStream().WriteAsync(Convert.FromHexString(hex), Token);
        Assert.Null(await ReadFrameAsync(raw));
        Assert.Equal(0, _bank.Decisions);
    }

    [Fact]
    public async Task A_message_that_does_not_come_to_its_end_is_not_waited_for()
    {
        Iso8583Options options = new() { FrameMax = TimeSpan.FromMilliseconds(100) };
        await using IsoBed bed = new(_keys, _bank, _bank, options);
        using var raw = await bed.ConnectRawAsync();
        await raw.GetStream().WriteAsync(new byte[] { 0, 60, (byte)'0' }, Token);
        Assert.Null(await ReadFrameAsync(raw));
        Assert.Contains(bed.Log, l => l.EndsWith("ended: Slow ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_silent_line_is_closed()
    {
        Iso8583Options options = new() { IdleMax = TimeSpan.FromMilliseconds(100) };
        await using IsoBed bed = new(_keys, _bank, _bank, options);
        using var raw = await bed.ConnectRawAsync();
        Assert.Null(await ReadFrameAsync(raw));
        Assert.Contains(bed.Log, l => l.EndsWith("ended: Idle ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Connections_above_the_limit_are_closed_at_once()
    {
        Iso8583Options options = new() { ConnectionsMax = 2 };
        await using IsoBed bed = new(_keys, _bank, _bank, options);
        await using var first = await bed.SignOnAsync(cancellationToken: Token);
        await using var second = await bed.SignOnAsync(cancellationToken: Token);
        using var third = await bed.ConnectRawAsync();
        Assert.Null(await ReadFrameAsync(third));
        Assert.Equal("00", await CodeAsync(second, bed.Terminal.Network("301")));
        Assert.Equal(2, bed.Listener.Connections);
    }

    [Fact]
    public async Task Messages_beyond_the_limit_of_a_line_wait_and_none_is_lost()
    {
        Iso8583Options options = new() { InFlightMax = 2 };
        await using IsoBed bed = new(_keys, _bank, _bank, options);
        var most = 0;
        var now = 0;
        _bank.Before = async _ =>
        {
            var inside = Interlocked.Increment(ref now);
            InterlockedMax(ref most, inside);
            await Task.Yield();
            Interlocked.Decrement(ref now);
        };
        await using var line = await bed.SignOnAsync(cancellationToken: Token);
        var codes = await Task.WhenAll(
            Enumerable.Range(1, 50).Select(n => CodeAsync(line, bed.Terminal.Withdrawal(n, 100)))
        );
        Assert.All(codes, c => Assert.Equal("00", c));
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task Neither_log_nor_error_shows_a_card_number_a_track_or_a_PIN_block()
    {
        await using IsoBed bed = new(_keys, _bank, _bank);
        string pinBlock;
        await using (var line = await bed.SignOnAsync(cancellationToken: Token))
        {
            using var asked = bed.Terminal.Withdrawal(1, 100);
            pinBlock = Convert.ToHexString(asked[IsoField.PinBlock]);
            await CodeAsync(line, asked);
            using var broken = bed.Terminal.Withdrawal(2, 100);
            broken.Remove(IsoField.Currency);
            await CodeAsync(line, broken);
            _bank.Before = static _ => throw new InvalidOperationException("The bank's bug.");
            using var lost = bed.Terminal.Withdrawal(3, 100);
            Assert.Null(await line.AskAsync(lost, TimeSpan.FromMilliseconds(100), Token));
        }
        await bed.RestartAsync();
        Assert.Contains(bed.Log, l => l.StartsWith("9106 ", StringComparison.Ordinal));
        Assert.Contains(bed.Log, l => l.StartsWith("9111 ", StringComparison.Ordinal));
        var all = string.Join('\n', bed.Log);
        Assert.DoesNotContain(Terminal.Pan, all, StringComparison.Ordinal);
        Assert.DoesNotContain(Terminal.Pan[..12], all, StringComparison.Ordinal);
        Assert.DoesNotContain(pinBlock, all, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<string> CodeAsync(IsoClient line, IsoMessage asked)
    {
        using (asked)
        {
            using var answer =
                await line.AskAsync(asked, IsoBed.Patience, Token)
                ?? throw new TimeoutException($"{asked} got no answer.");
            return answer.Text(IsoField.ResponseCode);
        }
    }

    private static async Task WriteFrameAsync(TcpClient raw, byte[] bytes) =>
        await raw.GetStream().WriteAsync((byte[])[0, (byte)bytes.Length, .. bytes], Token);

    /// <returns>Null when the line was closed.</returns>
    private static async Task<string?> ReadFrameAsync(TcpClient raw)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(IsoBed.Patience);
        var prefix = new byte[2];
        try
        {
            await raw.GetStream().ReadExactlyAsync(prefix, patience.Token);
        }
        catch (IOException)
        {
            return null;
        }
        var bytes = new byte[(prefix[0] << 8) | prefix[1]];
        await raw.GetStream().ReadExactlyAsync(bytes, patience.Token);
        return Encoding.ASCII.GetString(bytes);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        do
        {
            seen = target;
        } while (value > seen && Interlocked.CompareExchange(ref target, value, seen) != seen);
    }
}
