using System.Globalization;
using Evenkeel.Model;
using Sylvan.Data.Csv;

namespace Evenkeel.Import;

/// <summary>One delimited file of a source, read row by row; every complaint names file and line.</summary>
internal sealed class SourceTable : IDisposable
{
    private readonly string _file;
    private readonly CsvDataReader _reader;

    private SourceTable(string file, CsvDataReader reader)
    {
        _file = file;
        _reader = reader;
    }

    /// <summary>The row's line in the file; the heading is line 1.</summary>
    public long Line => (long)_reader.RowNumber + 1;

    public static SourceTable Open(string folder, string name, char delimiter, string[] columns)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            throw new ImportFailedException(ImportFailureKind.FileMissing, name, 0, path);
        }
        if (new FileInfo(path).Length > ImportLimits.FileBytesMax)
        {
            throw new ImportFailedException(ImportFailureKind.FileFormat, name, 0, "size");
        }
        var options = new CsvDataReaderOptions { Delimiter = delimiter, HasHeaders = true };
        var reader = CsvDataReader.Create(path, options);
        var found = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName);
        if (!found.SequenceEqual(columns, StringComparer.Ordinal))
        {
            reader.Dispose();
            throw new ImportFailedException(
                ImportFailureKind.FileFormat,
                name,
                1,
                string.Join(delimiter, columns)
            );
        }
        return new SourceTable(name, reader);
    }

    public bool Read()
    {
        try
        {
            return _reader.Read();
        }
        catch (CsvFormatException e)
        {
            throw new ImportFailedException(ImportFailureKind.Row, _file, Line, e.Message);
        }
    }

    public string Text(int column) =>
        column < _reader.RowFieldCount
            ? _reader.GetString(column)
            : throw Wrong($"{_reader.GetName(column)}: -");

    public ulong Number(int column) =>
        ulong.TryParse(Text(column), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw WrongField(column);

    public long Amount(int column, int decimals) =>
        MinorUnits.TryParse(Text(column), decimals, out var value)
            ? value
            : throw WrongField(column);

    /// <summary>A date written YYMMDD in the last century, as the number YYYYMMDD.</summary>
    public uint Date(int column)
    {
        var text = Text(column);
        var digits = text.Length >= 6 ? "19" + text[..6] : text;
        return DateOnly.TryParseExact(
            digits,
            "yyyyMMdd",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var date
        )
            ? ValueDates.ToNumber(date)
            : throw WrongField(column);
    }

    public ImportFailedException WrongField(int column) =>
        Wrong($"{_reader.GetName(column)}: {Text(column)}");

    public ImportFailedException Wrong(string detail) =>
        new(ImportFailureKind.Row, _file, Line, detail);

    public void Dispose() => _reader.Dispose();
}
