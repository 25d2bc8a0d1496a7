using System.Globalization;
using System.Text;
using Evenkeel.Banking;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Bulk;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Desk;
using Evenkeel.Journal.Access;
using Evenkeel.Model;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Host.Rails;

/// <summary>
/// <c>POST /v1/demo/payroll</c>: a company with money, an account for each of its people, and the file of
/// their wages. Only in the profile named demo: drills begin with it.
/// </summary>
internal static class PayrollEndpoint
{
    public const string Path = "/v1/demo/payroll";

    private const int AccountsOfOneCustomer = 100;
    private const int AtOnce = 32;
    private const int WageMinorMin = 100_00;
    private const int WageMinorMax = 30_000_00;

    private static readonly Actor Builder = new Actor.Staff("demo", "HQ", "demo-check");

    public static void Map(WebApplication web, Bank bank) =>
        web.MapPost(
                Path,
                async (HttpRequest http, CancellationToken token) =>
                {
                    var asked = await http.ReadFromJsonAsync(
                            BulkAnswerJson.Default.PayrollRequest,
                            token
                        )
                        .ConfigureAwait(false);
                    return
                        asked is not { Lines: > 0 and <= BulkLimits.LinesMax }
                        || !DateOnly.TryParseExact(
                            asked.Date,
                            "yyyy-MM-dd",
                            CultureInfo.InvariantCulture,
                            DateTimeStyles.None,
                            out var date
                        )
                        ? Results.Problem(
                            "Lines, a seed and a date (yyyy-MM-dd) are needed.",
                            statusCode: StatusCodes.Status400BadRequest
                        )
                        : Results.Json(
                            await BuildAsync(bank, asked, date, token).ConfigureAwait(false),
                            BulkAnswerJson.Default.PayrollAnswer
                        );
                }
            )
            .RequireAuthorization(KeyScopes.Admin.ToNames()[0])
            .WithSummary("A company, its people and the file of their wages");

    private static async Task<PayrollAnswer> BuildAsync(
        Bank bank,
        PayrollRequest asked,
        DateOnly date,
        CancellationToken token
    )
    {
        var cny = Currencies.TryParseLedger("CNY", out var number) ? number : 0;
        var name = string.Create(CultureInfo.InvariantCulture, $"payroll-{asked.Seed}");
        var company = await OpenCustomerAsync(bank, $"{name}/company", CustomerKind.Company, token)
            .ConfigureAwait(false);
        var payer = await OpenAccountAsync(bank, $"{name}/payer", company, cny, token)
            .ConfigureAwait(false);
        var accounts = new AccountNumber[asked.Lines];
        await Parallel
            .ForEachAsync(
                Enumerable.Range(0, asked.Lines).Chunk(AccountsOfOneCustomer),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = token },
                async (lines, inner) =>
                {
                    var person = await OpenCustomerAsync(
                            bank,
                            $"{name}/person-{lines[0]}",
                            CustomerKind.Person,
                            inner
                        )
                        .ConfigureAwait(false);
                    foreach (var line in lines)
                    {
                        accounts[line] = await OpenAccountAsync(
                                bank,
                                $"{name}/account-{line}",
                                person,
                                cny,
                                inner
                            )
                            .ConfigureAwait(false);
                    }
                }
            )
            .ConfigureAwait(false);
        Random random = new(asked.Seed);
        var wages = accounts.Select(_ => random.Next(WageMinorMin, WageMinorMax)).ToArray();
        var sum = wages.Sum(static w => (long)w);
        await bank
            .Opening.CarryOverAsync(payer, new Payments.Money(sum * 2, cny), $"{name}/money", token)
            .ConfigureAwait(false);
        return new PayrollAnswer(
            payer.ToString(),
            [.. accounts.Select(static a => a.ToString())],
            wages,
            Text(name, payer, date, accounts, wages, sum)
        );
    }

    private static string Text(
        string name,
        AccountNumber payer,
        DateOnly date,
        AccountNumber[] accounts,
        int[] wages,
        long sum
    )
    {
        StringBuilder text = new();
        text.Append(
            CultureInfo.InvariantCulture,
            $"H,1,{name},{payer},{date:yyyy-MM-dd},CNY,{accounts.Length},{sum / 100m:F2},SALA\n"
        );
        for (var i = 0; i < accounts.Length; i++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"P,WAGE-{i + 1:D6},,{accounts[i]},Person {i + 1},{wages[i] / 100m:F2},Wages\n"
            );
        }
        return text.ToString();
    }

    private static async Task<CustomerId> OpenCustomerAsync(
        Bank bank,
        string reference,
        CustomerKind kind,
        CancellationToken token
    ) =>
        Done(
            await bank
                .Customers.OpenAsync(
                    Builder,
                    reference,
                    kind,
                    new CustomerProfile { Name = reference, Language = "en" },
                    token
                )
                .ConfigureAwait(false)
        ).Id;

    private static async Task<AccountNumber> OpenAccountAsync(
        Bank bank,
        string reference,
        CustomerId customer,
        uint currency,
        CancellationToken token
    ) =>
        Done(
            await bank
                .Accounts.OpenAsync(
                    Builder,
                    reference,
                    new AccountOpening(customer, "current", currency),
                    token
                )
                .ConfigureAwait(false)
        ).Number;

    private static T Done<T>(TaskOutcome<T> outcome) =>
        outcome is TaskOutcome<T>.Done done
            ? done.Value
            : throw new InvalidOperationException("The demonstration could not be built.");
}

internal sealed record PayrollRequest(int Seed, int Lines, string Date);

/// <param name="Wages">Minor units, in the order of <paramref name="Accounts"/>.</param>
/// <param name="File">The file, as it is to be brought.</param>
internal sealed record PayrollAnswer(
    string Payer,
    IReadOnlyList<string> Accounts,
    IReadOnlyList<int> Wages,
    string File
);
