using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Evenkeel.Journal;
using Evenkeel.Ledger;
using Evenkeel.Model;

namespace Evenkeel.Node.Shadow;

/// <summary>
/// Digests what the commands of one entry answered and which rows they made: two programs that
/// agree about both have done the same.
/// </summary>
internal sealed class EntryDigester(IHistory history)
{
    /// <summary>Bytes of a row without its checksum, which belongs to the file.</summary>
    public const int RowBytes = HistoryRow.Size - sizeof(ulong);

    private const int RowsAtOnce = 1_024;

    private readonly XxHash128 _hash = new();
    private readonly HistoryRow[] _rows = new HistoryRow[RowsAtOnce];

    /// <summary>Receives each result while it is set (<see cref="ShadowOptions.DetailOf"/>).</summary>
    public Action<int, OperationCode, ulong, uint, uint>? Detail { get; set; }

    private int _command;

    /// <summary>Events of the entry so far.</summary>
    public ulong Events { get; private set; }

    public void BeginEntry()
    {
        _hash.Reset();
        Events = 0;
        _command = 0;
    }

    public void Observe(
        in CommandHeader command,
        ReadOnlySpan<byte> body,
        ReadOnlySpan<byte> results
    )
    {
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)command.Operation);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], command.Count);
        _hash.Append(head);
        _hash.Append(results);
        Events += command.Count;
        if (Detail is { } detail)
        {
            Describe(detail, in command, results);
        }
        _command++;
    }

    /// <summary>Digest of the answers since the last call.</summary>
    public UInt128 FinishResults()
    {
        UInt128 digest = _hash.GetCurrentHashAsUInt128();
        _hash.Reset();
        return digest;
    }

    /// <summary>Digest of rows in order; each as stored, without its checksum.</summary>
    public UInt128 DigestRows(ulong from, ulong to, Action<ulong, HistoryRow>? each = null)
    {
        while (from < to)
        {
            Span<HistoryRow> rows = _rows.AsSpan(0, (int)Math.Min(RowsAtOnce, to - from));
            history.ReadRange(from, rows);
            // Checksums of rows handed out are 0, so whole rows hash the same on every node.
            _hash.Append(MemoryMarshal.AsBytes(rows));
            for (int i = 0; each is not null && i < rows.Length; i++)
            {
                each(from + (ulong)i, rows[i]);
            }
            from += (ulong)rows.Length;
        }
        return FinishResults();
    }

    private void Describe(
        Action<int, OperationCode, ulong, uint, uint> detail,
        in CommandHeader command,
        ReadOnlySpan<byte> results
    )
    {
        if (command.Operation == OperationCode.Operation)
        {
            OperationResult? answer = OperationCodec.DecodeResult(
                results[..OperationCodec.ResultSize]
            );
            Check.That(answer is not null, "an operation has a result");
            detail(
                _command,
                command.Operation,
                answer.Timestamp,
                (uint)answer.Status,
                answer.FailedStatus
            );
            return;
        }
        foreach (
            CreateTransferResult result in MemoryMarshal.Cast<byte, CreateTransferResult>(results)
        )
        {
            // All three kinds of results have the same places; the last is a version or zero.
            detail(
                _command,
                command.Operation,
                result.Timestamp,
                (uint)result.Status,
                result.Reserved
            );
        }
    }
}
