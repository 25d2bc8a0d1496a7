using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Channels.Rest;

/// <summary>RFC 9457, with what a customer needs besides.</summary>
internal sealed record ProblemBody
{
    public required string Type { get; init; }

    /// <summary>In the language of <c>Accept-Language</c>.</summary>
    public required string Title { get; init; }
    public required int Status { get; init; }

    /// <summary>Stable; for programs.</summary>
    public required string Reason { get; init; }

    /// <summary><c>not_done</c>: certainly nothing happened.</summary>
    public required string State { get; init; }

    /// <summary>What to do next.</summary>
    public required string Retry { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Of a file with many payments: what is wrong with it, for programs.</summary>
    public string? Fault { get; init; }

    /// <summary>Its first faulty line, from 1; missing when it is the file as a whole.</summary>
    public int? Line { get; init; }
}

/// <summary>An amount in major units as text: "12.50". Numbers of JSON are no amounts.</summary>
/// <param name="Currency">Letters of ISO 4217.</param>
internal sealed record AmountBody(string Amount, string Currency)
{
    public static AmountBody Of(Money money)
    {
        var text = money.ToString();
        return new(text[..text.IndexOf(' ', StringComparison.Ordinal)], money.Letters);
    }
}

internal sealed record SignInBody(string Login, string Secret)
{
    /// <summary><c>customer</c> unless said otherwise; <c>staff</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>Six digits of the authenticator.</summary>
    public string? Code { get; init; }

    /// <summary>What this device was given when it was last signed in with a code.</summary>
    public string? Device { get; init; }
}

internal sealed record StepUpBody(string Code)
{
    /// <summary>Not needed: the session has shown it.</summary>
    public string? Secret { get; init; }

    /// <inheritdoc cref="SignInBody.Device"/>
    public string? Device { get; init; }
}

/// <param name="Token">For <c>Authorization: Bearer</c>.</param>
/// <param name="Assurance"><c>single</c> or <c>strong</c>.</param>
/// <param name="Device">To keep on this device; only when it is new.</param>
internal sealed record SessionBody(
    string Token,
    DateTimeOffset ExpiresAt,
    string Assurance,
    string? Device
);

/// <summary>What a program asks with (RFC 6749, section 4.4.2); read by the library.</summary>
/// <param name="GrantType"><c>client_credentials</c>.</param>
/// <param name="Scope">Names with blanks between them.</param>
internal sealed record TokenForm(string GrantType, string? Scope)
{
    /// <summary>Here or as HTTP Basic, which is better.</summary>
    public string? ClientId { get; init; }

    public string? ClientSecret { get; init; }
}

/// <param name="AccessToken">For <c>Authorization: Bearer</c>.</param>
/// <param name="TokenType"><c>Bearer</c>.</param>
/// <param name="ExpiresIn">Seconds.</param>
/// <param name="Scope">What it allows, when that is not what was asked for.</param>
internal sealed record TokenBody(
    string AccessToken,
    string TokenType,
    int ExpiresIn,
    string? Scope
);

/// <param name="Error">As in RFC 6749, section 5.2; besides <c>slow_down</c> and <c>temporarily_unavailable</c>.</param>
internal sealed record TokenRefusalBody(string Error, string? ErrorDescription);

internal sealed record AccountBody(
    string Number,
    string Product,
    string State,
    AmountBody Booked,
    AmountBody Available,
    DateTimeOffset AsOf
);

internal sealed record AccountsBody(IReadOnlyList<AccountBody> Accounts);

internal sealed record StatementBody(
    AmountBody Opening,
    AmountBody Closing,
    IReadOnlyList<StatementLineBody> Lines,
    string? Next
);

internal sealed record StatementLineBody(
    DateTimeOffset At,
    DateOnly BookingDate,
    DateOnly ValueDate,
    AmountBody Amount,
    AmountBody Balance,
    string Kind,
    string? Instruction,
    string? Counterparty,
    string? Remittance
);

/// <param name="Account">Number of the payee's account.</param>
/// <param name="Bank">BIC or national code; missing = this bank.</param>
/// <param name="Name">Needed for another bank; compared with the holder's at this one.</param>
internal sealed record PayeeBody(string Account, string? Bank = null, string? Name = null);

internal sealed record PaymentBody(string From, PayeeBody To, string Amount, string Currency)
{
    public string? EndToEndId { get; init; }
    public Guid? Uetr { get; init; }
    public string? Remittance { get; init; }

    /// <summary>The day on which it shall be executed; missing = now.</summary>
    public DateOnly? ExecutionDate { get; init; }
}

internal sealed record BillBody(
    string From,
    string Biller,
    string BillNumber,
    string Amount,
    string Currency
);

/// <param name="Till">The till that the notes go into or come out of.</param>
internal sealed record CashBody(string Account, string Till, string Amount, string Currency);

/// <summary>What became of an instruction: done or being resolved. What is not done is a problem.</summary>
/// <param name="State"><c>done</c> or <c>being_resolved</c>.</param>
internal sealed record OutcomeBody(string State, string Id)
{
    public AmountBody? Amount { get; init; }
    public DateOnly? BookingDate { get; init; }
    public DateOnly? ValueDate { get; init; }
    public DateTimeOffset? At { get; init; }
    public string? AuthorisationCode { get; init; }

