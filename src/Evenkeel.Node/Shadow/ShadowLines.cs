using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Evenkeel.Model;
using Evenkeel.Replication;

namespace Evenkeel.Node.Shadow;

/// <summary>Writes the lines of docs/formats/shadow.md.</summary>
internal sealed class ShadowLines(Stream output)
{
    private const int LineBytesMax = 1 << 12;
    private const int FlushFrom = 1 << 16;

    /// <summary>Characters of a reason; escaped, they fit a line.</summary>
    private const int ReasonMax = 600;

    private readonly byte[] _buffer = new byte[FlushFrom + LineBytesMax];
    private int _length;

    private Span<byte> Free => _buffer.AsSpan(_length);

    public void Header(
        LineageId lineage,
        string program,
        uint stateVersionMax,
        ulong start,
        ulong last
    )
    {
        bool fits = Utf8.TryWrite(
            Free,
            CultureInfo.InvariantCulture,
            $"{{\"shadow\":1,\"lineage\":\"{lineage}\",\"program\":\"{program}\",\"stateVersionMax\":{stateVersionMax},\"start\":{start},\"to\":{last}}}\n",
            out int written
        );
        Take(fits, written);
    }

    public void Entry(
        ulong index,
        ulong term,
        ulong timestamp,
        ulong events,
        UInt128 results,
        UInt128 rows
    )
    {
        bool fits = Utf8.TryWrite(
            Free,
            CultureInfo.InvariantCulture,
            $"{{\"i\":{index},\"term\":{term},\"t\":{timestamp},\"n\":{events},\"r\":\"{results:x32}\",\"w\":\"{rows:x32}\"}}\n",
            out int written
        );
        Take(fits, written);
    }

    public void State(uint stateVersion, NodeDigest digest, ulong rows)
    {
        bool fits = Utf8.TryWrite(
            Free,
            CultureInfo.InvariantCulture,
            $"{{\"s\":{digest.Index},\"v\":{stateVersion},\"ledger\":\"{digest.Ledger:x32}\",\"records\":\"{digest.Records:x32}\",\"rows\":{rows}}}\n",
            out int written
        );
        Take(fits, written);
    }

    /// <summary>One event's answer: its number among the events of the entry, and what it got.</summary>
    public void Detail(
        ulong index,
        int command,
        OperationCode operation,
        uint number,
        ulong timestamp,
        uint status,
        uint more
    )
    {
        bool fits = Utf8.TryWrite(
            Free,
            CultureInfo.InvariantCulture,
            $"{{\"d\":{index},\"c\":{command},\"op\":{(int)operation},\"e\":{number},\"t\":{timestamp},\"status\":{status},\"x\":{more}}}\n",
            out int written
        );
        Take(fits, written);
    }

    /// <summary>One row that the entry made, without its checksum.</summary>
    public void Row(ulong index, ulong position, ReadOnlySpan<byte> row)
    {
        bool fits = Utf8.TryWrite(
            Free,
            CultureInfo.InvariantCulture,
            $"{{\"d\":{index},\"row\":{position},\"bytes\":\"{Convert.ToHexStringLower(row)}\"}}\n",
            out int written
        );
        Take(fits, written);
    }

    public void End(ShadowSummary summary)
    {
        string reason = summary.Reason ?? "";
        reason = reason[..Math.Min(reason.Length, ReasonMax)];
        bool fits = Utf8.TryWrite(
            Free,
            CultureInfo.InvariantCulture,
            $"{{\"end\":{summary.LastIndex},\"entries\":{summary.Entries},\"events\":{summary.Events},\"rows\":{summary.Rows},\"ms\":{(long)summary.Duration.TotalMilliseconds},\"failed\":{summary.FailedEntry},\"reason\":\"{JsonEncodedText.Encode(reason)}\"}}\n",
            out int written
        );
        Take(fits, written);
        Flush();
    }

    /// <summary>Whoever compares should not wait for lines that are made already.</summary>
    public void Flush()
    {
        output.Write(_buffer, 0, _length);
        output.Flush();
        _length = 0;
    }

    private void Take(bool fits, int written)
    {
        Check.That(fits, "a line fits");
        _length += written;
        if (_length >= FlushFrom)
        {
            Flush();
        }
    }
}
