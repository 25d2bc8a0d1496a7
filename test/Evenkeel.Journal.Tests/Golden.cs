using System.Text;
using Xunit;

namespace Evenkeel.Journal.Tests;

/// <summary>Bytes that must not change, as lines of hex; rewritten with UPDATE_GOLDEN=1.</summary>
internal static class Golden
{
    public static void Equal(string name, ReadOnlySpan<byte> actual)
    {
        var text = new StringBuilder();
        for (var i = 0; i < actual.Length; i += 16)
        {
            text.Append(Convert.ToHexStringLower(actual[i..Math.Min(i + 16, actual.Length)]))
                .Append('\n');
        }

        var path = Path.Combine(Folder(), name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, text.ToString());
        }

        Assert.Equal(File.ReadAllText(path), text.ToString());
    }

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Evenkeel.slnx")))
        {
            folder =
                folder.Parent ?? throw new DirectoryNotFoundException("No Evenkeel.slnx above.");
        }

        return Path.Combine(folder.FullName, "test", "Evenkeel.Journal.Tests", "Golden");
    }
}
