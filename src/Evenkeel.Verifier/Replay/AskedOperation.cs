using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Evenkeel.Verifier.Replay;

internal enum GuardKind : byte
{
    Version = 1,
    Absent = 2,
    Counter = 3,
    BusinessDate = 4,
    VersionAndContent = 5,
}

/// <summary>One guard as it stands in an operation; which fields count depends on its kind.</summary>
internal readonly record struct AskedGuard(
    GuardKind Kind,
    (string Collection, string Key) Record,
    ulong Version,
    UInt128 Content,
    long Delta,
    long Min,
    long Max,
    uint Day
);

internal readonly record struct AskedWrite(
    (string Collection, string Key) Record,
    ReadOnlyMemory<byte>? Json
);

internal readonly record struct AskedMessage(string Topic, ReadOnlyMemory<byte> Json);

/// <summary>An operation read from an entry by docs/formats/operation.md alone.</summary>
internal sealed class AskedOperation
{
    private const int BytesMax = (1 << 20) - 64;
    private const int HeaderBytes = 64;
    private const int PrincipalsMax = 8;
    private const int GuardsMax = 1_024;
    private const int EventsMax = 4_096;
    private const int WritesMax = 4_096;
    private const int MessagesMax = 256;
    private const int NameBytesMax = 64;
    private const int KeyBytesMax = 256;
    private const int PrincipalBytesMax = 128;
    private const int JsonBytesMax = 256 << 10;
    private const int JsonDepthMax = 32;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    public static readonly (string Collection, string Key) BusinessDate = (
        "system",
        "business-date"
    );

    public UInt128 Id { get; private set; }
    public UInt128 RequestHash { get; private set; }
    public uint RefusalCode { get; private set; }
    public AskedAccount[] Accounts { get; private set; } = [];
    public AskedUpdate[] Updates { get; private set; } = [];
    public AskedTransfer[] Transfers { get; private set; } = [];
    public List<(string Kind, string Name)> Principals { get; } = [];
    public List<AskedGuard> Guards { get; } = [];
    public List<AskedWrite> Writes { get; } = [];
    public List<AskedMessage> Messages { get; } = [];

    /// <summary>First 16 bytes of SHA-256 over what was asked for.</summary>
    public UInt128 ContentHash { get; private set; }

    public int EventCount => Accounts.Length + Updates.Length + Transfers.Length;

    /// <summary>Null when the bytes are no well-formed operation: such a one has no effect.</summary>
    public static AskedOperation? Read(ReadOnlyMemory<byte> body)
    {
        if (body.Length is < HeaderBytes or > BytesMax)
        {
            return null;
        }
        try
        {
            var operation = new AskedOperation();
            return operation.TryRead(body) && operation.IsWellFormed() ? operation : null;
        }
        catch (Exception e)
            when (e
                    is DecoderFallbackException
                        or ArgumentOutOfRangeException
                        or EndOfStreamException
                        or JsonException
                        or InvalidOperationException
            )
        {
            return null;
        }
    }

