using System.Text.Json;
using Evenkeel.Channels.Sessions;
using Evenkeel.Model;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Channels.Rest;

/// <summary>At a branch: new customers, their accounts and logins; and what the audit says.</summary>
internal static class BranchEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/products", ProductsAsync)
            .For(Who.Person | Who.Program | Who.Staff, ProgramScopes.ReadAccounts)
            .Produces<ProductsBody>()
            .WithSummary("What the bank offers today");
        routes
            .MapPost("/customers", OpenCustomerAsync)
            .For(Who.Staff)
            .Accepts<NewCustomerBody>("application/json")
            .Produces<CustomerBody>()
            .WithSummary("Take a customer on");
        routes
            .MapGet("/customers/{customer}", GetCustomerAsync)
            .For(Who.Staff)
            .Produces<CustomerBody>()
            .WithSummary("A customer and their accounts");
        routes
            .MapPost("/customers/{customer}/accounts", OpenAccountAsync)
            .For(Who.Staff)
            .Accepts<NewAccountBody>("application/json")
            .Produces<AccountBody>()
            .WithSummary("Open an account")
            .WithDescription($"With an overdraft only with a second person ({FourEyes.Header}).");
        routes
            .MapPost("/customers/{customer}/logins", MakeLoginAsync)
            .For(Who.Staff)
            .Accepts<NewLoginBody>("application/json")
            .Produces<LoginBody>()
            .WithSummary("Make a login with a first secret")
            .WithDescription(
                $"Only with a second person ({FourEyes.Header}). Secrets are shown this once."
            );
        routes
            .MapGet("/audit", AuditAsync)
            .For(Who.Staff)
            .Produces<AuditBody>()
            .WithSummary("Who asked for what is not theirs, on one day (UTC)");
    }

    private static async Task<IResult> ProductsAsync(HttpContext http, IBranchServices branches) =>
        AccountEndpoints.Answer(
            await branches.ListProductsAsync(AccountEndpoints.ActorOf(http), http.RequestAborted),
            static (products, _) =>
                Results.Json(
                    new ProductsBody([.. products.Select(ProductBody.Of)]),
                    RestJson.Default.ProductsBody
                )
        );

    private static async Task<IResult> GetCustomerAsync(
        HttpContext http,
        string customer,
        IBranchServices branches
    ) =>
        !IsNumber(customer)
            ? RestProblem.Of(OutcomeReason.OriginalUnknown)
            : AccountEndpoints.Answer(
                await branches.GetCustomerAsync(
                    AccountEndpoints.ActorOf(http),
                    new CustomerId(customer),
                    http.RequestAborted
                ),
                static (file, _) =>
                    Results.Json(CustomerBody.Of(file), RestJson.Default.CustomerBody)
            );

    private static async Task<IResult> OpenCustomerAsync(
        HttpContext http,
        IBranchServices branches,
        RestChannelOptions options,
        TimeProvider time
    )
    {
        if (new Submission(http, options, time).Reference is not { } reference)
        {
            return RestProblem.KeyMissing;
        }
        if (
            await Bodies.ReadAsync(http, RestJson.Default.NewCustomerBody) is not { } body
            || body.Kind is not ("person" or "company")
        )
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        return AccountEndpoints.Answer(
            await branches.OpenCustomerAsync(
                AccountEndpoints.ActorOf(http),
                reference,
                new NewCustomer(body.Kind is "company", body.Name, body.Language)
                {
                    Address = body.Address,
                    Phone = body.Phone,
                    Email = body.Email,
                },
                http.RequestAborted
            ),
            static (file, _) => Results.Json(CustomerBody.Of(file), RestJson.Default.CustomerBody)
        );
    }

    private static async Task<IResult> OpenAccountAsync(
        HttpContext http,
        string customer,
        IBranchServices branches,
        SessionTokens tokens,
        RestChannelOptions options,
        TimeProvider time
    )
    {
        if (new Submission(http, options, time).Reference is not { } reference)
        {
            return RestProblem.KeyMissing;
        }
        if (await Bodies.ReadAsync(http, RestJson.Default.NewAccountBody) is not { } body)
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        if (FourEyes.MakerOf(http, tokens) is not { } maker)
        {
            return RestProblem.Of(OutcomeReason.ApprovalRequired);
        }
        if (!IsNumber(customer))
        {
            return RestProblem.Of(OutcomeReason.OriginalUnknown);
        }
        if (!Currencies.TryParseLedger(body.Currency, out var currency))
        {
            return RestProblem.Of(OutcomeReason.CurrencyMismatch);
        }
        if (
            (
                body.Overdraft is { } overdraft
                    ? Submission.AmountOf(overdraft, body.Currency)
                    : Money.Zero(currency)
            )
            is not { } allowance
        )
        {
            return RestProblem.Of(OutcomeReason.AmountInvalid);
        }
        return AccountEndpoints.Answer(
            await branches.OpenAccountAsync(
                maker,
                reference,
                new NewAccount(new CustomerId(customer), body.Product, currency, allowance.Minor),
                http.RequestAborted
            ),
            static (account, asOf) =>
                Results.Json(AccountEndpoints.BodyOf(account, asOf), RestJson.Default.AccountBody)
        );
    }

    private static async Task<IResult> MakeLoginAsync(
        HttpContext http,
        string customer,
        IBranchServices branches,
        SessionTokens tokens
    )
    {
        if (
            await Bodies.ReadAsync(http, RestJson.Default.NewLoginBody) is not { } body
            || body.Kind is not (null or "customer" or "program")
        )
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        if (FourEyes.MakerOf(http, tokens) is not { } maker)
        {
            return RestProblem.Of(OutcomeReason.ApprovalRequired);
        }
        return !IsNumber(customer)
            ? RestProblem.Of(OutcomeReason.OriginalUnknown)
            : AccountEndpoints.Answer(
                await branches.MakeLoginAsync(
                    maker,
                    new CustomerLogin(new CustomerId(customer), body.Kind is "program", body.Login),
                    http.RequestAborted
                ),
                static (made, _) =>
                    Results.Json(
                        new LoginBody(made.Login, made.Secret, made.AuthenticatorKey),
                        RestJson.Default.LoginBody
                    )
            );
    }

    private static async Task<IResult> AuditAsync(
        HttpContext http,
        IBranchServices branches,
        TimeProvider time,
        string? day = null
    ) =>
        AccountEndpoints.DateOf(day, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime))
            is not { } asked
            ? RestProblem.Of(OutcomeReason.DateInvalid)
            : AccountEndpoints.Answer(
                await branches.ListAuditAsync(
                    AccountEndpoints.ActorOf(http),
                    asked,
                    http.RequestAborted
                ),
                static (lines, _) =>
                    Results.Json(
                        new AuditBody([
                            .. lines.Select(static line => new AuditLineBody(
                                line.At,
                                line.Actor,
                                line.ActorKind,
                                Bodies.NameOf(line.Channel),
                                line.What,
                                line.Subject,
                                line.IsLastOfHour
                            )),
                        ]),
                        RestJson.Default.AuditBody
                    )
            );

    /// <summary>What may be looked up at all: letters and digits, and not many.</summary>
    private static bool IsNumber(string customer) =>
        customer.Length is > 0 and <= PaymentLimits.ReferenceCharsMax
        && customer.All(char.IsAsciiLetterOrDigit);
}

