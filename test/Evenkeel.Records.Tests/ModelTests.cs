using CsCheck;
using Evenkeel.Journal;
using Evenkeel.TestModels;
using Xunit;

namespace Evenkeel.Records.Tests;

/// <summary>
/// Random operations against the naive model, with crashes at random moments: same answers, same
/// state, same digest as a node that never crashed.
/// </summary>
public sealed class ModelTests
{
    private const string Seed = "0000KOIPe036";

    private static readonly bool IsLong =
        Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1";

    private static readonly Gen<RecordKey> GenKey = Gen.Int[0, 4]
        .Select(i => new RecordKey("c", $"k{i}"));

    private static readonly Gen<Guard> GenGuard = Gen.Frequency(
        (
            4,
            Gen.Select(
                GenKey,
                Gen.ULong[1, 4],
                Guard (key, version) => new Guard.Version(key, version)
            )
        ),
        (2, GenKey.Select(Guard (key) => new Guard.Absent(key))),
        (
            3,
            Gen.Select(
                GenKey,
                Gen.Long[-5, 5],
                Gen.Long[0, 8],
                Guard (key, delta, max) => new Guard.Counter(key, delta, -8, max)
            )
        ),
        (1, Gen.Int[0, 1].Select(Guard (i) => new Guard.BusinessDate(Day.AddDays(i))))
    );

    private static readonly Gen<RecordWrite> GenWrite = Gen.Select(
        GenKey,
        Gen.Int[0, 9],
        (key, value) =>
            value < 2
                ? new RecordWrite(key, Json: null)
                : Bank.Write(key.Collection, key.Key, $$"""{"n":{{value}}}""")
    );

    private static readonly Gen<Operation> GenOperation = Gen.Select(
        Gen.Int[1, 60],
        GenGuard.Array[0, 2],
        GenWrite.Array[0, 2],
        Gen.Int[0, 3],
        Gen.Int[0, 5],
        (id, guards, writes, messages, shape) =>
        {
            var operation = Bank.Operation((UInt128)id) with
            {
                Guards = [.. guards.DistinctBy(GuardedKey)],
                Writes = [.. writes.DistinctBy(write => write.Key)],
                Messages = messages == 0 ? [new Message("m", "1"u8.ToArray())] : [],
                RequestHash = shape == 0 ? 1u : 0u,
            };
            return OperationRules.Judge(operation) == OperationFault.None
                ? operation
                : new Operation
                {
                    Id = operation.Id,
                    Principals = operation.Principals,
                    RequestHash = 1,
                    RefusalCode = 3,
                };
        }
    );

    private static readonly DateOnly Day = new(2026, 11, 23);

    [Fact]
    public void Store_agrees_with_the_naive_model_through_crashes()
    {
        var statuses = new HashSet<OperationStatus>();
        Gen.Select(GenOperation.Array[1, 3].Array[1, 25], Gen.Int[0, 25], Gen.Bool)
            .Sample(
                (entries, crashAt, recordsWereCommitted) =>
                    RunOne(entries, crashAt, recordsWereCommitted, statuses),
                iter: IsLong ? 10_000 : 200,
                seed: Seed,
                threads: 1,
                print: sample => $"{sample.Item1.Length} entries, crash at {sample.Item2}"
            );
        // The generator reaches what it is meant to reach.
        Assert.Equal(
            [
                OperationStatus.Done,
                OperationStatus.StaleGuard,
                OperationStatus.CounterOutOfBounds,
                OperationStatus.IdReusedWithOtherContent,
                OperationStatus.DecisionRefused,
            ],
            statuses.Order()
        );
    }

    private static void RunOne(
        Operation[][] entries,
        int crashAt,
        bool recordsWereCommitted,
        HashSet<OperationStatus> statuses
    )
    {
        using var bank = new Bank();
        var model = new NaiveRecords();
        var opening = SystemRecords.OpenBusinessDate(new(1_000), Day, Bank.Node);
        bank.Apply(opening);
        model.Apply(opening, 1_010_000);
        for (var i = 0; i < entries.Length; i++)
        {
            if (i == crashAt)
            {
                bank.ApplyPart(entries[i], recordsWereCommitted);
                bank.Crash();
                bank.Replay();
            }
            else
            {
                bank.Apply(entries[i]);
            }

            foreach (var (operation, j) in entries[i].Select((x, j) => (x, j)))
            {
                var timestamp = (1_000_000 * ((ulong)i + 2)) + (10_000 * ((ulong)j + 1));
                statuses.Add(model.Apply(operation, timestamp).Status);
            }
        }

        Compare(bank, model);
        var digest = bank.Store.Digest;
        bank.Crash();
        bank.Replay();
        Assert.Equal(digest, bank.Store.Digest);
    }

    private static void Compare(Bank bank, NaiveRecords model)
    {
        var page = bank.Reader.Read(new RecordQuery { Collection = "c" });
        Assert.Equal(
            model
                .Records.Where(x => x.Key.Collection == "c" && x.Value.Json is not null)
                .OrderBy(x => x.Key.Key, StringComparer.Ordinal)
                .Select(x => $"{x.Key} {x.Value.Version} {Convert.ToHexString(x.Value.Json!)}"),
            page.Records.Select(x => $"{x.Key} {x.Version} {Convert.ToHexString(x.Json.Span)}")
        );
        Assert.All(
            model.Counters,
            counter => Assert.Equal(counter.Value, bank.Reader.ReadCounter(counter.Key))
        );
        Assert.All(
            model.Operations,
            known => Assert.Equal(known.Value.Result, bank.Reader.FindOperation(known.Key)?.Result)
        );
        Assert.Equal(
            model.Changes,
            bank.Reader.ReadChanges(after: 0, limit: 1_000)
                .Select(x =>
                    x.Kind == ChangeKind.Message
                        ? x.Key.Collection
                        : $"{x.Key.Collection}/{x.Key.Key} {x.Version}"
                )
        );
        var report = bank.Reader.Scrub(CancellationToken.None);
        Assert.True(report.IsClean, string.Join("; ", report.Findings));
        Assert.Equal(bank.Store.Digest, report.Digest);
    }

    private static object GuardedKey(Guard guard) =>
        guard switch
        {
            Guard.Version version => version.Key,
            Guard.Absent absent => absent.Key,
            Guard.Counter counter => ("counter", counter.Key),
            _ => "date",
        };
}
