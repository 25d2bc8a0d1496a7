namespace Evenkeel.Replication.Tests;

/// <summary>The real file system, except that it can be full.</summary>
internal sealed class FaultyFileLayer : IFileLayer
{
    public volatile bool Full;

    /// <summary>Completes when a write was first refused for lack of space.</summary>
    public TaskCompletionSource Refused { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IBlockFile OpenForWriting(string path, bool create) =>
        new FaultyFile(this, RealFileLayer.Instance.OpenForWriting(path, create));

    public void FlushDirectory(string path) => RealFileLayer.Instance.FlushDirectory(path);

    public void MoveDirectory(string source, string destination) =>
        RealFileLayer.Instance.MoveDirectory(source, destination);

    public long FreeBytes(string path) => Full ? 0 : RealFileLayer.Instance.FreeBytes(path);

    private void ThrowIfFull()
    {
        if (Full)
        {
            Refused.TrySetResult();
            throw new IOException("No space left on device", 28);
        }
    }

    private sealed class FaultyFile(FaultyFileLayer layer, IBlockFile inner) : IBlockFile
    {
        public void Write(ReadOnlySpan<byte> blocks, long offset)
        {
            layer.ThrowIfFull();
            inner.Write(blocks, offset);
        }

        public void SetLength(long length) => inner.SetLength(length);

        public void Flush() => inner.Flush();

        public void Dispose() => inner.Dispose();
    }
}
