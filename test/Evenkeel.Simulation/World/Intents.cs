using System.Runtime.InteropServices;
using System.Text;
using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Simulation.World;

/// <summary>What clients want, as requests; each is told apart by its user data for ever.</summary>
internal static class Intents
{
    public const int Accounts = 12;
    private const ulong OperationIds = 5_000_000;

    public static ClientRequest OpenAccounts(int client, int intent)
    {
        var accounts = new Account[Accounts];
        for (int i = 0; i < Accounts; i++)
        {
            accounts[i] = new Account
            {
                Id = (UInt128)(i + 1),
                Ledger = 1,
                Code = 1,
                // Some can't be overdrawn, so that refusals are remembered too.
                Flags = i % 4 == 3 ? AccountFlags.DebitsMustNotExceedCredits : AccountFlags.None,
            };
        }
        return Request(client, intent, OperationCode.CreateAccounts, accounts);
    }

    public static ClientRequest Move(int client, int intent, Chance chance)
    {
        var transfers = new Transfer[chance.Between(1, 3)];
        for (int k = 0; k < transfers.Length; k++)
        {
            transfers[k] = NewTransfer(intent, k, chance);
            if (chance.Percent(15))
            {
                transfers[k].Flags |= TransferFlags.Pending;
                transfers[k].Timeout = (uint)chance.Between(1, 3);
            }
        }
        return Request(client, intent, OperationCode.CreateTransfers, transfers);
    }

    public static ClientRequest Operate(int client, int intent, Chance chance)
    {
        var operation = new Operation
        {
            Id = new OperationId(OperationIds + (ulong)intent),
            Principals = [new Principal(PrincipalKinds.ApiKey, $"{client}")],
            Guards = [new Guard.Counter(new RecordKey("done", "all"), 1, 0, 1_000_000)],
            Writes =
            [
                new RecordWrite(
                    new RecordKey("note", $"{chance.Below(5)}"),
                    Encoding.UTF8.GetBytes($"{intent}")
                ),
            ],
            Transfers = chance.Percent(40)
                ? [NewTransfer(intent, 0, chance) with { Flags = TransferFlags.None }]
                : [],
        };
        return new ClientRequest(
            client,
            intent,
            OperationCode.Operation,
            (uint)operation.EventCount,
            OperationCodec.Encode(operation)
        );
    }

    /// <summary>The same wish under new ids: what a careless client sends.</summary>
    public static ClientRequest Forgetful(ClientRequest request, int attempt)
    {
        if (request.Operation != OperationCode.CreateTransfers)
        {
            return request;
        }
        var transfers = MemoryMarshal.Cast<byte, Transfer>(request.Body).ToArray();
        for (int k = 0; k < transfers.Length; k++)
        {
            transfers[k].Id += (UInt128)(attempt * 100_000_000);
        }
        return request with { Body = MemoryMarshal.AsBytes(transfers.AsSpan()).ToArray() };
    }

    /// <summary>Results of a request of which all went well.</summary>
    public static byte[] AllWell(ClientRequest request)
    {
        if (request.Operation == OperationCode.Operation)
        {
            byte[] bytes = new byte[OperationCodec.ResultSize];
            OperationCodec.EncodeResult(
                new OperationResult { Status = OperationStatus.Done, Timestamp = 1 },
                bytes
            );
            return bytes;
        }
        var results = new CreateTransferResult[request.Count];
        for (int i = 0; i < results.Length; i++)
        {
            results[i].Status = CreateTransferStatus.Created;
        }
        return MemoryMarshal.AsBytes(results.AsSpan()).ToArray();
    }

    private static Transfer NewTransfer(int intent, int k, Chance chance)
    {
        int debit = chance.Below(Accounts);
        int credit = (debit + 1 + chance.Below(Accounts - 1)) % Accounts;
        return new Transfer
        {
            Id = (UInt128)((intent * 10) + k + 1_000_000),
            DebitAccountId = (UInt128)(debit + 1),
            CreditAccountId = (UInt128)(credit + 1),
            Amount = (UInt128)chance.Between(1, 500),
            UserData128 = (UInt128)intent,
            UserData64 = (ulong)k,
            Ledger = 1,
            Code = 1,
        };
    }

    private static ClientRequest Request<T>(
        int client,
        int intent,
        OperationCode operation,
        T[] events
    )
        where T : unmanaged =>
        new(
            client,
            intent,
            operation,
            (uint)events.Length,
            MemoryMarshal.AsBytes(events.AsSpan()).ToArray()
        );
}
