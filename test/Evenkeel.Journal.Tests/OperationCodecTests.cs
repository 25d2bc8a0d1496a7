using System.Buffers.Binary;
using CsCheck;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Journal.Tests;

/// <summary>Bytes of operations: fixed, canonical, and harmless when malformed.</summary>
public sealed class OperationCodecTests
{
    private const string Seed = "0000KOIPe036";

    private static readonly bool IsLong =
        Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1";

    [Fact]
    public void Bytes_of_an_operation_never_change() =>
        Golden.Equal("operation-full.hex", OperationCodec.Encode(Samples.Full));

    [Fact]
    public void Bytes_of_a_small_operation_never_change() =>
        Golden.Equal("operation-minimal.hex", OperationCodec.Encode(Samples.Minimal));

    [Fact]
    public void Bytes_of_a_result_never_change()
    {
        var bytes = new byte[OperationCodec.ResultSize];
        var result = new OperationResult
        {
            Status = OperationStatus.TransferRefused,
            Timestamp = 0x1122334455667788,
            FailedIndex = 3,
            FailedStatus = (uint)CreateTransferStatus.ExceedsCredits,
            Replayed = true,
        };
        OperationCodec.EncodeResult(result, bytes);

        Golden.Equal("operation-result.hex", bytes);
        Assert.Equal(result, OperationCodec.DecodeResult(bytes));
    }

    [Fact]
    public void Statuses_and_faults_keep_their_numbers()
    {
        Assert.Equal(
            [
                "None=0",
                "Done=1",
                "StaleGuard=2",
                "CounterOutOfBounds=3",
                "TransferRefused=4",
                "AccountRefused=5",
                "IdReusedWithOtherContent=6",
                "NotAuthorised=7",
                "Invalid=8",
                "DecisionRefused=9",
            ],
            Enum.GetValues<OperationStatus>().Select(x => $"{x}={(int)x}")
        );
        Assert.Equal(Enumerable.Range(0, 25), Enum.GetValues<OperationFault>().Select(x => (int)x));
    }

    [Fact]
    public void Operation_comes_back_from_its_bytes()
    {
        var bytes = OperationCodec.Encode(Samples.Full);
        Assert.Equal(OperationFault.None, OperationCodec.Decode(bytes, out var operation));
        Assert.Equal(bytes, OperationCodec.Encode(operation!));
        Assert.Equal(Samples.Full.Guards, operation!.Guards);
        Assert.Equal(Samples.Full.Principals, operation.Principals);
        Assert.Equal(Samples.Full.Transfers, operation.Transfers);
        Assert.Null(operation.Writes[1].Json);
        Assert.Equal(OperationHash.Compute(Samples.Full), OperationHash.Compute(operation));
    }

    [Fact]
    public void Every_prefix_of_an_operation_is_refused()
    {
        var bytes = OperationCodec.Encode(Samples.Full);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.NotEqual(
                OperationFault.None,
                OperationCodec.Decode(bytes.AsSpan(0, length), out _)
            );
        }

        Assert.Equal(OperationFault.Truncated, OperationCodec.Decode([.. bytes, 0], out _));
    }

    /// <summary>
    /// Whatever bytes come in: an answer, never an exception; and what is accepted has exactly these
    /// bytes (canonical), so that two encodings can't be two contents of one operation.
    /// </summary>
    [Fact]
    public void Damaged_bytes_are_refused_or_mean_exactly_themselves()
    {
        var original = OperationCodec.Encode(Samples.Full);
        Gen.Select(Gen.Int[0, original.Length - 1], Gen.Byte, Gen.Int[1, 8].Array[1, 3])
            .Sample(
                (position, value, lengths) =>
                {
                    var bytes = (byte[])original.Clone();
                    bytes[position] = value;
                    foreach (var length in lengths)
                    {
                        bytes[(position + (length * 37)) % bytes.Length] ^= (byte)(
                            1 << (length - 1)
                        );
                    }

                    var fault = OperationCodec.Decode(bytes, out var operation);
                    return fault != OperationFault.None
                        ? operation is null
                        : OperationCodec.Encode(operation!).AsSpan().SequenceEqual(bytes);
                },
                iter: IsLong ? 5_000_000 : 50_000,
                seed: Seed
            );
    }

    [Fact]
    public void Random_bytes_behind_a_valid_header_are_refused()
    {
        var header = OperationCodec.Encode(Samples.Full).AsSpan(0, 64).ToArray();
        Gen.Byte.Array[0, 2_000]
            .Sample(
                noise => OperationCodec.Decode([.. header, .. noise], out _) != OperationFault.None,
                iter: IsLong ? 1_000_000 : 20_000,
                seed: Seed
            );
    }

    [Fact]
    public void Huge_counts_in_a_short_message_cost_nothing()
    {
        var bytes = OperationCodec.Encode(Samples.Minimal);
        bytes.AsSpan(44, 12).Fill(0xFF);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.NotEqual(OperationFault.None, OperationCodec.Decode(bytes, out _));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Fact]
    public void Unknown_version_is_told_apart_from_noise()
    {
        var bytes = OperationCodec.Encode(Samples.Minimal);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), 2);
        Assert.Equal(OperationFault.UnsupportedVersion, OperationCodec.Decode(bytes, out _));
        bytes[0] ^= 1;
        Assert.Equal(OperationFault.BadMagic, OperationCodec.Decode(bytes, out _));
    }
}
