using Evenkeel.Banking.EndOfDay;
using Evenkeel.Banking.Products;
using Evenkeel.Banking.Storage;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Accounts;

/// <summary>
/// An account that its holder has not used for as long as the product says falls asleep: nothing leaves
/// it before the holder was identified anew.
/// </summary>
internal sealed class DormancyStep : IEndOfDayStep
{
    public string Name => "dormancy";

    public ValueTask<StepProgress> RunAsync(
        Bank bank,
        BusinessDayDocument day,
        string? cursor,
        CancellationToken cancellationToken
    ) =>
        AccountBatch.RunAsync(
            bank,
            cursor,
            async (number, account, token) =>
            {
                if (
                    account.State == AccountState.Open
                    && await IsUnusedAsync(bank, day, number, account, token)
                )
                {
                    await PutToSleepAsync(bank, day, number.ToString(), token);
                }
            },
            cancellationToken
        );

    private static async ValueTask<bool> IsUnusedAsync(
        Bank bank,
        BusinessDayDocument day,
        AccountNumber number,
        AccountDocument account,
        CancellationToken cancellationToken
    )
    {
        var product = await bank.Products.FindAsync(
            account.Product,
            account.Currency,
            cancellationToken
        );
        var days = product?.TermsOn(day.Date).DormantAfterDays ?? 0;
        if (days == 0 || day.Date.DayNumber - account.Opened.DayNumber < days)
        {
            return false;
        }
        var interest = await Collections.Interest.ReadAsync(
            bank.Journal,
            number.ToString(),
            cancellationToken
        );
        var used = interest?.LastUse ?? account.Opened;
        return day.Date.DayNumber - used.DayNumber >= days;
    }

    private async ValueTask PutToSleepAsync(
        Bank bank,
        BusinessDayDocument day,
        string key,
        CancellationToken cancellationToken
    ) =>
        await StepOperation.DecideAsync(
            bank,
            day.Date,
            Name,
            key,
            [Collections.Accounts.Key(key)],
            async (reader, draft, _, token) =>
            {
                var account = await Collections.Accounts.ReadAsync(reader, key, token);
                return account is not { State: AccountState.Open }
                    ? StepOperation.NothingToDo(draft)
                    : draft with
                    {
                        Writes =
                        [
                            Collections.Accounts.Write(
                                key,
                                account with
                                {
                                    State = AccountState.Dormant,
                                }
                            ),
                        ],
                    };
            },
            cancellationToken
        );
}
