using System.Globalization;
using System.Text;
using Evenkeel.Client.Internal;
using Evenkeel.Model;
using Evenkeel.Node.Clock;
using Evenkeel.Node.Entries;
using Evenkeel.Node.Protocol;
using Xunit;

namespace Evenkeel.Node.Tests;

/// <summary>Bytes on disk and on the wire; rewritten with UPDATE_GOLDEN=1 only on purpose.</summary>
public sealed class GoldenTests
{
    private static Transfer Transfer =>
        new()
        {
            Id = 1,
            DebitAccountId = 2,
            CreditAccountId = 3,
            Amount = 4,
            PendingId = 5,
            UserData128 = 6,
            UserData64 = 7,
            UserData32 = 8,
            Timeout = 9,
            Ledger = 10,
            Code = 11,
            Flags = TransferFlags.Pending,
        };

    private static ReadOnlySpan<byte> TransferBytes =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes<Transfer>(new[] { Transfer });

    [Fact]
    public void An_entry_has_the_documented_bytes()
    {
        var writer = new EntryWriter();
        writer.Append(OperationCode.CreateTransfers, 1, principal: 42, TransferBytes);
        writer.Append(OperationCode.Operation, 3, principal: 43, [1, 2, 3, 4, 5]);
        writer.Append(OperationCode.Tick, 0, principal: 0, []);
        Compare("entry", writer.Seal(timestamp: 1_700_000_000_000_000_000, stateVersion: 1).Span);
    }

    [Fact]
    public void A_frame_has_the_documented_bytes()
    {
        byte[] frame = new byte[Frame.HeaderSize + Transfer.Size];
        TransferBytes.CopyTo(frame.AsSpan(Frame.HeaderSize));
        FrameCodec.Seal(
            frame,
            new Frame
            {
                RequestId = 5,
                Operation = OperationCode.CreateTransfers,
                Count = 1,
                TimeoutMs = 1_000,
                TraceId = 77,
            }
        );
        Compare("frame", frame);
    }

    [Fact]
    public void Client_and_node_seal_a_frame_alike()
    {
        var call = new Call<int>(OperationCode.CreateTransfers, 1, 0, static (_, _) => 0);
        call.Encode(TransferBytes, count: 1, timeoutMs: 1_000);
        call.Seal(requestId: 5);
        byte[] frame = new byte[Frame.HeaderSize + Transfer.Size];
        TransferBytes.CopyTo(frame.AsSpan(Frame.HeaderSize));
        FrameCodec.Seal(
            frame,
            new Frame
            {
                RequestId = 5,
                Operation = OperationCode.CreateTransfers,
                Count = 1,
                TimeoutMs = 1_000,
            }
        );
        Assert.Equal(frame, call.Frame.ToArray());
    }

    [Fact]
    public void The_node_piece_of_a_snapshot_has_the_documented_bytes()
    {
        NodeSnapshotHeader[] header =
        [
            new()
            {
                Magic = NodeSnapshotHeader.MagicValue,
                Version = 1,
                StateVersion = 2,
                HasRecords = 1,
                HistoryRows = 3,
                Index = 4,
                RecordsDigest = 5,
            },
        ];
        Compare(
            "node-snapshot",
            System.Runtime.InteropServices.MemoryMarshal.AsBytes<NodeSnapshotHeader>(header)
        );
    }

    [Fact]
    public void A_clock_stamp_has_the_documented_text()
    {
        string path = Path.GetTempFileName();
        new ClockStampFile(path).Write(new ClockStamp("a-boot", 1, 2, 3));
        byte[] bytes = File.ReadAllBytes(path);
        File.Delete(path);
        Compare("clock", bytes);
    }

    private static void Compare(string name, ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (int i = 0; i < bytes.Length; i += 16)
        {
            text.Append(CultureInfo.InvariantCulture, $"{i:x4} ");
            text.Append(Convert.ToHexStringLower(bytes.Slice(i, Math.Min(16, bytes.Length - i))));
            text.Append('\n');
        }
        string path = Path.Combine(Directory(), $"{name}.hex");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, text.ToString());
        }
        Assert.Equal(File.ReadAllText(path), text.ToString());
    }

    private static string Directory(
        [System.Runtime.CompilerServices.CallerFilePath] string me = ""
    ) => Path.Combine(Path.GetDirectoryName(me)!, "Golden");
}
