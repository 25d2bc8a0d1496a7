using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Evenkeel.Host.Clusters;
using Evenkeel.Host.CommandLine;
using Evenkeel.Identity.Passkeys;

namespace Evenkeel.Host.Serving;

/// <summary>How a bank is served; every value from the command line, else the environment, else a file.</summary>
internal sealed record ServeSettings
{
    public const int PortDefault = 4190;
    public const int RestPortDefault = 4180;

    public required string DataDirectory { get; init; }

    /// <summary>Loopback unless configured.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Of the binary protocol; 0 = any free one.</summary>
    public int Port { get; init; } = PortDefault;

    /// <summary>Of REST; 0 = any free one.</summary>
    public int RestPort { get; init; } = RestPortDefault;

    /// <summary>Of the contract between channels and the bank; 0 = any free one, told by /leaderz.</summary>
    public int BankPort { get; init; }

    /// <summary>Directory of the keys of persons; null = beside what the node or cluster keeps.</summary>
    public string? Persons { get; init; }

    /// <summary>Where passkeys are made and shown; localhost unless configured.</summary>
    public PasskeyOptions Passkeys { get; init; } = new();

    /// <summary>
    /// Whether this is a demonstration: only then may demonstration data be built and keys of cards live
    /// in software. Never by default where a bank is served for others.
    /// </summary>
    public bool IsDemo { get; init; }

    /// <summary>The line to the clearing and the billers; null = what waits for them goes on waiting.</summary>
    public Uri? Clearing { get; init; }

    /// <summary>PEM files; TLS is on for both interfaces when set.</summary>
    public string? Certificate { get; init; }

    public string? CertificateKey { get; init; }

    public Uri? Otlp { get; init; }

    /// <summary>Null = the node's own default.</summary>
    public long? AccountsMax { get; init; }

    /// <inheritdoc cref="AccountsMax"/>
    public long? TransferIdsMax { get; init; }

    public bool RescueKey { get; init; }

    /// <summary>
    /// The highest state version to apply; null = the program's own. Only to play an older program
    /// where two versions are tested against each other.
    /// </summary>
    public uint? StateVersionMax { get; init; }

    /// <summary>Null for a bank of one node.</summary>
    public Membership? Membership { get; init; }

    /// <summary>The cluster is new: a directory without content begins a history instead of fetching one.</summary>
    public bool Found { get; init; }
}

/// <summary>The options of <c>run</c> and <c>node</c>.</summary>
internal sealed class ServeOptions
{
    private const string EnvironmentPrefix = "EVENKEEL_";

    private readonly Option<string?> _data = Of("--data", Text.DataRunOption, "DIR");
    private readonly Option<string?> _listen = Of("--listen", Text.ListenOption, "ADDRESS");
    private readonly Option<string?> _port = Of("--port", Text.PortOption, "PORT");
    private readonly Option<string?> _restPort = Of("--rest-port", Text.RestPortOption, "PORT");
    private readonly Option<string?> _bankPort = Of("--bank-port", Text.BankPortOption, "PORT");
    private readonly Option<string?> _profile = Of(
        "--profile",
        Text.ProfileOption,
        "demo|production"
    );
    private readonly Option<string?> _clearing = Of("--clearing", Text.ClearingLineOption, "URL");
    private readonly Option<string?> _persons = Of("--persons", Text.PersonsOption, "DIR");
    private readonly Option<string?> _passkeyDomain = Of(
        "--passkey-domain",
        Text.PasskeyDomainOption,
        "NAME"
    );
    private readonly Option<string?> _passkeyOrigins = Of(
        "--passkey-origins",
        Text.PasskeyOriginsOption,
        "URL,URL..."
    );
    private readonly Option<string?> _certificate = Of(
        "--certificate",
        Text.CertificateOption,
        "FILE"
    );
    private readonly Option<string?> _certificateKey = Of(
        "--certificate-key",
        Text.CertificateKeyOption,
        "FILE"
    );
    private readonly Option<string?> _otlp = Of("--otlp", Text.OtlpOption, "URL");
    private readonly Option<string?> _accountsMax = Of(
        "--accounts-max",
        Text.AccountsMaxOption,
        "N"
    );
    private readonly Option<string?> _transferIdsMax = Of(
        "--transfer-ids-max",
        Text.TransferIdsMaxOption,
        "N"
    );
    private readonly Option<bool> _insecure = new("--insecure")
    {
        Description = Text.InsecureOption,
    };
    private readonly Option<string?> _stateVersionMax = new("--state-version-max")
    {
        Hidden = true,
    };
    private readonly Option<bool> _rescueKey = new("--rescue-key")
    {
        Description = Text.RescueKeyOption,
    };
    private readonly Option<FileInfo?> _cluster = new("--cluster")
    {
        Description = Text.ClusterOption,
        HelpName = "FILE",
    };
    private readonly Option<string?> _member = Of("--name", Text.ClusterNameOption, "NAME");
    private readonly Option<string?> _raftListen = Of(
        "--raft-listen",
        Text.RaftListenOption,
        "ADDRESS:PORT"
    );
    private readonly Option<FileInfo?> _operatorKey = new("--operator-key")
    {
        Description = Text.OperatorKeyOption,
        HelpName = "FILE",
    };
    private readonly Option<FileInfo?> _config = new("--config")
    {
        Description = Text.ConfigOption,
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        _profile.AcceptOnlyFromAmong("demo", "production");
        Option[] all =
        [
            _data,
            _listen,
            _port,
            _restPort,
            _bankPort,
            _persons,
            _passkeyDomain,
            _passkeyOrigins,
            _clearing,
            _profile,
            _certificate,
            _certificateKey,
            _insecure,
            _otlp,
            _accountsMax,
            _transferIdsMax,
            _rescueKey,
            _stateVersionMax,
            _config,
        ];
        foreach (var option in all)
        {
            command.Options.Add(option);
        }
    }

