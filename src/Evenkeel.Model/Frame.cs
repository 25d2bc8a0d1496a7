using System.Runtime.InteropServices;

namespace Evenkeel.Model;

/// <summary>What a request asks for; the same numbers in the log's commands.</summary>
public enum OperationCode : ushort
{
    None = 0,

    /// <summary>First frame of a connection: protocol version and API key.</summary>
    Hello = 1,
    Ping = 2,

    CreateAccounts = 16,
    CreateTransfers = 17,
    UpdateAccounts = 18,

    LookupAccounts = 32,
    LookupTransfers = 33,
    GetAccountTransfers = 34,
    GetAccountBalances = 35,
    QueryAccounts = 36,
    QueryTransfers = 37,
    GetChangeEvents = 38,
    LookupAccountLimits = 39,

    /// <summary>An atomic operation over records and transfers (Evenkeel.Journal).</summary>
    Operation = 64,

    /// <summary>Reads records by key or index (Evenkeel.Records).</summary>
    ReadRecords = 65,

    /// <summary>Only in the log: nothing but time, so that due holds expire on an idle bank.</summary>
    Tick = 128,

    /// <summary>Only in the log: raises the state version.</summary>
    Activate = 129,
}

/// <summary>How a frame was answered, before any event of it was looked at.</summary>
public enum FrameStatus : ushort
{
    Ok = 0,

    /// <summary>Not understood: magic, version, length, checksum or reserved bytes are wrong. The line closes.</summary>
    Malformed = 1,
    UnsupportedVersion = 2,
    Unauthenticated = 3,

    /// <summary>The key is valid but lacks the scope.</summary>
    Forbidden = 4,
    TooLarge = 5,

    /// <summary>Too many requests at once; nothing was done, retry later.</summary>
    Busy = 6,

    /// <summary>This node does not lead; nothing was done here, retry elsewhere.</summary>
    NotLeader = 7,

    /// <summary>It was proposed, and its outcome is not known. Ask again with the same ids.</summary>
    Unknown = 8,

    /// <summary>The disk is nearly full: reads go on, writes are refused until there is space.</summary>
    DiskFull = 9,

    /// <summary>The budget of remembered ids or accounts is used up; nothing was done.</summary>
    BudgetExhausted = 10,

    /// <summary>Batch shape is wrong: too many events, wrong size, or an invalid operation.</summary>
    InvalidRequest = 11,

    /// <summary>The node is starting, stopping or halted; nothing was done.</summary>
    Unavailable = 12,
}

/// <summary>The 64-byte header of every frame of the binary protocol (docs/formats/protocol.md).</summary>
[StructLayout(LayoutKind.Explicit, Size = HeaderSize)]
public struct Frame
{
    public const int HeaderSize = 64;

    /// <summary>"EKP1" read as a little-endian number.</summary>
    public const uint MagicValue = 0x31504B45;

    public const ushort CurrentVersion = 1;

    [FieldOffset(0)]
    public uint Magic;

    /// <summary>Bytes of the whole frame, header included.</summary>
    [FieldOffset(4)]
    public uint Length;

    /// <summary>XxHash3 (64 bits, seed 0) of the frame's bytes from offset 16 to its end.</summary>
    [FieldOffset(8)]
    public ulong Checksum;

    /// <summary>Chosen by the client, unique among its unanswered requests of this connection.</summary>
    [FieldOffset(16)]
    public ulong RequestId;

    [FieldOffset(24)]
    public OperationCode Operation;

    /// <summary>Zero in requests.</summary>
    [FieldOffset(26)]
    public FrameStatus Status;

    [FieldOffset(28)]
    public ushort Version;

    [FieldOffset(30)]
    public ushort Reserved16;

    /// <summary>Events or results in the body.</summary>
    [FieldOffset(32)]
    public uint Count;

    /// <summary>In requests: how long the client waits, milliseconds; 0 = the server's default.</summary>
    [FieldOffset(36)]
    public uint TimeoutMs;

    /// <summary>In replies: log position that the answer reflects (0 when none).</summary>
    [FieldOffset(40)]
    public ulong AppliedIndex;

    /// <summary>W3C trace id, or zero.</summary>
    [FieldOffset(48)]
    public UInt128 TraceId;
}
