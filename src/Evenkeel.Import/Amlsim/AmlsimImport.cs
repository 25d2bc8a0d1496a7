using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Import.Amlsim;

/// <summary>Loads the AMLSim sample in file order and reports what became of its money.</summary>
public static class AmlsimImport
{
    /// <summary>ISO 4217 number of the US dollar; the sample names no currency.</summary>
    public const uint Ledger = 840;
    public const int Decimals = AmlsimFiles.Decimals;

    /// <summary>Codes of the transfers. The numbers are stored: they only grow.</summary>
    private const ushort OpeningCode = 1;
    private const ushort MovementCode = 20;

    /// <summary>Accounts that may not be overdrawn.</summary>
    public static readonly SourceIds Limited = new("amlsim", "amlsim");

    /// <summary>
    /// The same accounts without that limit, under ids of their own, so that one bank can hold both.
    /// </summary>
    public static readonly SourceIds Unlimited = new("amlovd", "amlsim-overdraft");

    /// <exception cref="ImportFailedException">It stopped; running it again is safe.</exception>
    public static async Task<AmlsimReport> RunAsync(
        string folder,
        bool allowOverdraft,
        IImportTarget target,
        ImportOptions options,
        IProgress<ImportStep> progress,
        CancellationToken cancellationToken
    )
    {
        var nodes = AmlsimFiles.Nodes(folder);
        progress.Report(new ImportStep(ImportStage.Reading, 1, 2));
        var movements = AmlsimFiles.Movements(folder);
        progress.Report(new ImportStep(ImportStage.Reading, 2, 2));

        var source = allowOverdraft ? Unlimited : Limited;
        PatientTarget patient = new(target, options.Time);
        var plan = Plan(source, AmlsimFiles.Digest(folder), nodes, movements, allowOverdraft);
        Loader loader = new(patient, plan, options.BatchTransfers, progress);
        await loader.RunAsync(cancellationToken).ConfigureAwait(false);
        return await ReportAsync(patient, source, nodes, movements, progress, cancellationToken)
            .ConfigureAwait(false);
    }

    private static ImportPlan Plan(
        SourceIds source,
        string digest,
        List<AmlsimNode> nodes,
        List<AmlsimMovement> movements,
        bool allowOverdraft
    )
    {
        Account[] bank =
        [
            BankAccount(source, AccountCode.Opening),
            BankAccount(source, AccountCode.PassThrough),
        ];
        Account[] accounts =
        [
            .. nodes.Select(n => new Account
            {
                Id = NodeId(source, n.Id),
                UserData128 = n.Id,
                Ledger = Ledger,
                Code = (ushort)AccountCode.Customer,
                Flags =
                    AccountFlags.History
                    | (
                        allowOverdraft ? AccountFlags.None : AccountFlags.DebitsMustNotExceedCredits
                    ),
            }),
        ];
        Transfer[] openings = [.. nodes.Where(n => n.Opening > 0).Select(n => Opening(source, n))];
        return new ImportPlan
        {
            Source = source,
            Digest = digest,
            Operations =
            [
                .. ImportPlan.InOperations(source, 1, bank, []),
                .. ImportPlan.InOperations(source, 2, accounts, [.. nodes.Select(Record)]),
            ],
            Transfers = [.. openings, .. movements.SelectMany(m => Transfers(source, m))],
            Openings = openings.Length,
            RefusalsExpected = !allowOverdraft,
        };

        RecordWrite Record(AmlsimNode node)
        {
            AmlsimAccountRecord record = new(
                node.Id,
                NodeId(source, node.Id).ToString(CultureInfo.InvariantCulture),
                node.IsFraud,
                node.FraudStep
            );
            var json = JsonSerializer.SerializeToUtf8Bytes(
                record,
                AmlsimJson.Default.AmlsimAccountRecord
            );
            var key = string.Create(CultureInfo.InvariantCulture, $"{source.Alias}:{node.Id}");
            return new RecordWrite(new RecordKey("account", key), json);
        }
    }

    private static Transfer Opening(SourceIds source, AmlsimNode node) =>
        new()
        {
            Id = source.Id(SourceKind.Opening, node.Id),
            DebitAccountId = BankId(source, AccountCode.Opening),
            CreditAccountId = NodeId(source, node.Id),
            Amount = (UInt128)node.Opening,
            Ledger = Ledger,
            Code = OpeningCode,
        };

