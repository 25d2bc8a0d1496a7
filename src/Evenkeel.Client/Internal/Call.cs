using System.Buffers;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Evenkeel.Model;

namespace Evenkeel.Client.Internal;

/// <summary>Turns a reply's body into a value.</summary>
internal delegate T Decode<out T>(ReadOnlySpan<byte> body, uint count);

/// <summary>One request that was made and is not answered yet.</summary>
internal abstract class Call(OperationCode operation, UInt128 askAgainWith, long deadlineMs)
{
    private byte[]? _frame;
    private int _bytes;
    private int _ended;

    public ulong RequestId { get; private set; }

    public long DeadlineMs => deadlineMs;

    /// <summary>True from the moment its first byte may have left.</summary>
    public bool WasSent { get; set; }

    protected UInt128 AskAgainWith => askAgainWith;

    public ReadOnlyMemory<byte> Frame => _frame.AsMemory(0, _bytes);

    /// <summary>Copies the body into a frame, so that the caller's memory is free at once.</summary>
    public void Encode(ReadOnlySpan<byte> body, uint count, uint timeoutMs)
    {
        _bytes = Model.Frame.HeaderSize + body.Length;
        _frame = ArrayPool<byte>.Shared.Rent(_bytes);
        body.CopyTo(_frame.AsSpan(Model.Frame.HeaderSize));
        MemoryMarshal.Write(
            _frame,
            new Frame
            {
                Operation = operation,
                Count = count,
                TimeoutMs = timeoutMs,
            }
        );
    }

    /// <summary>Gives the frame its number and checksum.</summary>
    public void Seal(ulong requestId)
    {
        RequestId = requestId;
        Span<byte> frame = _frame.AsSpan(0, _bytes);
        ref Frame header = ref MemoryMarshal.AsRef<Frame>(frame);
        header.Magic = Model.Frame.MagicValue;
        header.Version = Model.Frame.CurrentVersion;
        header.Length = (uint)_bytes;
        header.RequestId = requestId;
        header.Checksum = XxHash3.HashToUInt64(frame[FrameReader.ChecksumFrom..]);
    }

    /// <summary>The frame has left or never will.</summary>
    public void ReleaseFrame()
    {
        if (Interlocked.Exchange(ref _frame, null) is { } frame)
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    /// <summary>True for the one caller who ends it.</summary>
    public bool TryEnd() => Interlocked.Exchange(ref _ended, 1) == 0;

    public abstract void Answer(in Frame header, ReadOnlySpan<byte> body);

    public abstract void Fail(FrameStatus reason, string detail);

    public static RetryAdvice AdviceFor(FrameStatus reason) =>
        reason switch
        {
            FrameStatus.Busy or FrameStatus.Unavailable or FrameStatus.DiskFull =>
                RetryAdvice.Later,
            FrameStatus.NotLeader => RetryAdvice.Elsewhere,
            _ => RetryAdvice.Never,
        };
}

/// <inheritdoc/>
internal sealed class Call<T>(
    OperationCode operation,
    UInt128 askAgainWith,
    long deadlineMs,
    Decode<T> decode
) : Call(operation, askAgainWith, deadlineMs)
{
    private readonly TaskCompletionSource<CallResult<T>> _result = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    public Task<CallResult<T>> Task => _result.Task;

    public override void Answer(in Frame header, ReadOnlySpan<byte> body)
    {
        if (header.Status != FrameStatus.Ok)
        {
            Fail(header.Status, Encoding.UTF8.GetString(body));
            return;
        }
        T value;
        try
        {
            value = decode(body, header.Count);
        }
        catch (Exception malformed) when (malformed is ArgumentException or InvalidDataException)
        {
            _result.TrySetResult(
                new CallResult<T>.Unknown("the reply's body is malformed", AskAgainWith)
            );
            return;
        }
        _result.TrySetResult(new CallResult<T>.Done(value, header.AppliedIndex));
    }

    public override void Fail(FrameStatus reason, string detail) =>
        _result.TrySetResult(
            reason == FrameStatus.Unknown
                ? new CallResult<T>.Unknown(detail, AskAgainWith)
                : new CallResult<T>.NotDone(reason, detail, AdviceFor(reason))
        );
}
