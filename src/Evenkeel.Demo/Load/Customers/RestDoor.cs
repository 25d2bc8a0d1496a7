using System.Collections.Concurrent;
using System.Text.Json;
using Evenkeel.Demo.Plan;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Load.Customers;

/// <summary>
/// Customers, tellers and programs at the REST channel of a gateway. Does what the answers advise: asks
/// the same again where they say so, signs in again where it must, and tells what is certain.
/// </summary>
public sealed class RestDoor : IDoor, IDisposable
{
    private const int ConnectionsMax = 512;

    /// <summary>One of so many customers comes back on a known device, and steps up when it must.</summary>
    private const int ReturnsEvery = 4;

    /// <summary>Wrong codes at one sign-in; far below what makes the bank let a customer wait.</summary>
    private const int WrongMax = 2;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two tries to sign in when the bank has seen too many.</summary>
    private static readonly TimeSpan BrakePause = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(20);

    /// <summary>From the first sending until nobody asks any more.</summary>
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(60);

    private readonly DemoPlan _plan;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly ConcurrentDictionary<(LoginKind, string), BankSession> _sessions = new();

    public RestDoor(DemoPlan plan, Uri gateway, TimeProvider time)
    {
        _plan = plan;
        _time = time;
        _http = new HttpClient(
            new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = ConnectionsMax }
        )
        {
            BaseAddress = gateway,
            Timeout = AnswerMax,
        };
    }

    public BankSession SessionOf(LoginKind kind, string login) =>
        _sessions.GetOrAdd(
            (kind, login),
            key => new BankSession(_http, _plan.Options, key.Item1, key.Item2, _time)
        );

    /// <summary>In the morning: everybody signs in, and looks whom they have paid before.</summary>
    /// <exception cref="InvalidOperationException">Somebody could not sign in.</exception>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<AccountNumber>>> OpenAsync(
        CancellationToken cancellationToken
    )
    {
        ConcurrentDictionary<string, IReadOnlyList<AccountNumber>> known = new(
            StringComparer.Ordinal
        );
        var online = _plan.Customers.Where(static c => c.Habit == DemoHabit.Online).ToArray();
        await DemoBuilder.ForEachAsync(
            online.Index(),
            async (customer, token) =>
            {
                var reference = customer.Item.Reference;
                var session = SessionOf(LoginKind.Customer, reference);
                await EnterAsync(session, reference, strong: true, token);
                var reply = await session.GetAsync("/payees", token);
                if (reply.IsOk)
                {
                    known[reference] = PayeesOf(reply.Body);
                }
                if (customer.Index % ReturnsEvery == 0)
                {
                    await session.LeaveAsync(token);
                    await EnterAsync(session, reference, strong: false, token);
                }
            },
            cancellationToken
        );
        foreach (var teller in _plan.Tellers)
        {
            await EnterAsync(
                SessionOf(LoginKind.Staff, teller.Login),
                teller.Login,
                strong: true,
                cancellationToken
            );
        }
        var factory = FactoryOf(_plan);
        await EnterAsync(
            SessionOf(LoginKind.Program, factory),
            factory,
            strong: true,
            cancellationToken
        );
        return known;
    }

    /// <summary>The company whose program pays.</summary>
    public static string FactoryOf(DemoPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Customers.First(static c => c.Role == DemoRole.Factory).Reference;
    }

    public async Task<Told> AskAsync(Act act, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(act);
        var session = act switch
        {
            { Teller: { } teller } => SessionOf(LoginKind.Staff, teller.Login),
            { Kind: ActKind.Program } => SessionOf(LoginKind.Program, act.Customer.Reference),
            _ => SessionOf(LoginKind.Customer, act.Customer.Reference),
        };
        var until = _time.GetUtcNow() + PatienceMax;
        Told? last = null;
        for (var tries = 1; ; tries++)
        {
            var refusal = await session.EnsureAsync(
                strong: act.Kind == ActKind.NewPayee,
                cancellationToken
            );
            var reply = refusal ?? await SendAsync(session, act, cancellationToken);
            // What was refused while signing in says nothing of what an earlier try has done.
            var told = refusal is null ? Read(act, reply, tries) : null;
            if (told is { } final)
            {
                return final;
            }
            last =
                refusal is null && reply.Status == 202
                    ? new Told(ToldOutcome.BeingResolved, tries, reply.Text("reason"))
                    : last;
            if (_time.GetUtcNow() >= until)
            {
                return last ?? new Told(ToldOutcome.Unknown, tries, reply.Text("reason"));
            }
            await Task.Delay(reply.Status == 429 ? BrakePause : Pause, _time, cancellationToken);
        }
    }

    public void Dispose()
    {
        foreach (var session in _sessions.Values)
        {
            session.Dispose();
        }
        _http.Dispose();
    }

    private static Task<RestReply> SendAsync(
        BankSession session,
        Act act,
        CancellationToken token
    ) =>
        act.Kind switch
        {
            ActKind.Look => session.GetAsync("/accounts", token),
            ActKind.Statement => session.GetAsync($"/accounts/{act.Debtor}/statement", token),
            ActKind.Bill => session.PostAsync(
                "/bill-payments",
                CustomerRequests.Bill(
                    act.Debtor!.Value,
                    act.Biller!,
                    // Its own number for each: paid twice it would be refused.
                    act.Id!.Value.ToString()[..16],
                    act.Amount
                ),
                act.Reference,
                token
            ),
            ActKind.CounterDeposit => session.PostAsync(
                "/counter/deposits",
                CustomerRequests.Cash(act.Creditor!.Value, act.Teller!.Till, act.Amount),
                act.Reference,
                token
            ),
            ActKind.CounterWithdrawal => session.PostAsync(
                "/counter/withdrawals",
                CustomerRequests.Cash(act.Debtor!.Value, act.Teller!.Till, act.Amount),
                act.Reference,
                token
            ),
            _ => session.PostAsync(
                "/payments",
                CustomerRequests.Payment(act.Debtor!.Value, act.Creditor!.Value, act.Amount),
                act.Reference,
                token
            ),
        };

    /// <returns>Null when it must be asked again.</returns>
    private static Told? Read(Act act, RestReply reply, int tries)
    {
        if (reply.IsOk)
        {
            return act.Moves
                ? new Told(ToldOutcome.Done, tries, Minor: reply.Minor(act.Amount.Currency))
                : new Told(ToldOutcome.Shown, tries);
        }
        var reason = reply.Text("reason");
        if (reply.Status == 202)
        {
            // Not known yet is asked again at once; with another party it takes its time.
            return reason is "result-unknown" or null
                ? null
                : new Told(ToldOutcome.BeingResolved, tries, reason);
        }
        return
            reply.Text("state") is "not_done"
            && reply.Text("retry") is not ("same_request" or "sign_in" or "later")
            ? new Told(ToldOutcome.NotDone, tries, reason)
            : null;
    }

    private async Task EnterAsync(
        BankSession session,
        string login,
        bool strong,
        CancellationToken cancellationToken
    )
    {
        var until = _time.GetUtcNow() + PatienceMax;
        var wrong = 0;
        while (await session.EnsureAsync(strong, cancellationToken) is { } refusal)
        {
            // A code that was on its way for too long is wrong when it arrives; the next one is not.
            wrong += refusal.Status == 401 ? 1 : 0;
            if (
                _time.GetUtcNow() >= until
                || wrong > WrongMax
                || refusal.Status is not (0 or 401 or 429 or >= 500)
            )
            {
                throw new InvalidOperationException(
                    $"{login} could not sign in: {refusal.Status} {refusal.Text("reason")}."
                );
            }
            await Task.Delay(refusal.Status == 429 ? BrakePause : Pause, _time, cancellationToken);
        }
    }

    private static IReadOnlyList<AccountNumber> PayeesOf(string body) =>
        [
            .. JsonSerializer
                .Deserialize(body, CustomerJson.Default.KnownPayees)!
                .Payees.Where(static payee => payee.Bank is null)
                .Select(static payee => AccountNumber.Parse(payee.Account)),
        ];
}
