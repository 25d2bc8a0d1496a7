using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Evenkeel.Model;

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
    private bool _isBroken;

    public ExecSession()
    {
        // Answers go to a terminal or a file, never into a page.
        _json = new Utf8JsonWriter(
            _buffer,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
        );
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
        var problem = Execute(line);
        understood = problem is null;
        if (problem is not null)
        {
            Rewind();
            _json.WriteStartObject();
            _json.WriteString("error", problem);
            _json.WriteNumber("line", number);
            _json.WriteEndObject();
        }

        _json.Flush();
        return Encoding.UTF8.GetString(_buffer.WrittenSpan);
    }

    public void Dispose()
    {
        _json.Dispose();
        _ledger.Dispose();
    }

    /// <summary>Null, or why there is no answer.</summary>
    private string? Execute(string line)
    {
        try
        {
            if (_isBroken)
            {
                return "The ledger is broken since an earlier line.";
            }

            if (line.Length > LineCharactersMax)
            {
                return $"The line has {line.Length} characters; the most is {LineCharactersMax}.";
            }

            // Half of a surrogate pair can't be read as text, and no name or number needs one.
            if (line.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
            {
                return "Surrogates are not part of any name or number.";
            }

            using var document = JsonDocument.Parse(line, s_parsing);
            _operations.Execute(new ExecInput(document.RootElement));
            return null;
        }
        catch (Exception e) when (e is ExecInputException or JsonException)
        {
            return e.Message;
        }
        catch (Exception e) when (e is InvariantException or OverflowException)
        {
            // Only "setup" leads here: it can contradict the holds that are open.
            _isBroken = true;
            return $"The ledger is broken from here on: {e.Message}";
        }
    }

    private void Rewind()
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
    }
}
