using System.Text;
using Evenkeel.Journal;
using Evenkeel.Model;

namespace Evenkeel.Watch.Upgrades;

/// <summary>Numbers of a shadow replay in the words of the published model.</summary>
internal static class StatusWords
{
    public static string Operation(int code) => Words(((OperationCode)code).ToString());

    /// <summary>The status of one event, by the operation that it belongs to.</summary>
    public static string Status(int operation, uint status) =>
        (OperationCode)operation switch
        {
            OperationCode.CreateTransfers => Name((CreateTransferStatus)status),
            OperationCode.CreateAccounts => Name((CreateAccountStatus)status),
            OperationCode.UpdateAccounts => Name((UpdateAccountStatus)status),
            OperationCode.Operation => Name((OperationStatus)status),
            _ => Name(status),
        };

    // Numbers that this program does not know stay numbers: the candidate may be newer.
    private static string Name<T>(T status)
        where T : notnull => Words(status.ToString()!);

    private static string Words(string name)
    {
        StringBuilder words = new();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && words.Length > 0)
            {
                words.Append('_');
            }
            words.Append(char.ToLowerInvariant(letter));
        }
        return words.ToString();
    }
}
