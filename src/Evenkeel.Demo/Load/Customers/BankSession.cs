using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Load.Customers;

/// <summary>
/// Somebody of the demonstration who signs in at a gateway and asks there: a customer with password and
/// authenticator, a member of staff, a company's program. One at a time signs in; any number ask.
/// </summary>
/// <param name="http">Of the gateway; shared, and not disposed here.</param>
public sealed class BankSession(
    HttpClient http,
    DemoOptions options,
    LoginKind kind,
    string login,
    TimeProvider time
) : IDisposable
{
    public const string Root = "/bank/v1";

    private const string KeyHeader = "Idempotency-Key";

    /// <summary>Renewed when no more than this is left of a token.</summary>
    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan CodePause = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _signing = new(1, 1);
    private string? _token;
    private DateTimeOffset _expires;
    private string? _device;
    private bool _isStrong;
    private long _usedStep;

    /// <summary>Signs in unless that was done, and stays signed in.</summary>
    /// <param name="strong">Shows a second factor, where it was not shown yet.</param>
    /// <returns>Null when it is done; else what the bank said.</returns>
    public async Task<RestReply?> EnsureAsync(bool strong, CancellationToken cancellationToken)
    {
        if (IsGood(strong))
        {
            return null;
        }
        await _signing.WaitAsync(cancellationToken);
        try
        {
            if (IsGood(strong))
            {
                return null;
            }
            if (kind == LoginKind.Program)
            {
                return await GetTokenAsync(cancellationToken);
            }
            if (_token is not null && _expires > time.GetUtcNow())
            {
                var better =
                    strong && !_isStrong
                        ? await StepUpAsync(cancellationToken)
                        : await RenewAsync(cancellationToken);
                if (better is null)
                {
                    return null;
                }
            }
            return await SignInAsync(strong, cancellationToken);
        }
        finally
        {
            _signing.Release();
        }
    }

    /// <summary>Leaves, and comes back on the same device: with the password alone.</summary>
    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await AskAsync(HttpMethod.Delete, "/sessions/current", null, null, cancellationToken);
        (_token, _isStrong) = (null, false);
    }

    /// <summary>A file, once.</summary>
    public Task<RestReply> UploadAsync(
        string path,
        string csv,
        CancellationToken cancellationToken
    ) =>
        AskAsync(
            HttpMethod.Post,
            path,
            csv,
            reference: null,
            cancellationToken,
            contentType: "text/csv"
        );

    public Task<RestReply> GetAsync(string path, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Get, path, body: null, reference: null, cancellationToken);

    /// <param name="reference">The asker's own name for it: the same again is the same.</param>
    public Task<RestReply> PostAsync(
        string path,
        string body,
        string? reference,
        CancellationToken cancellationToken
    ) => AskAsync(HttpMethod.Post, path, body, reference, cancellationToken);

    /// <summary>Once, whatever comes; a token that is no longer taken is forgotten.</summary>
    private async Task<RestReply> AskAsync(
        HttpMethod method,
        string path,
        string? body,
        string? reference,
        CancellationToken cancellationToken,
        string contentType = "application/json"
    )
    {
        using HttpRequestMessage request = new(method, Root + path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, contentType);
        }
        if (reference is not null)
        {
            request.Headers.Add(KeyHeader, reference);
        }
        if (_token is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        var reply = await SendAsync(request, cancellationToken);
        if (reply.Status == 401)
        {
            _token = null;
        }
        return reply;
    }

    public void Dispose() => _signing.Dispose();

    private bool IsGood(bool strong) =>
        _token is not null && _expires > time.GetUtcNow() + RenewBefore && (_isStrong || !strong);

    private async Task<RestReply?> GetTokenAsync(CancellationToken cancellationToken)
    {
        using var request = ProgramSignIn.Request(login, DemoSecrets.PasswordOf(options, login));
        var reply = await SendAsync(request, cancellationToken);
        if (!reply.IsOk)
        {
            return reply;
        }
        var issued = ProgramSignIn.Read(reply.Body);
        (_token, _isStrong) = (issued.AccessToken, true);
        // What lives shorter than it is renewed before is asked for whenever half of it is over.
        var lives = TimeSpan.FromSeconds(issued.ExpiresIn);
        _expires = time.GetUtcNow() + lives + (lives > RenewBefore * 2 ? default : RenewBefore / 2);
        return null;
    }

    /// <summary>On a device that the bank knows the password is enough to look; else a code is needed.</summary>
    private async Task<RestReply?> SignInAsync(bool strong, CancellationToken cancellationToken)
    {
        var withCode = strong || _device is null;
        return Take(
            await PostAsync(
                "/sessions",
                JsonSerializer.Serialize(
                    new SignInBody(
                        KindName,
                        login,
                        DemoSecrets.PasswordOf(options, login),
                        withCode ? await NextCodeAsync(cancellationToken) : null,
                        _device
                    ),
                    CustomerJson.Default.SignInBody
                ),
                reference: null,
                cancellationToken
            )
        );
    }

    private async Task<RestReply?> StepUpAsync(CancellationToken cancellationToken) =>
        Take(
            await PostAsync(
                "/sessions/step-up",
                JsonSerializer.Serialize(
                    new StepUpBody(
                        DemoSecrets.PasswordOf(options, login),
                        await NextCodeAsync(cancellationToken)
                    ),
                    CustomerJson.Default.StepUpBody
                ),
                reference: null,
                cancellationToken
            )
        );

    private async Task<RestReply?> RenewAsync(CancellationToken cancellationToken) =>
        Take(await PostAsync("/sessions/renew", "{}", reference: null, cancellationToken));

    private RestReply? Take(RestReply reply)
    {
        if (!reply.IsOk)
        {
            return reply;
        }
        _token = reply.Text("token");
        _device = reply.Text("device") ?? _device;
        _isStrong = reply.Text("assurance") is "strong";
        _expires = DateTimeOffset.TryParse(
            reply.Text("expires_at"),
            System.Globalization.CultureInfo.InvariantCulture,
            out var at
        )
            ? at
            : time.GetUtcNow();
        return null;
    }

    /// <summary>A code is good once: the one shown next is taken already, no later one.</summary>
    private async Task<string> NextCodeAsync(CancellationToken cancellationToken)
    {
        var step = Math.Max(Authenticator.StepAt(time.GetUtcNow()), _usedStep + 1);
        while (Authenticator.StepAt(time.GetUtcNow()) < step - 1)
        {
            await Task.Delay(CodePause, time, cancellationToken);
        }
        _usedStep = step;
        return Authenticator.CodeOf(DemoSecrets.CodeKeyOf(options, login), step);
    }

    private string KindName => kind == LoginKind.Staff ? "staff" : "customer";

    private async Task<RestReply> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            return new RestReply(
                (int)answer.StatusCode,
                await answer.Content.ReadAsStringAsync(cancellationToken)
            );
        }
        catch (Exception e)
            when (e is HttpRequestException or IOException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            return RestReply.Silence;
        }
    }
}

internal sealed record SignInBody(
    string Kind,
    string Login,
    string Secret,
    string? Code,
    string? Device
);

internal sealed record StepUpBody(string Secret, string Code);

internal sealed record PayeeBody(string Account);

internal sealed record PaymentBody(string From, PayeeBody To, string Amount, string Currency);

internal sealed record BillBody(
    string From,
    string Biller,
    string BillNumber,
    string Amount,
    string Currency
);

internal sealed record CashBody(string Account, string Till, string Amount, string Currency);

internal sealed record KnownPayee(string? Bank, string Account);

internal sealed record KnownPayees(IReadOnlyList<KnownPayee> Payees);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(SignInBody))]
[JsonSerializable(typeof(StepUpBody))]
[JsonSerializable(typeof(PaymentBody))]
[JsonSerializable(typeof(BillBody))]
[JsonSerializable(typeof(CashBody))]
[JsonSerializable(typeof(KnownPayees))]
internal sealed partial class CustomerJson : JsonSerializerContext;
