using Evenkeel.Banking.Bills;
using Evenkeel.Banking.Bulk;
using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.Rails;

namespace Evenkeel.Banking.Work;

/// <summary>Every kind of work that the resolver knows: a new one is one line.</summary>
internal static class WorkHandlers
{
    public static IEnumerable<IWorkHandler> Of(Bank bank, ResolverOptions options) =>
        [
            new OutgoingHandler(bank, options.Clearing),
            new SettlementHandler(bank),
            new BillHandler(bank, options.Billers),
            new BulkHandler(bank, options.Instance),
        ];

    public static IReadOnlyList<IPump> Pumps(Bank bank, ResolverOptions options) =>
        options.Clearing is { } clearing
            ? [new DayKeeper(bank), new ClearingInbox(bank, clearing)]
            : [new DayKeeper(bank)];
}
