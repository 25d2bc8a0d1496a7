using System.Security.Cryptography;

namespace Evenkeel.Replication;

/// <summary>Passes bytes on and hashes them on the way; refuses more than were promised.</summary>
internal sealed class HashingStream(Stream destination, IncrementalHash hash, long lengthMax)
    : Stream
{
    public long Written { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => Written;

    public override long Position
    {
        get => Written;
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> source,
        CancellationToken cancellationToken = default
    )
    {
        Take(source.Span);
        await destination.WriteAsync(source, cancellationToken);
    }

    public override Task WriteAsync(
        byte[] source,
        int offset,
        int count,
        CancellationToken cancellationToken
    ) => WriteAsync(source.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] source, int offset, int count)
    {
        Take(source.AsSpan(offset, count));
        destination.Write(source, offset, count);
    }

    public override void Flush() => destination.Flush();

    public override int Read(byte[] destination, int offset, int count) =>
        throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Take(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > lengthMax - Written)
        {
            throw new SeedSourceException("more bytes came than were asked for");
        }
        hash.AppendData(bytes);
        Written += bytes.Length;
    }
}
