using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Evenkeel.Contract;
using Evenkeel.Contract.Calling;
using Evenkeel.Host.CommandLine;
using Evenkeel.Host.Serving;
using Microsoft.Extensions.Logging.Abstractions;

namespace Evenkeel.Host.Demos;

/// <summary>The bank of a data directory on this machine, by the contract: whoever leads is asked.</summary>
internal sealed class ContractDoor : IDisposable
{
    private readonly LeaderzLocator _locator;

    private ContractDoor(LeaderzLocator locator, RemoteBank remote)
    {
        _locator = locator;
        Remote = remote;
    }

    public RemoteBank Remote { get; }

    /// <exception cref="CommandFailedException">Nobody serves the directory.</exception>
    public static ContractDoor Open(ParseResult parsed) =>
        Open(parsed.GetRequiredValue(CommonOptions.Data).FullName);

    /// <exception cref="CommandFailedException">Nobody serves the directory.</exception>
    public static ContractDoor Open(string folder)
    {
        var secret = Path.Combine(folder, ContractSecret.FileName);
        if (EndpointFile.Read(folder) is not { Rest: { } rest } served || !File.Exists(secret))
        {
            throw new CommandFailedException(ExitCode.NotDone, Text.NotServing(folder));
        }
        LeaderzLocator locator = new(
            served.Members is { } members ? [.. members.Select(static m => m.Rest)] : [rest]
        );
        return new ContractDoor(
            locator,
            new RemoteBank(
                new RemoteBankOptions { Secret = ContractSecret.ReadOrMake(secret) },
                locator,
                TimeProvider.System,
                NullLogger<RemoteBank>.Instance
            )
        );
    }

    public void Dispose()
    {
        Remote.Dispose();
        _locator.Dispose();
    }

    /// <summary>Asks every node's <c>/leaderz</c>, which says where its bank answers.</summary>
    private sealed class LeaderzLocator(IReadOnlyList<Uri> nodes) : IBankLocator, IDisposable
    {
        private const int AskMsMax = 500;
        private const int PauseMs = 20;

        private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false })
        {
            Timeout = TimeSpan.FromMilliseconds(AskMsMax),
        };
        private readonly SemaphoreSlim _looking = new(1, 1);
        private BankLocation? _known;

        public async ValueTask<BankLocation> WaitAsync(CancellationToken cancellationToken)
        {
            if (_known is { } known)
            {
                return known;
            }
            await _looking.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                while (_known is null)
                {
                    _known = await LookAsync(cancellationToken).ConfigureAwait(false);
                    if (_known is null)
                    {
                        await Task.Delay(PauseMs, cancellationToken).ConfigureAwait(false);
                    }
                }
                return _known;
            }
            finally
            {
                _looking.Release();
            }
        }

        public void Suspect(BankLocation location) =>
            Interlocked.CompareExchange(ref _known, null, location);

        public void Dispose()
        {
            _http.Dispose();
            _looking.Dispose();
        }

        private async Task<BankLocation?> LookAsync(CancellationToken cancellationToken)
        {
            var found = await Task.WhenAll(nodes.Select(node => AskAsync(node, cancellationToken)))
                .ConfigureAwait(false);
            return
                found.OfType<(BankLocation Location, ulong Term)>() is var leaders && leaders.Any()
                ? leaders.MaxBy(static leader => leader.Term).Location
                : null;
        }

        private async Task<(BankLocation Location, ulong Term)?> AskAsync(
            Uri node,
            CancellationToken cancellationToken
        )
        {
            try
            {
                using var answer = await _http
                    .GetAsync(new Uri(node, "/leaderz"), cancellationToken)
                    .ConfigureAwait(false);
                if (!answer.IsSuccessStatusCode)
                {
                    return null;
                }
                using var said = JsonDocument.Parse(
                    await answer
                        .Content.ReadAsByteArrayAsync(cancellationToken)
                        .ConfigureAwait(false)
                );
                return
                    said.RootElement.TryGetProperty("bank_port", out var port)
                    && said.RootElement.TryGetProperty("term", out var term)
                    // Numbers of 64 bits travel as text.
                    && ulong.TryParse(
                        term.GetString(),
                        CultureInfo.InvariantCulture,
                        out var number
                    )
                    ? (
                        new BankLocation(
                            node.Authority,
                            new UriBuilder(Uri.UriSchemeHttp, node.Host, port.GetInt32()).Uri
                        ),
                        number
                    )
                    : null;
            }
            catch (Exception e)
                when (e is HttpRequestException or JsonException
                    || (
                        e is OperationCanceledException
                        && !cancellationToken.IsCancellationRequested
                    )
                )
            {
                return null;
            }
        }
    }
}
