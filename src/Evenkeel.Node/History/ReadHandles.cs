using Microsoft.Win32.SafeHandles;

namespace Evenkeel.Node.History;

/// <summary>Files open for reads at random places, a bounded number at a time. Any thread.</summary>
internal sealed class ReadHandles : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SafeFileHandle> _open = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();
    private bool _isDisposed;

    /// <summary>Opens a file for reads at random places: no read-ahead fills the page cache.</summary>
    public static SafeFileHandle Open(string path) =>
        File.OpenHandle(
            path,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite | FileShare.Delete,
            FileOptions.RandomAccess
        );

    /// <summary>Reads up to a buffer of bytes; fewer only at the file's end.</summary>
    public int Read(string path, Span<byte> bytes, long offset)
    {
        while (true)
        {
            var file = HandleOf(path);
            try
            {
                return RandomAccess.Read(file, bytes, offset);
            }
            catch (ObjectDisposedException)
            {
                // Closed to make room for another between getting and using it: open it again.
            }
        }
    }

    /// <summary>Closes a file that is about to be cut, replaced or deleted.</summary>
    public void Forget(string path)
    {
        lock (_gate)
        {
            if (_open.Remove(path, out var file))
            {
                file.Dispose();
            }
        }
    }

    private SafeFileHandle HandleOf(string path)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_open.TryGetValue(path, out var file))
            {
                return file;
            }

            file = Open(path);
            _open.Add(path, file);
            _order.Enqueue(path);
            while (_order.Count > HistoryLimits.ReadHandlesMax)
            {
                if (_open.Remove(_order.Dequeue(), out var oldest))
                {
                    oldest.Dispose();
                }
            }

            return file;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var file in _open.Values)
            {
                file.Dispose();
            }

            _open.Clear();
        }
    }
}
