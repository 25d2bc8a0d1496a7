using Evenkeel.Banking;
using Evenkeel.Banking.Accounts;
using Evenkeel.Banking.Customers;
using Evenkeel.Banking.Desk;
using Evenkeel.CardKeys;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Node;
using Evenkeel.Payments;

namespace Evenkeel.Host.Benches;

/// <summary>
/// A bank in this process and a folder of its own, with companies that have money; gone at the end.
/// </summary>
internal sealed class ScratchBank : IAsyncDisposable
{
    /// <summary>ISO 4217 number of all its accounts.</summary>
    public const uint Currency = 156;

    private const int SetUpAtOnce = 64;

    private readonly string _directory;
    private readonly BankInProcess _own;

    private ScratchBank(string directory, BankInProcess own)
    {
        _directory = directory;
        _own = own;
    }

    /// <summary>The first business date of a bench that needs no date of its own.</summary>
    public static DateOnly Today =>
        DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);

    public static Actor Staff { get; } = new Actor.Staff("bench-maker", "HQ", "bench-checker");

    public EvenkeelNode Node => _own.Node;

    public Bank Bank => _own.Bank;

    /// <summary>Only of a bank that was started with cards.</summary>
    public SoftwareCardKeys CardKeys => _own.CardKeys!;

    /// <summary>A bank that is open since that date.</summary>
    public static async Task<ScratchBank> StartAsync(
        string folder,
        string name,
        DateOnly date,
        bool withCards,
        CancellationToken cancellationToken
    )
    {
        var directory = Path.Combine(folder, $"evenkeel-bench-{name}-{Environment.ProcessId}");
        var own = await BankInProcess
            .StartAsync(directory, withCards, cancellationToken)
            .ConfigureAwait(false);
        ScratchBank bank = new(directory, own);
        try
        {
            await own
                .Bank.Opening.OpenAsync(date, [Currency], cancellationToken)
                .ConfigureAwait(false);
            return bank;
        }
        catch
        {
            await bank.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Does something for each, many at once.</summary>
    public static Task ForEachAsync<T>(
        IEnumerable<T> items,
        Func<T, CancellationToken, Task> act,
        CancellationToken cancellationToken
    ) =>
        Parallel.ForEachAsync(
            items,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = SetUpAtOnce,
                CancellationToken = cancellationToken,
            },
            async (item, token) => await act(item, token).ConfigureAwait(false)
        );

    public async Task<CustomerId> OpenCompanyAsync(
        string reference,
        CancellationToken cancellationToken
    ) =>
        Done(
            await Bank
                .Customers.OpenAsync(
                    Staff,
                    reference,
                    CustomerKind.Company,
                    new CustomerProfile { Name = $"Company {reference}", Language = "en" },
                    cancellationToken
                )
                .ConfigureAwait(false)
        ).Id;

    public async Task<AccountNumber> OpenAccountAsync(
        CustomerId holder,
        string product,
        string reference,
        long minor,
        CancellationToken cancellationToken
    )
    {
        var number = Done(
            await Bank
                .Accounts.OpenAsync(
                    Staff,
                    reference,
                    new AccountOpening(holder, product, Currency),
                    cancellationToken
                )
                .ConfigureAwait(false)
        ).Number;
        await Bank
            .Opening.CarryOverAsync(
                number,
                new Payments.Money(minor, Currency),
                reference,
                cancellationToken
            )
            .ConfigureAwait(false);
        return number;
    }

    /// <exception cref="CommandFailedException">It was refused.</exception>
    public static T Done<T>(TaskOutcome<T> outcome) =>
        outcome is TaskOutcome<T>.Done done
            ? done.Value
            : throw new CommandFailedException(ExitCode.NotDone, outcome.ToString()!);

    public async ValueTask DisposeAsync()
    {
        await _own.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(_directory, recursive: true);
    }
}
