using Evenkeel.Journal;
using Evenkeel.LedgerApi.Json;
using Evenkeel.Model;

namespace Evenkeel.LedgerApi.Problems;

/// <summary>Every reason this interface can give, in one table.</summary>
internal static class Reasons
{
    public static readonly Reason InvalidJson = new(
        "invalid_json",
        400,
        Retry.Never,
        "The body is not the JSON that this resource takes."
    );
    public static readonly Reason InvalidParameter = new(
        "invalid_parameter",
        400,
        Retry.Never,
        "A part of the address is not valid."
    );
    public static readonly Reason InvalidRequest = new(
        "invalid_request",
        400,
        Retry.Never,
        "The request does not have the right shape."
    );
    public static readonly Reason PositionNotInHistory = new(
        "position_not_in_history",
        409,
        Retry.Never,
        "The bank was restored to before this position."
    );
    public static readonly Reason IdRequired = new(
        "id_required",
        400,
        Retry.Never,
        "Give every event an id, or send an Idempotency-Key."
    );
    public static readonly Reason IdempotencyKeyInvalid = new(
        "idempotency_key_invalid",
        400,
        Retry.Never,
        "The Idempotency-Key is not valid here."
    );
    public static readonly Reason Unauthenticated = new(
        "unauthenticated",
        401,
        Retry.Never,
        "A valid API key is needed."
    );
    public static readonly Reason MissingScope = new(
        "missing_scope",
        403,
        Retry.Never,
        "The key lacks a scope."
    );
    public static readonly Reason ReservedCollection = new(
        "reserved_collection",
        403,
        Retry.Never,
        "This collection belongs to the node itself."
    );
    public static readonly Reason NotFound = new(
        "not_found",
        404,
        Retry.Never,
        "There is no such thing."
    );
    public static readonly Reason MethodNotAllowed = new(
        "method_not_allowed",
        405,
        Retry.Never,
        "This resource does not know the method."
    );
    public static readonly Reason TooSlow = new(
        "request_too_slow",
        408,
        Retry.Later,
        "The request arrived too slowly."
    );
    public static readonly Reason LastAdminKey = new(
        "last_admin_key",
        409,
        Retry.Never,
        "The last key with the scope admin stays."
    );
    public static readonly Reason KeyLimitReached = new(
        "key_limit_reached",
        409,
        Retry.Never,
        "As many keys were issued as ever may be."
    );
    public static readonly Reason TooLarge = new(
        "too_large",
        413,
        Retry.Never,
        "The request is larger than the limit."
    );
    public static readonly Reason UnsupportedMediaType = new(
        "unsupported_media_type",
        415,
        Retry.Never,
        "The body must be application/json."
    );
    public static readonly Reason IdempotencyKeyReused = new(
        "idempotency_key_reused",
        422,
        Retry.Never,
        "This Idempotency-Key was used before with other content."
    );
    public static readonly Reason RateLimited = new(
        "rate_limited",
        429,
        Retry.Later,
        "Too many requests."
    );
    public static readonly Reason InternalError = new(
        "internal_error",
        500,
        Retry.SameRequest,
        "The server failed."
    );
    public static readonly Reason Busy = new(
        "busy",
        503,
        Retry.Later,
        "Too many requests at once."
    );
    public static readonly Reason NotLeader = new(
        "not_leader",
        503,
        Retry.Elsewhere,
        "This node does not lead."
    );
    public static readonly Reason Unavailable = new(
        "unavailable",
        503,
        Retry.Later,
        "The node is starting, stopping or halted."
    );
    public static readonly Reason TimedOut = new(
        "timed_out",
        504,
        Retry.Later,
        "There was no answer within the time limit."
    );
    public static readonly Reason UnknownOutcome = new(
        "unknown_outcome",
        504,
        Retry.SameRequest,
        "It may or may not have happened: ask again with the same ids."
    );
    public static readonly Reason DiskFull = new(
        "disk_full",
        507,
        Retry.Later,
        "The disk is nearly full; reads go on."
    );
    public static readonly Reason BudgetExhausted = new(
        "budget_exhausted",
        507,
        Retry.Later,
        "The budget of accounts or remembered ids is used up."
    );

    public static readonly Reason StaleGuard = new(
        "stale_guard",
        409,
        Retry.DecideAgain,
        "A guard did not hold; nothing was done."
    );
    public static readonly Reason CounterOutOfBounds = new(
        "counter_out_of_bounds",
        422,
        Retry.Never,
        "A counter would leave its bounds."
    );
    public static readonly Reason TransferRefused = new(
        "transfer_refused",
        422,
        Retry.Never,
        "A transfer was refused; nothing was done."
    );
    public static readonly Reason AccountRefused = new(
        "account_refused",
        422,
        Retry.Never,
        "An account or a change of one was refused; nothing was done."
    );
    public static readonly Reason IdReused = new(
        "id_reused_with_other_content",
        409,
        Retry.Never,
        "This id was used before with other content."
    );
    public static readonly Reason NotAuthorised = new(
        "not_authorised",
        403,
        Retry.Never,
        "Maker and checker rules are not met."
    );
    public static readonly Reason DecisionRefused = new(
        "decision_refused",
        422,
        Retry.Never,
        "The decision was no, and that is final."
    );

