using System.CommandLine;
using System.Net;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Demos;
using Evenkeel.Host.Serving;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Host.Simulators;

/// <summary>
/// <c>evenkeel iso8583</c>: the line of machines and switches in a process of its own, before whoever
/// leads the bank of a directory.
/// </summary>
internal static class Iso8583Command
{
    private static readonly Option<string> Profile = new("--profile")
    {
        Description = Text.AtmProfileOption,
        DefaultValueFactory = static _ => SoftwareCardKeys.Profile,
    };
    private static readonly Option<string?> Listen = new("--listen")
    {
        Description = Text.ListenOption,
        HelpName = "ADDRESS",
    };
    private static readonly Option<int> Port = new("--port")
    {
        Description = Text.IsoPortOption,
        DefaultValueFactory = static _ => new Iso8583Options().Port,
    };
    private static readonly Option<string> Line = new("--line")
    {
        Description = Text.IsoLineOption,
        DefaultValueFactory = static _ => new Iso8583Options().Line,
    };
    private static readonly Option<FileInfo?> Certificate = new("--certificate")
    {
        Description = Text.CertificateOption,
        HelpName = "PEM",
    };
    private static readonly Option<FileInfo?> CertificateKey = new("--certificate-key")
    {
        Description = Text.CertificateKeyOption,
        HelpName = "PEM",
    };
    private static readonly Option<IsoKeyScope> Scope = new("--keys-of")
    {
        Description = Text.IsoScopeOption,
    };

    public static Command Create()
    {
        Port.Validators.Add(Bounds.Between(Port, 0, IPEndPoint.MaxPort));
        Command command = new("iso8583", Text.IsoDescription)
        {
            CommonOptions.Data,
            Profile,
            Listen,
            Port,
            Line,
            Certificate,
            CertificateKey,
            Scope,
        };
        command.Does(
            async (parsed, terminal, token) =>
            {
                var options = Read(parsed);
                using var keys = OpenKeys(parsed);
                using var door = ContractDoor.Open(parsed);
                using var logging = RunCommand.Logging(LogLevel.Information);
                var listener = Start(options, keys, door, logging);
                await using (listener.ConfigureAwait(false))
                {
                    terminal.Line(Text.IsoOpen(listener.EndPoint, options.Line));
                    await RunCommand.UntilStoppedAsync(token).ConfigureAwait(false);
                }
                return ExitCode.Ok;
            }
        );
        return command;
    }

    private static IsoListener Start(
        Iso8583Options options,
        SoftwareCardKeys keys,
        ContractDoor door,
        ILoggerFactory logging
    )
    {
        try
        {
            return IsoListener.Start(
                options,
                door.Remote,
                door.Remote,
                keys,
                TimeProvider.System,
                logging.CreateLogger<IsoListener>()
            );
        }
        catch (System.Net.Sockets.SocketException taken)
        {
            throw new CommandFailedException(
                ExitCode.NotDone,
                Text.PortInUse(new IPEndPoint(options.Address, options.Port)),
                taken.Message
            );
        }
    }

    private static Iso8583Options Read(ParseResult parsed)
    {
        var address = IPAddress.Loopback;
        if (parsed.GetValue(Listen) is { } listen && !IPAddress.TryParse(listen, out address!))
        {
            throw new CommandFailedException(
                ExitCode.Usage,
                Text.SettingNotUnderstood(Listen.Name, listen)
            );
        }
        var certificate = parsed.GetValue(Certificate);
        if (certificate is null && !IPAddress.IsLoopback(address))
        {
            throw new CommandFailedException(ExitCode.Usage, Text.IsoListenInsecure(address));
        }
        return new Iso8583Options
        {
            Certificate = certificate is null
                ? null
                : Certificates.Read(
                    certificate.FullName,
                    parsed.GetValue(CertificateKey)?.FullName
                ),
            Address = address,
            Port = parsed.GetValue(Port),
            Line = parsed.GetRequiredValue(Line),
            KeyScope = parsed.GetValue(Scope),
        };
    }

    /// <summary>The bank's own keys: others would make tokens that it does not know.</summary>
    private static SoftwareCardKeys OpenKeys(ParseResult parsed)
    {
        var path = Path.Combine(
            parsed.GetRequiredValue(CommonOptions.Data).FullName,
            HostedBank.CardKeysFile
        );
        if (!File.Exists(path))
        {
            throw new CommandFailedException(ExitCode.NotDone, Text.IsoNoCardKeys(path));
        }
        try
        {
            return SoftwareCardKeys.Open(parsed.GetRequiredValue(Profile), path);
        }
        catch (Exception e) when (e is SoftwareKeysRefusedException or InvalidDataException)
        {
            throw new CommandFailedException(ExitCode.NotDone, e.Message);
        }
    }
}
