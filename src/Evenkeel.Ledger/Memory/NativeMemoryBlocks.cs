using System.Runtime.InteropServices;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Memory;

/// <summary>Aligned native memory, counted, with huge pages where the system offers them.</summary>
internal sealed unsafe partial class NativeMemoryBlocks(bool hugePages)
{
    public const int HugePageBytes = 2 << 20;
    private const int AdviseHugePage = 14;

    private readonly List<nint> _blocks = [];
    private int _references = 1;

    /// <summary>Bytes handed out so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Zeroed memory that lives until the last <see cref="Release"/>.</summary>
    public byte* Allocate(nuint bytes)
    {
        Check.That(bytes > 0);
        bool huge = hugePages && bytes >= HugePageBytes;
        var block = (byte*)NativeMemory.AlignedAlloc(bytes, huge ? (nuint)HugePageBytes : 4096);
        if (huge && OperatingSystem.IsLinux())
        {
            // Advice only: a kernel without huge pages refuses, and all still works.
            _ = Advise(block, bytes, AdviseHugePage);
        }

        NativeMemory.Clear(block, bytes);
        _blocks.Add((nint)block);
        Bytes += (long)bytes;
        return block;
    }

    /// <summary>Keeps the memory for one more user, such as a snapshot that is being written.</summary>
    public void AddReference() => Interlocked.Increment(ref _references);

    /// <summary>The last user's release frees the memory.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) > 0)
        {
            return;
        }

        foreach (nint block in _blocks)
        {
            NativeMemory.AlignedFree((void*)block);
        }

        _blocks.Clear();
        Bytes = 0;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(void* address, nuint length, int advice);
}
