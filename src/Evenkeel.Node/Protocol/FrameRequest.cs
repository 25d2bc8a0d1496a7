using System.Buffers;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Evenkeel.Model;
using Evenkeel.Node.Batching;
using Evenkeel.Node.Telemetry;

namespace Evenkeel.Node.Protocol;

/// <summary>
/// One request of a connection and its reply: results are written right behind the room for the
/// reply's header. Belongs to its connection, which uses it again.
/// </summary>
internal sealed class FrameRequest(Connection connection) : PendingRequest
{
    /// <summary>Bytes of a refusal's text.</summary>
    private const int DetailBytesMax = 256;

    private const int SmallBytes = 128;

    private readonly byte[] _small = new byte[SmallBytes];
    private byte[]? _large;
    private int _bodyBytes;
    private Frame _header;
    private Activity? _activity;

    /// <summary>Bytes of the reply frame.</summary>
    public int Bytes => Frame.HeaderSize + _bodyBytes;

    public FrameStatus Status => _header.Status;

    /// <summary>False for frames that were refused at once: they don't count as unanswered.</summary>
    public bool IsCounted { get; private set; }

    /// <summary>False when an entry may still refer to this object.</summary>
    public bool IsReusable { get; private set; }

    public void Begin(in Frame request, bool counted)
    {
        Reset();
        _header = new Frame
        {
            RequestId = request.RequestId,
            Operation = request.Operation,
            TraceId = request.TraceId,
        };
        _bodyBytes = 0;
        IsCounted = counted;
        IsReusable = true;
        _activity = request.TraceId != 0 ? StartActivity(request) : null;
    }

    public override Span<byte> Results(int bytes) => Room(bytes).Span;

    /// <summary>Room for a body of this length.</summary>
    public Memory<byte> Room(int bytes)
    {
        byte[] buffer = _small;
        if (Frame.HeaderSize + bytes > SmallBytes)
        {
            Release();
            buffer = _large = ArrayPool<byte>.Shared.Rent(Frame.HeaderSize + bytes);
        }
        _bodyBytes = bytes;
        return buffer.AsMemory(Frame.HeaderSize, bytes);
    }

    /// <summary>Sets the outcome of something that did not travel through the log.</summary>
    public void Finish(FrameStatus status, int bodyBytes, uint count, ulong appliedIndex)
    {
        _header.Status = status;
        _header.Count = count;
        _header.AppliedIndex = appliedIndex;
        _bodyBytes = bodyBytes;
    }

    /// <summary>Sets a refusal, whose body is its text.</summary>
    public void Refuse(FrameStatus status, string detail)
    {
        int bytes = Math.Min(Encoding.UTF8.GetByteCount(detail), DetailBytesMax);
        Span<byte> text = Room(bytes).Span;
        Encoding.UTF8.TryGetBytes(
            detail.AsSpan(0, Math.Min(detail.Length, bytes)),
            text,
            out int n
        );
        Finish(status, n, count: 0, appliedIndex: 0);
    }

    /// <summary>The reply, ready to be sent.</summary>
    public ReadOnlyMemory<byte> Seal()
    {
        byte[] buffer = _large ?? _small;
        _activity?.SetTag("evenkeel.status", _header.Status.ToString()).Dispose();
        _activity = null;
        FrameCodec.Seal(buffer.AsSpan(0, Bytes), _header);
        return buffer.AsMemory(0, Bytes);
    }

    public void Release()
    {
        if (_large is { } large)
        {
            _large = null;
            ArrayPool<byte>.Shared.Return(large);
        }
    }

    protected override void Answer(FrameStatus status, string detail, ulong appliedIndex)
    {
        if (status == FrameStatus.Ok)
        {
            int size = _header.Operation == OperationCode.Operation ? _bodyBytes : ResultSize;
            Finish(status, _bodyBytes, (uint)(_bodyBytes / Math.Max(1, size)), appliedIndex);
        }
        else
        {
            IsReusable = false;
            Refuse(status, detail);
        }
        connection.Send(this);
    }

    private static Activity? StartActivity(in Frame request)
    {
        if (!NodeMetrics.Activities.HasListeners())
        {
            return null;
        }
        UInt128 traceId = request.TraceId;
        var parent = new ActivityContext(
            ActivityTraceId.CreateFromBytes(
                MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in traceId))
            ),
            ActivitySpanId.CreateRandom(),
            ActivityTraceFlags.Recorded,
            isRemote: true
        );
        Activity? activity = NodeMetrics.Activities.StartActivity(
            request.Operation.ToString(),
            ActivityKind.Server,
            parent
        );
        activity?.SetTag("evenkeel.events", request.Count);
        // The activity belongs to the request, not to whatever else this thread does next.
        Activity.Current = null;
        return activity;
    }

    // The three kinds of result have one size (Model/Results.cs).
    private static int ResultSize => Marshal.SizeOf<CreateTransferResult>();
}
