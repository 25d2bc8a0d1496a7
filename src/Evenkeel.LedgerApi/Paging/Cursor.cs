using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Evenkeel.LedgerApi.Problems;
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
    private const int ChangeBytes = 8 + 16;

    public static string OfTimestamp(string filter, ulong last)
    {
        Span<byte> position = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(position, last);
        return Encode(filter, position);
    }

    /// <summary>A place in the change feed: the log time, and the lineage it was written under.</summary>
    public static string OfChange(string filter, ulong last, FeedHistory? history)
    {
        if (history is null)
        {
            return OfTimestamp(filter, last);
        }
        Span<byte> position = stackalloc byte[ChangeBytes];
        BinaryPrimitives.WriteUInt64BigEndian(position, last);
        BinaryPrimitives.WriteUInt128BigEndian(position[8..], history.Of(last));
        return Encode(filter, position);
    }

    /// <summary>Null when the request has no cursor.</summary>
    /// <exception cref="RefusedException">It is ahead of the fork where this history begins anew.</exception>
    public static ulong? Change(QueryReader query, HttpContext http, FeedHistory? history)
    {
        if (query.Text("cursor") is not { } text)
        {
            return null;
        }
        var position = Decode(query.FilterText(http), text);
        if (position.Length is not (8 or ChangeBytes))
        {
            throw Bad();
        }
        var last = BinaryPrimitives.ReadUInt64BigEndian(position);
        if (history is null)
        {
            return last;
        }
        // Cursors of earlier versions don't say their lineage: they are of the bank's first.
        var lineage =
            position.Length == ChangeBytes
                ? BinaryPrimitives.ReadUInt128BigEndian(position.AsSpan(8))
            : history.Ancestors is [var first, ..] ? first.Lineage
            : history.Lineage;
        return history.Fork(lineage, last) is { } fork ? throw Ahead(fork) : last;
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

    private static RefusedException Ahead(FeedAncestor fork) =>
        new(
            Reasons.PositionNotInHistory,
            fork.ForkTime == 0
                ? "The position is of another history. Forget what you built from the feed, and begin "
                    + "without a cursor."
                : $"The bank was restored to entry {fork.ForkIndex}: changes after log time {fork.ForkTime} "
                    + "that you have seen are not part of it any more. Undo them or build anew, then go on "
                    + $"with timestamp_min={fork.ForkTime + 1} and without a cursor."
        )
        {
            ForkTimestamp = fork.ForkTime,
            ForkIndex = fork.ForkIndex,
        };

    private static RefusedException Bad() =>
        Refusals.Parameter("cursor", "a next_cursor of this same question");
}
