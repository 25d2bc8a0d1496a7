using System.Globalization;
using System.Runtime.CompilerServices;

namespace Evenkeel.Host.Tests;

/// <summary>Texts that tests compare are English, whatever the machine speaks.</summary>
internal static class EnglishForTests
{
    [ModuleInitializer]
    internal static void Set()
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.GetCultureInfo("en");
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");
    }
}
