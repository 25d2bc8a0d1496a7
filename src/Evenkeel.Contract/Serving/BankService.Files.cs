using Evenkeel.Contract.Mapping;
using Evenkeel.Payments;
using Grpc.Core;

namespace Evenkeel.Contract.Serving;

/// <content>Files of companies.</content>
internal sealed partial class BankService
{
    /// <summary>Files that are held in memory at once.</summary>
    private const int UploadsAtOnceMax = 4;

    private int _uploads;

    public override async Task<Wire.UploadAnswer> UploadFile(
        IAsyncStreamReader<Wire.FilePart> requestStream,
        ServerCallContext context
    )
    {
        try
        {
            if (Interlocked.Increment(ref _uploads) > UploadsAtOnceMax)
            {
                throw Door.Certainly(StatusCode.ResourceExhausted, Door.Busy);
            }
            if (
                !await requestStream.MoveNext(context.CancellationToken)
                || requestStream.Current.PartCase != Wire.FilePart.PartOneofCase.Actor
            )
            {
                throw new ContractException("Whose file it is comes first.");
            }
            var actor = AskerOf(requestStream.Current.Actor);
            using MemoryStream content = new();
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                var part = requestStream.Current.Content;
                if (content.Length + part.Length > PaymentLimits.BulkFileBytesMax)
                {
                    return BulkMap.ToWire(new BulkUpload.Faulty(BulkFault.TooLarge, 0));
                }
                content.Write(part.Span);
            }
            var upload = await bank.Bulk.UploadAsync(
                actor,
                content.GetBuffer().AsMemory(0, (int)content.Length),
                context.CancellationToken
            );
            return
                upload is BulkUpload.NotDone { Reason: OutcomeReason.ServiceUnavailable }
                && !options.Leads()
                ? throw Door.Certainly(StatusCode.FailedPrecondition, Door.NotLeader)
                : BulkMap.ToWire(upload);
        }
        finally
        {
            Interlocked.Decrement(ref _uploads);
        }
    }

    public override async Task<Wire.BulkRunsAnswer> ListFiles(
        Wire.ListFilesRequest request,
        ServerCallContext context
    ) =>
        BulkMap.ToWire(
            Still(
                await bank.Bulk.ListRunsAsync(
                    AskerOf(request.Actor),
                    new BulkRunsQuery(
                        Scalars.ToAccount(request.Payer),
                        Scalars.ToDate(request.From),
                        Scalars.ToDate(request.To)
                    ),
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.BulkRunAnswer> GetFile(
        Wire.FileRequest request,
        ServerCallContext context
    ) =>
        BulkMap.ToWire(
            Still(
                await bank.Bulk.GetRunAsync(
                    AskerOf(request.Actor),
                    request.Run,
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.BulkLinesAnswer> GetFileLines(
        Wire.FileLinesRequest request,
        ServerCallContext context
    ) =>
        BulkMap.ToWire(
            Still(
                await bank.Bulk.GetLinesAsync(
                    AskerOf(request.Actor),
                    request.Run,
                    request.Page,
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.BulkRunAnswer> ReleaseFile(
        Wire.ReleaseFileRequest request,
        ServerCallContext context
    ) =>
        BulkMap.ToWire(
            Still(
                await bank.Bulk.ReleaseAsync(
                    AskerOf(request.Actor),
                    request.Run,
                    request.AcceptOverlap,
                    context.CancellationToken
                )
            )
        );

    public override async Task<Wire.BulkRunAnswer> CancelFile(
        Wire.FileRequest request,
        ServerCallContext context
    ) =>
        BulkMap.ToWire(
            Still(
                await bank.Bulk.CancelAsync(
                    AskerOf(request.Actor),
                    request.Run,
                    context.CancellationToken
                )
            )
        );
}
