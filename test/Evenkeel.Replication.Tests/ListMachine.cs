using System.Buffers.Binary;
using System.IO.Hashing;
using Evenkeel.Model;

namespace Evenkeel.Replication.Tests;

/// <summary>The plainest state: a running digest and the last payloads' lengths.</summary>
internal sealed class ListMachine : IStateMachine
{
    private readonly Lock gate = new();

    public ulong AppliedIndex { get; private set; }

    public UInt128 Digest { get; private set; }

    public List<byte[]> Applied { get; } = [];

    public bool Keep { get; init; } = true;

    public Action<ulong, object?>? OnApply { get; set; }

    public void Apply(in CommittedEntry entry, object? context)
    {
        lock (gate)
        {
            Check.That(entry.Index == AppliedIndex + 1);
            AppliedIndex = entry.Index;
            Digest = Mix(Digest, entry.Payload);
            if (Keep && entry.Payload.Length > 0)
            {
                Applied.Add(entry.Payload.ToArray());
            }
        }
        OnApply?.Invoke(entry.Index, context);
        (context as TaskCompletionSource)?.TrySetResult();
    }

    public ISnapshotView CaptureSnapshot() => new View(AppliedIndex, Digest, [.. Applied]);

    public void Restore(ISnapshotReader snapshot)
    {
        using var reader = new BinaryReader(snapshot.OpenPiece("state"));
        AppliedIndex = reader.ReadUInt64();
        Digest = BinaryPrimitives.ReadUInt128LittleEndian(reader.ReadBytes(16));
        using var rows = new BinaryReader(snapshot.OpenPiece("rows"));
        Applied.Clear();
        for (var count = rows.ReadInt32(); count > 0; count--)
        {
            Applied.Add(rows.ReadBytes(rows.ReadInt32()));
        }
    }

    private static UInt128 Mix(UInt128 digest, ReadOnlySpan<byte> payload)
    {
        Span<byte> buffer = stackalloc byte[32];
        BinaryPrimitives.WriteUInt128LittleEndian(buffer, digest);
        BinaryPrimitives.WriteUInt128LittleEndian(buffer[16..], XxHash128.HashToUInt128(payload));
        return XxHash128.HashToUInt128(buffer);
    }

    private sealed class View(ulong index, UInt128 digest, byte[][] rows) : ISnapshotView
    {
        public IReadOnlyList<string> PieceNames => ["state", "rows"];

        public UInt128 StateDigest => digest;

        public void WritePiece(string name, Stream destination)
        {
            using var writer = new BinaryWriter(
                destination,
                System.Text.Encoding.UTF8,
                leaveOpen: true
            );
            if (string.Equals(name, "state", StringComparison.Ordinal))
            {
                Span<byte> bytes = stackalloc byte[16];
                BinaryPrimitives.WriteUInt128LittleEndian(bytes, digest);
                writer.Write(index);
                writer.Write(bytes);
                return;
            }
            writer.Write(rows.Length);
            foreach (var row in rows)
            {
                writer.Write(row.Length);
                writer.Write(row);
            }
        }

        public void Dispose() { }
    }
}
