using System.Runtime.InteropServices;

namespace Evenkeel.Model;

/// <summary>The answer to one event of <c>create_accounts</c>: 16 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public record struct CreateAccountResult
{
    public const int Size = 16;

    /// <summary>Of the account when created or existing, else of the event.</summary>
    [FieldOffset(0)]
    public ulong Timestamp;

    [FieldOffset(8)]
    public CreateAccountStatus Status;

    [FieldOffset(12)]
    public uint Reserved;
}

/// <summary>The answer to one event of <c>create_transfers</c>: 16 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public record struct CreateTransferResult
{
    public const int Size = 16;

    /// <summary>Of the transfer when created or existing, else of the event.</summary>
    [FieldOffset(0)]
    public ulong Timestamp;

    [FieldOffset(8)]
    public CreateTransferStatus Status;

    [FieldOffset(12)]
    public uint Reserved;
}

/// <summary>The answer to one event of <c>update_accounts</c>: 16 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public record struct UpdateAccountResult
{
    public const int Size = 16;

    [FieldOffset(0)]
    public ulong Timestamp;

    [FieldOffset(8)]
    public UpdateAccountStatus Status;

    /// <summary>The account's version after the event.</summary>
    [FieldOffset(12)]
    public uint Version;
}
