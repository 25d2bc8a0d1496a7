using Evenkeel.Journal;
using Evenkeel.LedgerApi.Idempotency;
using Evenkeel.LedgerApi.Json;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.Model;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.LedgerApi.Accounts;

/// <summary>
/// Changes of limits. Unlike accounts and transfers they have no id of their own that the ledger
/// would recognise, so a repeatable request becomes one operation, which the journal remembers.
/// </summary>
internal static class AccountUpdates
{
    public static async Task<IResult> UpdateAsync(HttpContext http)
    {
        ApiCall call = new(http);
        var key = IdempotencyKey.Of(call);
        var body = await call.ReadBodyAsync(ApiJson.Default.UpdateAccountsRequest);
        var requests = Batches.Checked(body.Updates);
        var events = Array.ConvertAll(requests, r => r.ToModel());
        var results = key is null
            ? call.Written(
                await call.Journal.UpdateAccountsAsync(events, call.Key.Number, call.Proposing())
            )
            : await AsOperationAsync(call, key, events);
        var refused = results.Count(r => r.Status != UpdateAccountStatus.Updated);
        ApiMeter.Decided("account_update", results.Length, refused);
        return ApiCall.Json(
            new UpdateAccountsResponse
            {
                Results =
                [
                    .. results.Select(
                        (r, i) =>
                            new AccountUpdateResult
                            {
                                Id = events[i].Id,
                                Status = r.Status,
                                Timestamp = r.Timestamp,
                                Version = r.Version,
                            }
                    ),
                ],
                Refused = refused,
            },
            ApiJson.Default.UpdateAccountsResponse
        );
    }

    private static async ValueTask<UpdateAccountResult[]> AsOperationAsync(
        ApiCall call,
        IdempotencyKey key,
        AccountUpdate[] events
    )
    {
        if (Array.Exists(events, e => e.Flags.HasFlag(AccountUpdateFlags.Linked)))
        {
            throw new RefusedException(
                Reasons.InvalidRequest,
                "With an Idempotency-Key the whole batch is one unit: leave linked out."
            );
        }
        var operation = new Operation
        {
            Id = new OperationId(key.DeriveId(DerivedKind.AccountUpdates, 0)),
            Principals = [call.Key.Principal],
            AccountUpdates = events,
        };
        var result = call.Written(await call.Journal.ProposeAsync(operation, call.Proposing()));
        return result.Status switch
        {
            // Each was decided on its expected version, so the next one is what it has now.
            OperationStatus.Done =>
            [
                .. events.Select(e => new UpdateAccountResult
                {
                    Status = UpdateAccountStatus.Updated,
                    Timestamp = result.Timestamp,
                    Version = checked(e.ExpectedVersion + 1),
                }),
            ],
            OperationStatus.AccountRefused =>
            [
                .. events.Select(
                    (_, i) =>
                        new UpdateAccountResult
                        {
                            Status =
                                i == result.FailedIndex
                                    ? (UpdateAccountStatus)result.FailedStatus
                                    : UpdateAccountStatus.LinkedEventFailed,
                            Timestamp = result.Timestamp,
                        }
                ),
            ],
            OperationStatus.IdReusedWithOtherContent => throw new RefusedException(
                Reasons.IdempotencyKeyReused
            ),
            _ => throw new RefusedException(Reasons.Of(result.Status)!),
        };
    }
}
