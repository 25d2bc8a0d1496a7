using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Evenkeel.Gateway.Forwarding;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Gateway.Attempts;

/// <summary>Bytes of segments and records (docs/formats/attempts.md). Little-endian.</summary>
internal static class AttemptFormat
{
    public const int SegmentHeaderSize = 64;
    public const int RecordHeaderSize = 32;
    public const int RequestSize = 64;
    public const int EndSize = 56;
    public const int GapSize = 32;
    public const int AskerSize = 24;

    private const int ChecksumFrom = 8;
    private const byte Version = 1;
    private const int IdSize = 16;
    private const int Alignment = 8;

    private static readonly string[] Methods = ["", "GET", "HEAD", "POST", "PUT", "DELETE"];

    private static ReadOnlySpan<byte> Magic => "EKATTMP1"u8;

    /// <summary>What a segment says about itself.</summary>
    /// <param name="Continues">The same process wrote the segment before.</param>
    public readonly record struct SegmentHeader(
        ulong Number,
        ulong CreatedNs,
        UInt128 KeyCheck,
        ulong FirstSequence,
        bool Continues
    );

    public static void WriteSegmentHeader(Span<byte> to, in SegmentHeader header)
    {
        to[..SegmentHeaderSize].Clear();
        Magic.CopyTo(to[8..]);
        BinaryPrimitives.WriteUInt16LittleEndian(to[16..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(to[18..], SegmentHeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(to[20..], header.Continues ? 1u : 0u);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], header.Number);
        BinaryPrimitives.WriteUInt64LittleEndian(to[32..], header.CreatedNs);
        BinaryPrimitives.WriteUInt128BigEndian(to[40..], header.KeyCheck);
        BinaryPrimitives.WriteUInt64LittleEndian(to[56..], header.FirstSequence);
        Seal(to[..SegmentHeaderSize]);
    }

    public static bool TryReadSegmentHeader(ReadOnlySpan<byte> from, out SegmentHeader header)
    {
        header = default;
        if (
            from.Length < SegmentHeaderSize
            || !IsSealed(from[..SegmentHeaderSize])
            || !from[8..16].SequenceEqual(Magic)
            || BinaryPrimitives.ReadUInt16LittleEndian(from[16..]) != Version
            || BinaryPrimitives.ReadUInt16LittleEndian(from[18..]) != SegmentHeaderSize
        )
        {
            return false;
        }
        header = new SegmentHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(from[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[32..]),
            BinaryPrimitives.ReadUInt128BigEndian(from[40..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[56..]),
            (BinaryPrimitives.ReadUInt32LittleEndian(from[20..]) & 1) != 0
        );
        return true;
    }

    /// <summary>A whole record without sequence and checksum, which it gets when it is written.</summary>
    public static PendingRecord Encode(
        AttemptKind kind,
        ulong whenNs,
        AttemptRequest? request = null,
        AttemptEnd? end = null
    )
    {
        int requestBytes = request is null ? 0 : SizeOf(request);
        int endBytes = end is null ? 0 : SizeOf(end);
        PendingRecord record = Rent(kind, whenNs, requestBytes + endBytes);
        Span<byte> body = record.Bytes[RecordHeaderSize..];
        if (request is not null)
        {
            Write(body, request);
        }
        if (end is not null)
        {
            Write(body[requestBytes..], end);
        }
        return record;
    }

    public static PendingRecord EncodeGap(
        ulong whenNs,
        ulong sinceNs,
        ulong atLeast,
        GapCause cause
    )
    {
        PendingRecord record = Rent(AttemptKind.Gap, whenNs, GapSize);
        Span<byte> body = record.Bytes[RecordHeaderSize..];
        BinaryPrimitives.WriteUInt64LittleEndian(body, sinceNs);
        BinaryPrimitives.WriteUInt64LittleEndian(body[8..], whenNs);
        BinaryPrimitives.WriteUInt64LittleEndian(body[16..], atLeast);
        body[24] = (byte)cause;
        return record;
    }

    /// <summary>Gives a record its place and its checksum.</summary>
    public static void Finish(Span<byte> record, ulong sequence)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(record[16..], sequence);
        Seal(record);
    }

    /// <summary>The record at the start, or null when there is none that is whole and true.</summary>
    public static AttemptEntry? Decode(ReadOnlySpan<byte> from, out int length)
    {
        length = LengthOf(from);
        if (length == 0 || from.Length < length || !IsSealed(from[..length]))
        {
            return null;
        }
        var kind = (AttemptKind)from[12];
        ReadOnlySpan<byte> body = from[RecordHeaderSize..length];
        int requestBytes = 0;
        AttemptRequest? request = null;
        if (kind is AttemptKind.Begun or AttemptKind.Whole)
        {
            request = ReadRequest(body, out requestBytes);
            if (request is null)
            {
                return null;
            }
        }
        AttemptEnd? end = kind is AttemptKind.Ended or AttemptKind.Whole
            ? ReadEnd(body[requestBytes..])
            : null;
        return new AttemptEntry
        {
            Kind = kind,
            Sequence = BinaryPrimitives.ReadUInt64LittleEndian(from[16..]),
            When = TimeOf(BinaryPrimitives.ReadUInt64LittleEndian(from[24..])),
            Request = request,
            End = end,
            Gap = kind == AttemptKind.Gap ? ReadGap(body) : null,
        };
    }

    /// <summary>The length that the start of a record claims; 0 when it can't be one.</summary>
    public static int LengthOf(ReadOnlySpan<byte> from)
    {
        if (from.Length < RecordHeaderSize)
        {
            return 0;
        }
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(from[8..]);
        bool isPossible =
            length is >= RecordHeaderSize and <= AttemptLimits.RecordBytesMax
            && length % Alignment == 0
            && from[13] == Version
            && from[12] is >= (byte)AttemptKind.Begun and <= (byte)AttemptKind.Closed;
        return isPossible ? (int)length : 0;
    }

    public static ulong Nanoseconds(DateTimeOffset time) =>
        (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * 100;

    public static DateTimeOffset TimeOf(ulong ns) =>
        DateTimeOffset.UnixEpoch.AddTicks((long)(ns / 100));

    private static PendingRecord Rent(AttemptKind kind, ulong whenNs, int bodyBytes)
    {
        int length = RecordHeaderSize + bodyBytes;
        Check.That(length % Alignment == 0 && length <= AttemptLimits.RecordBytesMax);
        var record = new PendingRecord(ArrayPool<byte>.Shared.Rent(length), length);
        Span<byte> bytes = record.Bytes;
        bytes.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], (uint)length);
        bytes[12] = (byte)kind;
        bytes[13] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], whenNs);
        return record;
    }

    private static int SizeOf(AttemptRequest r) =>
        RequestSize
        + (IdSize * (r.TransferIds.Count + r.AccountHashes.Count))
        + (r.Asker is null ? 0 : AskerSize);

    private static void Write(Span<byte> to, AttemptRequest r)
    {
        Check.That(r.TransferIds.Count <= AttemptLimits.TransferIdsMax);
        Check.That(r.AccountHashes.Count <= AttemptLimits.AccountHashesMax);
        Check.That(r.RequestId.TryWriteBytes(to, bigEndian: true, out _));
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], r.Principal);
        to[24] = (byte)r.Service;
        to[25] = (byte)Math.Max(0, Array.IndexOf(Methods, r.Method));
        AttemptFlags flags = r.Flags | (r.Asker is null ? 0 : AttemptFlags.HasAsker);
        BinaryPrimitives.WriteUInt16LittleEndian(to[26..], (ushort)flags);
        BinaryPrimitives.WriteUInt32LittleEndian(to[28..], r.Events);
        BinaryPrimitives.WriteUInt32LittleEndian(to[32..], r.BodyBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(to[36..], (uint)r.TransferIds.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(to[40..], (uint)r.AccountHashes.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(to[44..], r.AccountsSeen);
        BinaryPrimitives.WriteUInt128BigEndian(to[48..], r.IdempotencyHash);
        to = to[RequestSize..];
        foreach (UInt128 id in r.TransferIds)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(to, id);
            to = to[IdSize..];
        }
        foreach (UInt128 hash in r.AccountHashes)
        {
            BinaryPrimitives.WriteUInt128BigEndian(to, hash);
            to = to[IdSize..];
        }
        if (r.Asker is { } asker)
        {
            to[0] = (byte)asker.Kind;
            to[1] = (byte)asker.Channel;
            BinaryPrimitives.WriteUInt128BigEndian(to[8..], asker.Hash);
        }
    }

    private static AttemptRequest? ReadRequest(ReadOnlySpan<byte> from, out int bytes)
    {
        bytes = 0;
        if (from.Length < RequestSize)
        {
            return null;
        }
        uint ids = BinaryPrimitives.ReadUInt32LittleEndian(from[36..]);
        uint hashes = BinaryPrimitives.ReadUInt32LittleEndian(from[40..]);
        if (
            ids > AttemptLimits.TransferIdsMax
            || hashes > AttemptLimits.AccountHashesMax
            || from[25] >= Methods.Length
        )
        {
            return null;
        }
        var flags = (AttemptFlags)BinaryPrimitives.ReadUInt16LittleEndian(from[26..]);
        int idsEnd = RequestSize + (IdSize * (int)(ids + hashes));
        bytes = idsEnd + (flags.HasFlag(AttemptFlags.HasAsker) ? AskerSize : 0);
        if (from.Length < bytes)
        {
            return null;
        }
        var transferIds = new UInt128[ids];
        for (int i = 0; i < transferIds.Length; i++)
        {
            transferIds[i] = BinaryPrimitives.ReadUInt128LittleEndian(
                from[(RequestSize + (IdSize * i))..]
            );
        }
        var accountHashes = new UInt128[hashes];
        for (int i = 0; i < accountHashes.Length; i++)
        {
            accountHashes[i] = BinaryPrimitives.ReadUInt128BigEndian(
                from[(RequestSize + (IdSize * ((int)ids + i)))..]
            );
        }
        return new AttemptRequest
        {
            RequestId = new Guid(from[..IdSize], bigEndian: true),
            Principal = BinaryPrimitives.ReadUInt64LittleEndian(from[16..]),
            Service = (Service)from[24],
            Method = Methods[from[25]],
            Flags = flags,
            Events = BinaryPrimitives.ReadUInt32LittleEndian(from[28..]),
            BodyBytes = BinaryPrimitives.ReadUInt32LittleEndian(from[32..]),
            IdempotencyHash = BinaryPrimitives.ReadUInt128BigEndian(from[48..]),
            TransferIds = transferIds,
            AccountHashes = accountHashes,
            AccountsSeen = BinaryPrimitives.ReadUInt32LittleEndian(from[44..]),
            Asker = bytes > idsEnd ? ReadAsker(from[idsEnd..]) : null,
        };
    }

    private static AttemptAsker ReadAsker(ReadOnlySpan<byte> from) =>
        new((AskerKind)from[0], (Channel)from[1], BinaryPrimitives.ReadUInt128BigEndian(from[8..]));

    private static int SizeOf(AttemptEnd e) =>
        Align(EndSize + TextOf(e.ServedBy).Length + TextOf(e.Reason).Length);

    private static void Write(Span<byte> to, AttemptEnd e)
    {
        byte[] servedBy = TextOf(e.ServedBy);
        byte[] reason = TextOf(e.Reason);
        Check.That(e.RequestId.TryWriteBytes(to, bigEndian: true, out _));
        to[16] = (byte)e.Outcome;
        to[17] = e.Tries;
        BinaryPrimitives.WriteUInt16LittleEndian(to[18..], e.Status);
        BinaryPrimitives.WriteUInt32LittleEndian(to[20..], e.LatencyUs);
        BinaryPrimitives.WriteUInt128LittleEndian(to[24..], e.Lineage);
        BinaryPrimitives.WriteUInt64LittleEndian(to[40..], e.Index);
        to[48] = (byte)servedBy.Length;
        to[49] = (byte)reason.Length;
        servedBy.CopyTo(to[EndSize..]);
        reason.CopyTo(to[(EndSize + servedBy.Length)..]);
    }

    private static AttemptEnd? ReadEnd(ReadOnlySpan<byte> from)
    {
        if (from.Length < EndSize || from.Length < EndSize + from[48] + from[49])
        {
            return null;
        }
        return new AttemptEnd
        {
            RequestId = new Guid(from[..IdSize], bigEndian: true),
            Outcome = (AttemptOutcome)from[16],
            Tries = from[17],
            Status = BinaryPrimitives.ReadUInt16LittleEndian(from[18..]),
            LatencyUs = BinaryPrimitives.ReadUInt32LittleEndian(from[20..]),
            Lineage = BinaryPrimitives.ReadUInt128LittleEndian(from[24..]),
            Index = BinaryPrimitives.ReadUInt64LittleEndian(from[40..]),
            ServedBy = Encoding.ASCII.GetString(from.Slice(EndSize, from[48])),
            Reason = Encoding.ASCII.GetString(from.Slice(EndSize + from[48], from[49])),
        };
    }

    private static AttemptGap? ReadGap(ReadOnlySpan<byte> from) =>
        from.Length < GapSize
            ? null
            : new AttemptGap(
                TimeOf(BinaryPrimitives.ReadUInt64LittleEndian(from)),
                TimeOf(BinaryPrimitives.ReadUInt64LittleEndian(from[8..])),
                BinaryPrimitives.ReadUInt64LittleEndian(from[16..]),
                (GapCause)from[24]
            );

    /// <summary>Names and reasons are ours and plain; anything else is cut to what is.</summary>
    private static byte[] TextOf(string text) =>
        Encoding.ASCII.GetBytes(
            text.Length <= AttemptLimits.TextBytesMax ? text : text[..AttemptLimits.TextBytesMax]
        );

    private static int Align(int bytes) => (bytes + Alignment - 1) & ~(Alignment - 1);

    private static void Seal(Span<byte> bytes) =>
        BinaryPrimitives.WriteUInt64LittleEndian(
            bytes,
            XxHash3.HashToUInt64(bytes[ChecksumFrom..])
        );

    private static bool IsSealed(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes)
        == XxHash3.HashToUInt64(bytes[ChecksumFrom..]);
}

/// <summary>An encoded record on its way to the disk; its array goes back to the pool.</summary>
internal readonly struct PendingRecord(byte[] array, int length)
{
    public int Length => length;

    public Span<byte> Bytes => array.AsSpan(0, length);

    public void Release() => ArrayPool<byte>.Shared.Return(array);
}