    private static readonly Dictionary<string, Reason> ByCode = BuildCatalog();

    public static IReadOnlyCollection<Reason> All => ByCode.Values;

    public static Reason? Find(string code) => ByCode.GetValueOrDefault(code);

    /// <summary>Why the node did not do it. Exhaustive: a new status must find its place.</summary>
    public static Reason Of(FrameStatus status) =>
        status switch
        {
            FrameStatus.Malformed or FrameStatus.UnsupportedVersion or FrameStatus.InvalidRequest =>
                InvalidRequest,
            FrameStatus.Unauthenticated => Unauthenticated,
            FrameStatus.Forbidden => MissingScope,
            FrameStatus.TooLarge => TooLarge,
            FrameStatus.Busy => Busy,
            FrameStatus.NotLeader => NotLeader,
            FrameStatus.Unknown => UnknownOutcome,
            FrameStatus.DiskFull => DiskFull,
            FrameStatus.BudgetExhausted => BudgetExhausted,
            FrameStatus.Unavailable => Unavailable,
            _ => InternalError,
        };

    /// <summary>Null when the operation is done.</summary>
    public static Reason? Of(OperationStatus status) =>
        status switch
        {
            OperationStatus.Done => null,
            OperationStatus.StaleGuard => StaleGuard,
            OperationStatus.CounterOutOfBounds => CounterOutOfBounds,
            OperationStatus.TransferRefused => TransferRefused,
            OperationStatus.AccountRefused => AccountRefused,
            OperationStatus.IdReusedWithOtherContent => IdReused,
            OperationStatus.NotAuthorised => NotAuthorised,
            OperationStatus.Invalid => InvalidRequest,
            _ => DecisionRefused,
        };

    /// <summary>Null when the transfer exists now as asked for.</summary>
    public static Reason? Of(CreateTransferStatus status) =>
        status is CreateTransferStatus.Created or CreateTransferStatus.Exists
            ? null
            : ByCode[WireName.Of(status)];

    /// <summary>Null when the account exists now as asked for.</summary>
    public static Reason? Of(CreateAccountStatus status) =>
        status is CreateAccountStatus.Created or CreateAccountStatus.Exists
            ? null
            : ByCode[WireName.Of(status)];

    private static Dictionary<string, Reason> BuildCatalog()
    {
        var own = typeof(Reasons)
            .GetFields(
                System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Public
            )
            .Where(f => f.FieldType == typeof(Reason))
            .Select(f => (Reason)f.GetValue(null)!);
        var catalog = own.ToDictionary(r => r.Code, StringComparer.Ordinal);
        foreach (var status in Enum.GetValues<CreateTransferStatus>())
        {
            // Both models share names such as linked_event_failed: one reason serves both.
            catalog.TryAdd(WireName.Of(status), LedgerRefusal(status));
        }
        foreach (var status in Enum.GetValues<CreateAccountStatus>())
        {
            var name = WireName.Of(status);
            var http = name.StartsWith("exists", StringComparison.Ordinal) ? 409 : 422;
            catalog.TryAdd(name, new Reason(name, http, Retry.Never, Sentence(name)));
        }
        return catalog;
    }

    /// <summary>
    /// 409: it collides with what is there (the id, the hold, a closed account). 422: the ledger's
    /// rules refuse it.
    /// </summary>
    private static Reason LedgerRefusal(CreateTransferStatus status)
    {
        var name = WireName.Of(status);
        var collides =
            name.StartsWith("exists", StringComparison.Ordinal)
            || status
                is CreateTransferStatus.IdAlreadyFailed
                    or CreateTransferStatus.PendingTransferNotPending
                    or CreateTransferStatus.PendingTransferAlreadyPosted
                    or CreateTransferStatus.PendingTransferAlreadyVoided
                    or CreateTransferStatus.PendingTransferExpired
                    or CreateTransferStatus.DebitAccountAlreadyClosed
                    or CreateTransferStatus.CreditAccountAlreadyClosed;
        var again =
            status.IsTransient() || status == CreateTransferStatus.IdAlreadyFailed
                ? Retry.NewId
                : Retry.Never;
        return new Reason(name, collides ? 409 : 422, again, Sentence(name));
    }

    private static string Sentence(string name) =>
        $"The ledger refuses it: {name.Replace('_', ' ')}.";
}
