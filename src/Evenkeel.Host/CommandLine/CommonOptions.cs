using System.CommandLine;
using System.CommandLine.Parsing;

namespace Evenkeel.Host.CommandLine;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    public const string DataDefault = "data";

    public static readonly Option<bool> Json = new("--json") { Description = Text.JsonOption };

    public static readonly Option<DirectoryInfo> Data = new("--data")
    {
        Description = Text.DataOption,
        DefaultValueFactory = static _ => new DirectoryInfo(DataDefault),
        HelpName = "DIR",
    };

    public static readonly Option<string?> Server = new("--server")
    {
        Description = Text.ServerOption,
        HelpName = "HOST:PORT",
    };

    public static readonly Option<string?> Key = new("--key")
    {
        Description = Text.KeyOption,
        HelpName = "KEY",
    };

    public static readonly Option<bool> Tls = new("--tls") { Description = Text.TlsOption };

    public static readonly Option<Uri?> Rest = new("--rest")
    {
        Description = Text.RestOption,
        HelpName = "URL",
        CustomParser = ParseUrl,
    };

    public static readonly Option<string?> Language = new(Languages.Option)
    {
        Description = Text.LangOption,
        HelpName = "LANG",
        Recursive = true,
    };

    /// <summary>The library itself can't make an address of a text.</summary>
    public static Uri? ParseUrl(ArgumentResult given)
    {
        var text = given.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https"))
        {
            return url;
        }
        given.AddError(Text.SettingNotUnderstood("URL", text));
        return null;
    }

    /// <summary>What every command that talks to a bank takes.</summary>
    public static Command WithBankOptions(this Command command)
    {
        command.Options.Add(Data);
        command.Options.Add(Server);
        command.Options.Add(Tls);
        command.Options.Add(Key);
        command.Options.Add(Json);
        return command;
    }

    /// <summary>What every command that talks to the REST interface takes.</summary>
    public static Command WithRestOptions(this Command command)
    {
        command.Options.Add(Data);
        command.Options.Add(Rest);
        command.Options.Add(Key);
        command.Options.Add(Json);
        return command;
    }
}
