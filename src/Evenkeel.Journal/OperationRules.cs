using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Evenkeel.Model;

namespace Evenkeel.Journal;

/// <summary>Why an operation is not well formed. Numbers only grow.</summary>
public enum OperationFault : ushort
{
    None = 0,

    /// <summary>The bytes end too early, go on too long, or a length in them is wrong.</summary>
    Truncated = 1,
    BadMagic = 2,
    UnsupportedVersion = 3,
    ReservedNotZero = 4,
    UnknownGuard = 5,
    TooLarge = 6,
    IdReserved = 7,
    NoPrincipal = 8,
    TooManyPrincipals = 9,
    BadPrincipal = 10,
    TooManyGuards = 11,
    TooManyLedgerEvents = 12,
    TooManyWrites = 13,
    TooManyMessages = 14,

    /// <summary>A collection, topic or key is empty, too long, or holds a forbidden character.</summary>
    BadKey = 15,

    /// <summary>A document is not JSON, too large or too deep.</summary>
    BadJson = 16,

    /// <summary>Two guards on one record, or two guards on one counter.</summary>
    GuardedTwice = 17,
    WrittenTwice = 18,
    CounterBoundsReversed = 19,

    /// <summary>The operation is one chain; the journal sets the flag itself.</summary>
    LinkedIsSetByTheJournal = 20,

    /// <summary>A refusal has effects, or something that is no refusal has none.</summary>
    RefusalOrEffects = 21,

    /// <summary>The command's event count is not the operation's.</summary>
    WrongEventCount = 22,

    /// <summary>A version of 0 is "absent", which has a guard of its own.</summary>
    VersionZero = 23,

    /// <summary>A refusal must carry the hash of the request that it refuses.</summary>
    RefusalWithoutRequest = 24,
}

