using Evenkeel.Client;
using Evenkeel.Host.Serving;
using Evenkeel.Journal;
using Evenkeel.Journal.Access;
using Evenkeel.Model;

namespace Evenkeel.Host.Banks;

/// <summary>A bank behind the public client, and the process's own bank when it had to be started.</summary>
internal sealed class ClientBank(EvenkeelClient client, RunningBank? own) : IBank
{
    public async ValueTask<Answer<OperationResult>> ProposeAsync(
        Operation operation,
        CancellationToken cancellationToken
    )
    {
        // The node puts the key's own principal there, whatever it reads; the encoding wants one.
        var asked = operation with
        {
            Principals = [AccessRules.PrincipalOf(client.KeyNumber)],
        };
        var answer = await client
            .ProposeAsync(OperationCodec.Encode(asked), operation.Id.Value, cancellationToken)
            .ConfigureAwait(false);
        return To(
            answer,
            static bytes =>
                OperationCodec.DecodeResult(bytes)
                ?? throw new InvariantException("The result of an operation does not read.")
        );
    }

    public ValueTask<Answer<CreateTransferResult[]>> CreateTransfersAsync(
        ReadOnlyMemory<Transfer> events,
        CancellationToken cancellationToken
    ) => ToAnswerAsync(client.CreateTransfersAsync(events, cancellationToken));

    public ValueTask<Answer<Account[]>> LookupAccountsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => ToAnswerAsync(client.LookupAccountsAsync(ids, cancellationToken));

    public ValueTask<Answer<AccountLimits[]>> LookupAccountLimitsAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => ToAnswerAsync(client.LookupAccountLimitsAsync(ids, cancellationToken));

    public ValueTask<Answer<Transfer[]>> LookupTransfersAsync(
        ReadOnlyMemory<UInt128> ids,
        CancellationToken cancellationToken
    ) => ToAnswerAsync(client.LookupTransfersAsync(ids, cancellationToken));

    public ValueTask<Answer<Transfer[]>> GetAccountTransfersAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    ) => ToAnswerAsync(client.GetAccountTransfersAsync(filter, cancellationToken));

    public ValueTask<Answer<AccountBalance[]>> GetAccountBalancesAsync(
        AccountFilter filter,
        CancellationToken cancellationToken
    ) => ToAnswerAsync(client.GetAccountBalancesAsync(filter, cancellationToken));

    public ValueTask<Answer<Account[]>> QueryAccountsAsync(
        QueryFilter filter,
        CancellationToken cancellationToken
    ) => ToAnswerAsync(client.QueryAccountsAsync(filter, cancellationToken));

    public async ValueTask<Answer<RecordPage>> ReadRecordsAsync(
        RecordQuery query,
        CancellationToken cancellationToken
    )
    {
        ClientRecordQuery question = new()
        {
            Collection = query.Collection,
            Key = query.Key,
            Prefix = query.Prefix,
            After = query.After,
            Limit = query.Limit,
        };
        var answer = await client
            .ReadRecordsAsync(question, cancellationToken)
            .ConfigureAwait(false);
        return To(
            answer,
            page => new RecordPage(
                [
                    .. page.Records.Select(r => new StoredRecord(
                        new RecordKey(query.Collection, r.Key),
                        r.Version,
                        r.Json
                    )),
                ],
                page.Next
            )
        );
    }

    public async ValueTask DisposeAsync()
    {
        await client.DisposeAsync().ConfigureAwait(false);
        if (own is not null)
        {
            await own.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async ValueTask<Answer<T>> ToAnswerAsync<T>(ValueTask<CallResult<T>> pending) =>
        To(await pending.ConfigureAwait(false), static value => value);

    private static Answer<TTo> To<TFrom, TTo>(CallResult<TFrom> result, Func<TFrom, TTo> map) =>
        result switch
        {
            CallResult<TFrom>.Done done => new Answer<TTo>.Done(map(done.Value)),
            CallResult<TFrom>.NotDone refused => new Answer<TTo>.NotDone(
                refused.Reason,
                refused.Detail
            ),
            CallResult<TFrom>.Unknown unknown => new Answer<TTo>.Unknown(unknown.Detail),
            _ => throw new InvariantException($"{result} is not one of three."),
        };
}
