using System.CommandLine;
using Evenkeel.Host.Banks;
using Evenkeel.Host.CommandLine;
using Evenkeel.Import.Tests;
using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Host.Tests;

/// <summary>A door to a bank in memory, for commands whose words are the matter of a test.</summary>
internal sealed class MemoryDoor(MemoryBank bank) : IBankDoor
{
    public Task<IBank> OpenAsync(
        ParseResult parsed,
        Terminal terminal,
        CancellationToken cancellationToken,
        bool mayCreate = false
    ) => Task.FromResult<IBank>(new OpenBank(bank));

    /// <summary>Runs a command line; returns exit code, standard output and standard error.</summary>
    public (int ExitCode, string Output, string Error) Run(params string[] args)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        var parsed = Commands.Root(this, new BankDoor(static _ => null)).Parse(args);
        var exitCode = parsed.Invoke(
            new InvocationConfiguration { Output = output, Error = error }
        );
        return (Exit.Code(parsed, exitCode), output.ToString(), error.ToString());
    }

    private sealed class OpenBank(MemoryBank bank) : IBank
    {
        public ValueTask<Answer<OperationResult>> ProposeAsync(
            Operation operation,
            CancellationToken cancellationToken
        ) => bank.ProposeAsync(operation, cancellationToken);

        public ValueTask<Answer<CreateTransferResult[]>> CreateTransfersAsync(
            ReadOnlyMemory<Transfer> events,
            CancellationToken cancellationToken
        ) => bank.CreateTransfersAsync(events, cancellationToken);

        public ValueTask<Answer<Account[]>> LookupAccountsAsync(
            ReadOnlyMemory<UInt128> ids,
            CancellationToken cancellationToken
        ) => bank.LookupAccountsAsync(ids, cancellationToken);

        public ValueTask<Answer<Transfer[]>> LookupTransfersAsync(
            ReadOnlyMemory<UInt128> ids,
            CancellationToken cancellationToken
        ) => bank.LookupTransfersAsync(ids, cancellationToken);

        public ValueTask<Answer<Transfer[]>> GetAccountTransfersAsync(
            AccountFilter filter,
            CancellationToken cancellationToken
        ) => bank.GetAccountTransfersAsync(filter, cancellationToken);

        public ValueTask<Answer<RecordPage>> ReadRecordsAsync(
            RecordQuery query,
            CancellationToken cancellationToken
        ) => bank.ReadRecordsAsync(query, cancellationToken);

        public ValueTask<Answer<AccountLimits[]>> LookupAccountLimitsAsync(
            ReadOnlyMemory<UInt128> ids,
            CancellationToken cancellationToken
        ) => new(new Answer<AccountLimits[]>.Done([]));

        public ValueTask<Answer<AccountBalance[]>> GetAccountBalancesAsync(
            AccountFilter filter,
            CancellationToken cancellationToken
        )
        {
            Dictionary<ulong, AccountBalance> balances = [];
            AccountBalance balance = default;
            foreach (var transfer in bank.Booked)
            {
                if (transfer.DebitAccountId == filter.AccountId)
                {
                    balance.DebitsPosted += transfer.Amount;
                }
                if (transfer.CreditAccountId == filter.AccountId)
                {
                    balance.CreditsPosted += transfer.Amount;
                }
                balance.Timestamp = transfer.Timestamp;
                balances[transfer.Timestamp] = balance;
            }
            return new(new Answer<AccountBalance[]>.Done([.. balances.Values]));
        }

        public ValueTask<Answer<Account[]>> QueryAccountsAsync(
            QueryFilter filter,
            CancellationToken cancellationToken
        ) =>
            new(
                new Answer<Account[]>.Done([
                    .. bank
                        .Accounts.Values.Where(a => filter.Ledger == 0 || a.Ledger == filter.Ledger)
                        .Where(a => a.Timestamp >= filter.TimestampMin)
                        .OrderBy(a => a.Timestamp)
                        .Take((int)filter.Limit),
                ])
            );

        public ValueTask DisposeAsync() => default;
    }
}
