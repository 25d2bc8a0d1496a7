using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Rest;
using Evenkeel.Contract;
using Evenkeel.Gateway;
using Evenkeel.Gateway.Attempts;
using Evenkeel.Gateway.Banking;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Model.Clusters;
using Evenkeel.Replication;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Host.Gateways;

/// <summary><c>evenkeel gateway</c>: the front door of a cluster.</summary>
internal static class GatewayCommand
{
    private const int HoldSecondsMax = 300;
    private const int SignInsPerMinuteMax = 100_000;
    private const int RetentionDaysMax = 10 * 366;

    public static Command Create()
    {
        GatewaySettings settings = new();
        Command command = new("gateway", Text.GatewayDescription) { AttemptsCommand.Create() };
        settings.AddTo(command);
        command.Does(
            async (parsed, terminal, token) =>
            {
                var options = settings.Read(parsed);
                using var logging = RunCommand.Logging(LogLevel.Information);
                // A second gateway on the same files would write into the first one's records.
                using var owned = DirectoryLock.Acquire(options.Attempts.Directory);
                var gateway = await RunningGateway
                    .StartAsync(options, logging, token)
                    .ConfigureAwait(false);
                await using (gateway.ConfigureAwait(false))
                {
                    Greet(terminal, options, gateway);
                    await RunCommand.UntilStoppedAsync(token).ConfigureAwait(false);
                    terminal.Line(Text.RunStopping);
                }
                terminal.Line(Text.RunStopped);
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static void Greet(Terminal terminal, GatewayOptions options, RunningGateway gateway)
    {
        terminal.Line(Text.GatewayOpen(options.Attempts.Directory));
        terminal.Line(Text.GatewayRest(gateway.Rest));
        if (gateway.Operations is { } operations)
        {
            terminal.Line(Text.GatewayOperations(operations));
        }
        foreach (var node in options.Nodes)
        {
            terminal.Line(Text.GatewayNode(node.Name, node.Rest));
        }
    }

    /// <summary>The options of <c>gateway</c>.</summary>
    private sealed class GatewaySettings
    {
        private readonly Option<FileInfo?> _cluster = new("--cluster")
        {
            Description = Text.GatewayClusterOption,
            HelpName = "FILE",
        };
        private readonly Option<string[]> _nodes = new("--node")
        {
            Description = Text.GatewayNodeOption,
            HelpName = "URL",
        };
        private readonly Option<DirectoryInfo> _data = new("--data")
        {
            Description = Text.GatewayDataOption,
            HelpName = "DIR",
            Required = true,
        };
        private readonly Option<string?> _listen = new("--listen")
        {
            Description = Text.ListenOption,
            HelpName = "ADDRESS",
        };
        private readonly Option<int?> _port = new("--port")
        {
            Description = Text.GatewayPortOption,
            HelpName = "PORT",
        };
        private readonly Option<int?> _operationsPort = new("--operations-port")
        {
            Description = Text.GatewayOperationsPortOption,
            HelpName = "PORT",
        };
        private readonly Option<string?> _certificate = new("--certificate")
        {
            Description = Text.CertificateOption,
            HelpName = "FILE",
        };
        private readonly Option<string?> _certificateKey = new("--certificate-key")
        {
            Description = Text.CertificateKeyOption,
            HelpName = "FILE",
        };
        private readonly Option<string?> _nodeAuthority = new("--node-authority")
        {
            Description = Text.GatewayNodeAuthorityOption,
            HelpName = "FILE",
        };
        private readonly Option<FileInfo?> _contract = new("--contract-secret")
        {
            Description = Text.GatewayContractOption,
            HelpName = "FILE",
        };
        private readonly Option<string?> _contractCertificate = new("--contract-certificate")
        {
            Description = Text.GatewayContractCertificateOption(HostedBank.GatewayName),
            HelpName = "FILE",
        };
        private readonly Option<string?> _contractKey = new("--contract-certificate-key")
        {
            Description = Text.GatewayContractKeyOption,
            HelpName = "FILE",
        };
        private readonly Option<string?> _issuer = new("--issuer")
        {
            Description = Text.GatewayIssuerOption,
            HelpName = "URL",
        };
        private readonly Option<DirectoryInfo?> _sessions = new("--session-keys")
        {
            Description = Text.GatewaySessionKeysOption,
            HelpName = "DIR",
        };
        private readonly Option<int?> _isoPort = new("--iso-port")
        {
            Description = Text.GatewayIsoPortOption,
            HelpName = "PORT",
        };
        private readonly Option<FileInfo?> _cardKeys = new("--card-keys")
        {
            Description = Text.GatewayCardKeysOption,
            HelpName = "FILE",
        };
        private readonly Option<string> _profile = new("--profile")
        {
            Description = Text.ProfileOption,
            HelpName = "NAME",
            DefaultValueFactory = static _ => "production",
        };
        private readonly Option<int> _signIns = new("--sign-ins-per-minute")
        {
            Description = Text.GatewaySignInsOption,
            HelpName = "N",
            DefaultValueFactory = static _ => new RestChannelOptions().SignInsPerMinuteMax,
        };
        private readonly Option<bool> _insecure = new("--insecure")
        {
            Description = Text.InsecureOption,
        };
        private readonly Option<int> _hold = new("--hold-seconds")
        {
            Description = Text.GatewayHoldOption,
            HelpName = "N",
            DefaultValueFactory = static _ => 10,
        };
        private readonly Option<int> _retention = new("--retention-days")
        {
            Description = Text.GatewayRetentionOption,
            HelpName = "N",
            DefaultValueFactory = static _ => 90,
        };

        public void AddTo(Command command)
        {
            _hold.Validators.Add(Bounds.Between(_hold, 1, HoldSecondsMax));
            _signIns.Validators.Add(Bounds.Between(_signIns, 1, SignInsPerMinuteMax));
            _retention.Validators.Add(Bounds.Between(_retention, 1, RetentionDaysMax));
            Option[] all =
            [
                _cluster,
                _nodes,
                _data,
                _listen,
                _port,
                _operationsPort,
                _certificate,
                _certificateKey,
                _nodeAuthority,
                _insecure,
                _contract,
                _contractCertificate,
                _contractKey,
                _issuer,
                _sessions,
                _isoPort,
                _cardKeys,
                _profile,
                _signIns,
                _hold,
                _retention,
            ];
            foreach (var option in all)
            {
                command.Options.Add(option);
            }
        }

        public GatewayOptions Read(ParseResult parsed)
        {
            var path = parsed.GetValue(_cluster)?.FullName;
            var cluster = path is null ? null : ReadCluster(path);
            List<NodeAddress> nodes =
            [
                .. (cluster?.Members ?? []).Select(m => new NodeAddress(m.Name, m.RestAddress)),
                .. (parsed.GetValue(_nodes) ?? []).Select(
                    (url, i) =>
                        Uri.TryCreate(url, UriKind.Absolute, out var rest)
                        && rest.Scheme is ("http" or "https")
                            ? new NodeAddress(
                                string.Create(CultureInfo.InvariantCulture, $"node{i + 1}"),
                                rest
                            )
                            : throw new CommandFailedException(
                                ExitCode.Usage,
                                Text.SettingNotUnderstood(_nodes.Name, url)
                            )
                ),
            ];
            if (nodes.Count == 0)
            {
                throw new CommandFailedException(ExitCode.Usage, Text.GatewayNoNodes);
            }
            var door = cluster?.Gateway is { } own ? new Uri(own.Rest) : null;
            var listen = parsed.GetValue(_listen) ?? door?.Host.Trim('[', ']');
            var address = IPAddress.Loopback;
            if (listen is not null && !IPAddress.TryParse(listen, out address!))
            {
                throw new CommandFailedException(
                    ExitCode.Usage,
                    Text.SettingNotUnderstood(_listen.Name, listen)
                );
            }
            GatewayOptions options = new()
            {
                Nodes = nodes,
                NodesNow = path is null ? null : () => NodesOf(path),
                Attempts = new AttemptOptions
                {
                    Directory = parsed.GetRequiredValue(_data).FullName,
                    Retention = TimeSpan.FromDays(parsed.GetValue(_retention)),
                },
                Address = address,
                OperationsPort = parsed.GetValue(_operationsPort),
                CertificatePath =
                    parsed.GetValue(_certificate) ?? Beside(path, cluster?.Gateway?.Certificate),
                CertificateKeyPath =
                    parsed.GetValue(_certificateKey)
                    ?? Beside(path, cluster?.Gateway?.CertificateKey),
                NodeAuthorityPath =
                    parsed.GetValue(_nodeAuthority) ?? Beside(path, cluster?.Authority),
                HoldMax = TimeSpan.FromSeconds(parsed.GetValue(_hold)),
            };
            options = options with
            {
                Port = parsed.GetValue(_port) ?? door?.Port ?? options.Port,
                Bank = ReadBank(parsed, path, cluster, options),
            };
            return
                IPAddress.IsLoopback(address)
                || options.CertificatePath is not null
                || parsed.GetValue(_insecure)
                ? options
                : throw new CommandFailedException(ExitCode.Usage, Text.ListenInsecure(address));
        }

        /// <summary>Members come and go while the gateway serves; null while the file can't be read.</summary>
        private static IReadOnlyList<NodeAddress>? NodesOf(string path)
        {
            try
            {
                return
                [
                    .. ClusterFile
                        .Read(path)
                        .Members.Select(static m => new NodeAddress(m.Name, m.RestAddress)),
                ];
            }
            catch (ClusterFileException)
            {
                return null;
            }
        }

        /// <summary>Channels need to know the nodes: by a secret of this machine, or by certificates.</summary>
        private BankLink? ReadBank(
            ParseResult parsed,
            string? path,
            ClusterFile? cluster,
            GatewayOptions options
        )
        {
            var secret =
                parsed.GetValue(_contract)?.FullName
                ?? (path is null ? null : Beside(path, ContractSecret.FileName));
            var tls = cluster?.Authority is null ? null : ReadTls(parsed, path!, cluster, options);
            return secret is null && tls is null
                ? null
                : new BankLink
                {
                    Secret = secret is null ? null : ContractSecret.ReadOrMake(secret),
                    Tls = tls,
                    Rest = new RestChannelOptions
                    {
                        Issuer = ReadIssuer(parsed),
                        SignInsPerMinuteMax = parsed.GetValue(_signIns),
                        SessionKeys =
                            parsed.GetValue(_sessions)?.FullName
                            ?? (path is null ? null : Beside(path, "session-keys"))
                            ?? Path.Combine(options.Attempts.Directory, "session-keys"),
                    },
                    Iso = ReadIso(parsed, options),
                };
        }

        /// <summary>
        /// The gateway's own certificate unless there is one for the contract alone: what customers are
        /// shown comes from an authority that they trust, and that one is not the cluster's.
        /// </summary>
        private ContractTls? ReadTls(
            ParseResult parsed,
            string path,
            ClusterFile cluster,
            GatewayOptions options
        )
        {
            var own = parsed.GetValue(_contractCertificate);
            var key = own is null ? options.CertificateKeyPath : parsed.GetValue(_contractKey);
            own ??= options.CertificatePath;
            if (own is null)
            {
                return null;
            }
            try
            {
                return ContractTls.Load(
                    own,
                    key ?? Path.ChangeExtension(own, ".key"),
                    options.NodeAuthorityPath!,
                    name =>
                        (NodesOf(path) ?? options.Nodes).Any(node =>
                            string.Equals(node.Name, name, StringComparison.Ordinal)
                        )
                );
            }
            catch (Exception e)
                when (e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw new CommandFailedException(
                    ExitCode.Usage,
                    Text.ClusterCertificateBad(own, e.Message)
                );
            }
        }

        private Uri? ReadIssuer(ParseResult parsed) =>
            parsed.GetValue(_issuer) is not { } text ? null
            : Uri.TryCreate(text, UriKind.Absolute, out var issuer)
            && issuer is { Scheme: "https" or "http", Query: "", Fragment: "" }
                ? issuer
            : throw new CommandFailedException(
                ExitCode.Usage,
                Text.SettingNotUnderstood(_issuer.Name, text)
            );

        private IsoLink? ReadIso(ParseResult parsed, GatewayOptions options)
        {
            if (parsed.GetValue(_isoPort) is not { } port)
            {
                return null;
            }
            if (parsed.GetValue(_cardKeys) is not { } keys)
            {
                throw new CommandFailedException(ExitCode.Usage, Text.GatewayCardKeysMissing);
            }
            try
            {
                return new IsoLink(
                    new Iso8583Options
                    {
                        Address = options.Address,
                        Port = port,
                        Certificate = options.CertificatePath is { } own
                            ? Certificates.Read(own, options.CertificateKeyPath)
                            : null,
                    },
                    SoftwareCardKeys.Open(parsed.GetRequiredValue(_profile), keys.FullName)
                );
            }
            catch (SoftwareKeysRefusedException refused)
            {
                throw new CommandFailedException(ExitCode.Usage, Text.StartFailed(refused.Message));
            }
        }

        private static ClusterFile ReadCluster(string path)
        {
            try
            {
                return ClusterFile.Read(path);
            }
            catch (ClusterFileException e)
            {
                throw new CommandFailedException(
                    ExitCode.Usage,
                    [Text.ClusterFileBad(path), .. e.Problems]
                );
            }
        }

        /// <summary>Paths in the cluster's file are relative to it.</summary>
        private static string? Beside(string? file, string? path) =>
            path is null || file is null
                ? path
                : Path.GetFullPath(path, Path.GetDirectoryName(file)!);
    }
}
