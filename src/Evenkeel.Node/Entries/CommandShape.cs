using Evenkeel.Model;

namespace Evenkeel.Node.Entries;

/// <summary>What the body of each command looks like, for the log and for requests alike.</summary>
internal static class CommandShape
{
    /// <summary>Bytes of the body of <see cref="OperationCode.Activate"/>.</summary>
    public const int ActivateBytes = ActivateBody.Size;

    /// <summary>Null when the header is well formed; else what is wrong.</summary>
    public static string? Check(in CommandHeader command)
    {
        if (command.Reserved16 != 0 || command.Reserved32 != 0 || command.Reserved64 != 0)
        {
            return "reserved bytes are set";
        }
        return command.Operation switch
        {
            OperationCode.CreateAccounts => Batch(command, Account.Size),
            OperationCode.CreateTransfers => Batch(command, Transfer.Size),
            OperationCode.UpdateAccounts => Batch(command, AccountUpdate.Size),
            OperationCode.Operation => command is { Count: >= 1, Length: > 0 } ? null : "empty",
            OperationCode.Tick => command is { Count: 0, Length: 0 } ? null : "a tick has no body",
            OperationCode.Activate => command is { Count: 0, Length: ActivateBytes }
                ? null
                : "an activation has 16 bytes",
            _ => $"operation {(ushort)command.Operation} is not one of the log's",
        };
    }

    private static string? Batch(in CommandHeader command, int size)
    {
        if (command.Count is 0 or > Limits.BatchEventsMax)
        {
            return $"{command.Count} events";
        }
        return command.Length == (ulong)command.Count * (uint)size
            ? null
            : $"{command.Count} events in {command.Length} bytes";
    }
}
