using System.Runtime.CompilerServices;
using Evenkeel.Ledger.Index;
using Evenkeel.Ledger.Memory;
using Evenkeel.Ledger.Snapshots;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Holds;

/// <summary>The open holds, found by the position of their row, and when each expires.</summary>
internal sealed unsafe class HoldTable
{
    private readonly NativeChunks<Hold> _holds;
    private readonly IdIndex _byPosition;
    private readonly IdHash _hash;
    private readonly ExpiryQueue _expiries;
    private uint _firstFree;

    public HoldTable(NativeMemoryBlocks memory, int itemsPerChunk, int bucketBits, IdHash hash)
    {
        _holds = new NativeChunks<Hold>(memory, itemsPerChunk);
        _byPosition = new IdIndex(memory, bucketBits);
        _expiries = new ExpiryQueue(memory, itemsPerChunk);
        _hash = hash;
    }

    /// <summary>Open holds.</summary>
    public long Count => _byPosition.Count;

    /// <summary>Places ever used; places below it may be free.</summary>
    public uint Places { get; private set; }

    public ulong NextDeadline => _expiries.NextDeadline;

    /// <summary>The place of the hold that expires first.</summary>
    public uint FirstDue => _expiries.First;

    public Hold* this[uint place]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _holds[place];
    }

    /// <summary>The table as it is now, to be kept while it changes.</summary>
    public CopyOnWritePages<Hold> View() => new(_holds, Places);

    public bool TryFind(ulong position, out uint place)
    {
        bool found = _byPosition.TryFind(
            _hash.Of(position),
            position,
            new Source(this),
            out ulong value
        );
        place = (uint)value;
        return found;
    }

    /// <summary>The place that the next <see cref="Open"/> will take.</summary>
    public uint NextPlace => _firstFree != 0 ? _firstFree - 1 : Places;

    public void Open(in Hold hold)
    {
        Check.That(hold.PositionPlusOne != 0);
        uint place = NextPlace;
        if (_firstFree != 0)
        {
            _firstFree = _holds[place]->NextFree;
        }
        else
        {
            _holds.EnsureCapacity((ulong)place + 1);
            Places++;
        }

        *_holds[place] = hold;
        _holds[place]->NextFree = 0;
        _byPosition.Insert(_hash.Of(hold.Position), place);
        if (hold.Deadline != ulong.MaxValue)
        {
            _expiries.Add(place, hold.Deadline, hold.Position);
        }
    }

    public void Close(uint place)
    {
        Hold* hold = _holds[place];
        Check.That(hold->PositionPlusOne != 0);
        _byPosition.Remove(_hash.Of(hold->Position), place);
        if (hold->Deadline != ulong.MaxValue)
        {
            _expiries.Remove(place);
        }

        *hold = default;
        hold->NextFree = _firstFree;
        _firstFree = place + 1;
    }

    private readonly struct Source(HoldTable table) : IIdSource
    {
        public bool Matches(ulong position, UInt128 id) =>
            table._holds[position]->Position == (ulong)id;
    }
}
