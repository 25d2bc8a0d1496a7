using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Import;

/// <summary>
/// What an import asks of the bank: a part of its public interface, every call with three answers.
/// One implementation speaks the public client, one keeps everything in memory for tests.
/// </summary>
public interface IImportTarget
{
    ValueTask<Answer<OperationResult>> ProposeAsync(
        Operation operation,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<CreateTransferResult[]>> CreateTransfersAsync(
        ReadOnlyMemory<Transfer> events,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<Account[]>> LookupAccountsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<Transfer[]>> LookupTransfersAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<Transfer[]>> GetAccountTransfersAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    );

    ValueTask<Answer<RecordPage>> ReadRecordsAsync(
        RecordQuery query,
        CancellationToken cancellationToken
    );
}
