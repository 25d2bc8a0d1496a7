using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Evenkeel.Banking.Branches;
using Evenkeel.Banking.Tests.Rails;
using Evenkeel.Channels.Rest;
using Evenkeel.Contract;
using Evenkeel.Contract.Calling;
using Evenkeel.Contract.Serving;
using Evenkeel.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Banking.Tests.Rest;

/// <summary>
/// The real bank behind the real contract behind the real REST channel, over sockets: what a customer, a
/// company's program or a teller is told is what the bank says.
/// </summary>
public sealed class BankByRest : IAsyncLifetime
{
    private const string Secret = "of this test, long enough";

    private RailBank? _rail;
    private ContractServer? _server;
    private RemoteBank? _remote;
    private WebApplication? _web;
    private HttpClient? _http;

    internal RailBank Rail => _rail!;

    public TestBank Bank => _rail!.Bank;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _rail = await RailBank.StartAsync();
        var bank = _rail.Bank.Bank;
        ByName signIn = new();
        _server = await ContractServer.StartAsync(
            new ContractServerOptions { Secret = Secret, Leads = static () => true },
            new BankServices(bank.Payments, bank.Queries, bank.Services, signIn)
            {
                Bulk = bank.BulkFiles,
                StandingOrders = bank.CustomerStandingOrders,
                Credits = bank.Credits,
                Branches = new BranchDesk(bank, MakeAsync),
            },
            NullLoggerFactory.Instance,
            CancellationToken.None
        );
        _remote = new RemoteBank(
            new RemoteBankOptions { Secret = Secret, AnswerMax = TimeSpan.FromSeconds(30) },
            new AddressList([_server.Address]),
            TimeProvider.System,
            NullLogger<RemoteBank>.Instance
        );
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.Services.AddSingleton<IPaymentProcessor>(_remote);
        builder.Services.AddSingleton<IAccountQueries>(_remote);
        builder.Services.AddSingleton<ICustomerServices>(_remote);
        builder.Services.AddSingleton<ISignIn>(_remote);
        builder.Services.AddSingleton<IBulkFiles>(_remote);
        builder.Services.AddSingleton<IStandingOrders>(_remote);
        builder.Services.AddSingleton<ICreditQueries>(_remote);
        builder.Services.AddSingleton<IBranchServices>(_remote);
        builder.Services.AddRestChannel(new RestChannelOptions { SignInsPerMinuteMax = 10_000 });
        _web = builder.Build();
        _web.MapRestChannel();
        await _web.StartAsync();
        _http = new HttpClient
        {
            BaseAddress = new Uri(
                _web.Services.GetRequiredService<IServer>()
                    .Features.Get<IServerAddressesFeature>()!
                    .Addresses.Single()
            ),
        };
    }

    /// <summary>A person of a customer; several of a company have names of their own.</summary>
    internal async Task<Caller> PersonAsync(
        CustomerId customer,
        string name = "own",
        bool isStrong = true
    )
    {
        JsonObject body = new() { ["login"] = $"{customer}.{name}", ["secret"] = Secret };
        if (isStrong)
        {
            body["code"] = "123456";
        }
        return new Caller(_http!, await SessionAsync(body));
    }

    internal async Task<Caller> StaffAsync(string user) =>
        new(
            _http!,
            await SessionAsync(
                new JsonObject
                {
                    ["kind"] = "staff",
                    ["login"] = user,
                    ["secret"] = Secret,
                }
            )
        );

    internal async Task<Caller> ProgramAsync(CustomerId customer, string name = "erp")
    {
        using FormUrlEncodedContent form = new(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = $"{customer}.{name}",
                ["client_secret"] = Secret,
            }
        );
        using var answer = await _http!.PostAsync(
            new Uri("/bank/v1/oauth/token", UriKind.Relative),
            form,
            Token
        );
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, text);
        return new Caller(_http!, JsonNode.Parse(text)!["access_token"]!.GetValue<string>());
    }

    public async ValueTask DisposeAsync()
    {
        _http!.Dispose();
        await _web!.StopAsync(CancellationToken.None);
        await _web.DisposeAsync();
        _remote!.Dispose();
        await _server!.DisposeAsync();
        await _rail!.DisposeAsync();
    }

    private async Task<string> SessionAsync(JsonObject body)
    {
        using var answer = await _http!.PostAsJsonAsync("/bank/v1/sessions", body, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!["token"]!.GetValue<string>();
    }

    private static Task<QueryAnswer<MadeLogin>> MakeAsync(
        CustomerLogin login,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<QueryAnswer<MadeLogin>>(
            new QueryAnswer<MadeLogin>.Found(
                new MadeLogin(login.Login, "a first secret", login.IsProgram ? null : "BASE32"),
                DateTimeOffset.UnixEpoch
            )
        );

    /// <summary>Logins say whose they are: "C000000000001.anna" is a person or a program of that customer.</summary>
    private sealed class ByName : ISignIn
    {
        public Task<SignInAnswer> SignInAsync(
            SignInRequest request,
            CancellationToken cancellationToken
        )
        {
            CustomerId customer = new(request.Login.Split('.')[0]);
            return Task.FromResult<SignInAnswer>(
                new SignInAnswer.SignedIn(
                    request.Kind switch
                    {
                        LoginKind.Staff => new Actor.Staff(request.Login, "B1"),
                        LoginKind.Program => new Actor.ApiClient(request.Login, customer),
                        _ => new Actor.Customer(
                            customer,
                            request.Code is null ? Assurance.Single : Assurance.Strong
                        ),
                    },
                    null
                )
                {
                    Scopes = request.Kind == LoginKind.Program ? ProgramScopes.All : [],
                }
            );
        }

        public Task<SignInAnswer> ConfirmAsync(
            CodeConfirmation request,
            CancellationToken cancellationToken
        ) => Task.FromResult<SignInAnswer>(new SignInAnswer.Refused());

        public Task<QueryAnswer<PasskeyChallenge>> ChallengeAsync(
            PasskeyPrompt prompt,
            CancellationToken cancellationToken
        ) =>
            Task.FromResult<QueryAnswer<PasskeyChallenge>>(
                new QueryAnswer<PasskeyChallenge>.Refused(OutcomeReason.NotSupported)
            );

        public Task<SignInAnswer> SignInWithPasskeyAsync(
            PasskeySignIn request,
            CancellationToken cancellationToken
        ) => Task.FromResult<SignInAnswer>(new SignInAnswer.Refused());
    }
}

/// <summary>What was answered; the body parsed where it is JSON.</summary>
internal sealed record Said(int Status, JsonNode? Body, string Raw)
{
    public string? Reason => Body?["reason"]?.GetValue<string>();

    public string Text(string member) => Body![member]!.GetValue<string>();
}

/// <summary>Somebody with a token.</summary>
internal sealed class Caller(HttpClient http, string token)
{
    private static long keys;

    public string Session => token;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public Task<Said> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Said> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public Task<Said> PutAsync(string path, JsonNode body) =>
        SendAsync(HttpMethod.Put, path, JsonContent.Create(body));

    public Task<Said> PostAsync(
        string path,
        JsonNode? body = null,
        string? key = null,
        Caller? checker = null
    ) =>
        SendAsync(
            HttpMethod.Post,
            path,
            body is null ? null : JsonContent.Create(body),
            key,
            checker
        );

    public Task<Said> BringAsync(string csv) =>
        SendAsync(HttpMethod.Post, "bulk-files", new StringContent(csv, Encoding.UTF8, "text/csv"));

    private async Task<Said> SendAsync(
        HttpMethod method,
        string path,
        HttpContent? content = null,
        string? key = null,
        Caller? checker = null
    )
    {
        using HttpRequestMessage request = new(method, $"/bank/v1/{path}") { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Add("Idempotency-Key", key ?? $"key-{Interlocked.Increment(ref keys)}");
        if (checker is not null)
        {
            request.Headers.Add("Evenkeel-Checker", checker.Session);
        }
        using var answer = await http.SendAsync(request, Token);
        var raw = await answer.Content.ReadAsStringAsync(Token);
        var isJson =
            answer.Content.Headers.ContentType?.MediaType?.EndsWith(
                "json",
                StringComparison.Ordinal
            ) == true;
        return new Said((int)answer.StatusCode, isJson ? JsonNode.Parse(raw) : null, raw);
    }
}
