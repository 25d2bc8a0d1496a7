using System.Text;
using CsCheck;
using Xunit;

namespace Evenkeel.CardKeys.Tests;

public sealed class SoftwareCardKeysTests : IDisposable
{
    private static readonly byte[] Master = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly byte[] Context = "instruction-1"u8.ToArray();
    private static readonly byte[] Card = "4000001234567899"u8.ToArray();

    private readonly SoftwareCardKeys _keys = SoftwareCardKeys.FromMaster("demo", Master);

    public void Dispose() => _keys.Dispose();

    [Theory]
    [InlineData("production")]
    [InlineData("Demo")]
    [InlineData("demo ")]
    [InlineData("")]
    public void Software_keys_refuse_every_profile_but_demo(string profile)
    {
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("n"));
        Assert.Throws<SoftwareKeysRefusedException>(() => SoftwareCardKeys.Open(profile, path));
        Assert.Throws<SoftwareKeysRefusedException>(() =>
            SoftwareCardKeys.FromMaster(profile, Master)
        );
        Assert.Throws<SoftwareKeysRefusedException>(() => TerminalKeys.Load(profile, path));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_token_is_the_same_for_the_same_card_and_key_only()
    {
        using var same = SoftwareCardKeys.FromMaster("demo", Master);
        using var other = SoftwareCardKeys.FromMaster("demo", new byte[32]);
        var token = _keys.TokenOf(Card);
        Assert.Equal(token, same.TokenOf(Card));
        Assert.NotEqual(token, other.TokenOf(Card));
        Assert.NotEqual(token, _keys.TokenOf("4000001234567881"u8));
        Assert.True(CardToken.TryParse(token.ToString(), out var parsed));
        Assert.Equal(token, parsed);
    }

    [Fact]
    public void Tokens_of_all_neighbours_differ()
    {
        var tokens = Enumerable
            .Range(0, 10_000)
            .Select(i => _keys.TokenOf(Encoding.ASCII.GetBytes($"40000012345{i:D5}")))
            .ToHashSet();
        Assert.Equal(10_000, tokens.Count);
    }

    [Fact]
    public void A_PIN_travels_from_the_terminal_to_its_verdict()
    {
        var verifier = Verifier("1234");
        Assert.Equal(PinVerdict.Correct, Verify("1234", verifier));
        Assert.Equal(PinVerdict.Wrong, Verify("1235", verifier));
        Assert.Equal(PinVerdict.Wrong, Verify("12340", verifier));
    }

    [Fact]
    public void Any_PIN_verifies_and_no_other_does()
    {
        var pins = Gen.Char['0', '9'].Array[4, 12].Select(c => new string(c));
        Gen.Select(pins, pins)
            .Sample(
                (pin, other) =>
                {
                    var verifier = Verifier(pin);
                    return Verify(pin, verifier) == PinVerdict.Correct
                        && Verify(other, verifier)
                            == (
                                string.Equals(pin, other, StringComparison.Ordinal)
                                    ? PinVerdict.Correct
                                    : PinVerdict.Wrong
                            );
                },
                iter: 300,
                seed: "0N0XIzNsQ0O2",
                threads: 1
            );
    }

    [Fact]
    public void A_sealed_PIN_opens_only_for_its_card_and_its_context()
    {
        var verifier = Verifier("1234");
        var token = _keys.TokenOf(Card);
        var sealedPin = Seal("1234");
        Assert.Equal(
            PinVerdict.NotVerifiable,
            _keys.VerifyPin(sealedPin, token, "instruction-2"u8, verifier)
        );
        Assert.Equal(
            PinVerdict.NotVerifiable,
            _keys.VerifyPin(sealedPin, new CardToken(token.Value + 1), Context, verifier)
        );
        var altered = sealedPin.Bytes.ToArray();
        altered[20] ^= 1;
        Assert.Equal(
            PinVerdict.NotVerifiable,
            _keys.VerifyPin(new SealedPin(altered), token, Context, verifier)
        );
        Assert.Equal(
            PinVerdict.NotVerifiable,
            _keys.VerifyPin(new SealedPin(altered.AsMemory(1)), token, Context, verifier)
        );
    }

    [Fact]
    public void The_same_request_seals_to_the_same_bytes_and_another_to_others()
    {
        Assert.Equal(Seal("1234").Bytes.ToArray(), Seal("1234").Bytes.ToArray());
        Assert.NotEqual(Seal("1234").Bytes.ToArray(), Seal("4321").Bytes.ToArray());
    }

    [Fact]
    public void A_block_under_another_terminals_key_or_of_another_card_is_no_PIN_block()
    {
        using var terminal = _keys.KeysOf("ATM00001");
        var block = terminal.EncryptPin("1234"u8, Card)!;
        Assert.Null(_keys.SealPin(block, Card, "ATM00002", Context));
        Assert.Null(_keys.SealPin(block.AsSpan(1), Card, "ATM00001", Context));
        // Another card's number turns digits into others or into no digits; never into this PIN.
        var other = _keys.SealPin(block, "4999991234567899"u8, "ATM00001", Context);
        var otherToken = _keys.TokenOf("4999991234567899"u8);
        Assert.True(
            other is not { } o
                || _keys.VerifyPin(o, otherToken, Context, Verifier("1234")) != PinVerdict.Correct
        );
    }

