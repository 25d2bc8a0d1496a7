using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Evenkeel.Ledger.Holds;
using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <content>Undo by before-images: for linked chains and for operations around them.</content>
public sealed unsafe partial class LedgerState
{
    private readonly List<ScopeMark> _scopes = [];
    private readonly List<Undo> _undo = [];

    private enum UndoKind
    {
        Hot,
        Cold,
        AccountCreated,
        IdInserted,
        HoldOpened,
        HoldClosed,
        ForcedPostMarked,
    }

    private bool InScope
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _scopes.Count != 0;
    }

    /// <summary>
    /// Begins a scope: all that follows is kept by <see cref="CommitScope"/> or undone by
    /// <see cref="RollbackScope"/>. Scopes nest; linked chains are scopes of their own.
    /// </summary>
    public void BeginScope() =>
        _scopes.Add(
            new ScopeMark(
                _undo.Count,
                HistoryCount,
                LastTimestamp,
                _lastRowTimestamp,
                _postedSkew,
                _pendingSkew
            )
        );

    public void CommitScope()
    {
        Check.That(_scopes.Count > 0);
        _scopes.RemoveAt(_scopes.Count - 1);
        if (_scopes.Count == 0)
        {
            _undo.Clear();
        }
    }

    public void RollbackScope()
    {
        Check.That(_scopes.Count > 0);
        ScopeMark mark = _scopes[^1];
        for (int i = _undo.Count - 1; i >= mark.UndoCount; i--)
        {
            Revert(in CollectionsMarshal.AsSpan(_undo)[i]);
        }

        CollectionsMarshal.SetCount(_undo, mark.UndoCount);
        _scopes.RemoveAt(_scopes.Count - 1);
        TruncateRows(mark.Rows);
        LastTimestamp = mark.LastTimestamp;
        _lastRowTimestamp = mark.LastRowTimestamp;
        _postedSkew = mark.PostedSkew;
        _pendingSkew = mark.PendingSkew;
    }

    private void Revert(in Undo undo)
    {
        switch (undo.Kind)
        {
            case UndoKind.Hot:
                *TouchHot(undo.Slot) = undo.Hot;
                break;
            case UndoKind.Cold:
                *TouchCold(undo.Slot) = undo.Cold;
                break;
            case UndoKind.AccountCreated:
                Check.That(undo.Slot == _accountCount - 1);
                _accountIds.Remove(_hash.Of(_hot[undo.Slot]->Id), undo.Slot);
                _accountCount--;
                break;
            case UndoKind.IdInserted:
                _transferIds.Remove(undo.Hash, undo.Position);
                break;
            case UndoKind.HoldOpened:
                Check.That(_holds.TryFind(undo.Position, out uint opened));
                TouchHold(opened);
                _holds.Close(opened);
                break;
            case UndoKind.HoldClosed:
                _resolved[undo.Hold.Position] = TransferPendingStatus.None;
                TouchHold(_holds.NextPlace);
                _holds.Open(in undo.Hold);
                break;
            case UndoKind.ForcedPostMarked:
                _forcedPosts[undo.Position] = false;
                break;
            default:
                Check.That(false, "every kind of undo is known");
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RecordHot(uint slot)
    {
        if (InScope)
        {
            KeepHot(slot);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RecordId(ulong hash, ulong position)
    {
        if (InScope)
        {
            KeepId(hash, position);
        }
    }

    private void RecordCold(uint slot)
    {
        if (InScope)
        {
            _undo.Add(
                new Undo
                {
                    Kind = UndoKind.Cold,
                    Slot = slot,
                    Cold = *_cold[slot],
                }
            );
        }
    }

    private void RecordAccountCreated(uint slot)
    {
        if (InScope)
        {
            _undo.Add(new Undo { Kind = UndoKind.AccountCreated, Slot = slot });
        }
    }

    private void RecordHoldOpened(ulong position)
    {
        if (InScope)
        {
            _undo.Add(new Undo { Kind = UndoKind.HoldOpened, Position = position });
        }
    }

    private void RecordForcedPost(ulong position)
    {
        if (InScope)
        {
            _undo.Add(new Undo { Kind = UndoKind.ForcedPostMarked, Position = position });
        }
    }

    private void RecordHoldClosed(in Hold hold)
    {
        if (InScope)
        {
            _undo.Add(new Undo { Kind = UndoKind.HoldClosed, Hold = hold });
        }
    }

    // Apart from the hot path, which should not carry their frames.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void KeepHot(uint slot) =>
        _undo.Add(
            new Undo
            {
                Kind = UndoKind.Hot,
                Slot = slot,
                Hot = *_hot[slot],
            }
        );

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void KeepId(ulong hash, ulong position) =>
        _undo.Add(
            new Undo
            {
                Kind = UndoKind.IdInserted,
                Hash = hash,
                Position = position,
            }
        );

    private readonly record struct ScopeMark(
        int UndoCount,
        ulong Rows,
        ulong LastTimestamp,
        ulong LastRowTimestamp,
        ulong PostedSkew,
        ulong PendingSkew
    );

    /// <summary>One step back; the images share their bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16 + Evenkeel.Ledger.Holds.Hold.Size)]
    private struct Undo
    {
        [FieldOffset(0)]
        public UndoKind Kind;

        [FieldOffset(4)]
        public uint Slot;

        [FieldOffset(16)]
        public HotAccount Hot;

        [FieldOffset(16)]
        public ColdAccount Cold;

        [FieldOffset(16)]
        public Hold Hold;

        [FieldOffset(16)]
        public ulong Hash;

        [FieldOffset(24)]
        public ulong Position;
    }
}
