using System.Reflection;
using Evenkeel.Contract.Calling;
using Evenkeel.Contract.Serving;
using Evenkeel.Payments;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Contract.Tests;

public sealed class RemoteBankTests
{
    private const string Secret = "the secret of this machine";

    [Fact]
    public async Task What_the_bank_says_arrives()
    {
        ScriptedBank bank = new();
        await using var server = await ServeAsync(bank);
        using var remote = Call(server.Address);

        Assert.Equal(ScriptedBank.Done(Payment), await remote.SubmitAsync(Payment, Token));
        Assert.Equal(Payment, Assert.Single(bank.Asked));
        Assert.Equal(
            OutcomeReason.DebtorAccountUnknown,
            Assert
                .IsType<QueryAnswer<AccountView>.Refused>(
                    await remote.GetAccountAsync(Payment.Actor, AccountNumber.FromSerial(7), Token)
                )
                .Reason
        );
        Assert.IsType<QueryAnswer<IReadOnlyList<InstructionTrace>>.Found>(
            await remote.TraceAsync(Payment.Actor, "x", Token)
        );
    }

    [Fact]
    public async Task One_that_does_not_lead_queues_nothing_and_the_next_is_asked()
    {
        ScriptedBank follower = new();
        ScriptedBank leader = new();
        await using var first = await ServeAsync(follower, leads: static () => false);
        await using var second = await ServeAsync(leader);
        using var remote = Call(first.Address, second.Address);

        Assert.IsType<PaymentOutcome.Done>(await remote.SubmitAsync(Payment, Token));
        Assert.Empty(follower.Asked);
        Assert.Single(leader.Asked);
    }

    [Fact]
    public async Task Nobody_there_is_certainly_not_done()
    {
        ScriptedBank bank = new();
        var server = await ServeAsync(bank);
        await server.DisposeAsync();
        using var remote = Call(TimeSpan.FromMilliseconds(300), server.Address);

        Assert.Equal(
            OutcomeReason.ServiceUnavailable,
            Assert.IsType<PaymentOutcome.NotDone>(await remote.SubmitAsync(Payment, Token)).Reason
        );
    }

    [Fact]
    public async Task A_call_that_was_taken_and_never_answered_is_being_resolved()
    {
        ScriptedBank bank = new() { Answer = static _ => Silence() };
        await using var server = await ServeAsync(bank);
        using var remote = Call(TimeSpan.FromSeconds(1), server.Address);

        Assert.Equal(
            OutcomeReason.ResultUnknown,
            Assert
                .IsType<PaymentOutcome.BeingResolved>(await remote.SubmitAsync(Payment, Token))
                .Reason
        );
        Assert.NotEmpty(bank.Asked);
    }

    [Fact]
    public async Task After_a_try_of_unknown_end_a_node_that_is_away_does_not_make_it_not_done()
    {
        ScriptedBank failing = new()
        {
            Answer = static _ => throw new InvalidOperationException("planned"),
        };
        await using var server = await ServeAsync(failing);
        var gone = await ServeAsync(new ScriptedBank());
        await gone.DisposeAsync();
        using var remote = Call(TimeSpan.FromSeconds(3), server.Address, gone.Address);

        Assert.IsType<PaymentOutcome.BeingResolved>(await remote.SubmitAsync(Payment, Token));
    }

    [Fact]
    public async Task What_the_bank_does_not_know_is_asked_again_with_the_same_id()
    {
        var unknown = new PaymentOutcome.BeingResolved(
            DateTimeOffset.UnixEpoch,
            OutcomeReason.ResultUnknown
        );
        ScriptedBank bank = new();
        bank.Answer = instruction =>
            Task.FromResult(bank.Asked.Count < 3 ? unknown : ScriptedBank.Done(instruction));
        await using var server = await ServeAsync(bank);
        using var remote = Call(server.Address);

        Assert.IsType<PaymentOutcome.Done>(await remote.SubmitAsync(Payment, Token));
        Assert.Equal(3, bank.Asked.Count);
        Assert.All(bank.Asked, asked => Assert.Equal(Payment, asked));
    }

