using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Journal.Tests;

/// <summary>What makes two attempts the same request, and what makes them two requests.</summary>
public sealed class OperationHashTests
{
    private static readonly Operation Decided = Samples.Full;

    /// <summary>Effects are the request: no decision stands in between.</summary>
    private static readonly Operation Plain = Samples.Full with { RequestHash = 0 };

    public static readonly TheoryData<string, Operation, Operation> SameRequest = new()
    {
        {
            "newer versions and another date",
            Plain,
            Plain with
            {
                Guards =
                [
                    new Guard.Version(Samples.Alice, 99),
                    new Guard.Counter(new("limit", "day"), Delta: -5, Min: -10, Max: 100),
                    new Guard.BusinessDate(new DateOnly(2026, 11, 24)),
                ],
            }
        },
        {
            "other bounds of a counter",
            Plain,
            Plain with
            {
                Guards = [new Guard.Counter(new("limit", "day"), Delta: -5, Min: 0, Max: 1)],
            }
        },
        {
            "an approver joined",
            Plain,
            Plain with
            {
                Principals = [.. Plain.Principals, new("staff", "carol")],
            }
        },
        { "decided anew", Decided, Decided with { Writes = [], Transfers = [], Guards = [] } },
        { "decided no", Decided, Refusal },
    };

    public static readonly TheoryData<string, Operation, Operation> OtherRequest = new()
    {
        { "another maker", Plain, Plain with { Principals = [new("staff", "eve")] } },
        { "another kind of maker", Plain, Plain with { Principals = [new("customer", "alice")] } },
        { "no transfer", Plain, Plain with { Transfers = [] } },
        {
            "another amount",
            Plain,
            Plain with
            {
                Transfers = [Plain.Transfers[0] with { Amount = 12_346 }],
            }
        },
        { "no account", Plain, Plain with { Accounts = [] } },
        { "no update", Plain, Plain with { AccountUpdates = [] } },
        {
            "another delta",
            Plain,
            Plain with
            {
                Guards = [new Guard.Counter(new("limit", "day"), Delta: -6, Min: -10, Max: 100)],
            }
        },
        { "no write", Plain, Plain with { Writes = [] } },
        {
            "a document instead of a deletion",
            Plain,
            Plain with
            {
                Writes = [Plain.Writes[0], Plain.Writes[1] with { Json = Array.Empty<byte>() }],
            }
        },
        { "no message", Plain, Plain with { Messages = [] } },
        { "another request", Decided, Decided with { RequestHash = 0xABCE } },
        { "a request hash or none", Decided, Plain },
        {
            "another maker of the same request",
            Decided,
            Decided with
            {
                Principals = [new("key", "2")],
            }
        },
    };

    private static Operation Refusal =>
        new()
        {
            Id = Decided.Id,
            Principals = Decided.Principals,
            RequestHash = Decided.RequestHash,
            RefusalCode = 3,
        };

    [Theory]
    [MemberData(nameof(SameRequest))]
    public void Retry_keeps_its_identity(string what, Operation first, Operation retry) =>
        Assert.True(OperationHash.Compute(first) == OperationHash.Compute(retry), what);

    [Theory]
    [MemberData(nameof(OtherRequest))]
    public void Other_content_has_another_identity(string what, Operation first, Operation other) =>
        Assert.True(OperationHash.Compute(first) != OperationHash.Compute(other), what);

    [Fact]
    public void Hashes_never_change()
    {
        Assert.Equal("07a291e2da21db500963e943de1ccadb", $"{OperationHash.Compute(Plain):x32}");
        Assert.Equal("b16e367c9225b93fed89f00c33d57799", $"{OperationHash.Compute(Decided):x32}");
        Assert.Equal(
            "c04b97c9ee217e490d170202bbf4693d",
            $"{OperationHash.OfRequest("POST /loans", "{}"u8):x32}"
        );
        Assert.Equal("9e64e8f716ad46118a67b355a36f1344", $"{OperationHash.OfDocument("{}"u8):x32}");
    }
}
