using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Evenkeel.Host.LedgerExec;

/// <summary>
/// <c>evenkeel ledger exec</c>: requests as JSON, one a line, against a fresh ledger in memory; one
/// line of JSON answers each (docs/ledger-exec.md). For bug reports and conformance tables.
/// </summary>
internal sealed class ExecSession : IDisposable
{
    /// <summary>Characters of one line; a full batch needs about 4 million.</summary>
    public const int LineCharactersMax = 16 << 20;

    private static readonly JsonDocumentOptions s_parsing = new()
    {
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 8,
    };

    private readonly ExecLedger _ledger = new();
    private readonly ArrayBufferWriter<byte> _buffer = new(1 << 16);
    private readonly Utf8JsonWriter _json;
    private readonly ExecOperations _operations;

    public ExecSession()
    {
        _json = new Utf8JsonWriter(_buffer);
        _operations = new ExecOperations(_ledger, _json);
    }

    /// <summary>Answers every line that is not blank; returns how many were not understood.</summary>
    public int Run(TextReader input, TextWriter output)
    {
        var errors = 0;
        for (var number = 1; input.ReadLine() is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                output.WriteLine(Answer(line, number, out var understood));
                errors += understood ? 0 : 1;
            }
        }

        output.Flush();
        return errors;
    }

    /// <summary>Answers one line, without a line break.</summary>
    public string Answer(string line, int number, out bool understood)
    {
        Rewind();
        try
        {
            if (line.Length > LineCharactersMax)
            {
                throw new ExecInputException(
                    $"The line has {line.Length} characters; the most is {LineCharactersMax}."
                );
            }

            using var document = JsonDocument.Parse(line, s_parsing);
            _operations.Execute(new ExecInput(document.RootElement));
            understood = true;
        }
        catch (Exception e) when (e is ExecInputException or JsonException)
        {
            Rewind();
            _json.WriteStartObject();
            _json.WriteString("error", e.Message);
            _json.WriteNumber("line", number);
            _json.WriteEndObject();
            understood = false;
        }

        _json.Flush();
        return Encoding.UTF8.GetString(_buffer.WrittenSpan);
    }

    public void Dispose()
    {
        _json.Dispose();
        _ledger.Dispose();
    }

    private void Rewind()
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
    }
}
