using System.IO.Hashing;
using System.Runtime.InteropServices;
using Evenkeel.Ledger.Holds;

namespace Evenkeel.Ledger.Snapshots;

/// <summary>The header of a ledger snapshot: 128 bytes (docs/formats/ledger-snapshot.md).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct SnapshotHeader
{
    public const int Size = 128;

    /// <summary>"EKLEDGER" read as a little-endian number.</summary>
    public const ulong MagicValue = 0x5245_4744_454C_4B45;
    public const uint CurrentVersion = 1;

    [FieldOffset(0)]
    public ulong Magic;

    [FieldOffset(8)]
    public uint Version;

    [FieldOffset(16)]
    public ulong AccountCount;

    [FieldOffset(24)]
    public ulong HistoryCount;

    [FieldOffset(32)]
    public ulong IdCount;

    [FieldOffset(40)]
    public ulong OpenHoldCount;

    [FieldOffset(48)]
    public ulong LastTimestamp;

    [FieldOffset(56)]
    public ulong LastRowTimestamp;

    /// <summary>
    /// The rules in force; 0 stands for the first version, whose snapshots and digests are as they
    /// were before there was another.
    /// </summary>
    [FieldOffset(64)]
    public uint StateVersion;

    /// <summary>XxHash3 (64 bits, seed 0) of the bytes before it.</summary>
    [FieldOffset(120)]
    public ulong Checksum;
}

/// <summary>One account in a snapshot: 120 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct AccountRecord
{
    public const int Size = HotAccount.Size + ColdAccount.Size;

    [FieldOffset(0)]
    public HotAccount Hot;

    [FieldOffset(HotAccount.Size)]
    public ColdAccount Cold;
}

/// <summary>
/// The digest of the state: XxHash128 over the header's counters (and its state version from 2 on), the accounts in order of slots,
/// and the sum modulo 2^128 of the XxHash128 of each open hold, whose order is not part of the state.
/// </summary>
internal sealed class StateHasher
{
    private readonly XxHash128 _hash = new();
    private UInt128 _holds;

    public StateHasher(in SnapshotHeader header)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(
            new ReadOnlySpan<SnapshotHeader>(in header)
        );
        _hash.Append(header.StateVersion == 0 ? bytes[16..64] : bytes[16..72]);
    }

    public void Append(ReadOnlySpan<AccountRecord> accounts) =>
        _hash.Append(MemoryMarshal.AsBytes(accounts));

    public void Append(in Hold hold)
    {
        UInt128 hash = XxHash128.HashToUInt128(
            MemoryMarshal.AsBytes(new ReadOnlySpan<Hold>(in hold))
        );
        _holds = unchecked(_holds + hash);
    }

    public UInt128 Finish()
    {
        _hash.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in _holds)));
        return _hash.GetCurrentHashAsUInt128();
    }
}
