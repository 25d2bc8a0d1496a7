using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Evenkeel.Ledger.Memory;

namespace Evenkeel.Ledger.Snapshots;

/// <summary>
/// An array as it was at one moment, while one thread goes on writing and another reads it once,
/// page by page. Neither ever waits for the other.
/// </summary>
/// <remarks>
/// The writer copies a page before it first changes it and publishes the copy by one
/// compare-and-swap. The reader copies the live page and then tries to claim it by the same
/// compare-and-swap: success proves that no change had begun before its copy was complete.
/// </remarks>
internal sealed unsafe class CopyOnWritePages<T>(NativeChunks<T> items, ulong count)
    where T : unmanaged
{
    public const int PageItems = 16;
    private const nint Untouched = 0;
    private const nint ReadAlready = 1;
    private const int BlockPages = 1024;

    private readonly nint[] _pages = new nint[(count + PageItems - 1) / PageItems];
    private readonly List<nint> _blocks = [];
    private byte* _free;
    private int _freePages;

    public int PageCount => _pages.Length;

    private static nuint PageBytes => (nuint)(PageItems * sizeof(T));

    /// <summary>Writing thread: to be called before the item changes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void BeforeWrite(ulong index)
    {
        if (index < count && Volatile.Read(ref _pages[index / PageItems]) == Untouched)
        {
            Preserve(index / PageItems);
        }
    }

    /// <summary>Reading thread: copies a page as it was, once for each page.</summary>
    /// <returns>Items of the page that existed at that moment.</returns>
    public int Read(int page, T* destination)
    {
        nint state = Volatile.Read(ref _pages[page]);
        if (state == Untouched)
        {
            NativeMemory.Copy(items[(ulong)page * PageItems], destination, PageBytes);
            state = Interlocked.CompareExchange(ref _pages[page], ReadAlready, Untouched);
        }

        if (state != Untouched && state != ReadAlready)
        {
            NativeMemory.Copy((void*)state, destination, PageBytes);
        }

        return (int)Math.Min(PageItems, count - ((ulong)page * PageItems));
    }

    /// <summary>Writing thread: frees the copies; nobody reads or writes through it afterwards.</summary>
    public void Free()
    {
        foreach (nint block in _blocks)
        {
            NativeMemory.Free((void*)block);
        }

        _blocks.Clear();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Preserve(ulong page)
    {
        if (_freePages == 0)
        {
            _free = (byte*)NativeMemory.Alloc(PageBytes * BlockPages);
            _freePages = BlockPages;
            _blocks.Add((nint)_free);
        }

        NativeMemory.Copy(items[page * PageItems], _free, PageBytes);
        nint before = Interlocked.CompareExchange(ref _pages[page], (nint)_free, Untouched);
        if (before == Untouched)
        {
            _free += PageBytes;
            _freePages--;
        }
    }
}
