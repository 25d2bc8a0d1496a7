using System.Net;
using Evenkeel.Contract.Mapping;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Contract.Serving;

/// <summary>
/// Before every method: who calls, whether this node decides, whether there is room. A refusal here is
/// certain, since nothing was queued, and says so by a trailer.
/// </summary>
internal sealed class Door(ContractServerOptions options, ILogger<Door> log) : Interceptor
{
    /// <summary>The trailer of a refusal: certainly nothing happened.</summary>
    public const string Trailer = "evenkeel-answer";

    public const string NotLeader = "not-leader";
    public const string Busy = "busy";
    public const string NotUnderstood = "not-understood";

    private int _calls;

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    ) => AdmitAsync(context, () => continuation(request, context));

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation
    ) => AdmitAsync(context, () => continuation(requestStream, context));

    /// <summary>The contract has no such method; one that comes needs its door first.</summary>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    ) => throw new RpcException(new Status(StatusCode.PermissionDenied, "not admitted"));

    /// <inheritdoc cref="ServerStreamingServerHandler{TRequest, TResponse}"/>
    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation
    ) => throw new RpcException(new Status(StatusCode.PermissionDenied, "not admitted"));

    private async Task<TResponse> AdmitAsync<TResponse>(
        ServerCallContext context,
        Func<Task<TResponse>> call
    )
    {
        if (!IsAdmitted(context))
        {
            log.NotAdmitted(context.Method, context.Peer);
            throw new RpcException(new Status(StatusCode.PermissionDenied, "not admitted"));
        }
        if (!options.Leads())
        {
            throw Certainly(StatusCode.FailedPrecondition, NotLeader);
        }
        try
        {
            return Interlocked.Increment(ref _calls) > options.CallsMax
                ? throw Certainly(StatusCode.ResourceExhausted, Busy)
                : await call();
        }
        catch (ContractException malformed)
        {
            throw Certainly(StatusCode.InvalidArgument, NotUnderstood, malformed.Message);
        }
        catch (Exception failure) when (failure is not (RpcException or OperationCanceledException))
        {
            log.CallFailed(failure, context.Method);
            throw new RpcException(new Status(StatusCode.Internal, "failed"));
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
        }
    }

    internal static RpcException Certainly(StatusCode code, string answer, string? detail = null) =>
        new(new Status(code, detail ?? answer), new Metadata { { Trailer, answer } });

    private bool IsAdmitted(ServerCallContext context) =>
        // With TLS the handshake has asked already; a connection without a certificate did not get here.
        options.Tls
            is { } tls
            ? tls.Admits(context.GetHttpContext().Connection.ClientCertificate)
            : context.GetHttpContext().Connection.RemoteIpAddress is { } from
                && IPAddress.IsLoopback(from)
                && ContractSecret.IsSame(
                    context.RequestHeaders.GetValue(ContractSecret.Header),
                    options.Secret
                );
}
