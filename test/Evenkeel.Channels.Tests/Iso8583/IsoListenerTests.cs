using System.Text;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Iso8583.Codec;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Channels.Tests.Iso8583;

/// <summary>The channel over real sockets, in front of a bank in memory.</summary>
public sealed class IsoListenerTests : IAsyncDisposable
{
    private readonly SoftwareCardKeys _keys = IsoBed.NewKeys();
    private readonly CardBank _bank;
    private readonly IsoBed _bed;

    public IsoListenerTests()
    {
        _bank = new CardBank(_keys);
        _bank.Issue(Terminal.Pan, Terminal.Pin, 100_000);
        _bed = new IsoBed(_keys, _bank, _bank);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _bed.DisposeAsync();
        _keys.Dispose();
    }

    [Fact]
    public async Task A_withdrawal_is_answered_with_what_the_table_demands()
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        using var asked = _bed.Terminal.Withdrawal(1, 30_000);
        using var answer = await AskAsync(line, asked);

        Assert.Equal(210, answer.Mti.Value);
        Assert.Equal("00", answer.Text(IsoField.ResponseCode));
        Assert.Equal("000001", answer.Text(IsoField.AuthorisationId));
        Assert.Equal("1123", answer.Text(IsoField.SettlementDate));
        Assert.Equal([2, 3, 4, 7, 11, 12, 13, 15, 32, 37, 38, 39, 41, 42, 49, 64], answer.Fields);
        foreach (var echoed in new[] { 2, 3, 4, 7, 11, 12, 13, 32, 37, 41, 42, 49 })
        {
            Assert.True(asked[echoed].SequenceEqual(answer[echoed]), $"field {echoed}");
        }
        Assert.Equal(70_000, _bank.BalanceOf(Terminal.Pan));
    }

    [Fact]
    public async Task A_duplicate_gets_the_same_answer_and_no_second_debit()
    {
        string first;
        await using (var line = await _bed.SignOnAsync(cancellationToken: Token))
        {
            first = await AskRawAsync(line, _bed.Terminal.Withdrawal(1, 30_000));
            Assert.Equal(first, await AskRawAsync(line, _bed.Terminal.Withdrawal(1, 30_000)));
            using var repeat = _bed.Terminal.Withdrawal(1, 30_000);
            repeat.Mti = repeat.Mti.Repeat;
            Assert.Equal(first, await AskRawAsync(line, repeat));
        }
        await _bed.RestartAsync();
        await using (var line = await _bed.SignOnAsync(cancellationToken: Token))
        {
            Assert.Equal(first, await AskRawAsync(line, _bed.Terminal.Withdrawal(1, 30_000)));
        }
        Assert.Equal(70_000, _bank.BalanceOf(Terminal.Pan));
        Assert.Equal(1, _bank.Decisions);
    }

    [Fact]
    public async Task Duplicates_at_once_over_many_lines_debit_once()
    {
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(async _ =>
                {
                    await using var line = await _bed.SignOnAsync(cancellationToken: Token);
                    return await AskRawAsync(line, _bed.Terminal.Withdrawal(1, 30_000));
                })
        );
        Assert.Single(answers.Distinct(StringComparer.Ordinal));
        Assert.Equal(70_000, _bank.BalanceOf(Terminal.Pan));
    }

    [Fact]
    public async Task Many_messages_of_one_line_are_answered_each_with_its_own()
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        var codes = await Task.WhenAll(
            Enumerable
                .Range(1, 200)
                .Select(async number =>
                {
                    using var asked = _bed.Terminal.Withdrawal(number, 1_000);
                    using var answer = await AskAsync(line, asked);
                    Assert.Equal(asked.Text(IsoField.Rrn), answer.Text(IsoField.Rrn));
                    return answer.Text(IsoField.ResponseCode);
                })
        );
        Assert.Equal(100, codes.Count(c => c == "00"));
        Assert.Equal(100, codes.Count(c => c == "51"));
        Assert.Equal(0, _bank.BalanceOf(Terminal.Pan));
    }

    [Theory]
    [InlineData("4712", Terminal.Pan, "55")]
    [InlineData(Terminal.Pin, "4000001234567881", "14")]
    [InlineData(Terminal.Pin, "4000001234567891", "14")]
    public async Task A_wrong_PIN_or_card_is_refused(string pin, string pan, string code)
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        using var asked = _bed.Terminal.Withdrawal(1, 30_000, pin, pan);
        Assert.Equal(code, await CodeAsync(line, asked));
        Assert.Equal(100_000, _bank.BalanceOf(Terminal.Pan));
    }

    [Fact]
    public async Task More_than_there_is_is_refused_and_stays_refused()
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        Assert.Equal("51", await CodeAsync(line, _bed.Terminal.Withdrawal(1, 100_001)));
        Assert.Equal("51", await CodeAsync(line, _bed.Terminal.Withdrawal(1, 100_001)));
        Assert.Equal("00", await CodeAsync(line, _bed.Terminal.Withdrawal(2, 100_000)));
        Assert.Equal("94", await CodeAsync(line, _bed.Terminal.Withdrawal(2, 99_999)));
        Assert.Equal("13", await CodeAsync(line, _bed.Terminal.Withdrawal(3, 0)));
    }

    [Fact]
    public async Task A_PIN_block_that_is_none_is_not_a_wrong_PIN()
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        using var asked = _bed.Terminal.Withdrawal(1, 30_000);
        asked.Set(IsoField.PinBlock, new byte[8]);
        Assert.Equal("91", await CodeAsync(line, asked));
    }

    [Fact]
    public async Task A_track_of_another_card_is_malformed()
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        using var asked = _bed.Terminal.Withdrawal(1, 30_000);
        asked.Set(IsoField.Track2, "4000001234567881=2912201"u8);
        Assert.Equal("30", await CodeAsync(line, asked));
    }

    [Fact]
    public async Task An_inquiry_shows_booked_and_available_in_field_54()
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        using var asked = _bed.Terminal.Inquiry(1);
        using var answer = await AskAsync(line, asked);
        Assert.Equal("00", answer.Text(IsoField.ResponseCode));
        Assert.Equal(
            "2001156C000000100000" + "2002156C000000100500",
            answer.Text(IsoField.AdditionalAmounts)
        );
        using var wrong = _bed.Terminal.Inquiry(2, "0000");
        using var refused = await AskAsync(line, wrong);
        Assert.Equal("55", refused.Text(IsoField.ResponseCode));
        Assert.False(refused.Has(IsoField.AdditionalAmounts));
        Assert.Equal(0, _bank.Decisions);
    }

    /// <summary>Row by row of the table of mandatory fields.</summary>
    [Theory]
    [InlineData("0200", "2 3 4 12 13 14 18 22 25 32 35 37 42 43 49 52")]
    [InlineData("0220", "2 3 4 12 13 14 18 22 25 32 37 38 39 42 43 49")]
    [InlineData("0420", "2 3 4 12 13 32 37 39 42 49 90")]
    [InlineData("0800", "70")]
    public async Task A_message_without_a_mandatory_field_gets_30_and_asks_nothing(
        string mti,
        string fields
    )
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        foreach (var field in fields.Split(' ').Select(int.Parse))
        {
            using var asked = mti switch
            {
                "0200" => _bed.Terminal.Withdrawal(field, 100),
                "0220" => _bed.Terminal.WithdrawalAdvice(field, 100),
                "0420" => _bed.Terminal.Reversal(field, 500, 100),
                _ => _bed.Terminal.Network("301"),
            };
            asked.Remove(field);
            Assert.Equal((field, "30"), (field, await CodeAsync(line, asked)));
        }
        Assert.Equal(0, _bank.Decisions);
    }

    [Fact]
    public async Task An_advice_with_a_PIN_block_is_malformed()
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        using var asked = _bed.Terminal.WithdrawalAdvice(1, 100);
        asked.Set(IsoField.PinBlock, new byte[8]);
        Assert.Equal("30", await CodeAsync(line, asked));
    }

    [Fact]
    public async Task Chip_data_that_is_none_is_malformed()
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        using var asked = _bed.Terminal.Withdrawal(1, 100);
        asked.Set(IsoField.ChipData, [0x9F, 0x02, 0x06, 0x00]);
        Assert.Equal("30", await CodeAsync(line, asked));
        asked.Set(IsoField.ChipData, [0x9F, 0x02, 0x02, 0x00, 0x01]);
        Assert.Equal("00", await CodeAsync(line, asked));
    }

    [Fact]
    public async Task A_reversal_gives_the_money_back_once_however_often_it_comes()
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        Assert.Equal("00", await CodeAsync(line, _bed.Terminal.Withdrawal(1, 30_000)));
        using var reversal = _bed.Terminal.Reversal(2, original: 1, 30_000);
        Assert.Equal("00", await CodeAsync(line, reversal));
        reversal.Mti = reversal.Mti.Repeat;
        Assert.Equal("00", await CodeAsync(line, reversal));
        using var another = _bed.Terminal.Reversal(3, original: 1, 30_000);
        Assert.Equal("00", await CodeAsync(line, another));
        Assert.Equal(100_000, _bank.BalanceOf(Terminal.Pan));
    }

    [Fact]
    public async Task After_a_partial_dispense_only_the_rest_comes_back()
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        Assert.Equal("00", await CodeAsync(line, _bed.Terminal.Withdrawal(1, 30_000)));
        using var reversal = _bed.Terminal.Reversal(2, original: 1, 30_000, completed: 10_000);
        Assert.Equal("00", await CodeAsync(line, reversal));
        Assert.Equal(90_000, _bank.BalanceOf(Terminal.Pan));
    }

    [Fact]
    public async Task A_reversal_before_its_original_is_remembered_and_the_original_refused()
    {
        await using (var line = await _bed.SignOnAsync(cancellationToken: Token))
        {
            Assert.Equal("25", await CodeAsync(line, _bed.Terminal.Reversal(2, 1, 30_000)));
        }
        await _bed.RestartAsync();
        await using (var line = await _bed.SignOnAsync(cancellationToken: Token))
        {
            Assert.Equal("68", await CodeAsync(line, _bed.Terminal.Withdrawal(1, 30_000)));
        }
        Assert.Equal(100_000, _bank.BalanceOf(Terminal.Pan));
    }

    [Fact]
    public async Task A_reversal_that_names_no_message_is_malformed()
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        using var reversal = _bed.Terminal.Reversal(2, 1, 30_000, originalClass: 8);
        Assert.Equal("30", await CodeAsync(line, reversal));
    }

    [Theory]
    [InlineData(100, 110)]
    [InlineData(120, 130)]
    [InlineData(200, 210)]
    [InlineData(220, 230)]
    public async Task A_shop_authorises_pays_and_tells(int type, int answerType)
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        using var asked = _bed.Terminal.Shop(new Mti((ushort)type), 1, 5_000);
        using var answer = await AskAsync(line, asked);
        Assert.Equal(answerType, answer.Mti.Value);
        Assert.Equal("00", answer.Text(IsoField.ResponseCode));
        Assert.Equal(
            asked.Mti.IsAdvice ? "OFF001" : "000001",
            answer.Text(IsoField.AuthorisationId)
        );
        Assert.Equal(95_000, _bank.BalanceOf(Terminal.Pan));

        using var reversal = _bed.Terminal.Reversal(2, 1, 5_000, originalClass: type / 100);
        Assert.Equal("00", await CodeAsync(line, reversal));
        Assert.Equal(100_000, _bank.BalanceOf(Terminal.Pan));
    }

    [Fact]
    public async Task An_advice_is_taken_even_if_the_account_has_too_little()
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        using var advice = _bed.Terminal.WithdrawalAdvice(1, 130_000);
        Assert.Equal("00", await CodeAsync(line, advice));
        advice.Mti = advice.Mti.Repeat;
        Assert.Equal("00", await CodeAsync(line, advice));
        Assert.Equal(-30_000, _bank.BalanceOf(Terminal.Pan));
    }

    [Theory]
    [InlineData("400000")]
    [InlineData("380000")]
    [InlineData("200000")]
    public async Task A_service_that_is_not_offered_is_refused_as_such(string processingCode)
    {
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        using var asked = _bed.Terminal.Withdrawal(1, 100);
        asked.Set(IsoField.ProcessingCode, processingCode);
        Assert.Equal("12", await CodeAsync(line, asked));
        asked.Mti = new Mti(500);
        Assert.Equal("12", await CodeAsync(line, asked));
    }

    [Fact]
    public async Task A_request_whose_result_is_not_known_is_left_unanswered_and_reversed_by_its_sender()
    {
        TaskCompletionSource bankIsBack = new();
        TaskCompletionSource asked = new();
        _bank.Before = instruction =>
        {
            asked.TrySetResult();
            return instruction.Movement is Movement.Reversal ? Task.CompletedTask : bankIsBack.Task;
        };
        await using var line = await _bed.SignOnAsync(cancellationToken: Token);
        using var request = _bed.Terminal.Withdrawal(1, 30_000);
        Assert.Null(await line.AskAsync(request, TimeSpan.FromMilliseconds(200), Token));
        await asked.Task.WaitAsync(IsoBed.Patience, Token);
        Assert.Equal("25", await CodeAsync(line, _bed.Terminal.Reversal(2, 1, 30_000)));

        bankIsBack.SetResult(); // Now the original arrives: too late.
        Assert.Equal("68", await CodeAsync(line, _bed.Terminal.Withdrawal(1, 30_000)));
        Assert.Equal(100_000, _bank.BalanceOf(Terminal.Pan));
    }

    private static async Task<IsoMessage> AskAsync(IsoClient line, IsoMessage asked) =>
        await line.AskAsync(asked, IsoBed.Patience, Token)
        ?? throw new TimeoutException($"{asked} got no answer.");

    private static async Task<string> CodeAsync(IsoClient line, IsoMessage asked)
    {
        using var answer = await AskAsync(line, asked);
        return answer.Text(IsoField.ResponseCode);
    }

    private static async Task<string> AskRawAsync(IsoClient line, IsoMessage asked)
    {
        using var answer = await AskAsync(line, asked);
        var bytes = new byte[IsoLimits.MessageBytesMax];
        return Encoding.ASCII.GetString(bytes, 0, IsoCodec.Encode(answer, bytes));
    }
}
