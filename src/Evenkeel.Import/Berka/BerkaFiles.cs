using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Evenkeel.Model;

namespace Evenkeel.Import.Berka;

/// <summary>Reads the data set's eight files and judges every row before anything is loaded.</summary>
internal static class BerkaFiles
{
    private static readonly string[] Names =
    [
        "account.asc",
        "card.asc",
        "client.asc",
        "disp.asc",
        "district.asc",
        "loan.asc",
        "order.asc",
        "trans.asc",
    ];

    /// <summary>A record to be written, and the ledger account that belongs to it (0 = none).</summary>
    internal readonly record struct Document(
        string Collection,
        string Key,
        byte[] Json,
        UInt128 Account
    );

    public static string Digest(string folder) => SourceDigest.Compute(folder, Names);

    public static List<BerkaMovement> Movements(string folder)
    {
        string[] columns =
        [
            "trans_id",
            "account_id",
            "date",
            "type",
            "operation",
            "amount",
            "balance",
            "k_symbol",
            "bank",
            "account",
        ];
        using var table = SourceTable.Open(folder, "trans.asc", ';', columns);
        List<BerkaMovement> movements = [];
        while (table.Read())
        {
            var kind = BerkaMovement.KindOf(table.Text(3), table.Text(4), table.Text(7).Trim());
            if (kind == MovementKind.None)
            {
                throw table.Wrong($"{table.Text(3)}/{table.Text(4)}/{table.Text(7)}");
            }
            var amount = table.Amount(5, BerkaIds.Decimals);
            if (amount <= 0)
            {
                throw table.WrongField(5);
            }
            if (!BerkaIds.TryBankCode(table.Text(8), out var bank))
            {
                throw table.WrongField(8);
            }
            var counterAccount = table.Text(9).Length == 0 ? 0 : table.Number(9);
            if (counterAccount > uint.MaxValue)
            {
                throw table.WrongField(9);
            }
            movements.Add(
                new BerkaMovement(
                    table.Number(0),
                    table.Number(1),
                    table.Date(2),
                    kind,
                    amount,
                    table.Amount(6, BerkaIds.Decimals),
                    bank,
                    counterAccount
                )
            );
        }
        return movements;
    }

    /// <summary>Every document of the source, referenced ones before those that refer to them.</summary>
    public static List<Document> Documents(string folder) =>
        [
            .. Districts(folder),
            .. Customers(folder),
            .. Accounts(folder),
            .. Dispositions(folder),
            .. StandingOrders(folder),
            .. Cards(folder),
            .. Loans(folder),
        ];

    private static IEnumerable<Document> Districts(string folder)
    {
        var columns = Enumerable.Range(1, 16).Select(i => $"A{i}").ToArray();
        using var table = SourceTable.Open(folder, "district.asc", ';', columns);
        while (table.Read())
        {
            SortedDictionary<string, decimal> figures = new(StringComparer.Ordinal);
            for (var column = 3; column < columns.Length; column++)
            {
                // The source writes "?" for two figures that nobody knows.
                if (!string.Equals(table.Text(column), "?", StringComparison.Ordinal))
                {
                    figures.Add(
                        columns[column],
                        decimal.TryParse(
                            table.Text(column),
                            NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign,
                            CultureInfo.InvariantCulture,
                            out var figure
                        )
                            ? figure
                            : throw table.WrongField(column)
                    );
                }
            }
            var id = table.Number(0);
            DistrictRecord record = new(id, table.Text(1), table.Text(2), figures);
            yield return Make("district", id, record, BerkaJson.Default.DistrictRecord);
        }
    }

    private static IEnumerable<Document> Customers(string folder)
    {
        string[] columns = ["client_id", "birth_number", "district_id"];
        using var table = SourceTable.Open(folder, "client.asc", ';', columns);
        while (table.Read())
        {
            // A Czech birth number is YYMMDD with 50 added to the month of women.
            var number = table.Number(1);
            var female = number / 100 % 100 > 50;
            var date = 19_000_000 + number - (female ? 5_000UL : 0);
            if (date > uint.MaxValue || !ValueDates.TryParse((uint)date, out var birth))
            {
                throw table.WrongField(1);
            }
            var id = table.Number(0);
            CustomerRecord record = new(id, birth, female ? "F" : "M", Key(table.Number(2)));
            yield return Make("customer", id, record, BerkaJson.Default.CustomerRecord);
        }
    }

