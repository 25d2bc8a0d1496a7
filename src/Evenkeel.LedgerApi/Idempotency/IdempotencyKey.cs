using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.Model;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.LedgerApi.Idempotency;

/// <summary>What an id is derived for. Part of the derivation: numbers never change.</summary>
internal enum DerivedKind : byte
{
    Account = 1,
    Transfer = 2,
    Operation = 3,
    AccountUpdates = 4,
}

/// <summary>
/// The <c>Idempotency-Key</c> of a request, bound to the API key that sent it. Ids of events that
/// carry none follow from it, so the ledger itself refuses to do the same thing twice, for ever.
/// </summary>
internal sealed class IdempotencyKey
{
    private const string HeaderName = "Idempotency-Key";
    private static readonly byte[] Domain = "evenkeel-id-v1\0"u8.ToArray();

    private readonly ulong _principal;
    private readonly byte[] _text;

    private IdempotencyKey(ulong principal, string text)
    {
        _principal = principal;
        _text = Encoding.ASCII.GetBytes(text);
    }

    /// <summary>Null when the request has none.</summary>
    public static IdempotencyKey? Of(ApiCall call)
    {
        var values = call.Http.Request.Headers[HeaderName];
        return values.Count switch
        {
            0 => null,
            1 => Parse(call.Key.Number, values[0] ?? ""),
            _ => throw Bad(),
        };
    }

    /// <summary>Refuses the header where a repeated request can't get the same answer.</summary>
    public static void Refuse(HttpContext http)
    {
        if (http.Request.Headers.ContainsKey(HeaderName))
        {
            throw new RefusedException(
                Reasons.IdempotencyKeyInvalid,
                "A token is shown once and not kept, so it can't be given again. List the keys and revoke one that nobody received."
            );
        }
    }

    internal static IdempotencyKey Parse(ulong principal, string header)
    {
        // The draft standard puts the key in quotes; most clients do not. Both mean the same key.
        var text =
            header.Length > 2 && header[0] == '"' && header[^1] == '"' ? header[1..^1] : header;
        var plain =
            text.Length is > 0 and <= ApiLimits.IdempotencyKeyCharsMax
            && text.All(c => c is > ' ' and < '\x7f' and not '"');
        return plain ? new IdempotencyKey(principal, text) : throw Bad();
    }

    /// <summary>The first 128 bits of a SHA-256 (docs/api.md gives the bytes).</summary>
    public UInt128 DeriveId(DerivedKind kind, int index)
    {
        var bytes = new byte[Domain.Length + 1 + 8 + 4 + _text.Length];
        Domain.CopyTo(bytes, 0);
        var rest = bytes.AsSpan(Domain.Length);
        rest[0] = (byte)kind;
        BinaryPrimitives.WriteUInt64LittleEndian(rest[1..], _principal);
        BinaryPrimitives.WriteInt32LittleEndian(rest[9..], index);
        _text.CopyTo(rest[13..]);
        var id = BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(bytes));
        Check.That(id != 0 && id != UInt128.MaxValue);
        return id;
    }

    /// <summary>The key of the record that remembers the request: by principal, then by hash.</summary>
    public string RecordKey() =>
        $"{_principal:D20}/{Convert.ToHexStringLower(SHA256.HashData(_text))}";

    private static RefusedException Bad() =>
        new(
            Reasons.IdempotencyKeyInvalid,
            $"Expected once, 1 to {ApiLimits.IdempotencyKeyCharsMax} printable ASCII characters without spaces or quotes."
        );
}
