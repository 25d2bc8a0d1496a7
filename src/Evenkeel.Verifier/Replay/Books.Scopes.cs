namespace Evenkeel.Verifier.Replay;

/// <content>Undo: a linked chain, and an operation around it, happens whole or not at all.</content>
internal sealed partial class Books
{
    private readonly List<Scope> _scopes = [];
    private readonly List<Undo> _undo = [];

    public void BeginScope() =>
        _scopes.Add(new Scope(_undo.Count, _rows.Count, LastTimestamp, _lastRowTimestamp));

    public void KeepScope()
    {
        _scopes.RemoveAt(_scopes.Count - 1);
        if (_scopes.Count == 0)
        {
            _undo.Clear();
        }
    }

    public void DropScope()
    {
        var scope = _scopes[^1];
        _scopes.RemoveAt(_scopes.Count - 1);
        for (var i = _undo.Count - 1; i >= scope.Undo; i--)
        {
            var undo = _undo[i];
            if (undo.Created is { } created)
            {
                _accounts.RemoveAt(_accounts.Count - 1);
                _slots.Remove(created.Id);
            }
            else if (undo.Account is { } account)
            {
                account.Return(undo.Image);
            }
            else if (undo.IsForced)
            {
                _forced.Remove(undo.Hold);
            }
            else
            {
                _resolved.Remove(undo.Hold);
                Open(undo.Hold);
            }
        }
        _undo.RemoveRange(scope.Undo, _undo.Count - scope.Undo);
        for (var position = scope.Rows; position < _rows.Count; position++)
        {
            ref var row = ref _rows[position];
            _ids.Remove(row.Id);
            _open.Remove((row.Deadline, position));
        }
        _rows.CutTo(scope.Rows);
        LastTimestamp = scope.LastTimestamp;
        _lastRowTimestamp = scope.LastRowTimestamp;
    }

    private void KeepAccount(BookAccount account)
    {
        if (_scopes.Count > 0)
        {
            _undo.Add(new Undo { Account = account, Image = account.Image() });
        }
    }

    private void KeepCreated(BookAccount account)
    {
        if (_scopes.Count > 0)
        {
            _undo.Add(new Undo { Created = account });
        }
    }

    private void KeepClosedHold(ulong position)
    {
        if (_scopes.Count > 0)
        {
            _undo.Add(new Undo { Hold = position });
        }
    }

    private void MarkForced(ulong position)
    {
        if (_forced.Add(position) && _scopes.Count > 0)
        {
            _undo.Add(new Undo { Hold = position, IsForced = true });
        }
    }

    /// <summary>Runs the events of a command, chain by chain, and says what became of each.</summary>
    /// <param name="refused">Called after a chain that failed was undone, with the event that failed it.</param>
    private void RunChains<TAnswer>(
        int count,
        Func<int, bool> isLinked,
        Func<int, TAnswer> run,
        TAnswer done,
        TAnswer failedWithOthers,
        TAnswer chainOpen,
        TAnswer[] answers,
        Action<int, TAnswer>? refused = null
    )
        where TAnswer : struct, Enum
    {
        var first = 0;
        while (first < count)
        {
            var last = first;
            while (last < count - 1 && isLinked(last))
            {
                last++;
            }
            var isChain = last > first || isLinked(last);
            var isOpen = isLinked(last);
            if (isChain)
            {
                BeginScope();
            }
            var failed = -1;
            for (var i = first; i <= last && failed < 0; i++)
            {
                answers[i] = isOpen && i == last ? chainOpen : run(i);
                if (!answers[i].Equals(done))
                {
                    failed = i;
                }
            }
            if (failed < 0)
            {
                if (isChain)
                {
                    KeepScope();
                }
            }
            else
            {
                if (isChain)
                {
                    DropScope();
                    for (var i = first; i <= last; i++)
                    {
                        answers[i] =
                            i == failed ? answers[i]
                            : isOpen && i == last ? chainOpen
                            : failedWithOthers;
                    }
                }
                refused?.Invoke(failed, answers[failed]);
            }
            first = last + 1;
        }
    }

    private readonly record struct Scope(
        int Undo,
        ulong Rows,
        ulong LastTimestamp,
        ulong LastRowTimestamp
    );

    private struct Undo
    {
        public BookAccount? Account;
        public AccountImage Image;
        public BookAccount? Created;
        public ulong Hold;
        public bool IsForced;
    }
}
