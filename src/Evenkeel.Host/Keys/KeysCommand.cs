using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Journal.Access;
using Spectre.Console;

namespace Evenkeel.Host.Keys;

/// <summary><c>evenkeel keys</c>: makes, lists and revokes API keys through the REST interface.</summary>
internal static class KeysCommand
{
    private const string Path = "/v1/keys";
    private const int PageKeys = 1_000;

    public static Command Create(BankDoor door) =>
        new("keys", Text.KeysDescription) { Make(door), List(door), Revoke(door) };

    private static Command Make(BankDoor door)
    {
        Option<string> name = new("--name") { Description = Text.KeyNameOption, Required = true };
        Option<string[]> scopes = new("--scope")
        {
            Description = Text.KeyScopeOption(string.Join(", ", ScopeNames.All)),
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        scopes.AcceptOnlyFromAmong([.. ScopeNames.All]);
        var command = new Command("create", Text.KeysCreateDescription)
        {
            name,
            scopes,
        }.WithRestOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                await using var bank = await door.OpenRestAsync(parsed, terminal, token)
                    .ConfigureAwait(false);
                var made = await bank.PostAsync(
                        Path,
                        new MakeKey(parsed.GetRequiredValue(name), parsed.GetRequiredValue(scopes)),
                        KeysJson.Default.MakeKey,
                        KeysJson.Default.MadeKey,
                        token
                    )
                    .ConfigureAwait(false);
                terminal.Line(Text.KeyMade(made.Key.Number, made.Key.Name));
                terminal.Line(made.Token);
                terminal.Object(made, KeysOutputJson.Default.MadeKey);
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static Command List(BankDoor door)
    {
        var command = new Command("list", Text.KeysListDescription).WithRestOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                await using var bank = await door.OpenRestAsync(parsed, terminal, token)
                    .ConfigureAwait(false);
                List<ApiKey> keys = [];
                string? cursor = null;
                do
                {
                    var after = cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}";
                    var page = await bank.GetAsync(
                            $"{Path}?limit={PageKeys}{after}",
                            KeysJson.Default.KeyPage,
                            token
                        )
                        .ConfigureAwait(false);
                    keys.AddRange(page.Keys);
                    cursor = page.NextCursor;
                } while (cursor is not null);
                Print(terminal, keys);
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static Command Revoke(BankDoor door)
    {
        Argument<ulong> number = new("NUMBER") { Description = Text.KeyNumberArgument };
        var command = new Command("revoke", Text.KeysRevokeDescription)
        {
            number,
        }.WithRestOptions();
        command.Does(
            async (parsed, terminal, token) =>
            {
                await using var bank = await door.OpenRestAsync(parsed, terminal, token)
                    .ConfigureAwait(false);
                var key = parsed.GetRequiredValue(number).ToString(CultureInfo.InvariantCulture);
                var revoked = await bank.DeleteAsync(
                        $"{Path}/{key}",
                        KeysJson.Default.ApiKey,
                        token
                    )
                    .ConfigureAwait(false);
                terminal.Line(Text.KeyRevoked(key));
                terminal.Object(revoked, KeysOutputJson.Default.ApiKey);
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static void Print(Terminal terminal, List<ApiKey> keys)
    {
        var table = Terminal.NewTable(
            Text.ColumnNumber,
            Text.ColumnName,
            Text.ColumnScopes,
            Text.ColumnCreated,
            Text.ColumnRevoked
        );
        foreach (var key in keys)
        {
            string[] cells =
            [
                key.Number.ToString(CultureInfo.InvariantCulture),
                key.Name,
                key.Scopes.Length == ScopeNames.All.Count ? "*" : string.Join(' ', key.Scopes),
                Time(key.CreatedAt),
                key.RevokedAt is { } revoked ? Time(revoked) : "",
            ];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }
        terminal.Table(table);
        terminal.Object(new KeyList(keys), KeysOutputJson.Default.KeyList);
    }

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}

internal sealed record MakeKey(string Name, string[] Scopes);

internal sealed record MadeKey(string Token, ApiKey Key);

internal sealed record ApiKey(
    ulong Number,
    string Name,
    string[] Scopes,
    DateTimeOffset CreatedAt,
    ulong CreatedBy,
    DateTimeOffset? RevokedAt,
    ulong? RevokedBy
);

internal sealed record KeyPage(ApiKey[] Keys, string? NextCursor);

internal sealed record KeyList(IReadOnlyList<ApiKey> Keys);

/// <summary>As the REST interface writes them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowReadingFromString
)]
[JsonSerializable(typeof(MakeKey))]
[JsonSerializable(typeof(MadeKey))]
[JsonSerializable(typeof(KeyPage))]
internal sealed partial class KeysJson : JsonSerializerContext;

/// <summary>As commands write them.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(MadeKey))]
[JsonSerializable(typeof(KeyList))]
internal sealed partial class KeysOutputJson : JsonSerializerContext;
