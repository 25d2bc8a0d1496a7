using System.Text;
using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Records.Tests;

/// <summary>One node's two halves in a scratch directory, fed with entries as the log would.</summary>
internal sealed class Bank : IDisposable
{
    public static readonly Principal Alice = new(PrincipalKinds.Staff, "alice");
    public static readonly Principal Bob = new(PrincipalKinds.Staff, "bob");
    public static readonly Principal Key = new(PrincipalKinds.ApiKey, "17");
    public static readonly Principal Node = new(PrincipalKinds.Node, "1");

    private readonly string _directory;
    private readonly RecordIndex[] _indexes;
    private readonly List<(ulong Index, Operation[] Operations)> _log = [];

    public Bank(params RecordIndex[] indexes)
    {
        _directory = Directory.CreateTempSubdirectory("evenkeel-records-").FullName;
        _indexes = indexes;
        Path = System.IO.Path.Combine(_directory, "records.db");
        Store = RecordStore.Open(Path, indexes);
        Applier = new OperationApplier(Store, Ledger);
    }

    public string Path { get; }

    public RecordStore Store { get; private set; }

    public NaiveLedger Ledger { get; private set; } = new();

    public OperationApplier Applier { get; private set; }

    public RecordReader Reader => Store.CreateReader();

    public string Scratch(string name) => System.IO.Path.Combine(_directory, name);

    /// <summary>Applies the next entry.</summary>
    public OperationResult[] Apply(params Operation[] operations)
    {
        _log.Add(((ulong)_log.Count + 1, operations));
        return ApplyEntry(_log[^1]);
    }

    public OperationResult ApplyOne(Operation operation) => Apply(operation)[0];

    /// <summary>Runs only a part of the next entry, as a crash would leave it.</summary>
    public void ApplyPart(Operation[] operations, bool commitRecords)
    {
        _log.Add(((ulong)_log.Count + 1, operations));
        Applier.BeginEntry(_log[^1].Index);
        ApplyOperations(_log[^1]);
        if (commitRecords)
        {
            Applier.CommitEntry();
        }
    }

    /// <summary>The process dies: memory is gone, the file stays. Nothing is applied again yet.</summary>
    public void Crash()
    {
        Store.Dispose();
        Store = RecordStore.Open(Path, _indexes);
        Ledger = new NaiveLedger();
        Applier = new OperationApplier(Store, Ledger);
    }

    /// <summary>Applies the whole log again, as a start without a snapshot does.</summary>
    public List<OperationResult[]> Replay() => [.. _log.Select(ApplyEntry)];

    public string? Read(string collection, string key) =>
        Reader.Find(new RecordKey(collection, key)) is { } record
            ? Encoding.UTF8.GetString(record.Json.Span)
            : null;

    public void Dispose()
    {
        Store.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    public static Operation Operation(UInt128 id) =>
        new() { Id = new OperationId(id), Principals = [Key] };

    public static RecordWrite Write(string collection, string key, string json) =>
        new(new RecordKey(collection, key), Encoding.UTF8.GetBytes(json));

    public static Account Account(UInt128 id, AccountFlags flags = AccountFlags.None) =>
        new()
        {
            Id = id,
            Ledger = 1,
            Code = 1,
            Flags = flags,
        };

    public static Transfer Transfer(UInt128 id, UInt128 debit, UInt128 credit, UInt128 amount) =>
        new()
        {
            Id = id,
            DebitAccountId = debit,
            CreditAccountId = credit,
            Amount = amount,
            Ledger = 1,
            Code = 1,
        };

    private static ulong Timestamp(ulong index) => 1_000_000 * index;

    private OperationResult[] ApplyEntry((ulong Index, Operation[] Operations) entry)
    {
        Applier.BeginEntry(entry.Index);
        var results = ApplyOperations(entry);
        Applier.CommitEntry();
        return results;
    }

    private OperationResult[] ApplyOperations((ulong Index, Operation[] Operations) entry) =>
        [
            .. entry.Operations.Select(
                (operation, i) =>
                    Applier.Apply(operation, Timestamp(entry.Index) + (10_000 * ((ulong)i + 1)))
            ),
        ];
}
