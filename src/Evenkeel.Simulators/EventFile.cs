using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Evenkeel.Simulators;

/// <summary>
/// All that a simulator knows: events, a line of JSON each, only ever appended and flushed to the disk
/// before anybody hears of them. A last line that a death cut short was never told to anybody.
/// </summary>
internal sealed class EventFile<T> : IDisposable
    where T : class
{
    private readonly JsonTypeInfo<T> _type;
    private readonly FileStream? _file;

    /// <param name="path">Null keeps nothing.</param>
    public EventFile(string? path, JsonTypeInfo<T> type, Action<T> replay)
    {
        _type = type;
        if (path is null)
        {
            return;
        }
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        _file.Position = Replay(_file, type, replay);
        _file.SetLength(_file.Position);
    }

    public void Append(T happened)
    {
        if (_file is null)
        {
            return;
        }
        _file.Write(JsonSerializer.SerializeToUtf8Bytes(happened, _type));
        _file.WriteByte((byte)'\n');
        _file.Flush(flushToDisk: true);
    }

    public void Dispose() => _file?.Dispose();

    /// <returns>Where the last whole line ends.</returns>
    private static long Replay(FileStream file, JsonTypeInfo<T> type, Action<T> replay)
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        var start = 0;
        while (bytes.AsSpan(start).IndexOf((byte)'\n') is var length and >= 0)
        {
            var line = JsonSerializer.Deserialize(bytes.AsSpan(start, length), type);
            Model.Check.That(line is not null);
            replay(line!);
            start += length + 1;
        }
        return start;
    }
}
