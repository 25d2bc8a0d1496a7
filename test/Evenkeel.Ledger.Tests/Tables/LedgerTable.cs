using System.Globalization;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Ledger.Tests.Tables;

/// <summary>Runs a table of rows against a fresh ledger and compares every answer.</summary>
/// <remarks>
/// A row is a verb, fields as name=value and, after an arrow, the status it must get:
/// <code>
/// account  id=1 ledger=1 code=1 flags=history,closed -> created
/// transfer id=7 dr=1 cr=2 amount=5 ledger=1 code=1   -> created
/// then     id=8 dr=2                                 -> accounts_must_be_different
/// </code>
/// "then" is the row before with some fields changed; a row that starts with "&amp;" goes into the
/// batch of the row before. Further verbs: update, force, balance (four totals), tick. A "#" starts
/// a remark. Numbers may be 2^64, max (2^128 - 1) or max64, less something.
/// </remarks>
internal sealed class LedgerTable : IDisposable
{
    private readonly Bank _bank = new();
    private readonly List<Row> _batch = [];
    private readonly List<string> _answers = [];
    private Row? _last;

    private LedgerTable() { }

    /// <summary>Runs the table; returns the statuses in order, those of success left out.</summary>
    public static TStatus[] Run<TStatus>(string text)
        where TStatus : struct, Enum
    {
        using var table = new LedgerTable();
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var row = line.Split('#')[0].Trim();
            if (row.Length > 0)
            {
                table.Add(row, number);
            }
        }