/// <summary>
/// What makes an operation well formed: judged by the leader before it proposes, and again by every
/// node that applies. Pure.
/// </summary>
public static class OperationRules
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The first fault in a fixed order; <see cref="OperationFault.None"/> when there is none.</summary>
    public static OperationFault Judge(Operation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        if (operation.Id.Value == 0 || operation.Id.Value == UInt128.MaxValue)
        {
            return OperationFault.IdReserved;
        }

        var fault = JudgeShape(operation);
        fault = fault != OperationFault.None ? fault : JudgePrincipals(operation);
        fault = fault != OperationFault.None ? fault : JudgeGuards(operation);
        fault = fault != OperationFault.None ? fault : JudgeEvents(operation);
        fault = fault != OperationFault.None ? fault : JudgeDocuments(operation);
        if (
            fault == OperationFault.None
            && OperationCodec.Size(operation) > OperationLimits.OperationBytesMax
        )
        {
            return OperationFault.TooLarge;
        }

        return fault;
    }

    /// <summary>
    /// True for text that is the same for every reader: no lone surrogates (they would all become
    /// one replacement character), no control characters, no U+10FFFF (it ends prefix ranges).
    /// </summary>
    public static bool IsPlainText(string? text, int bytesMax)
    {
        if (string.IsNullOrEmpty(text) || text.Length > bytesMax)
        {
            return false;
        }

        var bytes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (Rune.IsControl(rune) || rune.Value is 0x10FFFF)
            {
                return false;
            }
        }

        // EnumerateRunes turns a lone surrogate into U+FFFD; a genuine one may stay.
        return bytes <= bytesMax && !HasLoneSurrogate(text);
    }

    public static bool IsKey(RecordKey key) =>
        IsPlainText(key.Collection, OperationLimits.NameBytesMax)
        && IsPlainText(key.Key, OperationLimits.KeyBytesMax);

    internal static bool TryDecodeText(ReadOnlySpan<byte> utf8, out string text)
    {
        try
        {
            text = StrictUtf8.GetString(utf8);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
            {
                return true;
            }

            i++;
        }

        return false;
    }

    private static OperationFault JudgeShape(Operation operation)
    {
        var events =
            operation.Accounts.Count + operation.AccountUpdates.Count + operation.Transfers.Count;
        var counters = operation.Guards.Count(guard => guard is Guard.Counter);
        var effects = events + counters + operation.Writes.Count + operation.Messages.Count;
        return operation switch
        {
            { Principals.Count: 0 } => OperationFault.NoPrincipal,
            { Principals.Count: > OperationLimits.PrincipalsMax } =>
                OperationFault.TooManyPrincipals,
            { Guards.Count: > OperationLimits.GuardsMax } => OperationFault.TooManyGuards,
            { Writes.Count: > OperationLimits.WritesMax } => OperationFault.TooManyWrites,
            { Messages.Count: > OperationLimits.MessagesMax } => OperationFault.TooManyMessages,
            _ when events > OperationLimits.LedgerEventsMax => OperationFault.TooManyLedgerEvents,
            _ when (effects == 0) != (operation.RefusalCode != 0) =>
                OperationFault.RefusalOrEffects,
            { RefusalCode: not 0 } when operation.RequestHash == 0 =>
                OperationFault.RefusalWithoutRequest,
            _ => OperationFault.None,
        };
    }

    private static OperationFault JudgePrincipals(Operation operation)
    {
        foreach (var principal in operation.Principals)
        {
            if (
                !IsPlainText(principal.Kind, OperationLimits.NameBytesMax)
                || !IsPlainText(principal.Name, OperationLimits.PrincipalNameBytesMax)
            )
            {
                return OperationFault.BadPrincipal;
            }
        }

        return OperationFault.None;
    }

    private static OperationFault JudgeGuards(Operation operation)
    {
        var records = new HashSet<RecordKey>();
        var counters = new HashSet<RecordKey>();
        foreach (var guard in operation.Guards)
        {
            var fault = guard switch
            {
                Guard.Version { Expected: 0 or > long.MaxValue } => OperationFault.VersionZero,
                Guard.Version version => JudgeGuard(version.Key, records),
                Guard.Absent absent => JudgeGuard(absent.Key, records),
                Guard.Counter counter when counter.Min > counter.Max =>
                    OperationFault.CounterBoundsReversed,
                Guard.Counter counter => JudgeGuard(counter.Key, counters),
                Guard.BusinessDate => JudgeGuard(SystemRecords.BusinessDate, records),
                _ => OperationFault.UnknownGuard,
            };
            if (fault != OperationFault.None)
            {
                return fault;
            }
        }

        return OperationFault.None;
    }

    private static OperationFault JudgeGuard(RecordKey key, HashSet<RecordKey> seen) =>
        !IsKey(key) ? OperationFault.BadKey
        : !seen.Add(key) ? OperationFault.GuardedTwice
        : OperationFault.None;

    private static OperationFault JudgeEvents(Operation operation)
    {
        var linked =
            operation.Accounts.Any(account => account.Flags.HasFlag(AccountFlags.Linked))
            || operation.AccountUpdates.Any(update =>
                update.Flags.HasFlag(AccountUpdateFlags.Linked)
            )
            || operation.Transfers.Any(transfer => transfer.Flags.HasFlag(TransferFlags.Linked));
        return linked ? OperationFault.LinkedIsSetByTheJournal : OperationFault.None;
    }

    private static OperationFault JudgeDocuments(Operation operation)
    {
        var written = new HashSet<RecordKey>();
        foreach (var write in operation.Writes)
        {
            var fault =
                !IsKey(write.Key) ? OperationFault.BadKey
                : !written.Add(write.Key) ? OperationFault.WrittenTwice
                : write.Json is { } json && !IsJson(json.Span) ? OperationFault.BadJson
                : OperationFault.None;
            if (fault != OperationFault.None)
            {
                return fault;
            }
        }

        foreach (var message in operation.Messages)
        {
            if (!IsPlainText(message.Topic, OperationLimits.NameBytesMax))
            {
                return OperationFault.BadKey;
            }

            if (!IsJson(message.Json.Span))
            {
                return OperationFault.BadJson;
            }
        }

        return OperationFault.None;
    }

    private static bool IsJson(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > OperationLimits.JsonBytesMax || !Utf8.IsValid(utf8))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(
                utf8,
                new JsonReaderOptions { MaxDepth = OperationLimits.JsonDepthMax }
            );
            while (reader.Read())
            {
                // The reader checks escapes only when a string is decoded.
                if (
                    reader.ValueIsEscaped
                    && reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName
                    && reader.GetString() is null
                )
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
