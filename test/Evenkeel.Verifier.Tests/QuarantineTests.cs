using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Evenkeel.Verifier.Tests;

/// <summary>Entries that two people took out of the history's effects (docs/formats/quarantine.md).</summary>
public sealed class QuarantineTests : IDisposable
{
    private const string Reason = "applying it broke on every node";

    /// <summary>Of the archive that <see cref="Books"/> writes.</summary>
    private const string Lineage = "0000000000000000000000000000004d";

    private readonly Books _books = new();
    private readonly ECDsa _alice = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _bob = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ulong _entry;
    private readonly string _sha256;

    public QuarantineTests()
    {
        _books.Transfer(debit: 0, credit: 1, 5);
        (_entry, _sha256) = _books.NotApplied(debit: 2, credit: 3, 1_000);
        for (uint i = 0; i < 20; i++)
        {
            _books.Transfer(debit: i % 4, credit: 4 + (i % 4), i + 1);
        }
        _books.Write();
        Write(
            "operators.json",
            new
            {
                formatVersion = 1,
                operators = new[] { Person("alice", _alice), Person("bob", _bob) },
            }
        );
    }

    public void Dispose()
    {
        _books.Dispose();
        _alice.Dispose();
        _bob.Dispose();
    }

    [Fact]
    public void What_follows_an_entry_in_quarantine_is_not_accused()
    {
        Order(_sha256, Reason, Sign("alice", _alice), Sign("bob", _bob));

        var judgement = _books.Judge();

        Assert.Empty(judgement.Findings);
        Assert.Equal([_entry], judgement.Quarantined);
        Assert.Equal(22UL + 1, judgement.ComparedTo);
        Assert.Equal((UInt128)(5 + (20 * 21 / 2)), judgement.MovedByLedger[840]);
    }

    [Fact]
    public void Without_an_order_the_entry_counts()
    {
        var judgement = _books.Judge();

        Assert.NotEmpty(judgement.Findings);
        Assert.Empty(judgement.Quarantined);
    }

    [Fact]
    public void An_order_that_two_people_did_not_give_for_this_content_does_not_hold()
    {
        foreach (
            var (says, order) in new (string, Action)[]
            {
                ("1 of two people", () => Order(_sha256, Reason, Sign("alice", _alice))),
                (
                    "1 of two people",
                    () => Order(_sha256, Reason, Sign("alice", _alice), Sign("alice", _alice))
                ),
                (
                    "signature of bob",
                    () => Order(_sha256, Reason, Sign("alice", _alice), Sign("bob", _alice))
                ),
                (
                    "mallory is not",
                    () => Order(_sha256, Reason, Sign("alice", _alice), Sign("mallory", _bob))
                ),
                (
                    "signature of alice",
                    () => Order(_sha256, "another", Sign("alice", _alice), Sign("bob", _bob))
                ),
                (
                    "another content",
                    () =>
                        Order(new string('0', 64), Reason, Sign("alice", _alice), Sign("bob", _bob))
                ),
                ("can't be read", () => File.WriteAllText(OrderFile, "{")),
            }
        )
        {
            order();

            var judgement = _books.Judge();

            var finding = Assert.Single(
                judgement.Findings,
                f => f.Kind == FindingKind.QuarantineInvalid
            );
            Assert.Equal(_entry, finding.Entry);
            Assert.Contains(says, finding.What, StringComparison.Ordinal);
            Assert.Empty(judgement.Quarantined);
        }
    }

    private string OrderFile =>
        Path.Combine(_books.DataDirectory, "overrides", $"{_entry:D20}.json");

    private void Order(string sha256, string reason, params object[] signatures)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(OrderFile)!);
        Write(
            OrderFile,
            new
            {
                formatVersion = 1,
                lineage = Lineage,
                entry = _entry,
                payloadSha256 = sha256,
                reason,
                signatures,
            }
        );
    }

    private object Sign(string name, ECDsa key) =>
        new
        {
            name,
            signature = Convert.ToBase64String(
                key.SignData(
                    Encoding.UTF8.GetBytes(
                        $"evenkeel quarantine 1\n{Lineage}\n{_entry}\n{_sha256}\n{Reason}\n"
                    ),
                    HashAlgorithmName.SHA256
                )
            ),
        };

    private static object Person(string name, ECDsa key) =>
        new { name, publicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) };

    private void Write(string name, object content) =>
        File.WriteAllText(
            Path.Combine(_books.DataDirectory, name),
            JsonSerializer.Serialize(content)
        );
}
