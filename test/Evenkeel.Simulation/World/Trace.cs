using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Evenkeel.Simulation.World;

/// <summary>Everything that happened, as one hash, with the last events in words for a failure.</summary>
internal sealed class Trace
{
    private const int KeptEvents = 60;
    private readonly XxHash3 _hash = new();
    private readonly Queue<string> _last = [];

    public long Events { get; private set; }

    public ulong Hash => _hash.GetCurrentHashAsUInt64();

    public string Last => string.Join('\n', _last);

    public void Add(string text)
    {
        Events++;
        _hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
        _last.Enqueue(text);
        if (_last.Count > KeptEvents)
        {
            _last.Dequeue();
        }
    }
}
