using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Evenkeel.Model;

namespace Evenkeel.CardKeys;

/// <summary>
/// Card keys in this process's memory, for a demonstration. They exist in clear here, so a profile that
/// is not called <c>demo</c> refuses to start with them.
/// </summary>
public sealed class SoftwareCardKeys : ICardKeys, IDisposable
{
    /// <summary>The only profile that software keys serve.</summary>
    public const string Profile = "demo";

    private const int MasterBytes = 32;
    private const int TokenBytes = 16;
    private const byte SealVersion = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int PinKeyBytes = 24;
    private const int MacKeyBytes = 32;

    private readonly byte[] _master;
    private readonly byte[] _token;
    private readonly byte[] _seal;
    private readonly byte[] _nonce;
    private readonly byte[] _verify;

    private SoftwareCardKeys(ReadOnlySpan<byte> master)
    {
        _master = GC.AllocateArray<byte>(MasterBytes, pinned: true);
        master.CopyTo(_master);
        _token = Derive("token", "", MasterBytes);
        _seal = Derive("pin-seal", "", MasterBytes);
        _nonce = Derive("pin-nonce", "", MasterBytes);
        _verify = Derive("pin-verify", "", MasterBytes);
    }

    /// <summary>Opens the keys of a file, made on first use.</summary>
    /// <param name="profile">The profile of the process that wants them.</param>
    /// <exception cref="SoftwareKeysRefusedException">Any profile but <see cref="Profile"/>.</exception>
    /// <exception cref="InvalidDataException">Not such a file, or a damaged one.</exception>
    public static SoftwareCardKeys Open(string profile, string path)
    {
        RequireDemo(profile);
        Span<byte> master = stackalloc byte[MasterBytes];
        try
        {
            CardKeyFile.ReadOrCreate(path, master);
            return new SoftwareCardKeys(master);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(master);
        }
    }

    /// <summary>Keys from 32 bytes, for tests that need the same ones again.</summary>
    /// <exception cref="SoftwareKeysRefusedException">Any profile but <see cref="Profile"/>.</exception>
    public static SoftwareCardKeys FromMaster(string profile, ReadOnlySpan<byte> master)
    {
        RequireDemo(profile);
        if (master.Length != MasterBytes)
        {
            throw new ArgumentException("The master key has 32 bytes.", nameof(master));
        }
        return new SoftwareCardKeys(master);
    }

