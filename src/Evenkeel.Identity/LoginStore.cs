using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Payments;

namespace Evenkeel.Identity;

/// <summary>A document with the version that a change of it must meet; version 0 = there is none.</summary>
internal readonly record struct Versioned<T>(T? Document, ulong Version)
    where T : class;

/// <summary>The journal could not say.</summary>
public sealed class IdentityUnavailableException(string detail) : Exception(detail);

/// <summary>Logins among the records of the bank: replicated, backed up and archived like money.</summary>
internal sealed class LoginStore(IJournal journal)
{
    private static readonly Principal Self = new(PrincipalKinds.Node, "identity");

    /// <param name="name"><see cref="Library.LoginUser.NameOf"/>.</param>
    public static RecordKey KeyOf(string name) => new(AccessRules.LoginCollection, name);

    /// <param name="place">A device or a network; hashed, since an address is nobody else's matter.</param>
    public static RecordKey FailuresOf(LoginKind kind, string login, string place) =>
        new(
            AccessRules.LoginFailureCollection,
            $"{(int)kind}/{login.ToLowerInvariant()}/{Sha256(place)[..32]}"
        );

    public static string Sha256(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <param name="handle">What a passkey says of its owner.</param>
    public static RecordKey AliasOfHandle(string handle) =>
        new(AccessRules.LoginAliasCollection, $"handle/{handle}");

    public static RecordKey AliasOfPasskey(ReadOnlySpan<byte> credentialId) =>
        new(
            AccessRules.LoginAliasCollection,
            $"passkey/{Convert.ToHexStringLower(SHA256.HashData(credentialId))}"
        );

    /// <exception cref="IdentityUnavailableException">The journal could not answer.</exception>
    public async ValueTask<Versioned<T>> ReadAsync<T>(
        RecordKey key,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
        where T : class =>
        await journal.ReadRecordsAsync(
            new RecordQuery { Collection = key.Collection, Key = key.Key },
            cancellationToken
        ) switch
        {
            Answer<RecordPage>.Done { Value.Records: [var record] } => new(
                JsonSerializer.Deserialize(record.Json.Span, type),
                record.Version
            ),
            Answer<RecordPage>.Done => new(null, 0),
            Answer<RecordPage>.NotDone no => throw new IdentityUnavailableException(no.Detail),
            _ => throw new IdentityUnavailableException("not known"),
        };

    /// <inheritdoc cref="CommitAsync"/>
    public ValueTask<bool> WriteAsync<T>(
        RecordKey key,
        T document,
        ulong expected,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
        where T : class =>
        CommitAsync(
            [Expect(key, expected)],
            [new RecordWrite(key, JsonSerializer.SerializeToUtf8Bytes(document, type))],
            cancellationToken
        );

    /// <param name="expected">0 = there is none.</param>
    public static Guard Expect(RecordKey key, ulong expected) =>
        expected == 0 ? new Guard.Absent(key) : new Guard.Version(key, expected);

    /// <returns>False when somebody else changed it meanwhile; nothing is written then.</returns>
    /// <exception cref="IdentityUnavailableException">The journal could not answer.</exception>
    public async ValueTask<bool> CommitAsync(
        IReadOnlyList<Guard> guards,
        IReadOnlyList<RecordWrite> writes,
        CancellationToken cancellationToken
    )
    {
        var id = Guid.NewGuid().ToByteArray();
        var answer = await journal.ProposeAsync(
            new Operation
            {
                Id = new OperationId(
                    new UInt128(BitConverter.ToUInt64(id, 0), BitConverter.ToUInt64(id, 8))
                ),
                Principals = [Self],
                Guards = guards,
                Writes = writes,
            },
            cancellationToken
        );
        return answer switch
        {
            Answer<OperationResult>.Done { Value.Status: OperationStatus.Done } => true,
            Answer<OperationResult>.Done { Value.Status: OperationStatus.StaleGuard } => false,
            Answer<OperationResult>.Done done => throw new IdentityUnavailableException(
                done.Value.Status.ToString()
            ),
            Answer<OperationResult>.NotDone no => throw new IdentityUnavailableException(no.Detail),
            _ => throw new IdentityUnavailableException("not known"),
        };
    }
}
