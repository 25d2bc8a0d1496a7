using System.Security.Cryptography;
using Evenkeel.Banking.Customers;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Banking.Tests;

public sealed class PersonVaultTests : IDisposable
{
    private static readonly CustomerId Ada = new("C1");
    private static readonly CustomerId Ben = new("C2");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("evenkeel-vault-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void What_was_sealed_opens_for_its_customer_and_purpose_alone()
    {
        PersonVault vault = new(new FilePersonKeys(_directory.FullName));
        var isSealed = vault.Seal(Ada, "name", "Ada");
        vault.Seal(Ben, "name", "Ben");

        Assert.Equal("Ada", vault.Open(Ada, "name", isSealed));
        Assert.DoesNotContain("Ada", isSealed, StringComparison.Ordinal);
        Assert.ThrowsAny<CryptographicException>(() => vault.Open(Ben, "name", isSealed));
        Assert.ThrowsAny<CryptographicException>(() => vault.Open(Ada, "address", isSealed));
    }

    [Fact]
    public void A_key_outlives_the_process_and_a_forgotten_person_stays_forgotten()
    {
        var isSealed = Vault().Seal(Ada, "name", "Ada");
        Assert.Equal("Ada", Vault().Open(Ada, "name", isSealed));

        new FilePersonKeys(_directory.FullName).Forget(Ada);

        Assert.Null(Vault().Open(Ada, "name", isSealed));
        Assert.Throws<InvalidOperationException>(() => Vault().Seal(Ada, "name", "Ada"));

        PersonVault Vault() => new(new FilePersonKeys(_directory.FullName));
    }

    [Fact]
    public void Nodes_that_make_a_key_at_once_end_with_one_key()
    {
        for (var i = 0; i < 200; i++)
        {
            CustomerId customer = new($"C{i}");
            var keys = new byte[8][];
            Parallel.For(
                0,
                keys.Length,
                node =>
                    keys[node] = new FilePersonKeys(_directory.FullName).Find(
                        customer,
                        create: true
                    )!
            );
            Assert.All(keys, key => Assert.Equal(keys[0], key));
        }
        Assert.Empty(_directory.GetFiles("*.tmp", SearchOption.AllDirectories));
    }
}