    /// <summary>While it is being resolved: what it waits for, for programs and for people.</summary>
    public string? Reason { get; init; }
    public string? Text { get; init; }

    /// <summary>By then it is done or not done.</summary>
    public DateTimeOffset? Deadline { get; init; }
}

internal sealed record CardsBody(IReadOnlyList<CardBody> Cards);

/// <param name="Card">Names the card; not its number.</param>
internal sealed record CardBody(
    string Card,
    string Account,
    string LastFour,
    string State,
    bool Frozen,
    bool PinBlocked
);

internal sealed record PayeesBody(IReadOnlyList<KnownPayeeBody> Payees);

internal sealed record KnownPayeeBody(
    string Id,
    string? Bank,
    string Account,
    string? Name,
    DateTimeOffset Since,
    bool IsNew
);

internal sealed record TracesBody(IReadOnlyList<TraceBody> Traces);

internal sealed record TraceBody(
    string Id,
    string Kind,
    AmountBody Amount,
    string State,
    string? Reason,
    string? Text,
    DateTimeOffset? Deadline,
    string? From,
    string? To,
    IReadOnlyList<string> References,
    IReadOnlyList<TimelineBody> Timeline
);

internal sealed record TimelineBody(DateTimeOffset At, string State, string By, string? Detail);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(ProblemBody))]
[JsonSerializable(typeof(SignInBody))]
[JsonSerializable(typeof(StepUpBody))]
[JsonSerializable(typeof(SessionBody))]
[JsonSerializable(typeof(TokenForm))]
[JsonSerializable(typeof(TokenBody))]
[JsonSerializable(typeof(TokenRefusalBody))]
[JsonSerializable(typeof(PasskeyPromptBody))]
[JsonSerializable(typeof(PasskeyChallengeBody))]
[JsonSerializable(typeof(PasskeySignInBody))]
[JsonSerializable(typeof(PasskeyStepUpBody))]
[JsonSerializable(typeof(NewPasskeyBody))]
[JsonSerializable(typeof(PasskeyBody))]
[JsonSerializable(typeof(PasskeysBody))]
[JsonSerializable(typeof(AccountBody))]
[JsonSerializable(typeof(AccountsBody))]
[JsonSerializable(typeof(StatementBody))]
[JsonSerializable(typeof(PaymentBody))]
[JsonSerializable(typeof(BillBody))]
[JsonSerializable(typeof(CashBody))]
[JsonSerializable(typeof(OutcomeBody))]
[JsonSerializable(typeof(TracesBody))]
[JsonSerializable(typeof(CardsBody))]
[JsonSerializable(typeof(CardBody))]
[JsonSerializable(typeof(PayeesBody))]
[JsonSerializable(typeof(PayeeBody))]
[JsonSerializable(typeof(KnownPayeeBody))]
[JsonSerializable(typeof(BulkRunBody))]
[JsonSerializable(typeof(BulkRunsBody))]
[JsonSerializable(typeof(BulkItemsBody))]
[JsonSerializable(typeof(BulkReleaseBody))]
[JsonSerializable(typeof(StandingOrderRequestBody))]
[JsonSerializable(typeof(StandingOrderChangeBody))]
[JsonSerializable(typeof(StandingOrdersBody))]
[JsonSerializable(typeof(StandingOrderBody))]
[JsonSerializable(typeof(LoansBody))]
[JsonSerializable(typeof(LoanBody))]
[JsonSerializable(typeof(CreditLinesBody))]
[JsonSerializable(typeof(NewCustomerBody))]
[JsonSerializable(typeof(CustomerBody))]
[JsonSerializable(typeof(NewAccountBody))]
[JsonSerializable(typeof(NewLoginBody))]
[JsonSerializable(typeof(LoginBody))]
[JsonSerializable(typeof(ProductsBody))]
[JsonSerializable(typeof(AuditBody))]
internal sealed partial class RestJson : JsonSerializerContext;

/// <summary>Reading bodies: what is not understood is no message.</summary>
internal static class Bodies
{
    /// <summary>Null when it is not what was asked for.</summary>
    public static async ValueTask<T?> ReadAsync<T>(
        HttpContext http,
        System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type
    )
        where T : class
    {
        try
        {
            return http.Request.HasJsonContentType()
                ? await http.Request.ReadFromJsonAsync(type, http.RequestAborted)
                : null;
        }
        catch (Exception e) when (e is JsonException or BadHttpRequestException)
        {
            return null;
        }
    }

    /// <summary>"being_resolved" from BeingResolved: how enumerations are said.</summary>
    public static string NameOf<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>A reason for programs and for people; nulls when there is none.</summary>
    public static (string? Slug, string? Text) Say(
        OutcomeReason reason,
        System.Globalization.CultureInfo culture
    )
    {
        var slug = reason == OutcomeReason.None ? null : ReasonTable.Of(reason).Slug;
        return (slug, slug is null ? null : Texts.ReasonText.Of(slug, culture));
    }
}
