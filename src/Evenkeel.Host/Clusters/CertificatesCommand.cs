using System.CommandLine;
using System.Security.Cryptography;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Replication;

namespace Evenkeel.Host.Clusters;

/// <summary>
/// <c>evenkeel cluster certificates</c>: an authority of the cluster's own and a certificate for each
/// member, by which they know each other.
/// </summary>
internal static class CertificatesCommand
{
    public static Command Create()
    {
        Option<string> folder = new("--out")
        {
            Description = Text.CertificatesOutOption,
            HelpName = "DIR",
            Required = true,
        };
        Option<string> nodes = new("--nodes")
        {
            Description = Text.CertificatesNodesOption,
            HelpName = "n1,n2,n3",
            Required = true,
        };
        Option<bool> gateway = new("--gateway") { Description = Text.CertificatesGatewayOption };
        Command command = new("certificates", Text.CertificatesDescription)
        {
            folder,
            nodes,
            gateway,
        };
        command.Does(
            (parsed, terminal, _) =>
            {
                List<string> names =
                [
                    .. parsed
                        .GetRequiredValue(nodes)
                        .Split(
                            ',',
                            StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
                        ),
                ];
                if (parsed.GetValue(gateway))
                {
                    names.Add(HostedBank.GatewayName);
                }
                try
                {
                    var written = ClusterCertificates.Create(
                        parsed.GetRequiredValue(folder),
                        names,
                        TimeProvider.System.GetUtcNow()
                    );
                    foreach (var path in written)
                    {
                        terminal.Line(path);
                    }
                    terminal.Line(
                        written.Count == 0
                            ? Text.CertificatesNothingNew
                            : Text.CertificatesKeep(ClusterCertificates.AuthorityKeyName)
                    );
                    return Task.FromResult(ExitCode.Ok);
                }
                catch (ArgumentException e)
                {
                    throw new CommandFailedException(ExitCode.Usage, e.Message);
                }
                catch (Exception e)
                    when (e is IOException or UnauthorizedAccessException or CryptographicException)
                {
                    throw new CommandFailedException(
                        ExitCode.NotDone,
                        Text.CertificatesFailed(e.Message)
                    );
                }
            }
        );
        return command;
    }
}
