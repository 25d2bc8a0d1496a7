using System.Security.Cryptography;
using Evenkeel.Model;

namespace Evenkeel.Replication;

/// <summary>
/// Writes a file front to back in large blocks and hashes it on the way. The file has its exact
/// length and is durable after <see cref="Complete"/>.
/// </summary>
internal sealed class BlockStream(IBlockFile file) : Stream
{
    private const int BufferSize = 4 << 20;

    private readonly BlockBuffer buffer = new(BufferSize);
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int used;
    private long written;
    private bool completed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => written + used;

    public override long Position
    {
        get => Length;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> source)
    {
        Check.That(!completed);
        hash.AppendData(source);
        while (source.Length > 0)
        {
            var room = Math.Min(source.Length, BufferSize - used);
            source[..room].CopyTo(buffer.Span[used..]);
            used += room;
            source = source[room..];
            if (used == BufferSize)
            {
                file.Write(buffer.Span, written);
                written += BufferSize;
                used = 0;
            }
        }
    }

    public override void Write(byte[] source, int offset, int count) =>
        Write(source.AsSpan(offset, count));

    /// <summary>Makes the file durable.</summary>
    /// <returns>SHA-256 of the content.</returns>
    public byte[] Complete()
    {
        Check.That(!completed);
        completed = true;
        var length = Length;
        if (used > 0)
        {
            var blocks = RoundUp(used);
            buffer.Span[used..blocks].Clear();
            file.Write(buffer.Span[..blocks], written);
        }
        file.SetLength(length);
        file.Flush();
        return hash.GetHashAndReset();
    }

    public override void Flush() { }

    public override int Read(byte[] destination, int offset, int count) =>
        throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            buffer.Dispose();
            hash.Dispose();
            file.Dispose();
        }
        base.Dispose(disposing);
    }

    private static int RoundUp(int length) =>
        (length + IFileLayer.BlockSize - 1) & ~(IFileLayer.BlockSize - 1);
}
