using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Host.Tests.Upgrades;

/// <summary>
/// A copy of the real program in which one method of the ledger answers another status. The
/// constant is exchanged in the compiled code: the product has no switch for faults.
/// </summary>
internal static class PlantedProgram
{
    private const byte LoadSmallConstant = 0x1F;
    private const byte Return = 0x2A;

    /// <returns>The path of the copy's executable.</returns>
    public static string Make(
        string folder,
        string method,
        CreateTransferStatus instead,
        CreateTransferStatus of
    )
    {
        Copy(folder);
        var path = Path.Combine(folder, "Evenkeel.Ledger.dll");
        var bytes = File.ReadAllBytes(path);
        Assert.True(
            Exchange(bytes, method, of: (byte)of, instead: (byte)instead) > 0,
            $"{method} returns {of} somewhere"
        );
        File.WriteAllBytes(path, bytes);
        return Path.Combine(folder, "evenkeel");
    }

    /// <summary>A copy that does exactly the same.</summary>
    public static string Copy(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            var name = Path.GetFileName(file);
            var target = Path.Combine(folder, name);
            if (name.StartsWith("evenkeel", StringComparison.OrdinalIgnoreCase))
            {
                File.Copy(file, target);
            }
            else
            {
                File.CreateSymbolicLink(target, file);
            }
        }
        foreach (var native in Directory.EnumerateDirectories(AppContext.BaseDirectory, "runtimes"))
        {
            Directory.CreateSymbolicLink(
                Path.Combine(folder, Path.GetFileName(native)),
                Path.GetFullPath(native)
            );
        }
        return Path.Combine(folder, "evenkeel");
    }

    private static int Exchange(byte[] image, string method, byte of, byte instead)
    {
        using var stream = new MemoryStream(image, writable: false);
        using var reader = new PEReader(stream);
        var metadata = reader.GetMetadataReader();
        var exchanged = 0;
        foreach (var handle in metadata.MethodDefinitions)
        {
            var definition = metadata.GetMethodDefinition(handle);
            if (!metadata.StringComparer.Equals(definition.Name, method))
            {
                continue;
            }
            var body = reader.GetMethodBody(definition.RelativeVirtualAddress).GetILBytes()!;
            var start = image.AsSpan().IndexOf(body);
            for (var i = 0; i + 2 < body.Length; i++)
            {
                if (body[i] == LoadSmallConstant && body[i + 1] == of && body[i + 2] == Return)
                {
                    image[start + i + 1] = instead;
                    exchanged++;
                }
            }
        }
        return exchanged;
    }
}
