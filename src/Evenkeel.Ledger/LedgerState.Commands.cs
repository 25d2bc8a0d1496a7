using Evenkeel.Model;

namespace Evenkeel.Ledger;

/// <content>What the commands share: time, linked chains, rows.</content>
public sealed unsafe partial class LedgerState
{
    // Rows of the running command, not yet handed to the history.
    private HistoryRow* _rows;
    private int _rowCount;
    private ulong _rowsBase;

    private enum ChainState
    {
        Running,
        Failed,
        Open,
    }

    private static ulong EventTime(ulong timestamp, int count, int index) =>
        timestamp - (ulong)(count - 1 - index);

    private void BeginCommand(ulong timestamp, int events, int results)
    {
        Check.That(results >= events, "every event has room for its result");
        Check.That(timestamp is >= Limits.TimestampMin and <= Limits.TimestampMax);
        Check.That(timestamp >= (ulong)events);
        Check.That(events == 0 || EventTime(timestamp, events, 0) > LastTimestamp, "time advances");
    }

    private void EndCommand(ulong timestamp, int events)
    {
        if (events > 0)
        {
            LastTimestamp = timestamp;
        }
    }

    private HistoryRow* NextRow(out ulong position)
    {
        position = _rowsBase + (ulong)_rowCount;
        return _rows + _rowCount++;
    }

    private void AdvanceRows()
    {
        _history.Advance(_rowCount);
        _rowsBase += (ulong)_rowCount;
        _rowsIndexed = _rowsBase;
        _rowCount = 0;
        _rows = null;
        Check.That(_history.Count == _rowsBase, "history holds every row");
    }

    private void TruncateRows(ulong count)
    {
        if (count >= _rowsBase)
        {
            _rowCount = (int)(count - _rowsBase);
            return;
        }

        Check.That(_rows == null, "a scope outside the command is not rolled back within it");
        _history.TruncateTo(count);
        _rowsBase = count;
        _rowsIndexed = count;
        _rowCount = 0;
    }

    private HistoryRow ReadRow(ulong position)
    {
        if (position >= _rowsBase)
        {
            Check.That(position < HistoryCount);
            return _rows[position - _rowsBase];
        }

        _history.Read(position, out HistoryRow row);
        return row;
    }

    private UInt128 RowId(ulong position)
    {
        if (position >= _rowsBase)
        {
            return _rows[position - _rowsBase].Id;
        }

        _history.Read(position, out HistoryRow row);
        return row.Id;
    }

    /// <summary>True when a transfer was created or imported at exactly this time.</summary>
    private bool HasTransferAt(ulong timestamp)
    {
        if (timestamp > _lastRowTimestamp)
        {
            return false;
        }

        ulong low = 0;
        ulong high = HistoryCount;
        while (low < high)
        {
            ulong middle = low + ((high - low) / 2);
            if (ReadRow(middle).Timestamp < timestamp)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        // Failed ids carry the time of the row before them, so the first row decides.
        if (low == HistoryCount)
        {
            return false;
        }

        HistoryRow row = ReadRow(low);
        return row.Timestamp == timestamp && row.Kind == HistoryRowKind.Transfer;
    }

    /// <summary>Where the loop over a command stands in a linked chain.</summary>
    private struct Chain(LedgerState ledger)
    {
        private int _first = -1;
        private bool _broken;

        public ChainState Enter(bool linked, int index, int count)
        {
            if (linked)
            {
                if (_first < 0)
                {
                    _first = index;
                    ledger.BeginScope();
                }

                if (index == count - 1)
                {
                    return ChainState.Open;
                }
            }

            return _broken ? ChainState.Failed : ChainState.Running;
        }

        /// <summary>
        /// The event failed. True when that broke a chain: its scope is undone, and the events from
        /// <paramref name="first"/> on fail with it.
        /// </summary>
        public bool Fail(out int first)
        {
            first = _first;
            if (_first < 0 || _broken)
            {
                return false;
            }

            _broken = true;
            ledger.RollbackScope();
            return true;
        }

        public void Leave(bool linked, int index, int count)
        {
            if (_first < 0 || (linked && index != count - 1))
            {
                return;
            }

            if (!_broken)
            {
                ledger.CommitScope();
            }

            _first = -1;
            _broken = false;
        }
    }
}
