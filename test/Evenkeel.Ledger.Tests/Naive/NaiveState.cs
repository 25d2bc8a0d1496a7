using System.Numerics;
using Evenkeel.Model;

namespace Evenkeel.Ledger.Tests.Naive;

internal sealed record NaiveAccount(Account Wire)
{
    public BigInteger DebitsPending { get; init; }
    public BigInteger DebitsPosted { get; init; }
    public BigInteger CreditsPending { get; init; }
    public BigInteger CreditsPosted { get; init; }
    public AccountFlags Flags { get; init; } = Wire.Flags;
    public BigInteger Allowance { get; init; }
    public uint Version { get; init; }
    public ulong UpdatedTimestamp { get; init; }

    public bool Has(AccountFlags flag) => Flags.HasFlag(flag);

    public Account ToWire()
    {
        var wire = Wire;
        wire.DebitsPending = (UInt128)DebitsPending;
        wire.DebitsPosted = (UInt128)DebitsPosted;
        wire.CreditsPending = (UInt128)CreditsPending;
        wire.CreditsPosted = (UInt128)CreditsPosted;
        wire.Flags = Flags;
        return wire;
    }
}

/// <param name="Wire">As a lookup shows it.</param>
/// <param name="State">What became of it when it is a hold.</param>
internal sealed record NaiveTransfer(Transfer Wire, TransferPendingStatus State)
{
    /// <summary>Posted by force after it was gone.</summary>
    public bool ForcedPosted { get; init; }

    public BigInteger Amount => (BigInteger)Wire.Amount;

    public bool Expires => Wire.Timeout > 0 && State == TransferPendingStatus.Pending;

    public BigInteger Deadline =>
        (BigInteger)Wire.Timestamp + (Wire.Timeout * (BigInteger)1_000_000_000);
}

/// <summary>A transfer or an expiry, with both accounts as they were right after it.</summary>
internal sealed record NaiveMovement(
    ulong Timestamp,
    ChangeEventType Type,
    NaiveTransfer Transfer,
    NaiveAccount Debit,
    NaiveAccount Credit
);

/// <summary>
/// Immutable values in dictionaries, one layer above another: a linked chain works on a layer of its
/// own, which is laid down when the chain succeeds and dropped when it fails. Nothing is undone.
/// </summary>
internal sealed class NaiveState(NaiveState? below = null)
{
    private readonly Dictionary<UInt128, NaiveAccount> _accounts = [];
    private readonly Dictionary<UInt128, NaiveTransfer> _transfers = [];
    private readonly HashSet<UInt128> _failedIds = [];
    private readonly HashSet<UInt128> _expiring = [];
    private readonly List<NaiveMovement> _movements = [];
    private readonly List<UInt128> _accountOrder = [];

    private uint _stateVersion = StateVersions.First;

    /// <summary>The rules in force, of the lowest layer.</summary>
    public uint StateVersion
    {
        get => below?.StateVersion ?? _stateVersion;
        set => _stateVersion = value;
    }

    public IReadOnlyList<NaiveMovement> Movements => _movements;

    public IEnumerable<NaiveAccount> AccountsInOrder => _accountOrder.Select(id => _accounts[id]);

    public IEnumerable<NaiveTransfer> Transfers => _transfers.Values;

    public IReadOnlyCollection<UInt128> FailedIds => _failedIds;

    public ulong LastMovement =>
        _movements.Count > 0 ? _movements[^1].Timestamp : below?.LastMovement ?? 0;

    public ulong LastAccount =>
        _accountOrder.Count > 0
            ? _accounts[_accountOrder[^1]].Wire.Timestamp
            : below?.LastAccount ?? 0;

    public NaiveAccount? Account(UInt128 id) =>
        _accounts.TryGetValue(id, out var found) ? found : below?.Account(id);

    public NaiveTransfer? Transfer(UInt128 id) =>
        _transfers.TryGetValue(id, out var found) ? found : below?.Transfer(id);

    public bool HasFailed(UInt128 id) => _failedIds.Contains(id) || (below?.HasFailed(id) ?? false);

    public bool HasAccountAt(ulong timestamp) =>
        _accounts.Values.Any(a => a.Wire.Timestamp == timestamp)
        || (below?.HasAccountAt(timestamp) ?? false);

    public bool HasTransferAt(ulong timestamp) =>
        _movements.Any(m => m.Timestamp == timestamp && m.Type != ChangeEventType.TwoPhaseExpired)
        || (below?.HasTransferAt(timestamp) ?? false);

    /// <summary>Open holds that are due, in the order in which they expire.</summary>
    public List<NaiveTransfer> Due(ulong timestamp) =>
        [
            .. _expiring
                .Select(id => _transfers[id])
                .Where(hold => hold.Deadline <= timestamp)
                .OrderBy(hold => hold.Deadline)
                .ThenBy(hold => hold.Wire.Timestamp),
        ];

    public void Put(NaiveAccount account)
    {
        if (Account(account.Wire.Id) is null)
        {
            _accountOrder.Add(account.Wire.Id);
        }

        _accounts[account.Wire.Id] = account;
    }

    public void Put(NaiveTransfer transfer)
    {
        _transfers[transfer.Wire.Id] = transfer;
        if (transfer.Expires)
        {
            _expiring.Add(transfer.Wire.Id);
        }
        else
        {
            _expiring.Remove(transfer.Wire.Id);
        }
    }

    public void Add(NaiveMovement movement) => _movements.Add(movement);

    public void RememberFailure(UInt128 id) => _failedIds.Add(id);

    public void LayDown()
    {
        foreach (var id in _accountOrder)
        {
            below!.Put(_accounts[id]);
        }

        foreach (var account in _accounts.Values)
        {
            below!.Put(account);
        }

        foreach (var transfer in _transfers.Values)
        {
            below!.Put(transfer);
        }

        foreach (var movement in _movements)
        {
            below!.Add(movement);
        }
    }
}
