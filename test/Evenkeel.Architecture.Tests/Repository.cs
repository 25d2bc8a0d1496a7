using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Evenkeel.Architecture.Tests;

/// <summary>The source tree as these tests see it.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static IEnumerable<string> Projects(string folder) =>
        Directory.EnumerateFiles(
            Path.Combine(Root, folder),
            "*.csproj",
            SearchOption.AllDirectories
        );

    public static IReadOnlyList<string> References(string project, string kind) =>
        [
            .. XDocument
                .Load(project)
                .Descendants(kind)
                .Select(e => (string?)e.Attribute("Include") ?? "")
                .Where(i => i.Length > 0)
                .Select(i =>
                    string.Equals(kind, "ProjectReference", StringComparison.Ordinal)
                        ? Path.GetFileNameWithoutExtension(i.Replace('\\', '/'))
                        : i
                ),
        ];

    public static IEnumerable<string> Sources(params string[] folders) =>
        folders
            .SelectMany(f =>
                Directory.EnumerateFiles(Path.Combine(Root, f), "*.cs", SearchOption.AllDirectories)
            )
            .Where(f =>
                !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}")
                && !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}")
            );

    public static string Relative(string path) => Path.GetRelativePath(Root, path);

    private static string FindRoot([CallerFilePath] string here = "")
    {
        foreach (var start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(here)! })
        {
            for (var d = new DirectoryInfo(start); d is not null; d = d.Parent)
            {
                if (File.Exists(Path.Combine(d.FullName, "Evenkeel.slnx")))
                {
                    return d.FullName;
                }
            }
        }
        throw new InvalidOperationException("Evenkeel.slnx not found above the test's folder.");
    }
}
