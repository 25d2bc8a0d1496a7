using Evenkeel.Ledger.Memory;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Holds;

/// <summary>
/// Open holds by (deadline, position): a heap of four children a node, in which every hold knows
/// its place, so that a post or void takes its deadline out at once. The order is total, hence the
/// same on every node whatever happened before.
/// </summary>
internal sealed unsafe class ExpiryQueue(NativeMemoryBlocks memory, int itemsPerChunk)
{
    private const uint Arity = 4;

    private readonly NativeChunks<Item> _items = new(memory, itemsPerChunk);

    // By hold: its place in the heap + 1; 0 = not queued.
    private readonly NativeChunks<uint> _places = new(memory, itemsPerChunk);

    public uint Count { get; private set; }

    /// <summary>The earliest deadline; <see cref="ulong.MaxValue"/> when nothing is queued.</summary>
    public ulong NextDeadline => Count == 0 ? ulong.MaxValue : _items[0]->Deadline;

    /// <summary>The hold that is due first.</summary>
    public uint First
    {
        get
        {
            Check.That(Count > 0);
            return _items[0]->Hold;
        }
    }

    public void Add(uint hold, ulong deadline, ulong position)
    {
        _places.EnsureCapacity((ulong)hold + 1);
        _items.EnsureCapacity((ulong)Count + 1);
        Check.That(*_places[hold] == 0);
        SiftUp(Count++, new Item(deadline, position, hold));
    }

    public void Remove(uint hold)
    {
        uint place = *_places[hold] - 1;
        Check.That(place < Count && _items[place]->Hold == hold);
        *_places[hold] = 0;
        Item last = *_items[--Count];
        if (place == Count)
        {
            return;
        }

        if (place > 0 && last.IsBefore(*_items[(place - 1) / Arity]))
        {
            SiftUp(place, last);
        }
        else
        {
            SiftDown(place, last);
        }
    }

    private void SiftUp(uint place, Item item)
    {
        while (place > 0)
        {
            uint parent = (place - 1) / Arity;
            if (!item.IsBefore(*_items[parent]))
            {
                break;
            }

            Put(place, *_items[parent]);
            place = parent;
        }

        Put(place, item);
    }

    private void SiftDown(uint place, Item item)
    {
        while (true)
        {
            uint first = (place * Arity) + 1;
            if (first >= Count)
            {
                break;
            }

            uint best = first;
            uint end = Math.Min(first + Arity, Count);
            for (uint child = first + 1; child < end; child++)
            {
                if (_items[child]->IsBefore(*_items[best]))
                {
                    best = child;
                }
            }

            if (!_items[best]->IsBefore(item))
            {
                break;
            }

            Put(place, *_items[best]);
            place = best;
        }

        Put(place, item);
    }

    private void Put(uint place, Item item)
    {
        *_items[place] = item;
        *_places[item.Hold] = place + 1;
    }

    private readonly struct Item(ulong deadline, ulong position, uint hold)
    {
        public ulong Deadline { get; } = deadline;

        public ulong Position { get; } = position;

        public uint Hold { get; } = hold;

        public bool IsBefore(in Item other) =>
            Deadline < other.Deadline || (Deadline == other.Deadline && Position < other.Position);
    }
}
