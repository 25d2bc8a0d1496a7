using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests.Golden;

/// <summary>
/// Numbers and offsets that are on disks and wires never change; new ones may be added. After adding,
/// rewrite the golden file with UPDATE_GOLDEN=1 and read its difference as an auditor would.
/// </summary>
public sealed class PersistedLayoutTests
{
    private static readonly Assembly[] Assemblies =
    [
        typeof(Transfer).Assembly,
        typeof(HistoryRow).Assembly,
    ];

    [Fact]
    public void Every_number_and_offset_of_the_golden_file_is_as_it_was()
    {
        List<string> actual = Describe();
        string path = Path.Combine(
            Root(),
            "test",
            "Evenkeel.Ledger.Tests",
            "Golden",
            "persisted-layout.txt"
        );
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllLines(path, actual);
        }

        string[] golden = File.ReadAllLines(path);
        Assert.True(golden.Length > 300);
        Assert.Empty(golden.Except(actual));
    }

    [Fact]
    public void Structures_have_exactly_the_size_they_declare()
    {
        Type[] structs = [.. Structs()];
        Assert.Contains(typeof(Transfer), structs);
        Assert.Contains(typeof(HistoryRow), structs);
        foreach (Type type in structs)
        {
            int declared = type.StructLayoutAttribute!.Size;
            Assert.True(SizeOf(type) == declared, $"{type.Name}: {SizeOf(type)}, not {declared}");
        }
    }

    private static List<string> Describe()
    {
        var lines = new List<string>();
        foreach (Type type in Assemblies.SelectMany(a => a.GetTypes()).Where(IsPersistedEnum))
        {
            Type number = Enum.GetUnderlyingType(type);
            lines.Add($"enum {type.Name} is {number.Name}");
            foreach (string name in Enum.GetNames(type).Where(n => n != "Known"))
            {
                object value = Enum.Parse(type, name);
                object persisted = Convert.ChangeType(value, number, CultureInfo.InvariantCulture);
                lines.Add($"enum {type.Name} {name} = {persisted}");
            }
        }

        foreach (Type type in Structs())
        {
            lines.Add($"struct {type.Name} is {SizeOf(type)} bytes");
            foreach (FieldInfo field in Fields(type))
            {
                int offset = field.GetCustomAttribute<FieldOffsetAttribute>()!.Value;
                lines.Add($"struct {type.Name} {field.Name} {field.FieldType.Name} at {offset}");
            }
        }

        return lines;
    }

    private static bool IsPersistedEnum(Type type) => type.IsEnum && type.IsPublic;

    private static IEnumerable<Type> Structs() =>
        Assemblies
            .SelectMany(a => a.GetTypes())
            .Where(t =>
                t is { IsValueType: true, IsExplicitLayout: true, IsNested: false }
                && !t.IsEnum
                && t.Namespace!.StartsWith("Evenkeel", StringComparison.Ordinal)
            )
            .OrderBy(t => t.Name, StringComparer.Ordinal);

    private static IOrderedEnumerable<FieldInfo> Fields(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .OrderBy(f => f.GetCustomAttribute<FieldOffsetAttribute>()!.Value);

    private static int SizeOf(Type type) =>
        (int)
            typeof(Unsafe)
                .GetMethod(nameof(Unsafe.SizeOf))!
                .MakeGenericMethod(type)
                .Invoke(null, null)!;

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder != null && !File.Exists(Path.Combine(folder, "Evenkeel.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("No Evenkeel.slnx above the tests.");
    }
}
