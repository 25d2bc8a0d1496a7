using Evenkeel.Ledger.Memory;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Holds;

/// <summary>How each resolved hold ended: two bits a history row, 0 for all others.</summary>
internal sealed unsafe class ResolvedHolds(NativeMemoryBlocks memory, int bytesPerChunk)
{
    private readonly NativeChunks<byte> _bits = new(memory, bytesPerChunk);

    /// <summary>Posted, voided or expired; <see cref="TransferPendingStatus.None"/> otherwise.</summary>
    public TransferPendingStatus this[ulong position]
    {
        get
        {
            if (position / 4 >= _bits.Capacity)
            {
                return TransferPendingStatus.None;
            }

            int bits = (*_bits[position / 4] >> Shift(position)) & 3;
            return bits == 0 ? TransferPendingStatus.None : (TransferPendingStatus)(bits + 1);
        }
        set
        {
            Check.That(value != TransferPendingStatus.Pending);
            _bits.EnsureCapacity((position / 4) + 1);
            int bits = value == TransferPendingStatus.None ? 0 : (int)value - 1;
            byte* cell = _bits[position / 4];
            *cell = (byte)((*cell & ~(3 << Shift(position))) | (bits << Shift(position)));
        }
    }

    private static int Shift(ulong position) => (int)(position % 4) * 2;
}