    [Theory]
    [InlineData("123")]
    [InlineData("1234567890123")]
    [InlineData("12a4")]
    public void What_is_no_PIN_is_not_encrypted(string pin)
    {
        using var terminal = _keys.KeysOf("ATM00001");
        Assert.Null(terminal.EncryptPin(Encoding.ASCII.GetBytes(pin), Card));
    }

    [Fact]
    public void A_MAC_holds_for_its_message_and_its_terminal_only()
    {
        using var terminal = _keys.KeysOf("ATM00001");
        var mac = new byte[8];
        terminal.MakeMac("0200 message"u8, mac);
        Assert.True(_keys.VerifyMac("0200 message"u8, "ATM00001", mac));
        Assert.False(_keys.VerifyMac("0200 messagf"u8, "ATM00001", mac));
        Assert.False(_keys.VerifyMac("0200 message"u8, "ATM00002", mac));
        Assert.False(_keys.VerifyMac("0200 message"u8, "ATM00001", mac.AsSpan(0, 7)));
        _keys.MakeMac("0210 answer"u8, "ATM00001", mac);
        Assert.True(terminal.VerifyMac("0210 answer"u8, mac));
    }

    [Fact]
    public void What_a_terminal_stores_opens_in_that_terminal_only_and_only_unaltered()
    {
        using var terminal = _keys.KeysOf("ATM00001");
        using var other = _keys.KeysOf("ATM00002");
        var stored = terminal.SealForStorage(Card);
        Assert.Equal(-1, stored.AsSpan().IndexOf(Card.AsSpan(0, 6)));
        Assert.Equal(Card, terminal.OpenFromStorage(stored));
        Assert.Null(other.OpenFromStorage(stored));
        Assert.Null(terminal.OpenFromStorage(stored.AsSpan(1)));
        Assert.Null(terminal.OpenFromStorage("short"u8));
        stored[14] ^= 1;
        Assert.Null(terminal.OpenFromStorage(stored));
        Assert.Equal(terminal.MarkOf(Card), terminal.MarkOf(Card));
        Assert.NotEqual(terminal.MarkOf(Card), other.MarkOf(Card));
    }

    [Fact]
    public void Nothing_about_a_PIN_or_a_key_shows_in_text()
    {
        using var terminal = _keys.KeysOf("ATM00001");
        var sealedPin = Seal("1234");
        Assert.Equal("(sealed PIN)", sealedPin.ToString());
        Assert.Equal("(PIN verifier)", Verifier("1234").ToString());
        Assert.Equal("(card keys)", _keys.ToString());
        Assert.Equal("(terminal keys)", terminal.ToString());
    }

    [Fact]
    public void Keys_of_a_file_are_made_once_kept_and_checked()
    {
        var folder = Directory.CreateTempSubdirectory("card-keys");
        try
        {
            var path = Path.Combine(folder.FullName, "card-keys.demo");
            CardToken first;
            using (var made = SoftwareCardKeys.Open("demo", path))
            {
                first = made.TokenOf(Card);
                using var terminal = made.KeysOf("ATM00001");
                terminal.Save(Path.Combine(folder.FullName, "terminal.keys"));
            }
            using (var opened = SoftwareCardKeys.Open("demo", path))
            {
                Assert.Equal(first, opened.TokenOf(Card));
                using var terminal = TerminalKeys.Load(
                    "demo",
                    Path.Combine(folder.FullName, "terminal.keys")
                );
                Assert.Equal("ATM00001", terminal.Terminal);
                foreach (var use in Enum.GetValues<TerminalKeyUse>())
                {
                    Assert.Equal(opened.CheckValue(use, "ATM00001"), terminal.CheckValue(use));
                }
            }
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(
                    UnixFileMode.UserRead | UnixFileMode.UserWrite,
                    File.GetUnixFileMode(path)
                );
            }
            var bytes = File.ReadAllBytes(path);
            bytes[40] = bytes[40] == (byte)'0' ? (byte)'1' : (byte)'0';
            File.WriteAllBytes(path, bytes);
            Assert.Throws<InvalidDataException>(() => SoftwareCardKeys.Open("demo", path));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private SealedPin Seal(string pin)
    {
        using var terminal = _keys.KeysOf("ATM00001");
        var block = terminal.EncryptPin(Encoding.ASCII.GetBytes(pin), Card)!;
        return _keys.SealPin(block, Card, "ATM00001", Context)!.Value;
    }

    private PinVerifier Verifier(string pin) =>
        _keys.MakeVerifier(Seal(pin), _keys.TokenOf(Card), Context)!.Value;

    private PinVerdict Verify(string pin, PinVerifier stored) =>
        _keys.VerifyPin(Seal(pin), _keys.TokenOf(Card), Context, stored);
}
