namespace Evenkeel.Channels.Iso8583.Codec;

/// <summary>
/// Reads the chip data of field 55: tags of one to three bytes, lengths of one to three. Not
/// recursive: a template's content is its value.
/// </summary>
public static class BerTlv
{
    /// <summary>Elements of one field 55.</summary>
    public const int ElementsMax = 64;

    /// <summary>Takes the next element off the front.</summary>
    /// <returns>False at the end and at anything malformed; then <paramref name="rest"/> tells which.</returns>
    public static bool TryNext(
        ref ReadOnlySpan<byte> rest,
        out uint tag,
        out ReadOnlySpan<byte> value
    )
    {
        tag = 0;
        value = default;
        var at = rest;
        if (at.IsEmpty || !TryTag(ref at, out tag) || !TryLength(ref at, out var length))
        {
            return false;
        }
        if (length > at.Length)
        {
            return false;
        }
        value = at[..length];
        rest = at[length..];
        return true;
    }

    /// <summary>Whether all bytes are elements, at most <see cref="ElementsMax"/>.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> bytes)
    {
        var elements = 0;
        while (elements < ElementsMax && TryNext(ref bytes, out _, out _))
        {
            elements++;
        }
        return bytes.IsEmpty;
    }

    private static bool TryTag(ref ReadOnlySpan<byte> at, out uint tag)
    {
        tag = at[0];
        at = at[1..];
        if ((tag & 0x1F) != 0x1F)
        {
            return tag != 0;
        }
        for (var more = 0; more < 2; more++)
        {
            if (at.IsEmpty)
            {
                return false;
            }
            var next = at[0];
            tag = (tag << 8) | next;
            at = at[1..];
            if ((next & 0x80) == 0)
            {
                return true;
            }
        }
        return false;
    }

    private static bool TryLength(ref ReadOnlySpan<byte> at, out int length)
    {
        length = 0;
        if (at.IsEmpty)
        {
            return false;
        }
        var first = at[0];
        at = at[1..];
        if (first < 0x80)
        {
            length = first;
            return true;
        }
        var more = first & 0x7F;
        if (more is 0 or > 2 || at.Length < more)
        {
            return false;
        }
        for (var i = 0; i < more; i++)
        {
            length = (length << 8) | at[i];
        }
        at = at[more..];
        return true;
    }
}
