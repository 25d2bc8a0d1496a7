using System.Globalization;
using System.Text;
using Evenkeel.Banking.Bulk;
using Evenkeel.Banking.GeneralLedger;
using Evenkeel.Banking.Tests.Rails;
using Evenkeel.Payments;
using Xunit;

namespace Evenkeel.Banking.Tests.Bulk;

/// <summary>A company, its people and what it owes them.</summary>
internal sealed class Payroll
{
    public static readonly Actor Checker = new Actor.Staff("second-person", "HQ");

    private readonly RailBank _rail;

    private Payroll(RailBank rail, CustomerId company, AccountNumber payer)
    {
        _rail = rail;
        Payer = payer;
        Maker = new Actor.ApiClient("wages-system", company);
    }

    public Actor Maker { get; }

    public AccountNumber Payer { get; }

    public string Reference { get; set; } = "PAYROLL-2026-11";

    public List<(string EndToEndId, string Account, long Minor, string Bank)> Lines { get; } = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Payroll> OpenAsync(
        RailBank rail,
        int people,
        int lines,
        bool endowed = true
    )
    {
        var (company, payer) = await rail.Bank.OpenAsync(endowed ? 100_000_000 : 1);
        Payroll payroll = new(rail, company, payer);
        List<AccountNumber> accounts = [];
        for (var i = 0; i < people; i++)
        {
            accounts.Add((await rail.Bank.OpenAsync(0)).Account);
        }
        for (var i = 0; i < lines; i++)
        {
            payroll.Add($"WAGE-{i}", accounts[i % people].ToString(), 1_000 + i);
        }
        return payroll;
    }

    public void Add(string endToEndId, string account, long minor, string bank = "") =>
        Lines.Add((endToEndId, account, minor, bank));

    public Task<BulkUpload> UploadAsync() =>
        _rail.Bank.Bank.Bulk.UploadAsync(Maker, Encoding.UTF8.GetBytes(Text()), Token);

    public async Task<string> UploadAndReleaseAsync()
    {
        var run = Assert.IsType<BulkUpload.Taken>(await UploadAsync()).Run;
        TestBank.Done(
            await _rail.Bank.Bank.Bulk.ReleaseAsync(Checker, run.Id, acceptOverlap: false, Token)
        );
        return run.Id;
    }

    public async Task<BulkRun> FindAsync(string run) =>
        (await _rail.Bank.Bank.Bulk.FindAsync(Maker, run, Token))!;

    public async Task<BulkRun> EndAsync(string run)
    {
        await _rail.UntilAsync(
            "the file is done",
            async () =>
                (await FindAsync(run)).State
                    is BulkState.Done
                        or BulkState.Part
                        or BulkState.NotDone
        );
        return await FindAsync(run);
    }

    /// <summary>By the ledger: every account of a line has exactly what its lines say.</summary>
    public async Task AssertPaidOnceAsync()
    {
        var owed = Lines
            .Where(l => l.Bank.Length == 0)
            .GroupBy(l => l.Account)
            .ToDictionary(g => g.Key, g => g.Sum(l => l.Minor));
        foreach (var (account, minor) in owed)
        {
            var id = LedgerIds.Of(AccountNumber.Parse(account));
            if (await _rail.ExistsAsync(id))
            {
                Assert.Equal(minor, await _rail.BalanceAsync(id));
            }
        }
    }

    private string Text()
    {
        StringBuilder text = new();
        text.Append(
            CultureInfo.InvariantCulture,
            $"H,1,{Reference},{Payer},{TestBank.FirstDay:yyyy-MM-dd},CNY,{Lines.Count},{Lines.Sum(l => l.Minor) / 100m:F2},SALA\n"
        );
        foreach (var (endToEndId, account, minor, bank) in Lines)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"P,{endToEndId},{bank},{account},Somebody,{minor / 100m:F2},Wages\n"
            );
        }
        return text.ToString();
    }
}
