using Evenkeel.Contract.Serving;
using Evenkeel.Payments;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Contract.Tests;

/// <summary>
/// Every method of the contract, as the description lists them, over a socket: for who shows nothing, for
/// who shows something else, for who may, and for who may and says to be the bank itself.
/// </summary>
public sealed class ContractMatrixTests
{
    private const string Secret = "the secret of this machine";

    private static readonly Marshaller<byte[]> Raw = Marshallers.Create<byte[]>(
        static bytes => bytes,
        static bytes => bytes
    );

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Methods =>
        [.. Wire.BankReflection.Descriptor.Services[0].Methods.Select(static m => m.Name)];

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Only_who_shows_the_secret_reaches_a_method_and_nobody_is_the_bank_itself(
        string name
    )
    {
        var method = Wire.BankReflection.Descriptor.Services[0].FindMethodByName(name);
        await using var server = await ContractServer.StartAsync(
            new ContractServerOptions { Secret = Secret, Leads = static () => true },
            new BankServices(Bank, Bank, Bank, Bank),
            NullLoggerFactory.Instance,
            Token
        );
        using var channel = GrpcChannel.ForAddress(server.Address);

        Assert.Equal(StatusCode.PermissionDenied, await CallAsync(channel, method, null, []));
        Assert.Equal(
            StatusCode.PermissionDenied,
            await CallAsync(channel, method, "another secret", [])
        );
        // Who may is told what they did wrong: that is the method's own answer.
        Assert.NotEqual(StatusCode.PermissionDenied, await CallAsync(channel, method, Secret, []));
        if (
            method.InputType.FindFieldByName("actor") is { } actor
            // An instruction of the bank itself is an instruction that is not done.
            && name != "Submit"
        )
        {
            var request = method.InputType.Parser.ParseFrom(ByteString.Empty);
            actor.Accessor.SetValue(request, new Wire.Actor { Bank = "end-of-day" });
            Assert.Equal(
                StatusCode.PermissionDenied,
                await CallAsync(channel, method, Secret, request.ToByteArray())
            );
        }
    }

    [Fact]
    public async Task An_instruction_in_the_name_of_the_bank_itself_is_not_done()
    {
        ScriptedBank asked = new();
        await using var server = await ContractServer.StartAsync(
            new ContractServerOptions { Secret = Secret, Leads = static () => true },
            new BankServices(asked, asked, asked, asked),
            NullLoggerFactory.Instance,
            Token
        );
        using Calling.RemoteBank remote = new(
            new Calling.RemoteBankOptions { Secret = Secret },
            new Calling.AddressList([server.Address]),
            TimeProvider.System,
            NullLogger<Calling.RemoteBank>.Instance
        );

        var outcome = await remote.SubmitAsync(
            new PaymentInstruction
            {
                Id = new InstructionId(7),
                Actor = new Actor.Bank("end-of-day"),
                Origin = new Origin(Channel.Internal),
                Movement = new Movement.CreditTransfer(
                    AccountNumber.FromSerial(1),
                    new Creditor.Here(AccountNumber.FromSerial(2))
                ),
                Amount = new Money(1, 156),
            },
            Token
        );

        Assert.Equal(
            OutcomeReason.NotAuthorised,
            Assert.IsType<PaymentOutcome.NotDone>(outcome).Reason
        );
        Assert.Empty(asked.Asked);
    }

    private static ScriptedBank Bank { get; } = new();

    private static async Task<StatusCode> CallAsync(
        GrpcChannel channel,
        MethodDescriptor descriptor,
        string? secret,
        byte[] request
    )
    {
        Metadata headers = [];
        if (secret is not null)
        {
            headers.Add(ContractSecret.Header, secret);
        }
        CallOptions options = new(
            headers,
            DateTime.UtcNow.AddSeconds(30),
            TestContext.Current.CancellationToken
        );
        Method<byte[], byte[]> method = new(
            descriptor.IsClientStreaming ? MethodType.ClientStreaming : MethodType.Unary,
            descriptor.Service.FullName,
            descriptor.Name,
            Raw,
            Raw
        );
        Assert.False(descriptor.IsServerStreaming, "Door has no such method yet.");
        try
        {
            if (descriptor.IsClientStreaming)
            {
                using var call = channel
                    .CreateCallInvoker()
                    .AsyncClientStreamingCall(method, null, options);
                try
                {
                    await call.RequestStream.WriteAsync(request);
                    await call.RequestStream.CompleteAsync();
                }
                catch (Exception e) when (e is InvalidOperationException or RpcException)
                {
                    // Answered before it heard all.
                }
                await call.ResponseAsync;
            }
            else
            {
                using var call = channel
                    .CreateCallInvoker()
                    .AsyncUnaryCall(method, null, options, request);
                await call.ResponseAsync;
            }
            return StatusCode.OK;
        }
        catch (RpcException refused)
        {
            return refused.StatusCode;
        }
    }
}
