using System.Buffers;
using System.Runtime.InteropServices;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Model;
using Evenkeel.Node.Batching;
using Evenkeel.Node.Entries;
using Evenkeel.Node.Reading;

namespace Evenkeel.Node;

/// <summary>
/// Where requests of outsiders are judged before anything else sees them: shape, scopes, budgets,
/// disk. Nothing here is part of the deterministic state.
/// </summary>
internal sealed class RequestDesk(Batcher batcher, Admission admission, LedgerReads reads)
{
    /// <summary>What somebody asks for, without the body.</summary>
    public readonly record struct Ask(
        OperationCode Operation,
        uint Count,
        uint TimeoutMs,
        KeyIdentity Key
    );

    public ulong AppliedIndex => reads.AppliedIndex;

    public static bool IsRead(OperationCode operation) =>
        operation
            is OperationCode.LookupAccounts
                or OperationCode.LookupTransfers
                or OperationCode.LookupAccountLimits
                or OperationCode.GetAccountTransfers
                or OperationCode.GetAccountBalances
                or OperationCode.QueryAccounts
                or OperationCode.QueryTransfers
                or OperationCode.GetChangeEvents
                or OperationCode.ReadRecords;

    /// <summary>
    /// Sends a write on its way. <see cref="FrameStatus.Ok"/>: the request will be answered; else
    /// nothing was done, and <paramref name="detail"/> says why.
    /// </summary>
    public FrameStatus Submit(
        PendingRequest request,
        in Ask ask,
        ReadOnlySpan<byte> body,
        out string detail
    )
    {
        if (ask.Operation == OperationCode.Operation)
        {
            return SubmitOperation(request, ask, body, out detail);
        }
        if (
            ask.Operation
            is not (
                OperationCode.CreateAccounts
                or OperationCode.CreateTransfers
                or OperationCode.UpdateAccounts
            )
        )
        {
            detail = $"operation {(ushort)ask.Operation} is not one of the protocol's";
            return FrameStatus.InvalidRequest;
        }
        var command = new CommandHeader
        {
            Operation = ask.Operation,
            Count = ask.Count,
            Length = (uint)body.Length,
        };
        if (CommandShape.Check(command) is { } problem)
        {
            detail = problem;
            return FrameStatus.InvalidRequest;
        }
        if (!ask.Key.Has(Needed(ask, body)))
        {
            detail = MissingScope(ask, body);
            return FrameStatus.Forbidden;
        }
        FrameStatus status = admission.Admit(ask.Operation, ask.Count, out detail);
        return status == FrameStatus.Ok
            ? Enqueue(request, ask, ask.Count, body, out detail)
            : status;
    }

    /// <summary>Answers a read. Copies what it needs of the body before it first waits.</summary>
    public ValueTask<ReadOutcome> ReadAsync(
        in Ask ask,
        ReadOnlyMemory<byte> body,
        Func<int, Memory<byte>> room,
        CancellationToken cancellationToken
    )
    {
        if (!ask.Key.Has(AccessRules.NeededFor(ask.Operation)))
        {
            return ValueTask.FromResult(
                ReadOutcome.Refused(FrameStatus.Forbidden, MissingScope(ask, body.Span))
            );
        }
        if (ReadShape.Check(ask.Operation, ask.Count, body.Span) is { } problem)
        {
            return ValueTask.FromResult(ReadOutcome.Refused(FrameStatus.InvalidRequest, problem));
        }
        return ReadCopyAsync(ask, body, room, cancellationToken);
    }

    private async ValueTask<ReadOutcome> ReadCopyAsync(
        Ask ask,
        ReadOnlyMemory<byte> body,
        Func<int, Memory<byte>> room,
        CancellationToken cancellationToken
    )
    {
        byte[] copy = ArrayPool<byte>.Shared.Rent(body.Length);
        try
        {
            body.CopyTo(copy);
            return await reads.AnswerAsync(
                ask.Operation,
                copy.AsMemory(0, body.Length),
                room,
                isOutsider: true,
                cancellationToken
            );
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private FrameStatus SubmitOperation(
        PendingRequest request,
        in Ask ask,
        ReadOnlySpan<byte> body,
        out string detail
    )
    {
        OperationFault fault = OperationCodec.Decode(body, out Operation? operation);
        if (fault != OperationFault.None)
        {
            detail = $"not a well-formed operation: {fault}";
            return FrameStatus.InvalidRequest;
        }
        if (
            !ask.Key.Has(AccessRules.NeededFor(operation!))
            || AccessRules.TouchesReserved(operation!)
        )
        {
            detail = "the key lacks a scope that this operation needs";
            return FrameStatus.Forbidden;
        }
        // Who asks is what the key says, whatever the bytes say.
        operation = operation! with
        {
            Principals = [ask.Key.Principal],
        };
        fault = OperationRules.Judge(operation);
        if (fault != OperationFault.None)
        {
            detail = $"not a well-formed operation: {fault}";
            return FrameStatus.InvalidRequest;
        }
        uint events = (uint)operation.EventCount;
        FrameStatus status = admission.Admit(ask.Operation, events, out detail);
        return status == FrameStatus.Ok
            ? Enqueue(request, ask, events, OperationCodec.Encode(operation), out detail)
            : status;
    }

    private FrameStatus Enqueue(
        PendingRequest request,
        in Ask ask,
        uint events,
        ReadOnlySpan<byte> body,
        out string detail
    )
    {
        FrameStatus status = batcher.Submit(
            request,
            ask.Operation,
            events,
            ask.Key.Number,
            body,
            ask.TimeoutMs
        );
        detail = status == FrameStatus.Ok ? "" : Batcher.WhyNot(status);
        return status;
    }

    private static KeyScopes Needed(in Ask ask, ReadOnlySpan<byte> body)
    {
        const KeyScopes Extra = KeyScopes.LedgerForced | KeyScopes.LedgerImported;
        if ((ask.Key.Scopes & Extra) == Extra)
        {
            // Whatever the flags of the events, they ask for no more.
            return AccessRules.NeededFor(ask.Operation);
        }
        return ask.Operation switch
        {
            OperationCode.CreateTransfers => AccessRules.NeededFor(
                MemoryMarshal.Cast<byte, Transfer>(body)
            ),
            OperationCode.CreateAccounts => AccessRules.NeededFor(
                MemoryMarshal.Cast<byte, Account>(body)
            ),
            _ => AccessRules.NeededFor(ask.Operation),
        };
    }

    private static string MissingScope(in Ask ask, ReadOnlySpan<byte> body)
    {
        KeyScopes missing =
            (IsRead(ask.Operation) ? AccessRules.NeededFor(ask.Operation) : Needed(ask, body))
            & ~ask.Key.Scopes;
        return $"the key lacks {string.Join(", ", missing.ToNames())}";
    }
}
