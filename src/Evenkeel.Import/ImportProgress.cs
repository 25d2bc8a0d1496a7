using System.Text.Json.Serialization;

namespace Evenkeel.Import;

/// <summary>
/// How far an import is, kept in the bank's own records (<c>import/NAME</c>). Only a shortcut: the
/// ids alone keep anything from being loaded twice.
/// </summary>
/// <param name="Digest">Of the source's files when the import began.</param>
/// <param name="Operations">Operations of the plan that are done.</param>
/// <param name="Transfers">Transfers of the plan that are done.</param>
internal sealed record ImportProgress(string Digest, int Operations, int Transfers)
{
    public const string Collection = "import";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ImportProgress))]
internal sealed partial class ImportJson : JsonSerializerContext;
