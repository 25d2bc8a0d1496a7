using Evenkeel.Banking;
using Evenkeel.Banking.Customers;
using Evenkeel.CardKeys;
using Evenkeel.Host.Serving;
using Evenkeel.Node;

namespace Evenkeel.Host.Banks;

/// <summary>A node and its bank in this process, on the disk, behind no interface.</summary>
internal sealed class BankInProcess : IAsyncDisposable
{
    private BankInProcess(EvenkeelNode node, SoftwareCardKeys? cardKeys, string directory)
    {
        Node = node;
        CardKeys = cardKeys;
        Bank = new Bank(
            node.Journal,
            node.Decisions,
            new FilePersonKeys(Path.Combine(directory, "persons")),
            TimeProvider.System,
            cardKeys
        );
    }

    public EvenkeelNode Node { get; }

    public Bank Bank { get; }

    /// <summary>Null where the bank has no cards.</summary>
    public SoftwareCardKeys? CardKeys { get; }

    /// <param name="directory">Made when it is missing; a bank that is in it goes on.</param>
    public static async Task<BankInProcess> StartAsync(
        string directory,
        bool withCards,
        CancellationToken cancellationToken
    )
    {
        Directory.CreateDirectory(directory);
        var node = await EvenkeelNode
            .StartAsync(
                new NodeOptions
                {
                    DataDirectory = Path.Combine(directory, "node"),
                    Protocol = null,
                    RecordIndexes = Bank.RecordIndexes,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        try
        {
            var cardKeys = withCards
                ? SoftwareCardKeys.Open(
                    SoftwareCardKeys.Profile,
                    Path.Combine(directory, HostedBank.CardKeysFile)
                )
                : null;
            return new BankInProcess(node, cardKeys, directory);
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync().ConfigureAwait(false);
        CardKeys?.Dispose();
    }
}
