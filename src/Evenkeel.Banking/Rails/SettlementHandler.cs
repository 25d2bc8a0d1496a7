using System.Globalization;
using Evenkeel.Banking.Advising;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Storage;
using Evenkeel.Banking.Work;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Rails;

/// <summary>What the clearing said of one date and currency, and what became of it.</summary>
/// <param name="State">"open", "differs", "settled".</param>
internal sealed record SettlementDocument(
    DateOnly Date,
    uint Currency,
    int SentCount,
    long SentMinor,
    int ReceivedCount,
    long ReceivedMinor,
    string Work,
    string State = "open",
    int Looks = 0
);

/// <summary>
/// Compares the clearing's position of a date with the ledger, and only when both say the same to the
/// cent lets the account at the settlement bank pay or take it.
/// </summary>
internal sealed class SettlementHandler(Bank bank) : IWorkHandler
{
    public const string WorkKind = "settlement";

    private const string Task = "rail";

    public string Kind => WorkKind;

    /// <summary>Keeps the position; the comparison is work of its own.</summary>
    public static async Task TakeAsync(
        Bank bank,
        SettlementPosition position,
        CancellationToken cancellationToken
    )
    {
        var key = KeyOf(position.Date, position.Currency);
        await Step.TakeAsync(
            bank,
            IdOf(key, "taken"),
            Task,
            $"{position}",
            async (reader, draft, token) =>
            {
                if (await Collections.Settlements.ReadAsync(reader, key, token) is not null)
                {
                    return null;
                }
                var (work, write) = WorkQueue.Add(WorkKind, key, bank.Time.GetUtcNow());
                return draft with
                {
                    Writes =
                    [
                        write,
                        Collections.Settlements.Write(
                            key,
                            new SettlementDocument(
                                position.Date,
                                position.Currency,
                                position.SentCount,
                                position.SentMinor,
                                position.ReceivedCount,
                                position.ReceivedMinor,
                                work
                            )
                        ),
                    ],
                };
            },
            cancellationToken
        );
        bank.WorkBell.Ring();
    }

    public async Task WorkAsync(WorkItem item, CancellationToken cancellationToken)
    {
        var position = await Collections.Settlements.ReadAsync(
            bank.Journal,
            item.Subject,
            cancellationToken
        );
        if (position is null || !string.Equals(position.Work, item.Key, StringComparison.Ordinal))
        {
            return;
        }
        if (await TiesOutAsync(position, cancellationToken))
        {
            await SettleAsync(item.Subject, position, cancellationToken);
        }
        else
        {
            await LookLaterAsync(item.Subject, position, cancellationToken);
        }
    }

    private async ValueTask<bool> TiesOutAsync(
        SettlementDocument position,
        CancellationToken cancellationToken
    )
    {
        var accounts = Answers.Value(
            await bank.Journal.LookupAccountsAsync(
                new[]
                {
                    SettlementAccounts.Sent(position.Date, position.Currency),
                    SettlementAccounts.Received(position.Date, position.Currency),
                },
                cancellationToken
            )
        );
        Check.That(accounts.Length == 2);
        return accounts[0].CreditsPosted == (UInt128)position.SentMinor
            && accounts[0].DebitsPosted == 0
            && accounts[1].DebitsPosted == (UInt128)position.ReceivedMinor
            && accounts[1].CreditsPosted == 0;
    }

    private async Task SettleAsync(
        string key,
        SettlementDocument position,
        CancellationToken cancellationToken
    )
    {
        var id = IdOf(key, "settled");
        var result = await Step.TakeAsync(
            bank,
            id,
            Task,
            "settled",
            async (reader, draft, token) =>
            {
                var date = await Step.BusinessDateAsync(reader, token);
                var now = await Collections.Settlements.ReadAsync(reader, key, token);
                if (now is null or { State: "settled" })
                {
                    return null;
                }
                Legs legs = new(id, now.Currency, Channel.Clearing, date, now.Date);
                var nostro = LedgerIds.Of(GlCode.Nostro, now.Currency);
                List<Transfer> transfers = [];
                if (now.SentMinor > 0)
                {
                    transfers.Add(
                        legs.Leg(
                            "sent",
                            debit: SettlementAccounts.Sent(now.Date, now.Currency),
                            credit: nostro,
                            now.SentMinor,
                            PostingKind.Settlement
                        )
                    );
                }
                if (now.ReceivedMinor > 0)
                {
                    transfers.Add(
                        legs.Leg(
                            "received",
                            debit: nostro,
                            credit: SettlementAccounts.Received(now.Date, now.Currency),
                            now.ReceivedMinor,
                            PostingKind.Settlement
                        )
                    );
                }
                return draft with
                {
                    Transfers = transfers,
                    Writes =
                    [
                        WorkQueue.Remove(now.Work),
                        Collections.Settlements.Write(key, now with { State = "settled" }),
                    ],
                };
            },
            cancellationToken
        );
        Check.That(result.Status != OperationStatus.TransferRefused);
    }

    /// <summary>Nothing is posted on a position that differs; a person is told once.</summary>
    private async Task LookLaterAsync(
        string key,
        SettlementDocument position,
        CancellationToken cancellationToken
    ) =>
        await Step.TakeAsync(
            bank,
            IdOf(key, string.Create(CultureInfo.InvariantCulture, $"look/{position.Looks}")),
            Task,
            "differs",
            async (reader, draft, token) =>
            {
                var now = await Collections.Settlements.ReadAsync(reader, key, token);
                if (now is null or { State: "settled" } || now.Looks != position.Looks)
                {
                    return null;
                }
                var at = bank.Time.GetUtcNow();
                var (work, writes) = WorkQueue.Move(
                    now.Work,
                    WorkKind,
                    key,
                    at.AddSeconds(RailLimits.BreakSeconds)
                );
                return draft with
                {
                    Writes =
                    [
                        .. writes,
                        Collections.Settlements.Write(
                            key,
                            now with
                            {
                                Work = work,
                                State = "differs",
                                Looks = now.Looks + 1,
                            }
                        ),
                        .. now.Looks == 0
                            ? await RailItems.OpenAsync(
                                reader,
                                ExceptionKind.PositionDiffers,
                                key,
                                new Money(now.SentMinor - now.ReceivedMinor, now.Currency),
                                suspenseMinor: 0,
                                at,
                                token
                            )
                            : [],
                    ],
                };
            },
            cancellationToken
        );

    private static string KeyOf(DateOnly date, uint currency) =>
        string.Create(CultureInfo.InvariantCulture, $"{date:yyyyMMdd}/{currency}");

    private static InstructionId IdOf(string key, string what) =>
        InstructionId.From(Channel.Internal, "settlement", $"{key}/{what}");
}
