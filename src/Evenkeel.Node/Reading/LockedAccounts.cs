using Evenkeel.Ledger.Queries;
using Evenkeel.Model;

namespace Evenkeel.Node.Reading;

/// <summary>Accounts for readers outside the apply thread: each call takes the apply lock.</summary>
internal sealed class LockedAccounts(NodeParts parts) : IAccountReader
{
    public uint Count
    {
        get
        {
            lock (parts.ApplyLock)
            {
                parts.ThrowIfClosed();
                return (uint)parts.Ledger.AccountCount;
            }
        }
    }

    public void Read(ReadOnlySpan<uint> slots, Span<Account> accounts)
    {
        lock (parts.ApplyLock)
        {
            parts.ThrowIfClosed();
            for (int i = 0; i < slots.Length; i++)
            {
                Check.That(parts.Ledger.TryGetAccountBySlot(slots[i], out accounts[i]));
            }
        }
    }
}
