using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;

namespace Evenkeel.Simulators.Atm;

/// <summary>What somebody at the front of the machine enters.</summary>
/// <param name="Minor">0 = show the balance.</param>
internal sealed record FrontAsks(
    byte[] Pan,
    byte[] Pin,
    int ExpiryYearMonth,
    bool ChipAgrees,
    long Minor
);

/// <summary>
/// Slot and keys of a running machine, for the command that plays the customer: a loopback port whose
/// number is in a file. What goes over it is sealed under the terminal's own key, so nobody else can
/// press the keys or read the PIN.
/// </summary>
public sealed class AtmFront : IAsyncDisposable
{
    private const string PortFile = "front.port";
    private const int Backlog = 8;
    private static readonly TimeSpan CustomerMax = TimeSpan.FromMinutes(2);

    private readonly AtmMachine _machine;
    private readonly TerminalKeys _keys;
    private readonly TimeProvider _time;
    private readonly string _portFile;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _serving;

    private AtmFront(AtmMachine machine, TerminalKeys keys, string directory, TimeProvider time)
    {
        _machine = machine;
        _keys = keys;
        _time = time;
        _portFile = Path.Combine(directory, PortFile);
        _listener.Start(Backlog);
        var port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        File.WriteAllText(_portFile, port.ToString(CultureInfo.InvariantCulture));
        _serving = Task.Run(ServeAsync);
    }

    public static AtmFront Open(
        AtmMachine machine,
        TerminalKeys keys,
        string directory,
        TimeProvider time
    ) => new(machine, keys, directory, time);

    /// <summary>Uses a machine that runs in another process.</summary>
    /// <param name="minor">0 = show the balance.</param>
    /// <returns>Null when no machine runs with that directory.</returns>
    public static async Task<AtmReceipt?> UseAsync(
        string directory,
        TerminalKeys keys,
        ReadOnlyMemory<byte> pan,
        ReadOnlyMemory<byte> pin,
        int expiryYearMonth,
        bool chipAgrees,
        long minor,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var portFile = Path.Combine(directory, PortFile);
        using TcpClient client = new();
        try
        {
            var port = int.Parse(
                await File.ReadAllTextAsync(portFile, cancellationToken),
                CultureInfo.InvariantCulture
            );
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        }
        catch (Exception e) when (e is IOException or FormatException or SocketException)
        {
            return null;
        }
        var stream = client.GetStream();
        FrontAsks asks = new(pan.ToArray(), pin.ToArray(), expiryYearMonth, chipAgrees, minor);
        await SendAsync(
            stream,
            keys,
            JsonSerializer.SerializeToUtf8Bytes(asks, AtmJson.Default.FrontAsks),
            cancellationToken
        );
        CryptographicOperations.ZeroMemory(asks.Pan);
        CryptographicOperations.ZeroMemory(asks.Pin);
        using IsoFrameReader reader = new(stream, CustomerMax, CustomerMax, time);
        var answer = await ReceiveAsync(reader, keys, cancellationToken);
        return answer is null
            ? throw new IOException("The machine did not answer.")
            : JsonSerializer.Deserialize(answer, AtmJson.Default.AtmReceipt);
    }

    public async ValueTask DisposeAsync()
    {
        File.Delete(_portFile);
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stopping.Dispose();
    }

    /// <summary>One customer after the other, as at any machine.</summary>
    private async Task ServeAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using var customer = await _listener.AcceptTcpClientAsync(_stopping.Token);
                await ServeAsync(customer.GetStream(), _stopping.Token);
            }
            catch (Exception e)
                when (e
                        is IOException
                            or SocketException
                            or OperationCanceledException
                            or ObjectDisposedException
                            or JsonException
                            or ArgumentException
                )
            {
                // The customer went away or entered nonsense; the next one.
            }
        }
    }

    private async Task ServeAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        using IsoFrameReader reader = new(stream, CustomerMax, CustomerMax, _time);
        var bytes = await ReceiveAsync(reader, _keys, cancellationToken);
        if (
            bytes is null
            || JsonSerializer.Deserialize(bytes, AtmJson.Default.FrontAsks) is not { } asks
        )
        {
            return;
        }
        CryptographicOperations.ZeroMemory(bytes);
        using AtmCard card = new(asks.Pan, asks.Pin, asks.ExpiryYearMonth, asks.ChipAgrees);
        CryptographicOperations.ZeroMemory(asks.Pan);
        CryptographicOperations.ZeroMemory(asks.Pin);
        var receipt =
            asks.Minor > 0
                ? await _machine.WithdrawAsync(card, asks.Minor, cancellationToken)
                : await _machine.ShowBalanceAsync(card, cancellationToken);
        await SendAsync(
            stream,
            _keys,
            JsonSerializer.SerializeToUtf8Bytes(receipt, AtmJson.Default.AtmReceipt),
            cancellationToken
        );
    }

    private static async Task SendAsync(
        NetworkStream stream,
        TerminalKeys keys,
        byte[] content,
        CancellationToken cancellationToken
    )
    {
        var bytes = keys.SealForStorage(content);
        CryptographicOperations.ZeroMemory(content);
        using IsoFrameWriter writer = new(stream, CustomerMax);
        await writer.WriteAsync((byte[])[0, 0, .. bytes], cancellationToken);
    }

    private static async Task<byte[]?> ReceiveAsync(
        IsoFrameReader reader,
        TerminalKeys keys,
        CancellationToken cancellationToken
    ) =>
        await reader.ReadAsync(cancellationToken) == IsoFrameEnd.None
            ? keys.OpenFromStorage(reader.Frame)
            : null;
}
