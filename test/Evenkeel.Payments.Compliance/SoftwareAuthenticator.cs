using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Evenkeel.Payments.Compliance;

/// <summary>
/// An authenticator and the browser before it, in software: ES256, discoverable, attestation "none"
/// (WebAuthn level 3). What it claims can be bent, to try what a bank must refuse.
/// </summary>
public sealed class SoftwareAuthenticator : IDisposable
{
    private const byte UserPresent = 0x01;
    private const byte UserVerified = 0x04;
    private const byte AttestedData = 0x40;
    private const int CredentialIdBytes = 32;

    private readonly List<Held> _held = [];

    /// <summary>Of the page that asks.</summary>
    public string Origin { get; set; } = "http://localhost:4170";

    /// <summary>Instead of the domain that the bank names; null = that one.</summary>
    public string? Domain { get; set; }

    /// <summary>The page is a frame in another's.</summary>
    public bool IsFramed { get; set; }

    public bool VerifiesUser { get; set; } = true;

    /// <summary>Signatures so far, in all.</summary>
    public uint Count { get; set; }

    /// <summary>Instead of the challenge; null = the right one.</summary>
    public string? Challenge { get; set; }

    /// <summary>Makes a passkey.</summary>
    /// <returns>JSON of PublicKeyCredential.</returns>
    public string Create(string options)
    {
        var asked = JsonNode.Parse(options)!;
        Held made = new(
            RandomNumberGenerator.GetBytes(CredentialIdBytes),
            ECDsa.Create(ECCurve.NamedCurves.nistP256),
            asked["user"]!["id"]!.GetValue<string>()
        );
        _held.Add(made);
        var clientData = ClientData("webauthn.create", asked);
        CborWriter attestation = new(CborConformanceMode.Ctap2Canonical);
        attestation.WriteStartMap(3);
        attestation.WriteTextString("fmt");
        attestation.WriteTextString("none");
        attestation.WriteTextString("attStmt");
        attestation.WriteStartMap(0);
        attestation.WriteEndMap();
        attestation.WriteTextString("authData");
        attestation.WriteByteString([
            .. AuthenticatorData(
                asked["rp"]!["id"]!.GetValue<string>(),
                UserPresent | AttestedData
            ),
            .. new byte[16],
            0,
            CredentialIdBytes,
            .. made.Id,
            .. CoseKey(made.Key),
        ]);
        attestation.WriteEndMap();
        return Credential(
            made,
            new JsonObject
            {
                ["clientDataJSON"] = Base64Url.EncodeToString(clientData),
                ["attestationObject"] = Base64Url.EncodeToString(attestation.Encode()),
                ["transports"] = new JsonArray("internal"),
            }
        );
    }

    /// <summary>Shows the newest passkey among those that are asked for.</summary>
    /// <returns>JSON of PublicKeyCredential.</returns>
    public string Get(string options)
    {
        var asked = JsonNode.Parse(options)!;
        string[] allowed =
        [
            .. (asked["allowCredentials"]?.AsArray() ?? []).Select(static c =>
                c!["id"]!.GetValue<string>()
            ),
        ];
        var shown = _held.Last(held =>
            allowed.Length == 0 || allowed.Contains(Base64Url.EncodeToString(held.Id))
        );
        Count++;
        var clientData = ClientData("webauthn.get", asked);
        var data = AuthenticatorData(asked["rpId"]!.GetValue<string>(), UserPresent);
        return Credential(
            shown,
            new JsonObject
            {
                ["clientDataJSON"] = Base64Url.EncodeToString(clientData),
                ["authenticatorData"] = Base64Url.EncodeToString(data),
                ["signature"] = Base64Url.EncodeToString(
                    shown.Key.SignData(
                        [.. data, .. SHA256.HashData(clientData)],
                        HashAlgorithmName.SHA256,
                        DSASignatureFormat.Rfc3279DerSequence
                    )
                ),
                ["userHandle"] = shown.User,
            }
        );
    }

    public void Dispose()
    {
        foreach (var held in _held)
        {
            held.Key.Dispose();
        }
    }

    private byte[] ClientData(string type, JsonNode asked) =>
        Encoding.UTF8.GetBytes(
            new JsonObject
            {
                ["type"] = type,
                ["challenge"] = Challenge ?? asked["challenge"]!.GetValue<string>(),
                ["origin"] = Origin,
                ["crossOrigin"] = IsFramed,
            }.ToJsonString()
        );

    private byte[] AuthenticatorData(string domain, byte flags)
    {
        Span<byte> count = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, Count);
        return
        [
            .. SHA256.HashData(Encoding.UTF8.GetBytes(Domain ?? domain)),
            (byte)(flags | (VerifiesUser ? UserVerified : 0)),
            .. count,
        ];
    }

    /// <summary>RFC 9053: EC2 on P-256 for ES256.</summary>
    private static byte[] CoseKey(ECDsa key)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        CborWriter cose = new(CborConformanceMode.Ctap2Canonical);
        cose.WriteStartMap(5);
        cose.WriteInt32(1);
        cose.WriteInt32(2);
        cose.WriteInt32(3);
        cose.WriteInt32(-7);
        cose.WriteInt32(-1);
        cose.WriteInt32(1);
        cose.WriteInt32(-2);
        cose.WriteByteString(point.X!);
        cose.WriteInt32(-3);
        cose.WriteByteString(point.Y!);
        cose.WriteEndMap();
        return cose.Encode();
    }

    private static string Credential(Held held, JsonObject response) =>
        new JsonObject
        {
            ["id"] = Base64Url.EncodeToString(held.Id),
            ["rawId"] = Base64Url.EncodeToString(held.Id),
            ["type"] = "public-key",
            ["authenticatorAttachment"] = "platform",
            ["clientExtensionResults"] = new JsonObject(),
            ["response"] = response,
        }.ToJsonString();

    private sealed record Held(byte[] Id, ECDsa Key, string User);
}
