using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Rails;
using Evenkeel.Payments;
using Evenkeel.Simulators;
using Xunit;

namespace Evenkeel.Banking.Tests.Rails;

public sealed class RailProperties
{
    private const uint Cny = RailBank.Cny;
    private const int Credits = 20;
    private const int FirstSeed = 20261123;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static int Rounds =>
        Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1" ? 100 : 2;

    [Fact]
    public async Task Every_credit_ends_once_and_positions_tie_out_whatever_the_line_does()
    {
        for (var seed = FirstSeed; seed < FirstSeed + Rounds; seed++)
        {
            await RunAsync(seed);
        }
    }

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var rail = await RailBank.StartAsync(
            new Faults
            {
                Seed = seed,
                RejectPercent = random.Next(40),
                SlowPercent = random.Next(40),
                SilentPercent = random.Next(60),
                LostPercent = random.Next(60),
                ReturnPercent = random.Next(40),
            },
            doubles: random.Next(2) == 0
        );
        var (payer, from) = await rail.Bank.OpenAsync(1_000_000);
        var (_, to) = await rail.Bank.OpenAsync(0);
        var (sent, received) = (new List<PaymentInstruction>(), 0L);
        for (var i = 0; i < Credits; i++)
        {
            var pay = rail.PayElsewhere(payer, from, random.Next(1, 10_000));
            sent.Add(pay);
            Assert.IsType<PaymentOutcome.BeingResolved>(
                await rail.Bank.Payments.SubmitAsync(pay, Token)
            );
            var incoming = HouseClearing.Incoming(
                Guid.NewGuid(),
                random.Next(4) == 0 ? "not-an-account" : to.ToString(),
                random.Next(1, 10_000)
            );
            if (
                rail.House.Send(incoming) is { Status: "RJCT" }
                || rail.House.Ask(incoming.Uetr) is { Status: "RJCT" or "NFND" }
            )
            {
                continue;
            }
            received += incoming.CreditorAccount == to.ToString() ? incoming.AmountMinor : 0;
        }

        var kept = 0L;
        foreach (var pay in sent)
        {
            await rail.EndAsync(pay.Id);
        }
        // Everything that shall come back has come back, and everything that came in has arrived.
        await rail.UntilAsync(
            $"nothing is on its way (seed {seed})",
            async () =>
                rail.House.PendingCount == 0
                && await rail.BookedAsync(to) == received
                && await rail.BalanceAsync(SettlementAccounts.OnTheWay(Cny)) == 0
                && await rail.BalanceAsync(LedgerIds.Of(GlCode.Suspense, Cny)) == 0
        );
        var date = rail.House.Date;
        rail.House.Close();
        var position = rail
            .House.Positions(date)
            .Single(p => p.Bank == BankOwn.Code.Value && p.Currency == Cny);
        await rail.UntilAsync(
            $"the date is settled (seed {seed})",
            async () =>
                await rail.BalanceAsync(LedgerIds.Of(GlCode.Nostro, Cny))
                == position.SentMinor - position.ReceivedMinor
        );

        foreach (var pay in sent)
        {
            var trace = (await rail.TraceAsync(pay.Id))!;
            Assert.True(
                trace.State
                    is InstructionState.Done
                        or InstructionState.NotDone
                        or InstructionState.Returned
            );
            kept += trace.State == InstructionState.Done ? pay.Amount.Minor : 0;
        }
        Assert.Equal(1_000_000 - kept, await rail.BookedAsync(from));
        Assert.Equal(0, await rail.BalanceAsync(SettlementAccounts.Sent(date, Cny)));
        Assert.Equal(0, await rail.BalanceAsync(SettlementAccounts.Received(date, Cny)));
    }
}
