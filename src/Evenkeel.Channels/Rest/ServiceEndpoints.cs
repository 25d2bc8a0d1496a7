using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Evenkeel.Channels.Rest;

/// <summary>Cards and payees.</summary>
internal static class ServiceEndpoints
{
    private delegate Task<QueryAnswer<CardView>> Change(
        ICustomerServices services,
        Actor actor,
        string reference,
        CardToken card,
        CancellationToken cancellationToken
    );

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes
            .MapGet("/cards", ListCardsAsync)
            .For(Who.Person)
            .Produces<CardsBody>()
            .WithSummary("Own cards");
        MapChange(
            routes,
            "freeze",
            "Freeze a card",
            static (s, a, r, c, t) => s.FreezeCardAsync(a, r, c, t)
        );
        MapChange(
            routes,
            "unfreeze",
            "Unfreeze a card: strong",
            static (s, a, r, c, t) => s.UnfreezeCardAsync(a, r, c, t)
        );
        MapChange(
            routes,
            "report-lost",
            "It is lost: for good",
            static (s, a, r, c, t) => s.ReportCardAsync(a, r, c, wasStolen: false, t)
        );
        MapChange(
            routes,
            "report-stolen",
            "It was stolen: for good",
            static (s, a, r, c, t) => s.ReportCardAsync(a, r, c, wasStolen: true, t)
        );
        routes
            .MapGet("/payees", ListPayeesAsync)
            .For(Who.Person)
            .Produces<PayeesBody>()
            .WithSummary("Own payees");
        routes
            .MapPost("/payees", AddPayeeAsync)
            .For(Who.Person)
            .Accepts<PayeeBody>("application/json")
            .Produces<KnownPayeeBody>()
            .WithSummary("Add a payee: strong");
        routes
            .MapDelete("/payees/{id}", RemovePayeeAsync)
            .For(Who.Person)
            .Produces(StatusCodes.Status204NoContent)
            .WithSummary("Remove a payee");
    }

    private static void MapChange(
        IEndpointRouteBuilder routes,
        string verb,
        string summary,
        Change change
    ) =>
        routes
            .MapPost(
                $"/cards/{{card}}/{verb}",
                async (
                    HttpContext http,
                    string card,
                    ICustomerServices services,
                    RestChannelOptions options,
                    TimeProvider time
                ) =>
                    new Submission(http, options, time).Reference is { } reference
                        ? AccountEndpoints.Answer(
                            await change(
                                services,
                                AccountEndpoints.ActorOf(http),
                                reference,
                                new CardToken(card),
                                http.RequestAborted
                            ),
                            static (found, _) =>
                                Results.Json(BodyOf(found), RestJson.Default.CardBody)
                        )
                        : RestProblem.KeyMissing
            )
            .For(Who.Person)
            .Produces<CardBody>()
            .WithSummary(summary);

    private static async Task<IResult> ListCardsAsync(
        HttpContext http,
        ICustomerServices services
    ) =>
        AccountEndpoints.Answer(
            await services.ListCardsAsync(AccountEndpoints.ActorOf(http), http.RequestAborted),
            static (found, _) =>
                Results.Json(new CardsBody([.. found.Select(BodyOf)]), RestJson.Default.CardsBody)
        );

    private static async Task<IResult> ListPayeesAsync(
        HttpContext http,
        ICustomerServices services
    ) =>
        AccountEndpoints.Answer(
            await services.ListPayeesAsync(AccountEndpoints.ActorOf(http), http.RequestAborted),
            static (found, _) =>
                Results.Json(new PayeesBody([.. found.Select(BodyOf)]), RestJson.Default.PayeesBody)
        );

    private static async Task<IResult> AddPayeeAsync(
        HttpContext http,
        ICustomerServices services,
        RestChannelOptions options,
        TimeProvider time
    )
    {
        if (new Submission(http, options, time).Reference is not { } reference)
        {
            return RestProblem.KeyMissing;
        }
        if (await Bodies.ReadAsync(http, RestJson.Default.PayeeBody) is not { } body)
        {
            return RestProblem.Of(OutcomeReason.Malformed);
        }
        return PaymentEndpoints.CreditorOf(body, out var fault) is not { } creditor
            ? RestProblem.Of(fault)
            : AccountEndpoints.Answer(
                await services.AddPayeeAsync(
                    AccountEndpoints.ActorOf(http),
                    reference,
                    creditor,
                    http.RequestAborted
                ),
                static (found, _) => Results.Json(BodyOf(found), RestJson.Default.KnownPayeeBody)
            );
    }

    private static async Task<IResult> RemovePayeeAsync(
        HttpContext http,
        string id,
        ICustomerServices services,
        RestChannelOptions options,
        TimeProvider time
    ) =>
        new Submission(http, options, time).Reference is { } reference
            ? AccountEndpoints.Answer(
                await services.RemovePayeeAsync(
                    AccountEndpoints.ActorOf(http),
                    reference,
                    id,
                    http.RequestAborted
                ),
                static (_, _) => Results.NoContent()
            )
            : RestProblem.KeyMissing;

    private static CardBody BodyOf(CardView card) =>
        new(
            card.Token.Value,
            card.Account.ToString(),
            card.LastFour,
            Bodies.NameOf(card.State),
            card.IsFrozen,
            card.IsPinBlocked
        );

    private static KnownPayeeBody BodyOf(PayeeView payee) =>
        new(payee.Id, payee.Bank, payee.Account, payee.Name, payee.Since, payee.IsNew);
}
