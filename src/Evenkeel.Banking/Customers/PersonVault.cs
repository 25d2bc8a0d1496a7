using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Payments;

namespace Evenkeel.Banking.Customers;

/// <summary>The keys of persons, outside the log: history stays, a person can be forgotten.</summary>
public interface IPersonKeys
{
    /// <summary>The key of a customer, made when there is none; null once they were forgotten.</summary>
    /// <returns>32 bytes.</returns>
    byte[]? Find(CustomerId customer, bool create);

    /// <summary>Destroys the key: what was sealed with it can never be read again.</summary>
    void Forget(CustomerId customer);
}

/// <summary>Seals what identifies a person: AES-256-GCM under the customer's own key, as Base64.</summary>
public sealed class PersonVault(IPersonKeys keys)
{
    /// <summary>What is shown for somebody who was forgotten.</summary>
    public const string Forgotten = "-";

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <param name="purpose">Bound to the content, so that one field can't stand in for another.</param>
    public string Seal(CustomerId customer, string purpose, string plain)
    {
        var key =
            keys.Find(customer, create: true)
            ?? throw new InvalidOperationException("This customer was forgotten.");
        var content = Encoding.UTF8.GetBytes(plain);
        var bytes = new byte[NonceBytes + content.Length + TagBytes];
        var nonce = bytes.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(
            nonce,
            content,
            bytes.AsSpan(NonceBytes, content.Length),
            bytes.AsSpan(NonceBytes + content.Length),
            Bound(customer, purpose)
        );
        return Convert.ToBase64String(bytes);
    }

    /// <summary>
    /// The same for the same text, and nothing to whoever lacks the customer's key (HMAC-SHA-256, the
    /// first 128 bits, in hexadecimal): what a record is looked up by without saying it.
    /// </summary>
    public string Pseudonym(CustomerId customer, string purpose, string plain)
    {
        var key =
            keys.Find(customer, create: true)
            ?? throw new InvalidOperationException("This customer was forgotten.");
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(
            key,
            Encoding.UTF8.GetBytes($"pseudonym\n{customer.Value}\n{purpose}\n{plain}"),
            digest
        );
        return Convert.ToHexStringLower(digest[..16]);
    }

    /// <summary>Null when the customer was forgotten.</summary>
    /// <exception cref="CryptographicException">It was altered, or is another customer's or field's.</exception>
    public string? Open(CustomerId customer, string purpose, string isSealed)
    {
        if (keys.Find(customer, create: false) is not { } key)
        {
            return null;
        }
        var bytes = Convert.FromBase64String(isSealed);
        if (bytes.Length < NonceBytes + TagBytes)
        {
            throw new CryptographicException("Too short to be sealed.");
        }
        var content = new byte[bytes.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(
            bytes.AsSpan(0, NonceBytes),
            bytes.AsSpan(NonceBytes, content.Length),
            bytes.AsSpan(NonceBytes + content.Length),
            content,
            Bound(customer, purpose)
        );
        return Encoding.UTF8.GetString(content);
    }

    internal string Seal(CustomerId customer, CustomerProfile profile) =>
        Seal(
            customer,
            "profile",
            JsonSerializer.Serialize(profile, ProfileJson.Default.CustomerProfile)
        );

    internal CustomerProfile? OpenProfile(CustomerId customer, string isSealed) =>
        Open(customer, "profile", isSealed) is { } json
            ? JsonSerializer.Deserialize(json, ProfileJson.Default.CustomerProfile)
            : null;

    private static byte[] Bound(CustomerId customer, string purpose) =>
        Encoding.UTF8.GetBytes($"{customer.Value}\n{purpose}");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CustomerProfile))]
internal sealed partial class ProfileJson : JsonSerializerContext;
