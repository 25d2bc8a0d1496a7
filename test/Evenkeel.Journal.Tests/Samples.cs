using System.Text;
using Evenkeel.Model;

namespace Evenkeel.Journal.Tests;

/// <summary>Operations that the tests share.</summary>
internal static class Samples
{
    public static readonly RecordKey Alice = new("customer", "alice");

    /// <summary>One of everything.</summary>
    public static Operation Full =>
        new()
        {
            Id = new OperationId(0x0102030405060708),
            Principals = [new("staff", "alice"), new("staff", "bøb")],
            RequestHash = 0xABCD,
            Guards =
            [
                new Guard.Version(Alice, 3),
                new Guard.Version(new("customer", "bob"), 4, Content: 0xC0FFEE),
                new Guard.Absent(new("customer", "王小明")),
                new Guard.Counter(new("limit", "day"), Delta: -5, Min: -10, Max: 100),
                new Guard.BusinessDate(new DateOnly(2026, 11, 23)),
            ],
            Accounts =
            [
                new Account
                {
                    Id = 1,
                    Ledger = 978,
                    Code = 10,
                },
            ],
            AccountUpdates =
            [
                new AccountUpdate
                {
                    Id = 1,
                    Allowance = 500,
                    Flags = AccountUpdateFlags.SetAllowance,
                },
            ],
            Transfers =
            [
                new Transfer
                {
                    Id = 9,
                    DebitAccountId = 1,
                    CreditAccountId = 2,
                    Amount = 12_345,
                    Ledger = 978,
                    Code = 10,
                    Flags = TransferFlags.Pending,
                    Timeout = 60,
                },
            ],
            Writes = [new(Alice, Utf8("{\"a\":1}")), new(new("customer", "bob"), null)],
            Messages = [new("opened", Utf8("\"alice\""))],
        };

    public static Operation Minimal =>
        new()
        {
            Id = new OperationId(1),
            Principals = [new("key", "1")],
            Writes = [new(Alice, Utf8("1"))],
        };

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