    private readonly Option<bool> _found = new("--found") { Description = Text.FoundOption };

    /// <summary>What only a member of a cluster needs.</summary>
    public void AddClusterTo(Command command)
    {
        command.Options.Add(_cluster);
        command.Options.Add(_member);
        command.Options.Add(_raftListen);
        command.Options.Add(_operatorKey);
        command.Options.Add(_found);
    }

    /// <summary>The same for a member of the cluster that <c>--cluster</c> names, if it is given.</summary>
    /// <exception cref="CommandFailedException">A value is not understood or not safe.</exception>
    public ServeSettings ReadNode(ParseResult parsed, Func<string, string?> environment)
    {
        if (parsed.GetValue(_cluster) is not { } file)
        {
            return Read(parsed, environment);
        }
        IPEndPoint? raftListen = null;
        if (
            parsed.GetValue(_raftListen) is { } text
            && !(IPEndPoint.TryParse(text, out raftListen) && raftListen.Port != 0)
        )
        {
            throw NotUnderstood(_raftListen.Name, text);
        }
        var membership = Membership.Open(
            file.FullName,
            parsed.GetValue(_member)
                ?? throw new CommandFailedException(ExitCode.Usage, Text.ClusterNameMissing),
            raftListen,
            parsed.GetValue(_operatorKey)?.FullName
        );
        return Read(parsed, environment, membership) with { Found = parsed.GetValue(_found) };
    }

    /// <exception cref="CommandFailedException">A value is not understood or not safe.</exception>
    public ServeSettings Read(
        ParseResult parsed,
        Func<string, string?> environment,
        Membership? membership = null
    )
    {
        var settings = ReadOwn(parsed, environment, membership);
        return membership is null
            ? settings
            : settings with
            {
                Membership = membership with { DataDirectory = settings.DataDirectory },
                AccountsMax = membership.File.Budgets?.AccountsMax ?? settings.AccountsMax,
                TransferIdsMax = membership.File.Budgets?.TransferIdsMax ?? settings.TransferIdsMax,
            };
    }

    /// <summary>Where a member listens unless told otherwise: where others reach it.</summary>
    private static (IPAddress Address, int Port, int RestPort) Defaults(Membership? membership)
    {
        if (membership is null)
        {
            return (IPAddress.Loopback, ServeSettings.PortDefault, ServeSettings.RestPortDefault);
        }
        var binary = membership.Self.Binary;
        var colon = binary.LastIndexOf(':');
        return (
            IPAddress.TryParse(binary.AsSpan(0, colon), out var address)
                ? address
                : IPAddress.IPv6Any,
            int.Parse(binary.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture),
            membership.Self.RestAddress.Port
        );
    }