    [Fact]
    public async Task Nobody_acts_as_the_bank_itself_from_outside()
    {
        ScriptedBank bank = new();
        await using var server = await ServeAsync(bank);
        using var remote = Call(server.Address);

        var outcome = await remote.SubmitAsync(
            Payment with
            {
                Actor = new Actor.Bank("interest"),
            },
            Token
        );

        Assert.Equal(
            OutcomeReason.NotAuthorised,
            Assert.IsType<PaymentOutcome.NotDone>(outcome).Reason
        );
        Assert.Empty(bank.Asked);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("another secret")]
    public async Task Without_the_secret_no_method_answers(string? secret)
    {
        ScriptedBank bank = new();
        await using var server = await ServeAsync(bank);
        using var channel = GrpcChannel.ForAddress(server.Address);
        Wire.Bank.BankClient client = new(channel);
        Metadata headers = secret is null ? [] : new() { { ContractSecret.Header, secret } };
        var methods = typeof(Wire.Bank.BankClient)
            .GetMethods(BindingFlags.Public | BindingFlags.Instance)
            .Where(static m =>
                m.Name.EndsWith("Async", StringComparison.Ordinal)
                && m.GetParameters() is [_, { ParameterType: var second }]
                && second == typeof(CallOptions)
            )
            .ToArray();
        Assert.NotEmpty(methods);

        foreach (var method in methods)
        {
            var request = Activator.CreateInstance(method.GetParameters()[0].ParameterType);
            dynamic call = method.Invoke(client, [request, new CallOptions(headers)])!;
            var refused = await Assert.ThrowsAsync<RpcException>(async () =>
                await call.ResponseAsync
            );
            Assert.Equal(StatusCode.PermissionDenied, refused.StatusCode);
        }
        Assert.Empty(bank.Asked);
    }

    [Fact]
    public async Task Cards_payees_and_sign_ins_survive_the_way()
    {
        SignInRequest request = new(LoginKind.Customer, "c1", "a secret", "192.0.2.0")
        {
            Code = "123456",
            Device = "d",
        };
        ScriptedBank bank = new();
        await using var server = await ServeAsync(bank);
        using var remote = Call(server.Address);
        var who = Payment.Actor;

        Assert.Equal([ScriptedBank.Card], Value(await remote.ListCardsAsync(who, Token)));
        Assert.Equal([ScriptedBank.Payee], Value(await remote.ListPayeesAsync(who, Token)));
        CardToken card = new("ffff");
        Assert.Equal(
            ScriptedBank.Card with
            {
                Token = card,
                IsFrozen = true,
            },
            Value(await remote.FreezeCardAsync(who, "r", card, Token))
        );
        Assert.Equal(
            OutcomeReason.StrongAuthenticationRequired,
            Assert
                .IsType<QueryAnswer<CardView>.Refused>(
                    await remote.UnfreezeCardAsync(who, "r", card, Token)
                )
                .Reason
        );
        Assert.Equal(
            CardState.Stolen,
            Value(await remote.ReportCardAsync(who, "r", card, wasStolen: true, Token)).State
        );
        Assert.Equal(
            CardState.Lost,
            Value(await remote.ReportCardAsync(who, "r", card, wasStolen: false, Token)).State
        );
        Creditor elsewhere = new Creditor.Elsewhere(new BankCode("B"), "A", "N");
        Assert.Equal("N", Value(await remote.AddPayeeAsync(who, "r", elsewhere, Token)).Name);
        Creditor here = new Creditor.Here(AccountNumber.FromSerial(3));
        Assert.Null(Value(await remote.AddPayeeAsync(who, "r", here, Token)).Bank);
        Assert.Equal("p9", Value(await remote.RemovePayeeAsync(who, "r", "p9", Token)));
        foreach (
            var answer in new SignInAnswer[]
            {
                new SignInAnswer.SignedIn(who, "device"),
                new SignInAnswer.SignedIn(new Actor.Staff("s", "B1"), Device: null)
                {
                    Login = "s1",
                },
                new SignInAnswer.CodeNeeded(),
                new SignInAnswer.Refused(),
                new SignInAnswer.NotBefore(DateTimeOffset.UnixEpoch.AddDays(1)),
                new SignInAnswer.Unavailable(),
            }
        )
        {
            bank.SignIn = asked =>
            {
                Assert.Equal(request, asked);
                return answer;
            };
            Assert.Equal(answer, await remote.SignInAsync(request, Token));
        }
        bank.SignIn = _ => new SignInAnswer.SignedIn(new Actor.ApiClient("p", new("C1")), null)
        {
            Scopes = ["accounts.read", "bulk.write"],
        };
        Assert.Equal(
            ["accounts.read", "bulk.write"],
            Assert.IsType<SignInAnswer.SignedIn>(await remote.SignInAsync(request, Token)).Scopes
        );

        static T Value<T>(QueryAnswer<T> answer) =>
            Assert.IsType<QueryAnswer<T>.Found>(answer).Value;
    }