    /// <summary>First 16 bytes of SHA-256 of a document; 0 becomes 1.</summary>
    public static UInt128 HashOf(ReadOnlySpan<byte> json)
    {
        var value = BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(json));
        return value == 0 ? 1 : value;
    }

    private bool TryRead(ReadOnlyMemory<byte> body)
    {
        var b = body.Span;
        if (!b.StartsWith("EKO1"u8) || Bytes.U16(b, 4) != 1 || Bytes.U64(b, 56) != 0)
        {
            return false;
        }
        Id = Bytes.U128(b, 8);
        RequestHash = Bytes.U128(b, 24);
        RefusalCode = Bytes.U32(b, 40);
        var cursor = new Cursor(body, HeaderBytes);
        var accountBytes = cursor.Take(Bytes.U16(b, 46) * AskedAccount.Size);
        var updateBytes = cursor.Take(Bytes.U16(b, 48) * AskedUpdate.Size);
        var transferBytes = cursor.Take(Bytes.U16(b, 50) * AskedTransfer.Size);
        Accounts = Many(accountBytes.Span, AskedAccount.Size, AskedAccount.Read);
        Updates = Many(updateBytes.Span, AskedUpdate.Size, AskedUpdate.Read);
        Transfers = Many(transferBytes.Span, AskedTransfer.Size, AskedTransfer.Read);
        for (var i = Bytes.U16(b, 6); i > 0; i--)
        {
            Principals.Add((cursor.Text(), cursor.Text()));
        }
        for (var i = Bytes.U16(b, 44); i > 0; i--)
        {
            if (ReadGuard(ref cursor) is not { } guard)
            {
                return false;
            }
            Guards.Add(guard);
        }
        for (var i = Bytes.U16(b, 52); i > 0; i--)
        {
            var key = cursor.Key();
            var present = cursor.Byte();
            if (present > 1)
            {
                return false;
            }
            // Spelt out: a bare null would become an empty document here.
            ReadOnlyMemory<byte>? json =
                present == 1 ? cursor.Bytes() : default(ReadOnlyMemory<byte>?);
            Writes.Add(new AskedWrite(key, json));
        }
        for (var i = Bytes.U16(b, 54); i > 0; i--)
        {
            Messages.Add(new AskedMessage(cursor.Text(), cursor.Bytes()));
        }
        if (!cursor.IsAtEnd || Principals.Count == 0)
        {
            return false;
        }
        ContentHash = Hash(accountBytes.Span, updateBytes.Span, transferBytes.Span);
        return true;
    }

    private static AskedGuard? ReadGuard(ref Cursor cursor)
    {
        var kind = (GuardKind)cursor.Byte();
        switch (kind)
        {
            case GuardKind.Version:
                return new AskedGuard(kind, cursor.Key(), cursor.U64(), 0, 0, 0, 0, 0);
            case GuardKind.VersionAndContent:
                var guard = new AskedGuard(
                    kind,
                    cursor.Key(),
                    cursor.U64(),
                    cursor.U128(),
                    0,
                    0,
                    0,
                    0
                );
                return guard.Content == 0 ? null : guard;
            case GuardKind.Absent:
                return new AskedGuard(kind, cursor.Key(), 0, 0, 0, 0, 0, 0);
            case GuardKind.Counter:
                return new AskedGuard(
                    kind,
                    cursor.Key(),
                    0,
                    0,
                    unchecked((long)cursor.U64()),
                    unchecked((long)cursor.U64()),
                    unchecked((long)cursor.U64()),
                    0
                );
            case GuardKind.BusinessDate:
                var day = cursor.U32();
                return day > (uint)DateOnly.MaxValue.DayNumber
                    ? null
                    : new AskedGuard(kind, BusinessDate, 0, 0, 0, 0, 0, day);
            default:
                return null;
        }
    }

    private bool IsWellFormed()
    {
        var counters = Guards.Count(g => g.Kind == GuardKind.Counter);
        var effects = EventCount + counters + Writes.Count + Messages.Count;
        var records = Guards.Where(g => g.Kind != GuardKind.Counter).Select(g => g.Record).ToList();
        var counted = Guards.Where(g => g.Kind == GuardKind.Counter).Select(g => g.Record).ToList();
        var written = Writes.Select(w => w.Record).ToList();
        return Id != 0
            && Id != UInt128.MaxValue
            && Principals.Count <= PrincipalsMax
            && Guards.Count <= GuardsMax
            && Writes.Count <= WritesMax
            && Messages.Count <= MessagesMax
            && EventCount <= EventsMax
            && effects == 0 == (RefusalCode != 0)
            && (RefusalCode == 0 || RequestHash != 0)
            && Principals.TrueForAll(p =>
                IsPlain(p.Kind, NameBytesMax) && IsPlain(p.Name, PrincipalBytesMax)
            )
            && Guards.TrueForAll(g => IsKey(g.Record) && GuardHoldsTogether(g))
            && AllDifferent(records)
            && AllDifferent(counted)
            && AllDifferent(written)
            && Array.TrueForAll(Accounts, a => (a.Flags & AccountBits.Linked) == 0)
            && Array.TrueForAll(Updates, u => (u.Flags & UpdateBits.Linked) == 0)
            && Array.TrueForAll(Transfers, t => (t.Flags & TransferBits.Linked) == 0)
            && Writes.TrueForAll(w => IsKey(w.Record) && (w.Json is not { } j || IsJson(j.Span)))
            && Messages.TrueForAll(m => IsPlain(m.Topic, NameBytesMax) && IsJson(m.Json.Span));
    }

    private static bool GuardHoldsTogether(AskedGuard guard) =>
        guard.Kind switch
        {
            GuardKind.Version or GuardKind.VersionAndContent => guard.Version
                is > 0
                    and <= long.MaxValue,
            GuardKind.Counter => guard.Min <= guard.Max,
            _ => true,
        };

    private static bool AllDifferent(List<(string, string)> keys) =>
        keys.Distinct().Count() == keys.Count;

    private static bool IsKey((string Collection, string Key) key) =>
        IsPlain(key.Collection, NameBytesMax) && IsPlain(key.Key, KeyBytesMax);

    private static bool IsPlain(string text, int bytesMax) =>
        text.Length > 0
        && Encoding.UTF8.GetByteCount(text) <= bytesMax
        && text.EnumerateRunes().All(r => !Rune.IsControl(r) && r.Value != 0x10FFFF);

    private static bool IsJson(ReadOnlySpan<byte> json)
    {
        if (json.Length is 0 or > JsonBytesMax)
        {
            return false;
        }
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonDepthMax });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                _ = reader.GetString(); // Throws on what is not UTF-8.
            }
        }
        return true;
    }

    private UInt128 Hash(
        ReadOnlySpan<byte> accounts,
        ReadOnlySpan<byte> updates,
        ReadOnlySpan<byte> transfers
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("EKOH1"u8);
        Text(Principals[0].Kind);
        Text(Principals[0].Name);
        if (RequestHash != 0)
        {
            Number(1);
            var request = new byte[16];
            BinaryPrimitives.WriteUInt128LittleEndian(request, RequestHash);
            hash.AppendData(request);
            return Truncated();
        }
        Number(0);
        Number(RefusalCode);
        Number((uint)Accounts.Length);
        hash.AppendData(accounts);
        Number((uint)Updates.Length);
        hash.AppendData(updates);
        Number((uint)Transfers.Length);
        hash.AppendData(transfers);
        var counters = Guards.Where(g => g.Kind == GuardKind.Counter).ToArray();
        Number((uint)counters.Length);
        foreach (var counter in counters)
        {
            Text(counter.Record.Collection);
            Text(counter.Record.Key);
            var delta = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(delta, counter.Delta);
            hash.AppendData(delta);
        }
        Number((uint)Writes.Count);
        foreach (var write in Writes)
        {
            Text(write.Record.Collection);
            Text(write.Record.Key);
            Number(write.Json is null ? 0u : 1u);
            Blob((write.Json ?? default).Span);
        }
        Number((uint)Messages.Count);
        foreach (var message in Messages)
        {
            Text(message.Topic);
            Blob(message.Json.Span);
        }
        return Truncated();

        void Text(string text) => Blob(Encoding.UTF8.GetBytes(text));
        void Blob(ReadOnlySpan<byte> bytes)
        {
            Number((uint)bytes.Length);
            hash.AppendData(bytes);
        }
        void Number(uint value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            hash.AppendData(bytes);
        }
        UInt128 Truncated() => BinaryPrimitives.ReadUInt128LittleEndian(hash.GetHashAndReset());
    }

    private delegate T ReadOne<T>(ReadOnlySpan<byte> bytes);

    private static T[] Many<T>(ReadOnlySpan<byte> bytes, int size, ReadOne<T> read)
    {
        var items = new T[bytes.Length / size];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = read(bytes.Slice(i * size, size));
        }
        return items;
    }

    private struct Cursor(ReadOnlyMemory<byte> body, int at)
    {
        private int _at = at;

        public readonly bool IsAtEnd => _at == body.Length;

        public ReadOnlyMemory<byte> Take(int count)
        {
            if (count < 0 || count > body.Length - _at)
            {
                throw new EndOfStreamException();
            }
            var taken = body.Slice(_at, count);
            _at += count;
            return taken;
        }

        public byte Byte() => Take(1).Span[0];

        public uint U32() => Verifier.Bytes.U32(Take(4).Span, 0);

        public ulong U64() => Verifier.Bytes.U64(Take(8).Span, 0);

        public UInt128 U128() => Verifier.Bytes.U128(Take(16).Span, 0);

        public string Text() => Utf8.GetString(Take(Verifier.Bytes.U16(Take(2).Span, 0)).Span);

        public (string Collection, string Key) Key() => (Text(), Text());

        public ReadOnlyMemory<byte> Bytes()
        {
            var length = U32();
            return length > int.MaxValue ? throw new EndOfStreamException() : Take((int)length);
        }
    }
}