/// <param name="Kind"><c>person</c> or <c>company</c>.</param>
/// <param name="Language"><c>en</c>, <c>zh-Hans</c> or <c>zh-Hant</c>.</param>
internal sealed record NewCustomerBody(string Kind, string Name, string Language)
{
    public string? Address { get; init; }

    public string? Phone { get; init; }

    public string? Email { get; init; }

    public override string ToString() => nameof(NewCustomerBody);
}

/// <param name="State"><c>active</c> or <c>frozen</c>.</param>
/// <param name="Profile">Missing once the person was forgotten.</param>
internal sealed record CustomerBody(
    string Customer,
    string State,
    NewCustomerBody? Profile,
    IReadOnlyList<string> Accounts
)
{
    public static CustomerBody Of(CustomerFile file) =>
        new(
            file.Id.Value,
            file.IsFrozen ? "frozen" : "active",
            file.Profile is { } profile
                ? new NewCustomerBody(
                    profile.IsCompany ? "company" : "person",
                    profile.Name,
                    profile.Language
                )
                {
                    Address = profile.Address,
                    Phone = profile.Phone,
                    Email = profile.Email,
                }
                : null,
            [.. file.Accounts.Select(static number => number.ToString())]
        );
}

/// <param name="Overdraft">Agreed, in major units; missing = none.</param>
internal sealed record NewAccountBody(string Product, string Currency, string? Overdraft = null);

/// <param name="Kind"><c>customer</c> unless said otherwise; <c>program</c> for a company's.</param>
internal sealed record NewLoginBody(string Login, string? Kind = null);

/// <param name="AuthenticatorKey">Base32; of a person.</param>
internal sealed record LoginBody(string Login, string Secret, string? AuthenticatorKey)
{
    public override string ToString() => nameof(LoginBody);
}

internal sealed record ProductsBody(IReadOnlyList<ProductBody> Products);

/// <param name="Kind"><c>current</c>, <c>savings</c>, <c>loan</c>, <c>debit_card</c>, <c>credit_line</c>.</param>
internal sealed record ProductBody(
    string Product,
    string Kind,
    string Currency,
    int CreditBasisPoints,
    int DebitBasisPoints,
    AmountBody MonthlyFee,
    AmountBody OverdraftMax
)
{
    public static ProductBody Of(ProductView product) =>
        new(
            product.Code,
            JsonNamingPolicy.SnakeCaseLower.ConvertName(product.Kind),
            product.MonthlyFee.Letters,
            product.CreditBasisPoints,
            product.DebitBasisPoints,
            AmountBody.Of(product.MonthlyFee),
            AmountBody.Of(product.OverdraftMax)
        );
}

internal sealed record AuditBody(IReadOnlyList<AuditLineBody> Lines);

/// <param name="What">What was asked for: <c>account</c>, <c>statement</c>, <c>debit</c>, <c>card</c>...</param>
/// <param name="LastOfHour">More may have come in this hour; they were not written.</param>
internal sealed record AuditLineBody(
    DateTimeOffset At,
    string Actor,
    string ActorKind,
    string Channel,
    string What,
    string Subject,
    bool LastOfHour
);
