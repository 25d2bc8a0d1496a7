using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace Evenkeel.Host.CommandLine;

/// <summary>
/// Where a command speaks: tables to standard output, progress and complaints to standard error, and
/// with <c>--json</c> one object as the last line of standard output.
/// </summary>
internal sealed class Terminal
{
    /// <summary>Columns for tables that go to a file or a pipe, where no width is known.</summary>
    private const int WidthWithoutTerminal = 160;

    private readonly TextWriter _out;
    private readonly TextWriter _error;

    public Terminal(TextWriter output, TextWriter error, bool json)
    {
        _out = output;
        _error = error;
        Json = json;
        Out = Console(output, isTerminal: !System.Console.IsOutputRedirected);
        Error = Console(error, isTerminal: !System.Console.IsErrorRedirected);
    }

    /// <summary>True when a machine reads: tables are left out.</summary>
    public bool Json { get; }

    public IAnsiConsole Out { get; }

    public IAnsiConsole Error { get; }

    public static Terminal Of(ParseResult parsed) =>
        new(
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            parsed.GetValue(CommonOptions.Json)
        );

    /// <summary>A line for people; nothing is printed for machines.</summary>
    public void Line(string text = "")
    {
        if (!Json)
        {
            _out.WriteLine(text);
            _out.Flush();
        }
    }

    public void Table(Table table)
    {
        if (!Json)
        {
            Out.Write(table);
        }
    }

    /// <summary>The object for machines; nothing is printed for people.</summary>
    public void Object<T>(T value, JsonTypeInfo<T> type)
    {
        if (Json)
        {
            _out.WriteLine(JsonSerializer.Serialize(value, type));
            _out.Flush();
        }
    }

    /// <summary>An object for machines that is JSON already, in one line.</summary>
    public void JsonLine(string json)
    {
        if (Json)
        {
            _out.WriteLine(json);
            _out.Flush();
        }
    }

    /// <summary>A remark that must not disturb standard output.</summary>
    public void Remark(string text) => _error.WriteLine(text);

    public void Complain(string text) => _error.WriteLine(Text.ErrorPrefix(text));

    public static Table NewTable(params string[] columns)
    {
        Table table = new() { Border = TableBorder.Rounded };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)) { NoWrap = true });
        }
        return table;
    }

    private static IAnsiConsole Console(TextWriter writer, bool isTerminal)
    {
        AnsiConsoleSettings settings = new() { Out = new AnsiConsoleOutput(writer) };
        if (!isTerminal)
        {
            settings.Ansi = AnsiSupport.No;
            settings.Interactive = InteractionSupport.No;
        }
        var console = AnsiConsole.Create(settings);
        if (!isTerminal)
        {
            console.Profile.Width = WidthWithoutTerminal;
        }
        return console;
    }
}
