using System.Security.Cryptography;
using Evenkeel.Contract.Calling;
using Evenkeel.Contract.Serving;
using Evenkeel.Payments;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Contract.Tests;

/// <summary>A file is larger than a message: it comes in parts, whole or not at all.</summary>
public sealed class FileUploadTests
{
    private const string Secret = "the secret of this machine";
    private const int Larger = 20 << 20;

    private static readonly Actor Program = new Actor.ApiClient("erp", new CustomerId("C1"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_above_a_message_s_size_arrives_byte_for_byte_at_the_one_that_leads()
    {
        var file = new byte[Larger];
        new Random(6).NextBytes(file);
        Bringing follower = new();
        Bringing leader = new();
        await using var first = await ServeAsync(follower, leads: false);
        await using var second = await ServeAsync(leader, leads: true);
        using var remote = Call(first.Address, second.Address);

        var answer = await remote.UploadAsync(Program, file, Token);

        Assert.Equal(7, Assert.IsType<BulkUpload.Faulty>(answer).Line);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(file)), Assert.Single(leader.Hashes));
        Assert.Equal(Program, leader.Actor);
        Assert.Empty(follower.Hashes);
    }

    [Fact]
    public async Task A_file_above_its_limit_does_not_leave()
    {
        Bringing bank = new();
        await using var server = await ServeAsync(bank, leads: true);
        using var remote = Call(server.Address);

        var answer = await remote.UploadAsync(
            Program,
            new byte[PaymentLimits.BulkFileBytesMax + 1],
            Token
        );

        Assert.Equal(BulkFault.TooLarge, Assert.IsType<BulkUpload.Faulty>(answer).Fault);
        Assert.Empty(bank.Hashes);
    }

    [Fact]
    public async Task A_bank_that_takes_no_files_says_so_with_a_reason_of_its_own()
    {
        ScriptedBank plain = new();
        await using var server = await ContractServer.StartAsync(
            new ContractServerOptions { Secret = Secret, Leads = static () => true },
            new BankServices(plain, plain, plain, plain),
            NullLoggerFactory.Instance,
            Token
        );
        using var remote = Call(server.Address);

        var answer = await remote.UploadAsync(Program, "H"u8.ToArray(), Token);

        Assert.Equal(OutcomeReason.NotInStandIn, Assert.IsType<BulkUpload.NotDone>(answer).Reason);
        Assert.Equal(RetryAdvice.SendNewLater, ReasonTable.Of(OutcomeReason.NotInStandIn).Advice);
    }

    private static Task<ContractServer> ServeAsync(Bringing files, bool leads)
    {
        ScriptedBank bank = new();
        return ContractServer.StartAsync(
            new ContractServerOptions { Secret = Secret, Leads = () => leads },
            new BankServices(bank, bank, bank, bank) { Bulk = files },
            NullLoggerFactory.Instance,
            Token
        );
    }

    private static RemoteBank Call(params Uri[] addresses) =>
        new(
            new RemoteBankOptions { Secret = Secret },
            new AddressList(addresses),
            TimeProvider.System,
            NullLogger<RemoteBank>.Instance
        );

    /// <summary>Knows what it was brought, and finds its seventh line faulty.</summary>
    private sealed class Bringing : IBulkFiles
    {
        private readonly NotOffered _rest = new();

        public List<string> Hashes { get; } = [];

        public Actor? Actor { get; private set; }

        public Task<BulkUpload> UploadAsync(
            Actor actor,
            ReadOnlyMemory<byte> content,
            CancellationToken cancellationToken
        )
        {
            Actor = actor;
            Hashes.Add(Convert.ToHexString(SHA256.HashData(content.Span)));
            return Task.FromResult<BulkUpload>(
                new BulkUpload.Faulty(BulkFault.LineMalformed, Line: 7)
            );
        }

        public Task<QueryAnswer<IReadOnlyList<BulkRun>>> ListRunsAsync(
            Actor actor,
            BulkRunsQuery query,
            CancellationToken cancellationToken
        ) => _rest.ListRunsAsync(actor, query, cancellationToken);

        public Task<QueryAnswer<BulkRun>> GetRunAsync(
            Actor actor,
            string run,
            CancellationToken cancellationToken
        ) => _rest.GetRunAsync(actor, run, cancellationToken);

        public Task<QueryAnswer<BulkRunPage>> GetLinesAsync(
            Actor actor,
            string run,
            int page,
            CancellationToken cancellationToken
        ) => _rest.GetLinesAsync(actor, run, page, cancellationToken);

        public Task<QueryAnswer<BulkRun>> ReleaseAsync(
            Actor actor,
            string run,
            bool acceptOverlap,
            CancellationToken cancellationToken
        ) => _rest.ReleaseAsync(actor, run, acceptOverlap, cancellationToken);

        public Task<QueryAnswer<BulkRun>> CancelAsync(
            Actor actor,
            string run,
            CancellationToken cancellationToken
        ) => _rest.CancelAsync(actor, run, cancellationToken);
    }
}
