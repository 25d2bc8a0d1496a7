using Xunit;

namespace Evenkeel.Payments.Compliance;

/// <summary>What every channel must do between an asker and a bank, whatever its language.</summary>
public abstract class ChannelCompliance
{
    private const long Minor = 12_345;

    /// <summary>A channel of this kind in front of the bank, patient for a second or so.</summary>
    protected abstract Task<IChannelUnderTest> StartAsync(ScriptedBank bank);

    [Fact]
    public async Task A_payment_reaches_the_bank_whole_and_its_answer_the_asker()
    {
        ScriptedBank bank = new();
        await using var channel = await StartAsync(bank);

        var answer = await channel.PayAsync(1, Minor, Token);

        Assert.Equal(ChannelSaid.Done, answer.Said);
        var asked = Assert.Single(bank.Asked);
        Assert.Equal(Minor, asked.Amount.Minor);
        Assert.Equal(OutcomeReason.None, InstructionRules.Judge(asked));
        Assert.NotEmpty(asked.References.Keys());
        Assert.False(asked.IsAdvice);
    }

    [Fact]
    public async Task The_same_request_is_the_same_instruction_and_gets_the_same_answer()
    {
        ScriptedBank bank = new();
        await using var channel = await StartAsync(bank);

        var first = await channel.PayAsync(1, Minor, Token);
        var again = await channel.PayAsync(1, Minor, Token);
        await channel.RestartAsync();
        var afterRestart = await channel.PayAsync(1, Minor, Token);

        Assert.Equal(first, again);
        Assert.Equal(first, afterRestart);
        Assert.Single(bank.Asked.Select(static asked => asked.Id).Distinct());
        Assert.Single(bank.Asked.Select(InstructionHash.Of).Distinct());
    }

    [Fact]
    public async Task Two_requests_of_the_same_content_are_two_instructions()
    {
        ScriptedBank bank = new();
        await using var channel = await StartAsync(bank);

        await channel.PayAsync(1, Minor, Token);
        await channel.PayAsync(2, Minor, Token);

        Assert.Equal(2, bank.Asked.Select(static asked => asked.Id).Distinct().Count());
    }

    [Fact]
    public async Task The_same_reference_with_another_amount_keeps_its_id_and_shows_the_difference()
    {
        ScriptedBank bank = new();
        await using var channel = await StartAsync(bank);

        await channel.PayAsync(1, Minor, Token);
        await channel.PayAsync(1, Minor + 1, Token);

        Assert.Single(bank.Asked.Select(static asked => asked.Id).Distinct());
        Assert.Equal(2, bank.Asked.Select(InstructionHash.Of).Distinct().Count());
    }

    [Fact]
    public async Task Every_refusal_is_said_as_the_table_says_it()
    {
        ScriptedBank bank = new();
        await using var channel = await StartAsync(bank);
        var reference = 0;
        foreach (var row in ReasonTable.All)
        {
            bank.Decide = _ =>
                Task.FromResult<PaymentOutcome>(new PaymentOutcome.NotDone(row.Reason));
            var answer = await channel.PayAsync(++reference, Minor, Token);
            Assert.NotEqual(ChannelSaid.Done, answer.Said);
            Assert.Equal(channel.CodeOf(row), answer.Code);
        }
    }

    [Fact]
    public async Task What_is_being_resolved_is_said_to_be_neither_done_nor_not_done()
    {
        ScriptedBank bank = new()
        {
            Decide = static asked =>
                Task.FromResult<PaymentOutcome>(
                    new PaymentOutcome.BeingResolved(
                        asked.AskedAt.AddMinutes(5),
                        OutcomeReason.ResultUnknown
                    )
                ),
        };
        await using var channel = await StartAsync(bank);

        Assert.Equal(ChannelSaid.Unknown, (await channel.PayAsync(1, Minor, Token)).Said);
    }

    [Fact]
    public async Task A_bank_that_does_not_answer_or_breaks_leaves_the_payment_unknown()
    {
        ScriptedBank bank = new();
        await using var channel = await StartAsync(bank);

        bank.Decide = static _ => new TaskCompletionSource<PaymentOutcome>().Task;
        Assert.Equal(ChannelSaid.Unknown, (await channel.PayAsync(1, Minor, Token)).Said);
        bank.Decide = static _ => throw new InvalidOperationException("The bank's bug.");
        Assert.Equal(ChannelSaid.Unknown, (await channel.PayAsync(2, Minor, Token)).Said);

        // The same again, when the bank is back, is the same instruction.
        bank.Decide = static asked => Task.FromResult<PaymentOutcome>(ScriptedBank.Done(asked));
        Assert.Equal(ChannelSaid.Done, (await channel.PayAsync(1, Minor, Token)).Said);
        Assert.Equal(2, bank.Asked.Select(static asked => asked.Id).Distinct().Count());
    }

    [Fact]
    public async Task What_is_no_message_never_reaches_the_bank()
    {
        ScriptedBank bank = new();
        await using var channel = await StartAsync(bank);

        Assert.NotEqual(ChannelSaid.Done, (await channel.SendMalformedAsync(Token)).Said);
        Assert.Equal(ChannelSaid.NotDone, (await channel.PayAsync(1, 0, Token)).Said);
        Assert.DoesNotContain(bank.Asked, static asked => asked.Amount.Minor > 0);

        // And the next good one is served.
        Assert.Equal(ChannelSaid.Done, (await channel.PayAsync(2, Minor, Token)).Said);
    }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;
}