        table.Commit();
        return
        [
            .. from answer in table._answers
            where answer is not ("created" or "updated")
            where Enum.TryParse<TStatus>(Squeeze(answer), ignoreCase: true, out _)
            select Enum.Parse<TStatus>(Squeeze(answer), ignoreCase: true),
        ];
    }

    public void Dispose() => _bank.Dispose();

    private void Add(string text, int number)
    {
        var joins = text[0] == '&';
        var row = Row.Parse(joins ? text[1..] : text, number, _last);
        if (!joins)
        {
            Commit();
        }

        switch (row.Verb)
        {
            case "tick":
                _bank.Tick(row.Has("to_end") ? ToEnd(row) : (ulong)row.Number("ns"));
                break;
            case "force":
                _bank.Ledger.ForceBalances(
                    row.Number("id"),
                    new StoredBalance
                    {
                        DebitsPending = (ulong)row.Number("dp"),
                        DebitsPosted = (ulong)row.Number("d"),
                        CreditsPending = (ulong)row.Number("cp"),
                        CreditsPosted = (ulong)row.Number("c"),
                    }
                );
                break;
            case "balance":
                Commit();
                var account = _bank.Account(row.Number("id"));
                Assert.True(
                    account.DebitsPending == row.Number("dp")
                        && account.DebitsPosted == row.Number("d")
                        && account.CreditsPending == row.Number("cp")
                        && account.CreditsPosted == row.Number("c"),
                    $"row {number}: dp={account.DebitsPending} d={account.DebitsPosted} cp={account.CreditsPending} c={account.CreditsPosted}"
                );
                break;
            default:
                _batch.Add(row);
                _last = row;
                break;
        }
    }

    private ulong ToEnd(Row row) => Limits.TimestampMax - _bank.Now - (ulong)row.Number("to_end");

    private void Commit()
    {
        if (_batch.Count == 0)
        {
            return;
        }

        Assert.True(_batch.All(row => row.Verb == _batch[0].Verb), "a batch has one verb");
        var answers = _batch[0].Verb switch
        {
            "account" => Names(_bank.Create([.. _batch.Select(row => row.ToAccount())])),
            "transfer" => Names(_bank.Transfer([.. _batch.Select(row => row.ToTransfer())])),
            "update" => Names(_bank.Update([.. _batch.Select(row => row.ToUpdate())])),
            var verb => throw new FormatException($"row {_batch[0].Line}: no verb '{verb}'"),
        };
        for (var i = 0; i < answers.Length; i++)
        {
            var row = _batch[i];
            Assert.True(
                Squeeze(row.Expected).Equals(answers[i], StringComparison.OrdinalIgnoreCase),
                $"row {row.Line} answered {answers[i]}, not {row.Expected}"
            );
            _answers.Add(row.Expected);
        }

        _batch.Clear();
    }

    private static string[] Names<TStatus>(TStatus[] statuses)
        where TStatus : struct, Enum => [.. statuses.Select(status => status.ToString())];

    private static string Squeeze(string snakeCase) =>
        snakeCase.Replace("_", "", StringComparison.Ordinal);

    private sealed record Row(
        string Verb,
        Dictionary<string, string> Fields,
        string Expected,
        int Line
    )
    {
        public static Row Parse(string text, int line, Row? last)
        {
            var halves = text.Split("->");
            var words = halves[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var follows = words[0] == "then";
            var fields = follows
                ? new(last!.Fields, StringComparer.Ordinal)
                : new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var word in words[1..])
            {
                var pair = word.Split('=');
                fields[pair[0]] = pair.Length == 2 ? pair[1] : throw new FormatException(text);
            }

            return new Row(
                follows ? last!.Verb : words[0],
                fields,
                halves.Length == 2 ? halves[1].Trim() : "",
                line
            );
        }

        public bool Has(string name) => Fields.ContainsKey(name);

        public UInt128 Number(string name) =>
            Fields.TryGetValue(name, out var text) ? ParseNumber(text) : UInt128.Zero;

        public Account ToAccount() =>
            new()
            {
                Id = Number("id"),
                DebitsPending = Number("dp"),
                DebitsPosted = Number("d"),
                CreditsPending = Number("cp"),
                CreditsPosted = Number("c"),
                UserData128 = Number("u128"),
                UserData64 = (ulong)Number("u64"),
                UserData32 = (uint)Number("u32"),
                Reserved = (uint)Number("reserved"),
                Ledger = (uint)Number("ledger"),
                Code = (ushort)Number("code"),
                Flags = Flags<AccountFlags>("flags", 1 << 9),
                Timestamp = (ulong)Number("ts"),
            };

        public Transfer ToTransfer() =>
            new()
            {
                Id = Number("id"),
                DebitAccountId = Number("dr"),
                CreditAccountId = Number("cr"),
                Amount = Number("amount"),
                PendingId = Number("hold"),
                UserData128 = Number("u128"),
                UserData64 = (ulong)Number("u64"),
                UserData32 = (uint)Number("u32"),
                Timeout = (uint)Number("timeout"),
                Ledger = (uint)Number("ledger"),
                Code = (ushort)Number("code"),
                Flags = Flags<TransferFlags>("flags", 1 << 11),
                Timestamp = (ulong)Number("ts"),
            };

        public AccountUpdate ToUpdate() =>
            new()
            {
                Id = Number("id"),
                Allowance = Number("allowance"),
                ExpectedVersion = (uint)Number("version"),
                Flags = Flags<AccountUpdateFlags>("flags", 1 << 12),
                LimitFlags = Flags<AccountFlags>("limits", 1 << 9),
                Reserved64 = (ulong)Number("reserved"),
            };

        private TFlags Flags<TFlags>(string name, ushort reserved)
            where TFlags : struct, Enum
        {
            ushort bits = 0;
            var names = Fields.TryGetValue(name, out var text) ? text : "none";
            foreach (var flag in names.Split(','))
            {
                bits |=
                    flag == "reserved"
                        ? reserved
                        : Convert.ToUInt16(
                            Enum.Parse<TFlags>(Squeeze(flag), ignoreCase: true),
                            CultureInfo.InvariantCulture
                        );
            }

            return (TFlags)Enum.ToObject(typeof(TFlags), bits);
        }

        private static UInt128 ParseNumber(string text)
        {
            var parts = text.Split('-');
            UInt128 number = parts[0] switch
            {
                "max" => UInt128.MaxValue,
                "max64" => ulong.MaxValue,
                "2^64" => (UInt128)ulong.MaxValue + 1,
                "2^63" => (UInt128)1 << 63,
                var digits => UInt128.Parse(digits, CultureInfo.InvariantCulture),
            };
            return parts.Length == 2
                ? number - UInt128.Parse(parts[1], CultureInfo.InvariantCulture)
                : number;
        }
    }
}
