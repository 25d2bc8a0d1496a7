using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests.Golden;

/// <summary>
/// Numbers and offsets that are on disks and wires never change; new ones may be added. Rewrite the
/// golden file with UPDATE_GOLDEN=1 and read its difference as an auditor would.
/// </summary>
public sealed class PersistedLayoutTests
{
    private static readonly Assembly[] Assemblies =
    [
        typeof(Transfer).Assembly,
        typeof(HistoryRow).Assembly,
    ];

    [Fact]
    public void Persisted_numbers_and_offsets_are_those_of_the_golden_file()
    {
        string actual = Describe();
        string path = Path.Combine(
            Root(),
            "test",
            "Evenkeel.Ledger.Tests",
            "Golden",
            "persisted-layout.txt"
        );
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path), actual);
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

    private static string Describe()
    {
        var text = new StringBuilder();
        foreach (Type type in Assemblies.SelectMany(a => a.GetTypes()).Where(IsPersistedEnum))
        {
            text.Append(CultureInfo.InvariantCulture, $"enum {type.Name} : ");
            text.Append(CultureInfo.InvariantCulture, $"{Enum.GetUnderlyingType(type).Name}\n");
            foreach (object value in Enum.GetValues(type))
            {
                object number = Convert.ChangeType(
                    value,
                    Enum.GetUnderlyingType(type),
                    CultureInfo.InvariantCulture
                );
                text.Append(CultureInfo.InvariantCulture, $"  {number} {value}\n");
            }
        }

        foreach (Type type in Structs())
        {
            text.Append(CultureInfo.InvariantCulture, $"struct {type.Name} {SizeOf(type)}\n");
            foreach (FieldInfo field in Fields(type))
            {
                int offset = field.GetCustomAttribute<FieldOffsetAttribute>()!.Value;
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"  {offset} {field.FieldType.Name} {field.Name}\n"
                );
            }
        }

        return text.ToString();
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
