using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Evenkeel.CardKeys;
using Evenkeel.Contract;
using Evenkeel.Demo;
using Evenkeel.Demo.Plan;
using Evenkeel.Host.Clusters;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Demos;
using Evenkeel.Host.Serving;

namespace Evenkeel.Host.Houses;

/// <summary>
/// What <c>evenkeel run</c> puts around the nodes of a demonstration: a gateway for a bank of one node,
/// the clearing, a cash machine, each in a process of its own that is started again when it dies; and
/// the demonstration bank itself. Nothing here is needed to serve: killing it harms no one's money.
/// </summary>
internal sealed class House(ServeSettings settings, Terminal terminal)
{
    public const string MachineName = DemoMachines.Process;

    private const string CardKeysFile = HostedBank.CardKeysFile;
    private const int LookMs = 100;

    /// <summary>All customers of a demonstration come from one machine.</summary>
    private const int SignInsPerMinute = 6_000;

    // Below all that nodes take: five of them reach up to 4185 and 4195.
    private readonly int _iso = Port(settings, 4_163);
    private readonly int _clearing = Port(settings, 4_164);
    private readonly int _gateway = Port(settings, 4_165);

    /// <summary>The line to the clearing, which a node must know from its start.</summary>
    public Uri ClearingAddress => AddressOf(_clearing);

    /// <summary>Where customers and companies call: the gateway's REST channel.</summary>
    public Uri GatewayAddress => AddressOf(_gateway);

    public IPEndPoint IsoAddress => new(settings.Address, _iso);

    /// <summary>What a gateway of the house is told beside its nodes.</summary>
    public string[] ChannelArguments =>
        [
            "--contract-secret",
            PathIn(ContractSecret.FileName),
            "--session-keys",
            PathIn("session-keys"),
            "--iso-port",
            Text(_iso),
            "--card-keys",
            PathIn(CardKeysFile),
            "--profile",
            SoftwareCardKeys.Profile,
            "--sign-ins-per-minute",
            Text(SignInsPerMinute),
        ];

    /// <summary>What a node of the house is told.</summary>
    public string[] NodeArguments =>
        ["--profile", SoftwareCardKeys.Profile, "--clearing", ClearingAddress.ToString()];

    /// <summary>Before any node starts: keys that node, gateway and machine share, and the choice of names.</summary>
    public void Prepare()
    {
        Directory.CreateDirectory(PathIn("atm"));
        var terminalKeys = PathIn(Path.Combine("atm", "terminal.keys"));
        if (!File.Exists(terminalKeys))
        {
            using var keys = SoftwareCardKeys.Open(SoftwareCardKeys.Profile, PathIn(CardKeysFile));
            using var machine = keys.KeysOf(MachineName);
            machine.Save(terminalKeys);
        }
        if (DemoFile.Read(settings.DataDirectory) is null)
        {
            DemoFile
                .New(
                    seed: 1,
                    DemoBuildCommand.LanguageNow,
                    DemoBuildCommand.PersonsDefault,
                    DemoPeriod.DaysDefault
                )
                .Write(settings.DataDirectory);
        }
    }

    /// <summary>The clearing and the cash machine; of a bank of one node its gateway, too.</summary>
    /// <param name="node">REST of the one node; null where a cluster brings its own gateway.</param>
    public IReadOnlyList<Child> Children(Uri? node, Action<string> say)
    {
        List<Child> children =
        [
            NewChild("clearing", say, "clearing", "run", "--listen", ClearingAddress.Authority),
            NewChild(
                "atm",
                say,
                "atm",
                "run",
                "--host",
                IsoAddress.ToString(),
                "--profile",
                SoftwareCardKeys.Profile
            ),
        ];
        if (node is not null)
        {
            children.Add(
                NewChild(
                    "gateway",
                    say,
                    [
                        "gateway",
                        "--node",
                        node.ToString(),
                        "--listen",
                        settings.Address.ToString(),
                        "--port",
                        Text(_gateway),
                        .. ChannelArguments,
                    ]
                )
            );
        }
        return children;
    }