    private ServeSettings ReadOwn(
        ParseResult parsed,
        Func<string, string?> environment,
        Membership? membership
    )
    {
        var file = ReadFile(parsed.GetValue(_config));
        var (address, port, restPort) = Defaults(membership);
        if (Value(_listen) is { } listen && !IPAddress.TryParse(listen, out address!))
        {
            throw NotUnderstood(_listen.Name, listen);
        }
        ServeSettings settings = new()
        {
            DataDirectory = Path.GetFullPath(Value(_data) ?? CommonOptions.DataDefault),
            Address = address,
            Port = (int?)Number(_port, ushort.MaxValue) ?? port,
            RestPort = (int?)Number(_restPort, ushort.MaxValue) ?? restPort,
            BankPort = (int?)Number(_bankPort, ushort.MaxValue) ?? 0,
            IsDemo = string.Equals(Value(_profile), "demo", StringComparison.Ordinal),
            Clearing = Value(_clearing) is { } line
                ? Uri.TryCreate(line, UriKind.Absolute, out var clearing)
                    ? clearing
                    : throw NotUnderstood(_clearing.Name, line)
                : null,
            Persons = Value(_persons) is { } persons ? Path.GetFullPath(persons) : null,
            Passkeys =
                PasskeyOptions.TryParse(Value(_passkeyDomain), Value(_passkeyOrigins))
                ?? throw NotUnderstood(
                    _passkeyOrigins.Name,
                    $"{Value(_passkeyDomain)} {Value(_passkeyOrigins)}"
                ),
            Certificate = Value(_certificate) ?? OwnCertificate(membership?.Self.Certificate),
            CertificateKey =
                Value(_certificateKey) ?? OwnCertificate(membership?.Self.CertificateKey),
            Otlp = Value(_otlp) is { } otlp
                ? Uri.TryCreate(otlp, UriKind.Absolute, out var uri)
                    ? uri
                    : throw NotUnderstood(_otlp.Name, otlp)
                : null,
            AccountsMax = Number(_accountsMax, long.MaxValue),
            TransferIdsMax = Number(_transferIdsMax, long.MaxValue),
            RescueKey = parsed.GetValue(_rescueKey),
            StateVersionMax = (uint?)Number(_stateVersionMax, uint.MaxValue),
        };
        var insecure =
            parsed.GetValue(_insecure)
            || string.Equals(Elsewhere(_insecure.Name), "true", StringComparison.OrdinalIgnoreCase);
        return IPAddress.IsLoopback(address) || settings.Certificate is not null || insecure
            ? settings
            : throw new CommandFailedException(ExitCode.Usage, Text.ListenInsecure(address));

        // Where members have certificates, their interfaces show them unless told otherwise.
        string? OwnCertificate(string? path) =>
            membership?.Tls is null ? null : membership.Resolve(path);

        string? Value(Option<string?> option) => parsed.GetValue(option) ?? Elsewhere(option.Name);

        string? Elsewhere(string name) =>
            environment(EnvironmentName(name)) is { Length: > 0 } text
                ? text
                : file.GetValueOrDefault(name[2..]);

        long? Number(Option<string?> option, long max)
        {
            if (Value(option) is not { } text)
            {
                return null;
            }
            return
                long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number <= max
                ? number
                : throw NotUnderstood(option.Name, text);
        }
    }

    /// <summary><c>--rest-port</c> is EVENKEEL_REST_PORT.</summary>
    internal static string EnvironmentName(string option) =>
        EnvironmentPrefix + option[2..].Replace('-', '_').ToUpperInvariant();

    private static CommandFailedException NotUnderstood(string name, string text) =>
        new(ExitCode.Usage, Text.SettingNotUnderstood(name, text));

    /// <summary>A flat JSON object whose names are those of the options without dashes in front.</summary>
    private Dictionary<string, string> ReadFile(FileInfo? file)
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal);
        if (file is null)
        {
            return settings;
        }
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(file.FullName));
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (!Names().Contains(property.Name, StringComparer.Ordinal))
                {
                    throw new CommandFailedException(
                        ExitCode.Usage,
                        Text.ConfigNotUnderstood(file.FullName, property.Name)
                    );
                }
                settings[property.Name] = property.Value.ToString();
            }
            return settings;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException)
        {
            throw new CommandFailedException(
                ExitCode.Usage,
                Text.ConfigNotUnderstood(file.FullName, e.Message)
            );
        }
    }

    private IEnumerable<string> Names()
    {
        Option[] inFile =
        [
            _data,
            _listen,
            _port,
            _restPort,
            _bankPort,
            _persons,
            _passkeyDomain,
            _passkeyOrigins,
            _clearing,
            _profile,
            _certificate,
            _certificateKey,
            _insecure,
            _otlp,
            _accountsMax,
            _transferIdsMax,
        ];
        return inFile.Select(o => o.Name[2..]);
    }

    private static Option<string?> Of(string name, string description, string help) =>
        new(name) { Description = description, HelpName = help };
}
