using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Journal.Tests;

/// <summary>One row for each way in which an operation is not well formed.</summary>
public sealed class OperationRulesTests
{
    public static readonly TheoryData<OperationFault, Operation> Faults = new()
    {
        { OperationFault.None, Samples.Full },
        { OperationFault.None, Samples.Minimal },
        { OperationFault.None, Refusal },
        { OperationFault.IdReserved, Samples.Minimal with { Id = new(0) } },
        { OperationFault.IdReserved, Samples.Minimal with { Id = new(UInt128.MaxValue) } },
        { OperationFault.NoPrincipal, Samples.Minimal with { Principals = [] } },
        {
            OperationFault.TooManyPrincipals,
            Samples.Minimal with
            {
                Principals = Many(
                    OperationLimits.PrincipalsMax + 1,
                    i => new Principal("key", $"{i}")
                ),
            }
        },
        {
            OperationFault.TooManyGuards,
            Samples.Minimal with
            {
                Guards = Many(
                    OperationLimits.GuardsMax + 1,
                    Guard (i) => new Guard.Absent(new("c", $"{i}"))
                ),
            }
        },
        {
            OperationFault.TooManyWrites,
            Samples.Minimal with
            {
                Writes = Many(
                    OperationLimits.WritesMax + 1,
                    i => new RecordWrite(new("c", $"{i}"), null)
                ),
            }
        },
        {
            OperationFault.TooManyMessages,
            Samples.Minimal with
            {
                Messages = Many(OperationLimits.MessagesMax + 1, _ => new Message("t", Json("1"))),
            }
        },
        {
            OperationFault.TooManyLedgerEvents,
            Samples.Minimal with
            {
                Accounts = new Account[2_000],
                Transfers = new Transfer[2_097],
            }
        },
        { OperationFault.RefusalOrEffects, Samples.Minimal with { Writes = [] } },
        {
            OperationFault.RefusalOrEffects,
            Samples.Minimal with
            {
                Writes = [],
                Guards = [new Guard.Absent(Samples.Alice)],
            }
        },
        { OperationFault.RefusalOrEffects, Refusal with { Writes = Samples.Minimal.Writes } },
        { OperationFault.RefusalWithoutRequest, Refusal with { RequestHash = 0 } },
        { OperationFault.BadPrincipal, Samples.Minimal with { Principals = [new("", "1")] } },
        { OperationFault.BadPrincipal, Samples.Minimal with { Principals = [new("key", null!)] } },
        { OperationFault.VersionZero, Guarded(new Guard.Version(Samples.Alice, 0)) },
        { OperationFault.VersionZero, Guarded(new Guard.Version(Samples.Alice, ulong.MaxValue)) },
        { OperationFault.BadKey, Guarded(new Guard.Absent(new("", "x"))) },
        { OperationFault.BadKey, Guarded(new Guard.Absent(new("x", "tab\t"))) },
        { OperationFault.BadKey, Guarded(new Guard.Absent(new("x", "\ud800"))) },
        { OperationFault.BadKey, Guarded(new Guard.Absent(new("x", "a\U0010FFFF"))) },
        { OperationFault.BadKey, Guarded(new Guard.Absent(new("x", new string('k', 257)))) },
        { OperationFault.BadKey, Guarded(new Guard.Absent(new("x", new string('王', 86)))) },
        {
            OperationFault.GuardedTwice,
            Guarded(new Guard.Absent(Samples.Alice), new Guard.Version(Samples.Alice, 1))
        },
        {
            OperationFault.GuardedTwice,
            Guarded(
                new Guard.Counter(Samples.Alice, 1, 0, 1),
                new Guard.Counter(Samples.Alice, 1, 0, 1)
            )
        },
        {
            OperationFault.CounterBoundsReversed,
            Guarded(new Guard.Counter(Samples.Alice, 1, Min: 2, Max: 1))
        },
        {
            OperationFault.LinkedIsSetByTheJournal,
            Samples.Minimal with
            {
                Transfers = [new Transfer { Flags = TransferFlags.Linked }],
            }
        },
        {
            OperationFault.WrittenTwice,
            Samples.Minimal with
            {
                Writes = [new(Samples.Alice, null), new(Samples.Alice, Json("1"))],
            }
        },
        { OperationFault.BadKey, Written(new(new("c", ""), null)) },
        { OperationFault.BadJson, Written(new(Samples.Alice, Json(""))) },
        { OperationFault.BadJson, Written(new(Samples.Alice, Json("{\"a\":}"))) },
        { OperationFault.BadJson, Written(new(Samples.Alice, Json("1 2"))) },
        { OperationFault.BadJson, Written(new(Samples.Alice, Json("\"\\ud800\""))) },
        { OperationFault.BadJson, Written(new(Samples.Alice, new byte[] { 0x22, 0xFF, 0x22 })) },
        {
            OperationFault.BadJson,
            Written(new(Samples.Alice, Json(new string('[', 40) + new string(']', 40))))
        },
        {
            OperationFault.BadJson,
            Written(
                new(Samples.Alice, Json($"\"{new string('x', OperationLimits.JsonBytesMax)}\""))
            )
        },
        { OperationFault.BadKey, Samples.Minimal with { Messages = [new("", Json("1"))] } },
        { OperationFault.BadJson, Samples.Minimal with { Messages = [new("t", Json("nul"))] } },
        {
            OperationFault.TooLarge,
            Samples.Minimal with
            {
                Writes = Many(
                    5,
                    i => new RecordWrite(new("c", $"{i}"), Json($"\"{new string('x', 250_000)}\""))
                ),
            }
        },
    };

    private static Operation Refusal =>
        new()
        {
            Id = new OperationId(1),
            Principals = [new("key", "1")],
            RequestHash = 5,
            RefusalCode = 7,
            Guards = [new Guard.Version(Samples.Alice, 2)],
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Fault_is_named(OperationFault expected, Operation operation)
    {
        Assert.Equal(expected, OperationRules.Judge(operation));
        if (expected == OperationFault.None)
        {
            var fault = OperationCodec.Decode(OperationCodec.Encode(operation), out _);
            Assert.Equal(OperationFault.None, fault);
        }
        else
        {
            Assert.Throws<ArgumentException>(() => OperationCodec.Encode(operation));
        }
    }

    [Theory]
    [InlineData("2026-11-23", true)]
    [InlineData("2026-02-29", false)]
    [InlineData("2026-1-23", false)]
    public void Business_date_is_a_plain_date(string text, bool valid) =>
        Assert.Equal(valid, SystemRecords.DecodeDate(Samples.Utf8($"\"{text}\"")) is not null);

    [Fact]
    public void Business_date_does_not_roll_back()
    {
        var day = new DateOnly(2026, 11, 23);
        var by = new Principal(PrincipalKinds.Node, "1");
        Assert.Throws<ArgumentException>(() =>
            SystemRecords.RollBusinessDate(new(1), from: day, to: day, by)
        );
    }

    private static Operation Guarded(params Guard[] guards) =>
        Samples.Minimal with
        {
            Guards = guards,
        };

    private static Operation Written(RecordWrite write) =>
        Samples.Minimal with
        {
            Writes = [write],
        };

    private static byte[] Json(string text) => Samples.Utf8(text);

    private static T[] Many<T>(int count, Func<int, T> make) =>
        [.. Enumerable.Range(0, count).Select(make)];
}
