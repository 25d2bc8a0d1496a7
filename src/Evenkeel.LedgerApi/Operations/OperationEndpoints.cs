using System.Runtime.InteropServices;
using System.Text.Json;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.LedgerApi.Idempotency;
using Evenkeel.LedgerApi.Json;
using Evenkeel.LedgerApi.OpenApi;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.LedgerApi.Security;
using Evenkeel.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.LedgerApi.Operations;

internal static class OperationEndpoints
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/v1/operations", (Delegate)ProposeAsync)
            .RequireScope(KeyScopes.RecordsWrite)
            .Describe(
                "Propose an operation",
                "If all guards hold and all ledger events succeed, all records are written; else nothing. "
                    + "Ledger events need ledger:write besides. The id is remembered for ever: the same "
                    + "request again gets its first answer, another one with the same id is refused."
            )
            .Takes<OperationRequest>(Examples.Operation)
            .Gives<OperationResponse>()
            .TakesIdempotencyKey();

    private static async Task<IResult> ProposeAsync(HttpContext http)
    {
        ApiCall call = new(http);
        var key = IdempotencyKey.Of(call);
        var body = await call.ReadBodyAsync(ApiJson.Default.OperationRequest);
        var operation = ToModel(call, key, body);
        call.Require(AccessRules.NeededFor(operation));
        if (AccessRules.TouchesReserved(operation))
        {
            throw new RefusedException(Reasons.ReservedCollection);
        }
        var result = call.Written(await call.Journal.ProposeAsync(operation, call.Proposing()));
        if (result.Status == OperationStatus.IdReusedWithOtherContent && body.Id is null)
        {
            throw new RefusedException(Reasons.IdempotencyKeyReused);
        }
        if (Reasons.Of(result.Status) is { } reason)
        {
            return new ProblemResult(reason)
            {
                FailedIndex = result.FailedIndex < 0 ? null : result.FailedIndex,
                FailedStatus = FailedStatusOf(operation, result),
            };
        }
        return ApiCall.Json(
            new OperationResponse
            {
                Id = operation.Id.Value,
                Timestamp = result.Timestamp,
                Replayed = result.Replayed,
            },
            ApiJson.Default.OperationResponse
        );
    }

    private static Operation ToModel(ApiCall call, IdempotencyKey? key, OperationRequest body)
    {
        var events = body.Accounts.Length + body.AccountUpdates.Length + body.Transfers.Length;
        if (events > Limits.BatchEventsMax)
        {
            throw new RefusedException(
                Reasons.InvalidRequest,
                $"Expected at most {Limits.BatchEventsMax} ledger events."
            );
        }
        object?[] parts =
        [
            .. body.Guards,
            .. body.Accounts,
            .. body.AccountUpdates,
            .. body.Transfers,
            .. body.Writes,
            .. body.Messages,
        ];
        if (Array.Exists(parts, p => p is null))
        {
            throw new RefusedException(Reasons.InvalidJson, "A part is null.");
        }
        return new Operation
        {
            Id = new OperationId(body.Id ?? Batches.Derive(key, DerivedKind.Operation, 0)),
            // From the key, never from the request: the log says who really asked.
            Principals = [call.Key.Principal],
            Guards = Array.ConvertAll(body.Guards, g => g.ToModel() ?? throw NotOneGuard()),
            Accounts = Array.ConvertAll(body.Accounts, a => a.ToModel(Given(a.Id))),
            AccountUpdates = Array.ConvertAll(body.AccountUpdates, u => u.ToModel()),
            Transfers = Array.ConvertAll(body.Transfers, t => t.ToModel(Given(t.Id))),
            Writes = Array.ConvertAll(body.Writes, ToModel),
            Messages = Array.ConvertAll(body.Messages, m => new Message(m.Topic, Bytes(m.Value))),
        };
    }

    private static RecordWrite ToModel(RecordWriteRequest write)
    {
        if (write.Delete == write.Value is { ValueKind: not JsonValueKind.Null })
        {
            throw new RefusedException(
                Reasons.InvalidRequest,
                "A write has either a value or delete: true."
            );
        }
        return new RecordWrite(
            new RecordKey(write.Collection, write.Key),
            write.Value is { } value ? Bytes(value) : null
        );
    }

    /// <summary>
    /// The document as it was sent, byte by byte. Bytes that are not UTF-8 reach the rules of
    /// operations, which refuse them.
    /// </summary>
    private static byte[] Bytes(JsonElement value) => JsonMarshal.GetRawUtf8Value(value).ToArray();

    private static UInt128 Given(UInt128? id) =>
        id
        ?? throw new RefusedException(
            Reasons.IdRequired,
            "Inside an operation every account and transfer has an id."
        );

    private static RefusedException NotOneGuard() =>
        new(
            Reasons.InvalidRequest,
            "A guard has exactly one of version, absent, counter and business_date."
        );

    private static string? FailedStatusOf(Operation operation, OperationResult result) =>
        result switch
        {
            { FailedStatus: 0 } => null,
            { Status: OperationStatus.TransferRefused } => WireName.Of(
                (CreateTransferStatus)result.FailedStatus
            ),
            { Status: OperationStatus.AccountRefused } => result.FailedIndex
            < operation.Accounts.Count
                ? WireName.Of((CreateAccountStatus)result.FailedStatus)
                : WireName.Of((UpdateAccountStatus)result.FailedStatus),
            _ => result.FailedStatus.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
}
