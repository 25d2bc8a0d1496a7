using Evenkeel.Contract.Calling;
using Evenkeel.Gateway.Attempts;
using Evenkeel.Gateway.Banking;
using Evenkeel.Gateway.Forwarding;
using Evenkeel.Payments;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Gateway.Tests;

/// <summary>What is recorded of an instruction: who asked, by which channel, what became of it where.</summary>
public sealed class InstructionAttemptTests : IDisposable
{
    /// <summary>A record as it was written before records said who asked.</summary>
    private const string Before =
        "16678bc5692c74c2d000000003010000090000000000000000002a36fe9c9717"
        + "0193f2a011117222833344445555666600000000000000000f03020001000000"
        + "0000000001000000010000000100000000000000000000000000000000000000"
        + "0200000000000000010000000000000000000000000000030000000000000004"
        + "0193f2a011117222833344445555666602000000d20400000000000000000000"
        + "00000000000000000000000000000000001200000000000066756e64732d696e"
        + "73756666696369656e74000000000000";

    private readonly string _directory = Directory
        .CreateTempSubdirectory("evenkeel-gateway-")
        .FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task An_instruction_is_recorded_with_who_asked_and_who_answered()
    {
        var (attempt, other) = await RecordAsync(
            static (_, _) =>
                Task.FromResult(
                    new SubmitReport(
                        new PaymentOutcome.NotDone(OutcomeReason.InsufficientFunds),
                        "n2",
                        Tries: 3
                    )
                )
        );

        Assert.Equal(Service.SubmitInstruction, attempt.Request.Service);
        Assert.Equal([Payment("C1").Id.Value], attempt.Request.TransferIds);
        Assert.Equal(AskerKind.Customer, attempt.Request.Asker!.Kind);
        Assert.Equal(Channel.Online, attempt.Request.Asker.Channel);
        Assert.Equal(AttemptOutcome.NotDone, attempt.Outcome);
        Assert.Equal(3, attempt.End!.Tries);
        Assert.Equal("n2", attempt.End.ServedBy);
        Assert.Equal(ReasonTable.Of(OutcomeReason.InsufficientFunds).Slug, attempt.End.Reason);
        Assert.True(attempt.IsWrite);
        // A hash tells people apart, and nothing else.
        Assert.NotEqual(attempt.Request.Asker.Hash, other.Request.Asker!.Hash);
        Assert.DoesNotContain(
            "C1",
            string.Concat(Directory.GetFiles(_directory, "*.log").Select(File.ReadAllText))
        );
    }

    [Fact]
    public async Task An_instruction_whose_call_failed_is_one_of_unknown_outcome()
    {
        var (attempt, _) = await RecordAsync(
            static (_, _) => Task.FromException<SubmitReport>(new IOException("gone"))
        );

        Assert.Equal(AttemptOutcome.Unknown, attempt.Outcome);
        Assert.Equal(0, attempt.End!.Tries);
    }

    [Fact]
    public void A_record_from_before_says_what_it_said_then()
    {
        var entry = AttemptFormat.Decode(Convert.FromHexString(Before), out var length)!;

        Assert.Equal(Before.Length / 2, length);
        Assert.Null(entry.Request!.Asker);
        Assert.Equal([new UInt128(1, 2)], entry.Request.TransferIds);
        Assert.Equal([new UInt128(3, 4)], entry.Request.AccountHashes);
        Assert.Equal(AttemptOutcome.NotDone, entry.End!.Outcome);
        Assert.Equal(1_234u, entry.End.LatencyUs);
        Assert.Equal("funds-insufficient", entry.End.Reason);
    }

    /// <summary>What two customers tried.</summary>
    private async Task<(Attempt First, Attempt Second)> RecordAsync(
        Func<PaymentInstruction, CancellationToken, Task<SubmitReport>> submit
    )
    {
        await using (
            AttemptRecorder recorder = new(
                new AttemptOptions { Directory = _directory },
                new AttemptFiles(),
                TimeProvider.System,
                NullLogger<AttemptRecorder>.Instance
            )
        )
        {
            RecordedPayments payments = new(submit, recorder, TimeProvider.System);
            foreach (var customer in new[] { "C1", "C2" })
            {
                _ = await Record.ExceptionAsync(() =>
                    payments.SubmitAsync(Payment(customer), TestContext.Current.CancellationToken)
                );
            }
        }
        var attempts = AttemptReport.Read(_directory).Attempts;
        Assert.Equal(2, attempts.Count);
        return (attempts[0], attempts[1]);
    }

    private static PaymentInstruction Payment(string customer) =>
        new()
        {
            Id = InstructionId.From(Channel.Online, customer, "r1"),
            Actor = new Actor.Customer(new CustomerId(customer), Assurance.Strong),
            Origin = new Origin(Channel.Online),
            Movement = new Movement.CreditTransfer(
                AccountNumber.FromSerial(1),
                new Creditor.Here(AccountNumber.FromSerial(2))
            ),
            Amount = new Money(100, 156),
            AskedAt = DateTimeOffset.UnixEpoch,
        };
}
