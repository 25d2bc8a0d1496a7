using Evenkeel.Import.Berka;

namespace Evenkeel.Import.Tests;

/// <summary>The data sets beside the repository, and small ones of our own making.</summary>
internal static class SourceData
{
    /// <summary>The folder with the real data set, or null where it is missing.</summary>
    public static string? Find(string name)
    {
        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            folder is not null;
            folder = folder.Parent
        )
        {
            var candidate = Path.Combine(folder.FullName, "shared", "data", name);
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }
        return null;
    }

    public const string MissingReason =
        "The data set is not there: put it at ../shared/data beside the repository.";

    /// <summary>A made-up data set in the Berka format: three accounts, twelve movements.</summary>
    public static TemporaryFolder SmallBerka()
    {
        TemporaryFolder folder = new();
        var districtColumns = string.Join(';', Enumerable.Range(1, 16).Select(i => $"A{i}"));
        folder.Write(
            "district.asc",
            districtColumns,
            "1;\"Hill\";\"North\";100;0;0;0;1;1;100.0;12541;0.29;?;167;85677;99107"
        );
        folder.Write(
            "client.asc",
            "\"client_id\";\"birth_number\";\"district_id\"",
            "1;\"706213\";1",
            "2;\"450204\";1"
        );
        folder.Write(
            "account.asc",
            "\"account_id\";\"district_id\";\"frequency\";\"date\"",
            "1;1;\"POPLATEK MESICNE\";930101",
            "2;1;\"POPLATEK TYDNE\";930102",
            "3;1;\"POPLATEK PO OBRATU\";930103"
        );
        folder.Write(
            "disp.asc",
            "\"disp_id\";\"client_id\";\"account_id\";\"type\"",
            "1;1;1;\"OWNER\"",
            "2;2;1;\"DISPONENT\"",
            "3;2;2;\"OWNER\""
        );
        folder.Write(
            "order.asc",
            "\"order_id\";\"account_id\";\"bank_to\";\"account_to\";\"amount\";\"k_symbol\"",
            "29401;1;\"YZ\";\"87144583\";2452.00;\"SIPO\"",
            "29402;2;\"ST\";\"896\";3372.70;\" \""
        );
        folder.Write(
            "card.asc",
            "\"card_id\";\"disp_id\";\"type\";\"issued\"",
            "7;1;\"classic\";931107 00:00:00"
        );
        folder.Write(
            "loan.asc",
            "\"loan_id\";\"account_id\";\"date\";\"amount\";\"duration\";\"payments\";\"status\"",
            "5314;2;930705;96396;12;8033.00;\"B\""
        );
        folder.Write(
            "trans.asc",
            "\"trans_id\";\"account_id\";\"date\";\"type\";\"operation\";\"amount\";"
                + "\"balance\";\"k_symbol\";\"bank\";\"account\"",
            "1;1;930101;\"PRIJEM\";\"VKLAD\";1000.00;1000.00;\"\";;",
            "2;2;930102;\"PRIJEM\";\"VKLAD\";500.00;500.00;\"\";;",
            // Two rows of one day, not in the order of booking: the closing balance is the first.
            "3;1;930105;\"VYDAJ\";\"VYBER\";100.00;1100.00;\"\";;",
            "4;1;930105;\"PRIJEM\";\"PREVOD Z UCTU\";200.00;1200.00;\"DUCHOD\";\"AB\";\"77\"",
            // Interest of 0.04 that the source rounds to 0.10.
            "5;1;930131;\"PRIJEM\";\"\";0.04;1100.10;\"UROK\";;",
            "6;1;930131;\"VYDAJ\";\"VYBER\";14.60;1085.50;\"SLUZBY\";;",
            // A break of 50: the source goes on from its own last row.
            "7;2;930201;\"VYBER\";\"VYBER\";100.00;450.00;\"\";\"\";\"0\"",
            "8;2;930202;\"VYDAJ\";\"PREVOD NA UCET\";50.00;400.00;\"UVER\";\"ST\";\"896\"",
            "9;2;930203;\"VYDAJ\";\"PREVOD NA UCET\";10.00;390.00;\" \";\"ST\";\"896\"",
            "10;2;930203;\"VYDAJ\";\"VYBER\";5.00;385.00;\"SANKC. UROK\";;",
            "11;2;930204;\"VYDAJ\";\"VYBER KARTOU\";85.00;300.00;\"\";;",
            "12;2;930205;\"VYDAJ\";\"VYBER\";100.00;200.00;\"SIPO\";;"
        );
        return folder;
    }

    /// <summary>A made-up data set in the AMLSim format: three accounts, one of them greedy.</summary>
    public static TemporaryFolder SmallAmlsim()
    {
        TemporaryFolder folder = new();
        folder.Write(
            "nodes.csv",
            "nodeid,isFraud,init_balance,fraudStep",
            "0,0,100.00,-1",
            "1,1,50.5,3",
            "2,0,0,-1"
        );
        folder.Write(
            "transactions.csv",
            "sourceNodeId,targetNodeId,value,time",
            "0,1,60,1",
            // Refused: 40 are left.
            "0,2,40.01,1",
            "1,2,110.5,2",
            // To itself: enough, then too much.
            "2,2,110.5,2",
            "2,2,110.51,2",
            "2,0,0.5,3"
        );
        return folder;
    }
}

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("evenkeel-import-").FullName;

    public void Write(string name, params string[] lines) =>
        File.WriteAllText(System.IO.Path.Combine(Path, name), string.Join("\r\n", lines) + "\r\n");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
