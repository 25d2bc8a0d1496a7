using System.Text;

namespace Evenkeel.Banking.Tests;

/// <content>What lies on the disk.</content>
public sealed partial class TestBank
{
    private const int ScanBytes = 64 << 10;

    /// <summary>Stops the node and looks for the texts in every file that it left.</summary>
    /// <returns>"file: text" for each that was found, and how many bytes were read.</returns>
    public async Task<(IReadOnlyList<string> Found, long Bytes)> ScanAsync(
        IReadOnlyList<string> texts
    )
    {
        await _node.DisposeAsync();
        var needles = texts.Select(Encoding.UTF8.GetBytes).ToArray();
        var overlap = needles.Max(static needle => needle.Length) - 1;
        List<string> found = [];
        var bytes = 0L;
        foreach (var file in Directory.EnumerateFiles(_directory, "*", SearchOption.AllDirectories))
        {
            using var stream = File.OpenRead(file);
            var buffer = new byte[ScanBytes];
            var kept = 0;
            while (stream.Read(buffer, kept, buffer.Length - kept) is var read and > 0)
            {
                bytes += read;
                var seen = buffer.AsSpan(0, kept + read);
                for (var i = 0; i < needles.Length; i++)
                {
                    if (seen.IndexOf(needles[i]) >= 0)
                    {
                        found.Add($"{Path.GetRelativePath(_directory, file)}: {texts[i]}");
                    }
                }
                kept = Math.Min(overlap, seen.Length);
                seen[^kept..].CopyTo(buffer);
            }
        }
        return (found, bytes);
    }
}