    /// <summary>
    /// A ledger has no transfers from an account to itself. The sample has fifteen: they go out to a
    /// pass-through account and back, both or neither, so that the balance still has to cover them.
    /// </summary>
    private static Transfer[] Transfers(SourceIds source, AmlsimMovement movement)
    {
        Transfer first = new()
        {
            Id = MovementId(source, movement),
            DebitAccountId = NodeId(source, movement.From),
            CreditAccountId = NodeId(source, movement.To),
            Amount = (UInt128)movement.Amount,
            UserData128 = movement.Row,
            UserData32 = movement.Time,
            Ledger = Ledger,
            Code = MovementCode,
        };
        if (movement.From != movement.To)
        {
            return [first];
        }
        var passThrough = BankId(source, AccountCode.PassThrough);
        var second = first with
        {
            Id = source.Id(SourceKind.Movement, movement.Row, leg: 1),
            DebitAccountId = passThrough,
        };
        first.CreditAccountId = passThrough;
        first.Flags = TransferFlags.Linked;
        return [first, second];
    }

    private static async Task<AmlsimReport> ReportAsync(
        PatientTarget target,
        SourceIds source,
        List<AmlsimNode> nodes,
        List<AmlsimMovement> movements,
        IProgress<ImportStep> progress,
        CancellationToken cancellationToken
    )
    {
        UInt128[] accountIds = [.. nodes.Select(n => NodeId(source, n.Id))];
        UInt128[] openingIds =
        [
            .. nodes.Where(n => n.Opening > 0).Select(n => source.Id(SourceKind.Opening, n.Id)),
        ];
        UInt128[] movementIds = [.. movements.Select(m => MovementId(source, m))];
        var total = accountIds.Length + openingIds.Length + movementIds.Length;
        var asked = 0;

        var accounts = await PatientTarget
            .InPortionsAsync(accountIds, target.LookupAccountsAsync, Asked, cancellationToken)
            .ConfigureAwait(false);
        var openings = await PatientTarget
            .InPortionsAsync(openingIds, target.LookupTransfersAsync, Asked, cancellationToken)
            .ConfigureAwait(false);
        var booked = await PatientTarget
            .InPortionsAsync(movementIds, target.LookupTransfersAsync, Asked, cancellationToken)
            .ConfigureAwait(false);
        Int128[] balances =
        [
            .. accounts.Select(a => (Int128)a.CreditsPosted - (Int128)a.DebitsPosted),
        ];
        return new AmlsimReport
        {
            Accounts = accounts.Count,
            Transfers = movements.Count,
            Booked = booked.Count,
            Refused = movements.Count - booked.Count,
            SumBefore = Sum(openings.Select(t => (Int128)t.Amount)),
            SumAfter = Sum(balances),
            AccountsBelowZero = balances.Count(b => b < 0),
            LowestBalance = balances.DefaultIfEmpty().Min(),
            HighestBalance = balances.DefaultIfEmpty().Max(),
        };

        void Asked(int count)
        {
            asked += count;
            progress.Report(new ImportStep(ImportStage.Report, asked, total));
        }
    }

    private static Int128 Sum(IEnumerable<Int128> amounts) =>
        amounts.Aggregate((Int128)0, static (sum, amount) => sum + amount);

    private static Account BankAccount(SourceIds source, AccountCode code) =>
        new()
        {
            Id = BankId(source, code),
            Ledger = Ledger,
            Code = (ushort)code,
            Flags = AccountFlags.History,
        };

    private static UInt128 NodeId(SourceIds source, ulong node) =>
        source.Id(SourceKind.CustomerAccount, node);

    private static UInt128 BankId(SourceIds source, AccountCode code) =>
        source.Id(SourceKind.BankAccount, (ulong)code << 16);

    private static UInt128 MovementId(SourceIds source, AmlsimMovement movement) =>
        source.Id(SourceKind.Movement, movement.Row);
}

/// <summary>An account of the sample as it is stored.</summary>
/// <param name="FraudStep">The source's text; -1 for none.</param>
internal sealed record AmlsimAccountRecord(
    ulong NodeId,
    string LedgerAccountId,
    bool IsFraud,
    string FraudStep
);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AmlsimAccountRecord))]
internal sealed partial class AmlsimJson : JsonSerializerContext;
