using System.Globalization;
using System.Text.Json.Nodes;
using Evenkeel.LedgerApi.Json;
using Evenkeel.LedgerApi.Paging;
using Evenkeel.LedgerApi.Problems;
using Evenkeel.LedgerApi.Security;
using Evenkeel.Model;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Evenkeel.LedgerApi.OpenApi;

/// <summary>Puts into the description what endpoints say of themselves in their metadata.</summary>
internal static class DescriptionTransformers
{
    private const string Scheme = "api_key";

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer(DocumentAsync);
        options.AddOperationTransformer(OperationAsync);
        options.AddSchemaTransformer(SchemaAsync);
    }

    private static Task DocumentAsync(
        OpenApiDocument document,
        OpenApiDocumentTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        document.Info = new OpenApiInfo
        {
            Title = "Evenkeel ledger",
            Version = "v1",
            Description =
                "Accounts and transfers of an Evenkeel bank, its records and its keys. Every whole number "
                + "of 64 or 128 bits (ids, amounts, user data, timestamps) is a decimal string, since JSON "
                + "numbers lose digits in many languages; amounts are integers of minor units. Unknown "
                + "members are refused. A request is done, not done with a reason, or of unknown outcome: "
                + "then ask again with the same ids.",
            License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
        };
        // Where it is served from, is where it is asked: a fixed address would be wrong elsewhere.
        document.Servers = [new OpenApiServer { Url = "/" }];
        // Only the groups that operations are in: the framework lists handler classes as well.
        document.Tags = document
            .Paths.Values.SelectMany(static path => path.Operations?.Values.AsEnumerable() ?? [])
            .SelectMany(static operation => operation.Tags ?? new HashSet<OpenApiTagReference>())
            .Select(static tag => tag.Reference.Id!)
            .Distinct(StringComparer.Ordinal)
            .Select(static name => new OpenApiTag { Name = name })
            .ToHashSet();
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(
            StringComparer.Ordinal
        )
        {
            [Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "ek_NUMBER_SECRET",
                Description =
                    "An API key: Authorization: Bearer ek_1_..., or the header X-Api-Key.",
            },
        };
        return Task.CompletedTask;
    }

    private static async Task OperationAsync(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        var route = context.Description.RelativePath ?? "";
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.OperationId = IdOf(context.Description.HttpMethod ?? "GET", route);
        var group = route.Split('/') is ["v1", var resource, ..] ? resource : "service";
        operation.Tags = new HashSet<OpenApiTagReference> { new(group, context.Document) };
        if (metadata.OfType<NeededScope>().LastOrDefault() is { } needed)
        {
            var scope = Journal.Access.ScopeNames.ToNames(needed.Scope).Single();
            operation.Description += $"\n\nScope: `{scope}`.";
            operation.Security =
            [
                new OpenApiSecurityRequirement
                {
                    [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [scope],
                },
            ];
        }
        foreach (var parameter in operation.Parameters ?? [])
        {
            if (parameter.Name is "id")
            {
                ((OpenApiParameter)parameter).Schema = Whole(UInt128.MaxValue);
            }
        }
        foreach (var query in metadata.OfType<QueryParameters>().SelectMany(q => q.All))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(ParameterOf(query));
        }
        if (metadata.OfType<IdempotencyKeyTaken>().Any())
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(IdempotencyKey());
        }
        if (
            metadata.OfType<RequestExample>().LastOrDefault() is { } example
            && operation.RequestBody?.Content?.Values.FirstOrDefault() is { } body
        )
        {
            body.Example = JsonNode.Parse(example.Json);
        }
        var problem = await context.GetOrCreateSchemaAsync(
            typeof(Problem),
            parameterDescription: null,
            cancellationToken
        );
        context.Document!.AddComponent(nameof(Problem), problem);
        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "Anything else: problem details.",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["application/problem+json"] = new OpenApiMediaType
                {
                    Schema = new OpenApiSchemaReference(nameof(Problem), context.Document),
                },
            },
        };
    }

    private static Task SchemaAsync(
        OpenApiSchema schema,
        OpenApiSchemaTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        var declared = context.JsonTypeInfo.Type;
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(UInt128))
        {
            Become(schema, Whole(UInt128.MaxValue));
        }
        else if (type == typeof(ulong))
        {
            Become(schema, Whole(ulong.MaxValue));
        }
        else if (type == typeof(long))
        {
            Become(
                schema,
                new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Pattern = "^-?(0|[1-9][0-9]{0,18})$",
                    Description = "A signed 64-bit number, as a decimal string.",
                }
            );
        }
        else if (type == typeof(AccountFlags))
        {
            Become(schema, FlagsOf(AccountFlagsConverter.Table.Select(t => t.Name)));
        }
        else if (type == typeof(TransferFlags))
        {
            Become(schema, FlagsOf(TransferFlagsConverter.Table.Select(t => t.Name)));
        }
        else if (type.IsEnum)
        {
            Become(schema, OneOf(NamesOf(type)));
        }
        return Task.CompletedTask;
    }

    private static IEnumerable<string> NamesOf(Type type) =>
        type == typeof(CreateAccountStatus) ? WireName.All<CreateAccountStatus>()
        : type == typeof(CreateTransferStatus) ? WireName.All<CreateTransferStatus>()
        : type == typeof(UpdateAccountStatus) ? WireName.All<UpdateAccountStatus>()
        : WireName.All<ChangeEventType>();

    private static void Become(OpenApiSchema schema, OpenApiSchema other)
    {
        // What the framework says of the number does not hold for its spelling as a string.
        schema.Format = null;
        schema.Type = other.Type;
        schema.Pattern = other.Pattern;
        schema.Items = other.Items;
        schema.Enum = other.Enum;
        schema.UniqueItems = other.UniqueItems;
        schema.Description ??= other.Description;
    }

    private static OpenApiSchema Whole(UInt128 max) =>
        new()
        {
            Type = JsonSchemaType.String,
            Pattern = WholeNumber.Pattern,
            Description =
                max == UInt128.MaxValue
                    ? "A whole number of at most 128 bits, as a decimal string."
                    : $"A whole number up to {max.ToString(CultureInfo.InvariantCulture)}, as a decimal string.",
        };

    private static OpenApiSchema OneOf(IEnumerable<string> names) =>
        new()
        {
            Type = JsonSchemaType.String,
            Enum = [.. names.Select(n => (JsonNode)JsonValue.Create(n))],
        };

    private static OpenApiSchema FlagsOf(IEnumerable<string> names) =>
        new()
        {
            Type = JsonSchemaType.Array,
            UniqueItems = true,
            Items = OneOf(names),
        };

    private static OpenApiParameter ParameterOf(QueryParameter parameter) =>
        new()
        {
            Name = parameter.Name,
            In = ParameterLocation.Query,
            Description = parameter.Description,
            Schema = parameter.Kind switch
            {
                ParameterKind.Whole => Whole(parameter.Max),
                ParameterKind.Direction => OneOf(["oldest_first", "newest_first"]),
                _ => new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    MaxLength = (int)parameter.Max,
                },
            },
        };

    private static OpenApiParameter IdempotencyKey() =>
        new()
        {
            Name = "Idempotency-Key",
            In = ParameterLocation.Header,
            Description =
                "Names this request. Events without an id get one that follows from it; the same key and "
                + "content again gets the first answer, the same key with other content is refused (422). "
                + "It belongs to the API key that sent it.",
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                MinLength = 1,
                MaxLength = ApiLimits.IdempotencyKeyCharsMax,
            },
        };

    /// <summary>"GET v1/accounts/{id}/transfers" is "get_accounts_by_id_transfers".</summary>
    private static string IdOf(string method, string route) =>
        string.Join(
            '_',
            route
                .Split('/', StringSplitOptions.RemoveEmptyEntries)
                .Where(p => p is not "v1")
                .Select(p => p[0] == '{' ? $"by_{p.Trim('{', '}')}" : p.Replace('-', '_'))
                .Prepend(method.ToLowerInvariant())
        );
}
