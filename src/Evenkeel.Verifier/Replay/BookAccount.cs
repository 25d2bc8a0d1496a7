namespace Evenkeel.Verifier.Replay;

/// <summary>An account as the archive makes it.</summary>
internal sealed class BookAccount
{
    public required uint Slot { get; init; }
    public required UInt128 Id { get; init; }
    public required uint Ledger { get; init; }
    public required ushort Code { get; init; }
    public required UInt128 UserData128 { get; init; }
    public required ulong UserData64 { get; init; }
    public required uint UserData32 { get; init; }
    public required ulong Timestamp { get; init; }
    public ushort Flags { get; set; }
    public ulong DebitsPending { get; set; }
    public ulong DebitsPosted { get; set; }
    public ulong CreditsPending { get; set; }
    public ulong CreditsPosted { get; set; }

    /// <summary>Position + 1 of its newest history row; 0 = none.</summary>
    public ulong LastRow { get; set; }
    public ulong Allowance { get; set; }
    public uint Version { get; set; }
    public ulong UpdatedAt { get; set; }

    public bool IsClosed => (Flags & AccountBits.Closed) != 0;

    /// <summary>Everything that changes; taken before a change, so that it can be undone.</summary>
    public AccountImage Image() =>
        new(
            Flags,
            DebitsPending,
            DebitsPosted,
            CreditsPending,
            CreditsPosted,
            LastRow,
            Allowance,
            Version,
            UpdatedAt
        );

    public void Return(in AccountImage image)
    {
        Flags = image.Flags;
        DebitsPending = image.DebitsPending;
        DebitsPosted = image.DebitsPosted;
        CreditsPending = image.CreditsPending;
        CreditsPosted = image.CreditsPosted;
        LastRow = image.LastRow;
        Allowance = image.Allowance;
        Version = image.Version;
        UpdatedAt = image.UpdatedAt;
    }
}

internal readonly record struct AccountImage(
    ushort Flags,
    ulong DebitsPending,
    ulong DebitsPosted,
    ulong CreditsPending,
    ulong CreditsPosted,
    ulong LastRow,
    ulong Allowance,
    uint Version,
    ulong UpdatedAt
);

/// <summary>What is remembered of a history row: enough to compare a repeated id, and to resolve a hold.</summary>
internal struct BookRow
{
    public UInt128 Id;
    public UInt128 UserData128;
    public ulong UserData64;
    public ulong Amount;
    public ulong Timestamp;

    /// <summary>Position + 1 of the hold that it resolves.</summary>
    public ulong Hold;
    public uint DebitSlot;
    public uint CreditSlot;
    public uint UserData32;
    public uint Timeout;
    public uint Ledger;
    public ushort Code;
    public ushort Flags;
    public RowKind Kind;
    public HoldState State;

    /// <summary>Nanoseconds; the largest number when the hold never expires.</summary>
    public readonly ulong Deadline =>
        Timeout == 0 ? ulong.MaxValue : Timestamp + (Timeout * 1_000_000_000UL);
}

internal enum RowKind : byte
{
    Transfer = 1,
    FailedId = 2,
    Expiry = 3,
}

internal enum HoldState : byte
{
    None = 0,
    Pending = 1,
    Posted = 2,
    Voided = 3,
    Expired = 4,
}

/// <summary>Rows by position, in pieces that never move.</summary>
internal sealed class BookRows
{
    private const int PieceRows = 1 << 16;
    private readonly List<BookRow[]> _pieces = [];

    public ulong Count { get; private set; }

    public ref BookRow this[ulong position] =>
        ref _pieces[(int)(position / PieceRows)][position % PieceRows];

    public ref BookRow Add()
    {
        if (Count == (ulong)_pieces.Count * PieceRows)
        {
            _pieces.Add(new BookRow[PieceRows]);
        }
        Count++;
        ref var row = ref this[Count - 1];
        row = default;
        return ref row;
    }

    public void CutTo(ulong count) => Count = count;
}
