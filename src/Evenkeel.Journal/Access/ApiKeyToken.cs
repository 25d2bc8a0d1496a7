using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Evenkeel.Journal.Access;

/// <summary>
/// The text that a caller presents: <c>ek_NUMBER_SECRET</c>, with a secret of 256 random bits in
/// base64url.
/// </summary>
/// <remarks>
/// Only the SHA-256 of the whole text is kept. A slow password hash would add nothing, since 256
/// random bits can't be guessed, and would make every request pay for it.
/// </remarks>
public sealed class ApiKeyToken
{
    private const string Prefix = "ek_";
    private const int SecretBytes = 32;
    private const int SecretChars = 43;

    /// <summary>Characters of the longest valid token; longer text is not even looked at.</summary>
    public const int CharsMax = 3 + 20 + 1 + SecretChars;

    private static readonly SearchValues<char> Alphabet = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    );

    private readonly string _text;

    private ApiKeyToken(ulong number, string text)
    {
        Number = number;
        _text = text;
    }

    /// <summary>Public: which key this is, and the principal in the log.</summary>
    public ulong Number { get; }

    /// <summary>The secret text itself. Show it once; never log or store it.</summary>
    public string Reveal() => _text;

    /// <summary>Masked, so that a token in a log line or an exception gives nothing away.</summary>
    public override string ToString() => $"{Prefix}{Number}_***";

    public byte[] Hash() => SHA256.HashData(Encoding.ASCII.GetBytes(_text));

    public static ApiKeyToken Create(ulong number)
    {
        Span<byte> secret = stackalloc byte[SecretBytes];
        RandomNumberGenerator.Fill(secret);
        var text = $"{Prefix}{number.ToString(CultureInfo.InvariantCulture)}_";
        var token = new ApiKeyToken(number, text + Base64Url.EncodeToString(secret));
        CryptographicOperations.ZeroMemory(secret);
        return token;
    }

    /// <summary>False when the text does not have the form of a token; says nothing about truth.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ApiKeyToken? token)
    {
        token = null;
        if (
            text is null
            || text.Length > CharsMax
            || !text.StartsWith(Prefix, StringComparison.Ordinal)
        )
        {
            return false;
        }
        var separator = text.IndexOf('_', Prefix.Length);
        if (separator < 0 || text.Length - separator - 1 != SecretChars)
        {
            return false;
        }
        var digits = text.AsSpan(Prefix.Length, separator - Prefix.Length);
        if (
            !ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || digits[0] == '0'
            || text.AsSpan(separator + 1).ContainsAnyExcept(Alphabet)
        )
        {
            return false;
        }
        token = new ApiKeyToken(number, text);
        return true;
    }
}
