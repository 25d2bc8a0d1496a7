using System.CommandLine;

namespace Evenkeel.Host.Clusters;

/// <summary><c>evenkeel cluster</c>: what is done to a cluster as a whole.</summary>
internal static class ClusterCommand
{
    public static Command Create() =>
        new("cluster", Text.ClusterDescription) { CertificatesCommand.Create() };
}
