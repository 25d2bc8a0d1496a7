using Evenkeel.Contract.Mapping;
using Evenkeel.Payments;
using Google.Protobuf;
using Grpc.Core;

namespace Evenkeel.Contract.Calling;

/// <content>Files of companies.</content>
public sealed partial class RemoteBank
{
    /// <summary>Bytes of a file in one message.</summary>
    private const int PartBytes = 256 << 10;

    public async Task<BulkUpload> UploadAsync(
        Actor actor,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        if (content.Length > PaymentLimits.BulkFileBytesMax)
        {
            return new BulkUpload.Faulty(BulkFault.TooLarge, 0);
        }
        var whose = ActorMap.ToWire(actor);
        var reply = await _caller.CallAsync(
            nameof(Wire.Bank.BankClient.UploadFile),
            (client, options) => SendAsync(client, options, whose, content),
            static answer =>
                answer.KindCase == Wire.UploadAnswer.KindOneofCase.NotDone
                    ? Judge(answer.NotDone)
                    : Finality.Final,
            cancellationToken
        );
        // The same bytes are the same run: to bring them again is always right.
        return reply.Value is { } value
            ? BulkMap.ToDomain(value)
            : new BulkUpload.NotDone(ReasonOf(reply));
    }

    public Task<QueryAnswer<IReadOnlyList<BulkRun>>> ListRunsAsync(
        Actor actor,
        BulkRunsQuery query,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        return AskAsync(
            nameof(Wire.Bank.BankClient.ListFiles),
            new Wire.ListFilesRequest
            {
                Actor = ActorMap.ToWire(actor),
                Payer = query.Payer.Value,
                From = query.From.DayNumber,
                To = query.To.DayNumber,
            },
            static (client, request, options) => client.ListFilesAsync(request, options),
            BulkMap.ToDomain,
            cancellationToken
        );
    }

    public Task<QueryAnswer<BulkRun>> GetRunAsync(
        Actor actor,
        string run,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.GetFile),
            new Wire.FileRequest { Actor = ActorMap.ToWire(actor), Run = run },
            static (client, request, options) => client.GetFileAsync(request, options),
            BulkMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<BulkRunPage>> GetLinesAsync(
        Actor actor,
        string run,
        int page,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.GetFileLines),
            new Wire.FileLinesRequest
            {
                Actor = ActorMap.ToWire(actor),
                Run = run,
                Page = page,
            },
            static (client, request, options) => client.GetFileLinesAsync(request, options),
            BulkMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<BulkRun>> ReleaseAsync(
        Actor actor,
        string run,
        bool acceptOverlap,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.ReleaseFile),
            new Wire.ReleaseFileRequest
            {
                Actor = ActorMap.ToWire(actor),
                Run = run,
                AcceptOverlap = acceptOverlap,
            },
            static (client, request, options) => client.ReleaseFileAsync(request, options),
            BulkMap.ToDomain,
            cancellationToken
        );

    public Task<QueryAnswer<BulkRun>> CancelAsync(
        Actor actor,
        string run,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            nameof(Wire.Bank.BankClient.CancelFile),
            new Wire.FileRequest { Actor = ActorMap.ToWire(actor), Run = run },
            static (client, request, options) => client.CancelFileAsync(request, options),
            BulkMap.ToDomain,
            cancellationToken
        );

    private static async Task<Wire.UploadAnswer> SendAsync(
        Wire.Bank.BankClient client,
        CallOptions options,
        Wire.Actor whose,
        ReadOnlyMemory<byte> content
    )
    {
        using var call = client.UploadFile(options);
        try
        {
            await call.RequestStream.WriteAsync(new Wire.FilePart { Actor = whose });
            for (var at = 0; at < content.Length; at += PartBytes)
            {
                var part = content.Slice(at, Math.Min(PartBytes, content.Length - at));
                await call.RequestStream.WriteAsync(
                    new Wire.FilePart { Content = UnsafeByteOperations.UnsafeWrap(part) }
                );
            }
            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // The bank has answered before it heard everything: what it said counts.
        }
        return await call.ResponseAsync;
    }
}