    private static IEnumerable<Document> Accounts(string folder)
    {
        string[] columns = ["account_id", "district_id", "frequency", "date"];
        using var table = SourceTable.Open(folder, "account.asc", ';', columns);
        while (table.Read())
        {
            var frequency = table.Text(2) switch
            {
                "POPLATEK MESICNE" => "monthly",
                "POPLATEK TYDNE" => "weekly",
                "POPLATEK PO OBRATU" => "afterMovement",
                _ => throw table.WrongField(2),
            };
            var id = table.Number(0);
            var ledgerId = BerkaIds.Account(id);
            AccountRecord record = new(
                id,
                ledgerId.ToString(CultureInfo.InvariantCulture),
                Key(table.Number(1)),
                frequency,
                Day(table, 3)
            );
            yield return Make("account", id, record, BerkaJson.Default.AccountRecord, ledgerId);
        }
    }

    private static IEnumerable<Document> Dispositions(string folder)
    {
        string[] columns = ["disp_id", "client_id", "account_id", "type"];
        using var table = SourceTable.Open(folder, "disp.asc", ';', columns);
        while (table.Read())
        {
            var role = table.Text(3) switch
            {
                "OWNER" => "owner",
                "DISPONENT" => "authorised",
                _ => throw table.WrongField(3),
            };
            var id = table.Number(0);
            DispositionRecord record = new(id, Key(table.Number(1)), Key(table.Number(2)), role);
            yield return Make("disposition", id, record, BerkaJson.Default.DispositionRecord);
        }
    }

    private static IEnumerable<Document> StandingOrders(string folder)
    {
        string[] columns =
        [
            "order_id",
            "account_id",
            "bank_to",
            "account_to",
            "amount",
            "k_symbol",
        ];
        using var table = SourceTable.Open(folder, "order.asc", ';', columns);
        while (table.Read())
        {
            var purpose = table.Text(5).Trim() switch
            {
                "" => "",
                "SIPO" => "household",
                "UVER" => "loanPayment",
                "POJISTNE" => "insurance",
                "LEASING" => "leasing",
                _ => throw table.WrongField(5),
            };
            var id = table.Number(0);
            StandingOrderRecord record = new(
                id,
                Key(table.Number(1)),
                table.Text(2),
                table.Text(3),
                table.Amount(4, BerkaIds.Decimals),
                purpose
            );
            yield return Make("standing-order", id, record, BerkaJson.Default.StandingOrderRecord);
        }
    }

    private static IEnumerable<Document> Cards(string folder)
    {
        string[] columns = ["card_id", "disp_id", "type", "issued"];
        using var table = SourceTable.Open(folder, "card.asc", ';', columns);
        while (table.Read())
        {
            var id = table.Number(0);
            CardRecord record = new(id, Key(table.Number(1)), table.Text(2), Day(table, 3));
            yield return Make("card", id, record, BerkaJson.Default.CardRecord);
        }
    }

    private static IEnumerable<Document> Loans(string folder)
    {
        string[] columns =
        [
            "loan_id",
            "account_id",
            "date",
            "amount",
            "duration",
            "payments",
            "status",
        ];
        using var table = SourceTable.Open(folder, "loan.asc", ';', columns);
        while (table.Read())
        {
            var id = table.Number(0);
            LoanRecord record = new(
                id,
                Key(table.Number(1)),
                Day(table, 2),
                table.Amount(3, BerkaIds.Decimals),
                (int)Math.Min(table.Number(4), int.MaxValue),
                table.Amount(5, BerkaIds.Decimals),
                table.Text(6)
            );
            yield return Make("loan", id, record, BerkaJson.Default.LoanRecord);
        }
    }

    private static DateOnly Day(SourceTable table, int column)
    {
        Model.Check.That(ValueDates.TryParse(table.Date(column), out var date));
        return date;
    }

    private static string Key(ulong id) =>
        string.Create(CultureInfo.InvariantCulture, $"berka:{id}");

    private static Document Make<T>(
        string collection,
        ulong id,
        T record,
        JsonTypeInfo<T> type,
        UInt128 account = default
    ) => new(collection, Key(id), JsonSerializer.SerializeToUtf8Bytes(record, type), account);
}
