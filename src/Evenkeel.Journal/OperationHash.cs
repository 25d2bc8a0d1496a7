using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Evenkeel.Model;

namespace Evenkeel.Journal;

/// <summary>
/// What makes two operations with the same id the same request: the first 128 bits of SHA-256 over
/// the maker and what was asked for.
/// </summary>
/// <remarks>
/// <para>
/// Asked for: <see cref="Operation.RequestHash"/> when the proposer gave one, else the effects
/// (accounts, updates, transfers, counter deltas, writes, messages). Not in the hash, because a
/// retry of the same request changes them legitimately: versions, absences and the business date
/// that the decision read, counter bounds, approvers who joined, and, under a request hash,
/// everything that was decided.
/// </para>
/// <para>
/// SHA-256 and not a fast hash: whoever asks chooses the content, and must not be able to craft a
/// second content that is answered with the first one's "done".
/// </para>
/// </remarks>
public static class OperationHash
{
    /// <summary>The content hash that is stored beside the operation's id.</summary>
    public static UInt128 Compute(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("EKOH1"u8);
        AppendText(hash, operation.Principals[0].Kind);
        AppendText(hash, operation.Principals[0].Name);
        if (operation.RequestHash != 0)
        {
            AppendNumber(hash, 1);
            Span<byte> request = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128LittleEndian(request, operation.RequestHash);
            hash.AppendData(request);
        }
        else
        {
            AppendNumber(hash, 0);
            AppendEffects(hash, operation);
        }

        return Truncate(hash);
    }

    /// <summary>
    /// A <see cref="Operation.RequestHash"/> of the request as it came in: its route and its body.
    /// Never 0.
    /// </summary>
    public static UInt128 OfRequest(string route, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("EKRH1"u8);
        AppendText(hash, route);
        AppendBytes(hash, body);
        var value = Truncate(hash);
        return value == 0 ? 1 : value;
    }

    /// <summary>The hash of one document, for <see cref="Guard.Version"/>. Never 0.</summary>
    public static UInt128 OfDocument(ReadOnlySpan<byte> json)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(json, digest);
        var value = BinaryPrimitives.ReadUInt128LittleEndian(digest);
        return value == 0 ? 1 : value;
    }

    private static void AppendEffects(IncrementalHash hash, Operation operation)
    {
        AppendNumber(hash, operation.RefusalCode);
        AppendStructs(hash, operation.Accounts);
        AppendStructs(hash, operation.AccountUpdates);
        AppendStructs(hash, operation.Transfers);
        var counters = operation.Guards.OfType<Guard.Counter>().ToArray();
        AppendNumber(hash, (uint)counters.Length);
        Span<byte> delta = stackalloc byte[8];
        foreach (var counter in counters)
        {
            AppendKey(hash, counter.Key);
            BinaryPrimitives.WriteInt64LittleEndian(delta, counter.Delta);
            hash.AppendData(delta);
        }

        AppendNumber(hash, (uint)operation.Writes.Count);
        foreach (var write in operation.Writes)
        {
            AppendKey(hash, write.Key);
            AppendNumber(hash, write.Json is null ? 0u : 1u);
            AppendBytes(hash, (write.Json ?? default).Span);
        }

        AppendNumber(hash, (uint)operation.Messages.Count);
        foreach (var message in operation.Messages)
        {
            AppendText(hash, message.Topic);
            AppendBytes(hash, message.Json.Span);
        }
    }

    private static void AppendStructs<T>(IncrementalHash hash, IReadOnlyList<T> items)
        where T : unmanaged
    {
        AppendNumber(hash, (uint)items.Count);
        foreach (var item in items)
        {
            hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in item)));
        }
    }

    private static void AppendKey(IncrementalHash hash, RecordKey key)
    {
        AppendText(hash, key.Collection);
        AppendText(hash, key.Key);
    }

    private static void AppendText(IncrementalHash hash, string text) =>
        AppendBytes(hash, Encoding.UTF8.GetBytes(text));

    private static void AppendBytes(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        AppendNumber(hash, (uint)bytes.Length);
        hash.AppendData(bytes);
    }

    private static void AppendNumber(IncrementalHash hash, uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        hash.AppendData(bytes);
    }

    private static UInt128 Truncate(IncrementalHash hash)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        var written = hash.GetHashAndReset(digest);
        Check.That(written == SHA256.HashSizeInBytes);
        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }
}
