using System.Globalization;
using Evenkeel.Banking.Desk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Storage;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Bills;

/// <summary>A biller that this bank pays.</summary>
public sealed record OpenedBiller(BillerCode Code, uint Serial);

/// <summary>Billers come.</summary>
public sealed class BillerAdministration
{
    private readonly Bank _bank;

    internal BillerAdministration(Bank bank) => _bank = bank;

    /// <summary>Null when there is none of that code.</summary>
    public async ValueTask<OpenedBiller?> FindAsync(
        BillerCode code,
        CancellationToken cancellationToken
    ) =>
        await Collections.Billers.ReadAsync(_bank.Journal, code.Value, cancellationToken)
            is { } biller
            ? new OpenedBiller(code, biller.Serial)
            : null;

    /// <param name="serial">1 to <see cref="BillLimits.BillersMax"/>; one for each biller, for ever.</param>
    /// <param name="currencies">Numbers of ISO 4217 in which it is paid.</param>
    public Task<TaskOutcome<OpenedBiller>> OpenAsync(
        Actor actor,
        BillerCode code,
        uint serial,
        IReadOnlyList<uint> currencies,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(currencies);
        ArgumentOutOfRangeException.ThrowIfZero(serial);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(serial, BillLimits.BillersMax);
        var id = InstructionId.From(Channel.Internal, "biller", code.Value);
        OpenedBiller opened = new(code, serial);
        var list = string.Join(
            ',',
            currencies.Select(static c => c.ToString(CultureInfo.InvariantCulture))
        );
        return Administration.DecideAsync(
            _bank,
            actor,
            new OperationId(id.Value),
            "biller/open",
            $"{code.Value}\n{serial}\n{list}",
            [],
            async (reader, draft, token) =>
                await Collections.Billers.ReadAsync(reader, code.Value, token) is null
                    ? AdminDecision<OpenedBiller>.Accept(
                        draft with
                        {
                            Accounts =
                            [
                                .. currencies.Select(currency => new Account
                                {
                                    Id = LedgerIds.Of(GlCode.BillerSettlement, currency, serial),
                                    Ledger = currency,
                                    Code = (ushort)GlCode.BillerSettlement,
                                    Flags = AccountFlags.History,
                                }),
                            ],
                            Writes =
                            [
                                Collections.Billers.Write(
                                    code.Value,
                                    new BillerDocument(serial, IsOpen: true)
                                ),
                            ],
                        },
                        opened
                    )
                    : AdminDecision<OpenedBiller>.Refuse(draft, OutcomeReason.Duplicate),
            async token =>
                await Collections.Billers.ReadAsync(_bank.Journal, code.Value, token) is null
                    ? null
                    : opened,
            cancellationToken
        );
    }
}