    /// <summary>What a terminal gets when its keys are loaded.</summary>
    public TerminalKeys KeysOf(string terminal)
    {
        var pin = TerminalKey(TerminalKeyUse.Pin, terminal);
        var mac = TerminalKey(TerminalKeyUse.Mac, terminal);
        var store = Derive("terminal-store", terminal, MasterBytes);
        try
        {
            return new TerminalKeys(terminal, pin, mac, store);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pin);
            CryptographicOperations.ZeroMemory(mac);
            CryptographicOperations.ZeroMemory(store);
        }
    }

    public CardToken TokenOf(ReadOnlySpan<byte> pan)
    {
        RequirePan(pan);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(_token, pan, hash);
        return new CardToken(BinaryPrimitives.ReadUInt128BigEndian(hash));
    }

    public SealedPin? SealPin(
        ReadOnlySpan<byte> pinBlock,
        ReadOnlySpan<byte> pan,
        string terminal,
        ReadOnlySpan<byte> context
    )
    {
        RequirePan(pan);
        if (pinBlock.Length != CardKeyLimits.PinBlockBytes)
        {
            return null;
        }
        Span<byte> clear = stackalloc byte[CardKeyLimits.PinBlockBytes];
        var key = TerminalKey(TerminalKeyUse.Pin, terminal);
        try
        {
            PinBlock.Decrypt(key, pinBlock, clear);
            PinBlock.CombineWithPan(clear, pan);
            return PinBlock.IsPinField(clear) ? Seal(clear, TokenOf(pan), context) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(clear);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    public PinVerdict VerifyPin(
        SealedPin pin,
        CardToken card,
        ReadOnlySpan<byte> context,
        PinVerifier stored
    )
    {
        if (MakeVerifier(pin, card, context) is not { } made)
        {
            return PinVerdict.NotVerifiable;
        }
        Span<byte> left = stackalloc byte[TokenBytes];
        Span<byte> right = stackalloc byte[TokenBytes];
        BinaryPrimitives.WriteUInt128BigEndian(left, made.Value);
        BinaryPrimitives.WriteUInt128BigEndian(right, stored.Value);
        return CryptographicOperations.FixedTimeEquals(left, right)
            ? PinVerdict.Correct
            : PinVerdict.Wrong;
    }

    public PinVerifier? MakeVerifier(SealedPin pin, CardToken card, ReadOnlySpan<byte> context)
    {
        Span<byte> input = stackalloc byte[TokenBytes + CardKeyLimits.PinBlockBytes];
        try
        {
            BinaryPrimitives.WriteUInt128BigEndian(input, card.Value);
            if (!TryOpen(pin, card, context, input[TokenBytes..]))
            {
                return null;
            }
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            HMACSHA256.HashData(_verify, input, hash);
            return new PinVerifier(BinaryPrimitives.ReadUInt128BigEndian(hash));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(input);
        }
    }

    public void MakeMac(ReadOnlySpan<byte> message, string terminal, Span<byte> mac)
    {
        TerminalKeys.RequireMacRoom(mac);
        var key = TerminalKey(TerminalKeyUse.Mac, terminal);
        Span<byte> tag = stackalloc byte[AesCmac.Bytes];
        AesCmac.Compute(key, message, tag);
        tag[..CardKeyLimits.MacBytes].CopyTo(mac);
        CryptographicOperations.ZeroMemory(key);
    }

    public bool VerifyMac(ReadOnlySpan<byte> message, string terminal, ReadOnlySpan<byte> mac)
    {
        Span<byte> own = stackalloc byte[CardKeyLimits.MacBytes];
        MakeMac(message, terminal, own);
        return CryptographicOperations.FixedTimeEquals(own, mac);
    }

    public string CheckValue(TerminalKeyUse use, string terminal)
    {
        var key = TerminalKey(use, terminal);
        try
        {
            return use == TerminalKeyUse.Pin ? PinBlock.CheckValue(key) : AesCmac.CheckValue(key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Says nothing.</summary>
    public override string ToString() => "(card keys)";

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_master);
        CryptographicOperations.ZeroMemory(_token);
        CryptographicOperations.ZeroMemory(_seal);
        CryptographicOperations.ZeroMemory(_nonce);
        CryptographicOperations.ZeroMemory(_verify);
    }

    private static void RequireDemo(string profile)
    {
        if (!string.Equals(profile, Profile, StringComparison.Ordinal))
        {
            throw new SoftwareKeysRefusedException(profile);
        }
    }

    private static void RequirePan(ReadOnlySpan<byte> pan)
    {
        if (!Pan.IsWellFormed(pan))
        {
            throw new ArgumentException("Not a card number.", nameof(pan));
        }
    }

    /// <summary>
    /// The nonce is made from what is sealed, so that the same request gives the same bytes; two
    /// different requests never share a nonce, because the context and the card are in it.
    /// </summary>
    private SealedPin Seal(ReadOnlySpan<byte> clear, CardToken card, ReadOnlySpan<byte> context)
    {
        if (context.Length > CardKeyLimits.ContextBytesMax)
        {
            throw new ArgumentException("A context has at most 128 bytes.", nameof(context));
        }
        Span<byte> input =
            stackalloc byte[
                TokenBytes + CardKeyLimits.PinBlockBytes + CardKeyLimits.ContextBytesMax
            ];
        BinaryPrimitives.WriteUInt128BigEndian(input, card.Value);
        clear.CopyTo(input[TokenBytes..]);
        context.CopyTo(input[(TokenBytes + clear.Length)..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(_nonce, input[..(TokenBytes + clear.Length + context.Length)], hash);
        CryptographicOperations.ZeroMemory(input);

        var bytes = new byte[SealedPin.Length];
        bytes[0] = SealVersion;
        hash[..NonceBytes].CopyTo(bytes.AsSpan(1));
        Span<byte> bound = stackalloc byte[TokenBytes + CardKeyLimits.ContextBytesMax];
        bound = Bound(card, context, bound);
        using AesGcm cipher = new(_seal, TagBytes);
        cipher.Encrypt(
            bytes.AsSpan(1, NonceBytes),
            clear,
            bytes.AsSpan(1 + NonceBytes, clear.Length),
            bytes.AsSpan(1 + NonceBytes + clear.Length, TagBytes),
            bound
        );
        return new SealedPin(bytes);
    }

    private bool TryOpen(
        SealedPin pin,
        CardToken card,
        ReadOnlySpan<byte> context,
        Span<byte> clear
    )
    {
        var bytes = pin.Bytes.Span;
        if (
            bytes.Length != SealedPin.Length
            || bytes[0] != SealVersion
            || context.Length > CardKeyLimits.ContextBytesMax
        )
        {
            return false;
        }
        Span<byte> bound = stackalloc byte[TokenBytes + CardKeyLimits.ContextBytesMax];
        bound = Bound(card, context, bound);
        using AesGcm cipher = new(_seal, TagBytes);
        try
        {
            cipher.Decrypt(
                bytes.Slice(1, NonceBytes),
                bytes.Slice(1 + NonceBytes, CardKeyLimits.PinBlockBytes),
                bytes[^TagBytes..],
                clear,
                bound
            );
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        Check.That(PinBlock.IsPinField(clear));
        return true;
    }

    private static Span<byte> Bound(CardToken card, ReadOnlySpan<byte> context, Span<byte> scratch)
    {
        BinaryPrimitives.WriteUInt128BigEndian(scratch, card.Value);
        context.CopyTo(scratch[TokenBytes..]);
        return scratch[..(TokenBytes + context.Length)];
    }

    private byte[] TerminalKey(TerminalKeyUse use, string terminal)
    {
        TerminalKeys.RequireName(terminal);
        return use switch
        {
            TerminalKeyUse.Pin => Derive("terminal-pin", terminal, PinKeyBytes),
            TerminalKeyUse.Mac => Derive("terminal-mac", terminal, MacKeyBytes),
            _ => throw new ArgumentOutOfRangeException(nameof(use)),
        };
    }

    private byte[] Derive(string use, string name, int bytes)
    {
        var info = Encoding.UTF8.GetBytes($"evenkeel card keys 1/{use}/{name}");
        var key = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _master, key, salt: [], info);
        return key;
    }
}

/// <summary>Software keys were wanted by a profile that must not have them.</summary>
public sealed class SoftwareKeysRefusedException(string profile)
    : Exception(
        $"Software card keys serve the profile '{SoftwareCardKeys.Profile}' only, not '{profile}': "
            + "keys and PINs would exist in this process's memory. Configure a hardware security module."
    )
{
    /// <summary>The profile that was refused.</summary>
    public string RefusedProfile { get; } = profile;
}