    [Fact]
    public async Task Passkeys_and_second_factors_survive_the_way()
    {
        ScriptedBank bank = new();
        await using var server = await ServeAsync(bank);
        using var remote = Call(server.Address);
        PasskeyOwner owner = new(
            new Actor.Customer(new CustomerId("C1"), Assurance.Strong),
            "c1",
            "session"
        );

        CodeConfirmation code = new(LoginKind.Customer, "c1", "123456", "192.0.2.0")
        {
            Device = "d",
        };
        Assert.IsType<SignInAnswer.CodeNeeded>(await remote.ConfirmAsync(code, Token));
        Assert.Equal(code, bank.LastAsked);
        foreach (
            var prompt in new PasskeyPrompt[]
            {
                new(LoginKind.Staff),
                new(LoginKind.Customer) { Login = "c1", Session = "s" },
            }
        )
        {
            Assert.Equal(ScriptedBank.Challenge, Value(await remote.ChallengeAsync(prompt, Token)));
            Assert.Equal(prompt, bank.LastAsked);
        }
        PasskeySignIn shown = new(LoginKind.Staff, "sealed", "{}") { Session = "s", Device = "d" };
        Assert.Equal(
            new SignInAnswer.SignedIn(new Actor.Staff("s", "B1"), "device") { Login = "s1" },
            await remote.SignInWithPasskeyAsync(shown, Token)
        );
        Assert.Equal(shown, bank.LastAsked);
        Assert.Equal(ScriptedBank.Challenge, Value(await remote.BeginAsync(owner, Token)));
        Assert.Equal(owner, bank.LastAsked);
        NewPasskey made = new("phone", "sealed", "{}");
        Assert.Equal(ScriptedBank.Passkey, Value(await remote.AddAsync(owner, made, Token)));
        Assert.Equal((owner, made), bank.LastAsked);
        Assert.Equal(
            [ScriptedBank.Passkey, ScriptedBank.Passkey with { LastUsed = null }],
            Value(await remote.ListAsync(owner, Token))
        );
        Assert.Equal(
            OutcomeReason.LastSecondFactor,
            Assert
                .IsType<QueryAnswer<PasskeyView>.Refused>(
                    await remote.RemoveAsync(owner, "k1", Token)
                )
                .Reason
        );
        Assert.Equal((owner, "k1"), bank.LastAsked);

        static T Value<T>(QueryAnswer<T> answer) =>
            Assert.IsType<QueryAnswer<T>.Found>(answer).Value;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static readonly PaymentInstruction Payment = new()
    {
        Id = InstructionId.From(Channel.Online, "C1", "r1"),
        Actor = new Actor.Customer(new CustomerId("C1"), Assurance.Strong),
        Origin = new Origin(Channel.Online),
        Movement = new Movement.CreditTransfer(
            AccountNumber.FromSerial(1),
            new Creditor.Here(AccountNumber.FromSerial(2))
        ),
        Amount = new Money(100, 156),
        AskedAt = DateTimeOffset.UnixEpoch,
    };

    private static async Task<PaymentOutcome> Silence()
    {
        await Task.Delay(Timeout.Infinite, Token);
        throw new InvalidOperationException();
    }

    private static Task<ContractServer> ServeAsync(ScriptedBank bank, Func<bool>? leads = null) =>
        ContractServer.StartAsync(
            new ContractServerOptions
            {
                Secret = Secret,
                Leads = leads ?? (static () => true),
                StopMax = TimeSpan.FromSeconds(1),
            },
            new BankServices(bank, bank, bank, bank) { Passkeys = bank },
            NullLoggerFactory.Instance,
            Token
        );

    private static RemoteBank Call(params Uri[] addresses) =>
        Call(TimeSpan.FromSeconds(20), addresses);

    private static RemoteBank Call(TimeSpan answerMax, params Uri[] addresses) =>
        new(
            new RemoteBankOptions { Secret = Secret, AnswerMax = answerMax },
            new AddressList(addresses),
            TimeProvider.System,
            NullLogger<RemoteBank>.Instance
        );
}
