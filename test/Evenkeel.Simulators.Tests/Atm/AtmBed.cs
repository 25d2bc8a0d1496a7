using System.Text;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Tests.Iso8583;
using Evenkeel.Simulators.Atm;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Simulators.Tests.Atm;

/// <summary>A bank in memory, its listener, one machine and its files.</summary>
internal sealed class AtmBed : IAsyncDisposable
{
    public const string Pan = Terminal.Pan;
    public const string OtherPan = "4000001234567881";
    public const long Balance = 10_000_000;

    private readonly SoftwareCardKeys _keys = IsoBed.NewKeys();
    private readonly ListLog _log = new();

    public AtmBed(Func<AtmOptions, AtmOptions>? change = null)
    {
        Bank = new CardBank(_keys);
        Bank.Issue(Pan, Terminal.Pin, Balance);
        Bank.Issue(OtherPan, Terminal.Pin, Balance);
        Host = new IsoBed(
            _keys,
            Bank,
            Bank,
            new Iso8583Options { AnswerMax = TimeSpan.FromMilliseconds(300) }
        );
        TerminalKeys = _keys.KeysOf("ATM00001");
        AtmOptions options = new()
        {
            Host = Host.Listener.EndPoint,
            Directory = Folder,
            AnswerMax = TimeSpan.FromMilliseconds(400),
            RepeatEvery = TimeSpan.FromMilliseconds(20),
            ConnectMax = TimeSpan.FromMilliseconds(500),
        };
        Options = change?.Invoke(options) ?? options;
        Machine = Open();
        Loaded = Machine.Holds;
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("evenkeel-atm-").FullName;

    public CardBank Bank { get; }

    public IsoBed Host { get; }

    public TerminalKeys TerminalKeys { get; }

    public AtmOptions Options { get; set; }

    public AtmMachine Machine { get; set; }

    public IReadOnlyList<string> Log => [.. Host.Log, .. _log.Lines];

    /// <summary>Minor units of all notes at the beginning.</summary>
    public long Loaded { get; }

    /// <summary>What customers hold in their hands.</summary>
    public long NotesOut => Loaded - Machine.Holds;

    /// <summary>What the bank took from accounts.</summary>
    public long Debited => (2 * Balance) - Bank.BalanceOf(Pan) - Bank.BalanceOf(OtherPan);

    public AtmMachine Open() => AtmMachine.Open(Options, TerminalKeys, TimeProvider.System, _log);

    public Task<AtmReceipt> WithdrawAsync(
        long minor,
        string pan = Pan,
        string pin = Terminal.Pin,
        bool chipAgrees = true
    )
    {
        AtmCard card = new(
            Encoding.ASCII.GetBytes(pan),
            Encoding.ASCII.GetBytes(pin),
            expiryYearMonth: 2912,
            chipAgrees
        );
        return Machine.WithdrawAsync(card, minor, Xunit.TestContext.Current.CancellationToken);
    }

    /// <summary>Delivers what is stored, as often as it takes.</summary>
    public async Task DeliverAllAsync()
    {
        for (var tries = 0; tries < 100; tries++)
        {
            if (await Machine.DeliverAsync(Xunit.TestContext.Current.CancellationToken))
            {
                return;
            }
        }
        throw new TimeoutException("The bank took not all that was stored.");
    }

    public async ValueTask DisposeAsync()
    {
        await Machine.DisposeAsync();
        await Host.DisposeAsync();
        TerminalKeys.Dispose();
        _keys.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private sealed class ListLog : ILogger<AtmMachine>
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Lines.Enqueue($"{eventId.Id} {formatter(state, exception)} {exception}");
    }
}
