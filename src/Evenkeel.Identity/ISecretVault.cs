namespace Evenkeel.Identity;

/// <summary>Seals secrets under keys outside the records.</summary>
public interface ISecretVault
{
    string Seal(string subject, string purpose, string plain);

    /// <summary>Null when the key is gone.</summary>
    string? Open(string subject, string purpose, string isSealed);
}
