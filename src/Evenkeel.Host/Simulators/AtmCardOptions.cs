using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Evenkeel.CardKeys;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Simulators;

/// <summary>What the customer put into slot and keys; zeroed after use.</summary>
internal sealed record AtmEntered(
    Memory<byte> Pan,
    Memory<byte> Pin,
    int ExpiryYearMonth,
    bool ChipAgrees
) : IDisposable
{
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(Pan.Span);
        CryptographicOperations.ZeroMemory(Pin.Span);
    }

    public override string ToString() => "(card and PIN)";
}

/// <summary>
/// The options that play a card. The PIN comes from the keyboard or from a file, never from the command
/// line, which every user of the machine can list.
/// </summary>
internal sealed class AtmCardOptions
{
    private const int PinFileBytesMax = 64;

    private readonly Option<string> _card = new("--card")
    {
        Description = Text.AtmCardOption,
        HelpName = "NUMBER|FILE",
        Required = true,
    };
    private readonly Option<int> _expiry = new("--expiry")
    {
        Description = Text.AtmExpiryOption,
        HelpName = "YYMM",
        Required = true,
    };
    private readonly Option<FileInfo?> _pinFile = new("--pin-file")
    {
        Description = Text.AtmPinFileOption,
        HelpName = "FILE",
    };
    private readonly Option<bool> _stripe = new("--stripe") { Description = Text.AtmStripeOption };

    public void AddTo(Command command)
    {
        _expiry.Validators.Add(Bounds.Between(_expiry, 1, 9_912));
        command.Options.Add(_card);
        command.Options.Add(_expiry);
        command.Options.Add(_pinFile);
        command.Options.Add(_stripe);
    }

    public AtmEntered Read(ParseResult parsed)
    {
        var card = parsed.GetRequiredValue(_card);
        var pan = File.Exists(card) ? ReadDigits(card) : Encoding.ASCII.GetBytes(card);
        if (!Pan.IsValid(pan))
        {
            throw new CommandFailedException(ExitCode.Usage, Text.AtmCardBad);
        }
        var pin = parsed.GetValue(_pinFile) is { } file ? ReadDigits(file.FullName) : AskPin();
        return new AtmEntered(
            pan,
            pin,
            parsed.GetRequiredValue(_expiry),
            ChipAgrees: !parsed.GetValue(_stripe)
        );
    }

    private static byte[] ReadDigits(string path)
    {
        Span<byte> bytes = stackalloc byte[PinFileBytesMax];
        using var file = File.OpenRead(path);
        var read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var digits = bytes[..read].TrimEnd("\r\n "u8).ToArray();
        CryptographicOperations.ZeroMemory(bytes);
        return digits;
    }

    /// <summary>Key by key, without an echo.</summary>
    private static byte[] AskPin()
    {
        if (Console.IsInputRedirected)
        {
            throw new CommandFailedException(ExitCode.Usage, Text.AtmPinMissing);
        }
        Console.Error.Write(Text.AtmAskPin);
        Span<byte> digits = stackalloc byte[CardKeyLimits.PinDigitsMax];
        var length = 0;
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                length = Math.Max(0, length - 1);
            }
            else if (char.IsAsciiDigit(key.KeyChar) && length < digits.Length)
            {
                digits[length++] = (byte)key.KeyChar;
            }
        }
        Console.Error.WriteLine();
        var pin = digits[..length].ToArray();
        CryptographicOperations.ZeroMemory(digits);
        return pin;
    }
}