    /// <summary>Around a bank of one node: until cancelled.</summary>
    public async Task LiveAsync(Uri node, CancellationToken stopping)
    {
        Lock gate = new();
        var running = Children(node, Say).Select(child => child.KeepAsync(stopping)).ToArray();
        try
        {
            await FurnishAsync(node, stopping).ConfigureAwait(false);
            Greet(GatewayAddress);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped while it was being built: the next start goes on.
        }
        await Task.WhenAll(running).ConfigureAwait(false);

        void Say(string text)
        {
            lock (gate)
            {
                terminal.Remark(text);
            }
        }
    }

    /// <summary>What is where, whom to sign in as, and what to try next.</summary>
    public void Greet(Uri gateway)
    {
        new HouseFile(gateway, IsoAddress.ToString(), ClearingAddress).Write(
            settings.DataDirectory
        );
        terminal.Line(Texts.Text.HouseGateway(gateway));
        terminal.Line(Texts.Text.RunReference(new Uri(gateway, "/bank/reference")));
        terminal.Line(Texts.Text.HouseIso(IsoAddress));
        terminal.Line(Texts.Text.HouseClearing(ClearingAddress));
        terminal.Line();
        terminal.Line(Texts.Text.HouseTry);
        // The front door says how it was called, so that hints can be pasted.
        var me = Environment.GetEnvironmentVariable("EVENKEEL_COMMAND") ?? "evenkeel";
        var data = string.Equals(
            Path.GetFullPath(CommonOptions.DataDefault),
            settings.DataDirectory,
            StringComparison.Ordinal
        )
            ? ""
            : $" --data {settings.DataDirectory}";
        string[] hints =
        [
            "demo who person-1",
            "demo who teller-1",
            "demo pay supplier-1 125.50 INV-1",
            "demo find INV-1",
            "demo load 30s --rate 50",
            "demo check",
        ];
        foreach (var hint in hints)
        {
            terminal.Line($"  {me} {hint}{data}");
        }
    }

    /// <summary>Builds the demonstration bank, or finds it there; says how to use it.</summary>
    public async Task FurnishAsync(Uri rest, CancellationToken token)
    {
        var file = DemoFile.Of(settings.DataDirectory);
        var bank = new RestBank(
            rest,
            OperatorKey.Read(settings.DataDirectory),
            certificateSha256: null,
            own: null
        );
        await using (bank.ConfigureAwait(false))
        {
            var built = await PatientlyAsync(
                    () =>
                        DemoBuildCommand.EnsureAsync(
                            bank,
                            settings.DataDirectory,
                            file,
                            again: false,
                            token
                        ),
                    token
                )
                .ConfigureAwait(false);
            terminal.Line();
            DemoBuildCommand.Print(terminal, file, built);
        }
    }

    /// <summary>A bank that has just begun to lead may not answer at once.</summary>
    private static async Task<T> PatientlyAsync<T>(Func<Task<T>> call, CancellationToken token)
    {
        const int TriesMax = 50;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (CommandFailedException) when (attempt < TriesMax)
            {
                await Task.Delay(LookMs, token).ConfigureAwait(false);
            }
        }
    }

    private Child NewChild(string name, Action<string> say, params string[] arguments) =>
        new(
            name,
            [.. arguments, "--data", PathIn(name)],
            PathIn(name),
            PathIn(Path.Combine("logs", $"{name}.log")),
            say
        );

    private string PathIn(string name) => Path.Combine(settings.DataDirectory, name);

    private Uri AddressOf(int port) => new($"http://{new IPEndPoint(settings.Address, port)}");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The usual port, or any free one where the bank itself is told to take any.</summary>
    private static int Port(ServeSettings settings, int usual)
    {
        if (settings.RestPort != 0)
        {
            return usual;
        }
        using Socket socket = new(
            settings.Address.AddressFamily,
            SocketType.Stream,
            ProtocolType.Tcp
        );
        socket.Bind(new IPEndPoint(settings.Address, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
