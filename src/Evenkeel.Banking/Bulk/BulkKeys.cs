using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Banking.Storage;
using Evenkeel.Model;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Bulk;

/// <summary>Names of runs, lines and documents, each made from what it stands for.</summary>
internal static class BulkKeys
{
    public static string HashOf(ReadOnlySpan<byte> content) =>
        Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>The same bytes of the same payer are the same run, whatever the file is called.</summary>
    public static InstructionId RunOf(AccountNumber payer, string contentHash) =>
        InstructionId.From(Channel.File, payer.ToString(), $"run/{contentHash}");

    /// <summary>The same payment of the same payer and day is the same instruction, in whatever file.</summary>
    public static InstructionId ItemOf(string payer, DateOnly executionDate, string endToEndId) =>
        InstructionId.From(
            Channel.File,
            payer,
            string.Create(CultureInfo.InvariantCulture, $"{executionDate:yyyyMMdd}/{endToEndId}")
        );

    public static string ChunkOf(string run, int chunk) =>
        string.Create(CultureInfo.InvariantCulture, $"{run}/{chunk:D5}");

    public static string DayOf(string payer, DateOnly executionDate) =>
        string.Create(CultureInfo.InvariantCulture, $"{payer}/{executionDate:yyyyMMdd}");

    public static string Seal(
        Bank bank,
        string customer,
        string chunk,
        IEnumerable<BulkLine> lines
    ) =>
        bank.Persons.Seal(
            new CustomerId(customer),
            $"bulk/{chunk}",
            JsonSerializer.Serialize(
                [.. lines.Select(SealedOf)],
                BulkJson.Default.IReadOnlyListSealedLine
            )
        );

    /// <summary>Null when the payer was forgotten.</summary>
    public static async ValueTask<IReadOnlyList<SealedLine>?> OpenAsync(
        Bank bank,
        BulkRunDocument run,
        string chunk,
        CancellationToken cancellationToken
    )
    {
        var document = await Collections.BulkChunks.ReadAsync(
            bank.Journal,
            chunk,
            cancellationToken
        );
        Check.That(document is not null);
        return Open(bank, run, chunk, document!);
    }

    /// <inheritdoc cref="OpenAsync"/>
    public static IReadOnlyList<SealedLine>? Open(
        Bank bank,
        BulkRunDocument run,
        string chunk,
        BulkChunkDocument document
    ) =>
        bank.Persons.Open(new CustomerId(run.Customer), $"bulk/{chunk}", document.Sealed)
            is { } json
            ? JsonSerializer.Deserialize(json, BulkJson.Default.IReadOnlyListSealedLine)
            : null;

    private static SealedLine SealedOf(BulkLine line) =>
        line.Creditor switch
        {
            Creditor.Here here => new SealedLine(
                line.Line,
                line.EndToEndId,
                Bank: null,
                here.Account.ToString(),
                here.Name!,
                line.AmountMinor,
                line.Remittance
            ),
            Creditor.Elsewhere elsewhere => new SealedLine(
                line.Line,
                line.EndToEndId,
                elsewhere.Bank.Value,
                elsewhere.Account,
                elsewhere.Name,
                line.AmountMinor,
                line.Remittance
            ),
            _ => throw new InvalidOperationException("An unknown creditor."),
        };
}

/// <summary>What is sealed before it is stored. Names never change.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(IReadOnlyList<SealedLine>))]
internal sealed partial class BulkJson : JsonSerializerContext;
