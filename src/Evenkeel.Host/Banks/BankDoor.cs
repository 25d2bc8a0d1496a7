using System.CommandLine;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using Evenkeel.Client;
using Evenkeel.Host.Clusters;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Evenkeel.Model;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Host.Banks;

/// <summary>
/// Opens the bank that the command line names: <c>--server</c>, else whoever serves the data
/// directory, else the directory itself in this process.
/// </summary>
internal sealed class BankDoor(Func<string, string?> environment) : IBankDoor
{
    private const string ServerVariable = "EVENKEEL_SERVER";
    private const string KeyVariable = "EVENKEEL_KEY";

    public async Task<IBank> OpenAsync(
        ParseResult parsed,
        Terminal terminal,
        CancellationToken cancellationToken,
        bool mayCreate = false
    )
    {
        var folder = Folder(parsed);
        if ((parsed.GetValue(CommonOptions.Server) ?? environment(ServerVariable)) is { } server)
        {
            var endpoint = Address(server);
            return await ConnectAsync(
                    endpoint,
                    KeyFor(parsed, folder),
                    parsed.GetValue(CommonOptions.Tls) ? Trust.ByMachine : Trust.NoTls,
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        if (
            EndpointFile.Read(folder) is { } served
            && await TryConnectAsync(parsed, folder, served, cancellationToken)
                .ConfigureAwait(false)
                is { } bank
        )
        {
            return bank;
        }
        return await StartAsync(parsed, terminal, folder, mayCreate, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>The REST interface, of a bank that is started for it where nothing serves it.</summary>
    public async Task<RestBank> OpenRestAsync(
        ParseResult parsed,
        Terminal terminal,
        CancellationToken cancellationToken
    )
    {
        var folder = Folder(parsed);
        if (parsed.GetValue(CommonOptions.Rest) is not null)
        {
            return FindRest(parsed, KeyFor(parsed));
        }
        if (EndpointFile.Read(folder) is { Rest: not null })
        {
            var found = await FindLeadingRestAsync(parsed, KeyFor(parsed), cancellationToken)
                .ConfigureAwait(false);
            if (
                await found.ProbeAsync("/healthz", cancellationToken).ConfigureAwait(false)
                is not null
            )
            {
                return found;
            }
            await found.DisposeAsync().ConfigureAwait(false);
        }
        var own = await StartOwnAsync(terminal, folder, mayCreate: false, cancellationToken)
            .ConfigureAwait(false);
        return new RestBank(own.Endpoints.Rest!, KeyFor(parsed), certificateSha256: null, own);
    }

    /// <summary>The REST interface of whoever serves the directory, or the end of the command.</summary>
    public static RestBank FindRest(ParseResult parsed, string? key)
    {
        if (parsed.GetValue(CommonOptions.Rest) is { } address)
        {
            return new RestBank(address, key, certificateSha256: null, own: null);
        }
        var folder = Folder(parsed);
        return EndpointFile.Read(folder) is { Rest: { } rest } served
            ? new RestBank(rest, key, served.CertificateSha256, own: null)
            : throw new CommandFailedException(ExitCode.NotDone, Text.NotServing(folder));
    }

    /// <summary>The same of the member that leads, for a cluster without a gateway.</summary>
    public static async Task<RestBank> FindLeadingRestAsync(
        ParseResult parsed,
        string? key,
        CancellationToken cancellationToken
    )
    {
        var folder = Folder(parsed);
        if (
            parsed.GetValue(CommonOptions.Rest) is null
            && EndpointFile.Read(folder) is { Members: { } members, Gateway: null } served
        )
        {
            using LeaderFinder finder = new();
            if (
                await finder.FindAsync(members, cancellationToken).ConfigureAwait(false) is
                { } leader
            )
            {
                return new RestBank(leader.Rest, key, served.CertificateSha256, own: null);
            }
        }
        return FindRest(parsed, key);
    }

    public string KeyFor(ParseResult parsed) => KeyFor(parsed, Folder(parsed));

    private static string Folder(ParseResult parsed) =>
        parsed.GetRequiredValue(CommonOptions.Data).FullName;

    /// <summary>The key to use, or the end of the command.</summary>
    private string KeyFor(ParseResult parsed, string folder) =>
        parsed.GetValue(CommonOptions.Key)
        ?? environment(KeyVariable)
        ?? OperatorKey.Read(folder)
        ?? throw new CommandFailedException(
            ExitCode.NotDone,
            Text.NoKey(OperatorKey.PathIn(folder))
        );

    /// <summary>
    /// Null when nobody answers: the file may be left over from a crash, and the port may be anyone's
    /// by now.
    /// </summary>
    private async Task<IBank?> TryConnectAsync(
        ParseResult parsed,
        string folder,
        Endpoints served,
        CancellationToken cancellationToken
    )
    {
        var trust = served.CertificateSha256 is { } hash ? Trust.ByHash(hash) : Trust.NoTls;
        var client = NewClient(
            await EndpointsAsync(served, cancellationToken).ConfigureAwait(false),
            KeyFor(parsed, folder),
            trust
        );
        var answer = await client.PingAsync(cancellationToken).ConfigureAwait(false);
        if (answer is CallResult<int>.Done)
        {
            return new ClientBank(client, own: null);
        }
        await client.DisposeAsync().ConfigureAwait(false);
        return answer is CallResult<int>.NotDone { Reason: FrameStatus.Unauthenticated }
            ? throw new CommandFailedException(
                ExitCode.NotDone,
                Text.NotDone(FrameStatus.Unauthenticated, served.Binary),
                Text.HintUnauthenticated
            )
            : null;
    }

    private async Task<IBank> StartAsync(
        ParseResult parsed,
        Terminal terminal,
        string folder,
        bool mayCreate,
        CancellationToken cancellationToken
    )
    {
        var own = await StartOwnAsync(terminal, folder, mayCreate, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            var client = NewClient(
                [Address(own.Endpoints.Binary)],
                KeyFor(parsed, folder),
                Trust.NoTls
            );
            return new ClientBank(client, own);
        }
        catch
        {
            await own.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<RunningBank> StartOwnAsync(
        Terminal terminal,
        string folder,
        bool mayCreate,
        CancellationToken cancellationToken
    )
    {
        if (ClusterSetup.Exists(folder))
        {
            // Its members have directories of their own; a bank started here would be another one.
            throw new CommandFailedException(ExitCode.NotDone, Text.ClusterNotRunning(folder));
        }
        var isThere =
            Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any();
        if (!isThere && !mayCreate)
        {
            throw new CommandFailedException(ExitCode.NotDone, Text.NoBankThere(folder));
        }
        ServeSettings settings = new()
        {
            DataDirectory = folder,
            Port = 0,
            RestPort = 0,
        };
        using var logging = RunCommand.Logging(LogLevel.Warning);
        var own = await RunningBank
            .StartAsync(settings, logging, cancellationToken)
            .ConfigureAwait(false);
        terminal.Remark(Text.StartedForCommand(folder));
        if (own.NewKey is { } key)
        {
            terminal.Remark(Text.RunFirstKey(key));
            terminal.Remark(Text.RunKeyStored(OperatorKey.PathIn(folder)));
        }
        return own;
    }

    private static async Task<IBank> ConnectAsync(
        EndPoint server,
        string key,
        Trust trust,
        CancellationToken cancellationToken
    )
    {
        var client = NewClient([server], key, trust);
        var answer = await client.PingAsync(cancellationToken).ConfigureAwait(false);
        if (answer is CallResult<int>.Done)
        {
            return new ClientBank(client, own: null);
        }
        await client.DisposeAsync().ConfigureAwait(false);
        throw new CommandFailedException(
            ExitCode.NotDone,
            answer switch
            {
                CallResult<int>.NotDone { Reason: FrameStatus.Unauthenticated } =>
                [
                    Text.NotDone(FrameStatus.Unauthenticated, server),
                    Text.HintUnauthenticated,
                ],
                CallResult<int>.NotDone refused => [Text.CannotConnect(server, refused.Detail)],
                CallResult<int>.Unknown unknown => [Text.CannotConnect(server, unknown.Detail)],
                _ => [Text.CannotConnect(server, "")],
            }
        );
    }

    /// <summary>Of a cluster all members, the one that leads first.</summary>
    private static async Task<IReadOnlyList<EndPoint>> EndpointsAsync(
        Endpoints served,
        CancellationToken cancellationToken
    )
    {
        if (served.Members is not { Count: > 0 } members)
        {
            return [Address(served.Binary)];
        }
        using LeaderFinder finder = new();
        var leader = await finder.FindAsync(members, cancellationToken).ConfigureAwait(false);
        return [.. members.OrderBy(m => m == leader ? 0 : 1).Select(static m => Address(m.Binary))];
    }

    private static EvenkeelClient NewClient(
        IReadOnlyList<EndPoint> servers,
        string key,
        Trust trust
    ) =>
        new(
            new ClientOptions
            {
                Endpoints = servers,
                ApiKey = key,
                TlsHost = trust.UseTls ? HostOf(servers[0]) : null,
                ValidateCertificate = trust.Validate,
            }
        );

    private static EndPoint Address(string server)
    {
        if (IPEndPoint.TryParse(server, out var address) && address.Port != 0)
        {
            return address;
        }
        var colon = server.LastIndexOf(':');
        return
            colon > 0
            && ushort.TryParse(server.AsSpan(colon + 1), out var port)
            && Uri.CheckHostName(server[..colon]) == UriHostNameType.Dns
            ? new DnsEndPoint(server[..colon], port)
            : throw new CommandFailedException(ExitCode.Usage, Text.ServerNotUnderstood(server));
    }

    private static string HostOf(EndPoint endpoint) =>
        endpoint switch
        {
            DnsEndPoint dns => dns.Host,
            IPEndPoint address => address.Address.ToString(),
            _ => endpoint.ToString() ?? "",
        };

    /// <summary>How the other side's certificate is judged.</summary>
    private sealed record Trust(bool UseTls, RemoteCertificateValidationCallback? Validate)
    {
        public static readonly Trust NoTls = new(UseTls: false, Validate: null);

        public static readonly Trust ByMachine = new(UseTls: true, Validate: null);

        public static Trust ByHash(string sha256) =>
            new(
                UseTls: true,
                (_, certificate, _, _) =>
                    certificate is not null
                    && string.Equals(
                        certificate.GetCertHashString(HashAlgorithmName.SHA256),
                        sha256,
                        StringComparison.OrdinalIgnoreCase
                    )
            );
    }
}
