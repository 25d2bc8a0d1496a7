using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.LedgerApi.Paging;

/// <summary>
/// A place in an answer, opaque to clients: base64url of a version, eight bytes of the hash of what
/// was asked, and the position after which to go on. A cursor of another question is refused.
/// </summary>
internal static class Cursor
{
    private const byte Version = 1;
    private const int HashBytes = 8;

    public static string OfTimestamp(string filter, ulong last)
    {
        Span<byte> position = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(position, last);
        return Encode(filter, position);
    }

    public static string OfKey(string filter, string last) =>
        Encode(filter, Encoding.UTF8.GetBytes(last));

    /// <summary>Null when the request has no cursor.</summary>
    public static ulong? Timestamp(QueryReader query, HttpContext http)
    {
        if (query.Text("cursor") is not { } text)
        {
            return null;
        }
        var position = Decode(query.FilterText(http), text);
        return position.Length == 8 ? BinaryPrimitives.ReadUInt64BigEndian(position) : throw Bad();
    }

    /// <inheritdoc cref="Timestamp"/>
    public static string? Key(QueryReader query, HttpContext http) =>
        query.Text("cursor") is { } text
            ? Encoding.UTF8.GetString(Decode(query.FilterText(http), text))
            : null;

    private static string Encode(string filter, ReadOnlySpan<byte> position)
    {
        var bytes = new byte[1 + HashBytes + position.Length];
        bytes[0] = Version;
        HashOf(filter).CopyTo(bytes.AsSpan(1));
        position.CopyTo(bytes.AsSpan(1 + HashBytes));
        return Base64Url.EncodeToString(bytes);
    }

    private static byte[] Decode(string filter, string text)
    {
        if (!Base64Url.IsValid(text))
        {
            throw Bad();
        }
        var bytes = Base64Url.DecodeFromChars(text);
        return
            bytes.Length > 1 + HashBytes
            && bytes[0] == Version
            && bytes.AsSpan(1, HashBytes).SequenceEqual(HashOf(filter))
            ? bytes[(1 + HashBytes)..]
            : throw Bad();
    }

    private static byte[] HashOf(string filter) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(filter))[..HashBytes];

    private static RefusedException Bad() =>
        Refusals.Parameter("cursor", "a next_cursor of this same question");
}
