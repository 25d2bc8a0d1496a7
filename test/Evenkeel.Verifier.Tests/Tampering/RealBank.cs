using System.Globalization;
using System.Text;
using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Node;
using Xunit;

namespace Evenkeel.Verifier.Tests.Tampering;

/// <summary>
/// A bank whose files a real node wrote: accounts, transfers of every kind, holds, documents, counters and
/// messages, with a snapshot in the middle. Made once; each test tampers with a copy.
/// </summary>
public sealed class RealBank : IAsyncLifetime
{
    public const int Records = 300;
    public const int Accounts = 40;
    private readonly List<string> _copies = [];

    public string DataDirectory { get; } =
        Directory.CreateTempSubdirectory("evenkeel-tamper-").FullName;

    public async ValueTask InitializeAsync()
    {
        await using EvenkeelNode node = await EvenkeelNode.StartAsync(
            new NodeOptions
            {
                DataDirectory = DataDirectory,
                Protocol = null,
                Ledger = new(),
                ConfigureLog = log => log with { ChunkBytes = 1 << 20, DiskFloorBytes = 1 << 20 },
            }
        );
        IJournal journal = node.Journal;
        await journal.CreateAccountsAsync(
            Enumerable.Range(1, Accounts).Select(NewAccount).ToArray(),
            principal: 1,
            CancellationToken.None
        );
        await MoveMoneyAsync(journal, firstId: 1_000);
        await KeepRecordsAsync(journal, first: 0, count: Records);
        await node.SnapshotAsync(CancellationToken.None);
        await MoveMoneyAsync(journal, firstId: 5_000);
        await KeepRecordsAsync(journal, first: 1_000, count: 20);
    }

    public string Copy()
    {
        string copy = Directory.CreateTempSubdirectory("evenkeel-tampered-").FullName;
        _copies.Add(copy);
        foreach (string file in Directory.GetFiles(DataDirectory, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(copy, Path.GetRelativePath(DataDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
        return copy;
    }

    public ValueTask DisposeAsync()
    {
        foreach (string directory in _copies.Append(DataDirectory))
        {
            Directory.Delete(directory, recursive: true);
        }
        return ValueTask.CompletedTask;
    }

    private static Account NewAccount(int id) =>
        new()
        {
            Id = (UInt128)id,
            Ledger = 840,
            Code = 1,
            Flags = id > 30 ? AccountFlags.DebitsMustNotExceedCredits : AccountFlags.None,
        };

    private static async Task MoveMoneyAsync(IJournal journal, int firstId)
    {
        var random = new Random(firstId);
        var batch = new List<Transfer>();
        for (int i = 0; i < 400; i++)
        {
            batch.Add(Move(firstId + i, random));
        }
        foreach (Transfer[] part in batch.Chunk(25))
        {
            await journal.CreateTransfersAsync(part, principal: 1, CancellationToken.None);
        }
        // Holds that are posted, voided or left open; the id of the hold is firstId + 2000 + k.
        Transfer[] holds =
        [
            .. Enumerable
                .Range(0, 30)
                .Select(k =>
                    Move(firstId + 2_000 + k, random) with
                    {
                        Flags = TransferFlags.Pending,
                        Timeout = 3_600,
                    }
                ),
        ];
        await journal.CreateTransfersAsync(holds, principal: 1, CancellationToken.None);
        Transfer[] resolved =
        [
            .. Enumerable
                .Range(0, 20)
                .Select(k => new Transfer
                {
                    Id = (UInt128)(firstId + 2_500 + k),
                    PendingId = (UInt128)(firstId + 2_000 + k),
                    Amount = k % 2 == 0 ? UInt128.MaxValue : 0,
                    Flags =
                        k % 2 == 0
                            ? TransferFlags.PostPendingTransfer
                            : TransferFlags.VoidPendingTransfer,
                }),
        ];
        await journal.CreateTransfersAsync(resolved, principal: 1, CancellationToken.None);
    }

    private static Transfer Move(int id, Random random)
    {
        int debit = random.Next(1, Accounts + 1);
        int credit = random.Next(1, Accounts);
        return new Transfer
        {
            Id = (UInt128)id,
            DebitAccountId = (UInt128)debit,
            CreditAccountId = (UInt128)(credit >= debit ? credit + 1 : credit),
            Amount = (UInt128)random.Next(1, 1_000),
            Ledger = 840,
            Code = 7,
            UserData64 = (ulong)id,
            Flags = id % 17 == 0 ? TransferFlags.Linked : TransferFlags.None,
        };
    }

    private static async Task KeepRecordsAsync(IJournal journal, int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            var key = new RecordKey("customer", Name(i));
            await journal.ProposeAsync(
                new Operation
                {
                    Id = new OperationId((UInt128)(i + 1)),
                    Principals = [new Principal(PrincipalKinds.ApiKey, "7")],
                    Guards =
                    [
                        new Guard.Absent(key),
                        new Guard.Counter(new RecordKey("limit", "day"), 1, 0, count - 5),
                    ],
                    Writes =
                    [
                        new RecordWrite(key, Json($$"""{"number":{{i}},"name":"A. {{i}}"}""")),
                    ],
                    Messages = i % 10 == 0 ? [new Message("opened", Json($"{i}"))] : [],
                    Transfers = i % 20 == 0 ? [Move(100_000 + i, new Random(i))] : [],
                },
                CancellationToken.None
            );
        }
        await journal.ProposeAsync(
            new Operation
            {
                Id = new OperationId((UInt128)(first + 900)),
                Principals = [new Principal(PrincipalKinds.ApiKey, "7")],
                Writes =
                [
                    new RecordWrite(new RecordKey("customer", Name(first + 3)), null),
                    new RecordWrite(
                        new RecordKey("customer", Name(first + 4)),
                        Json("""{"v":2}""")
                    ),
                ],
            },
            CancellationToken.None
        );
    }

    public static string Name(int i) => i.ToString("d6", CultureInfo.InvariantCulture);

    private static ReadOnlyMemory<byte> Json(string text) => Encoding.UTF8.GetBytes(text);
}
