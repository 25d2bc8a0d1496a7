using Evenkeel.Model;

namespace Evenkeel.Node.Reading;

/// <summary>What the body of each read looks like, and how large its answer can be.</summary>
internal static class ReadShape
{
    /// <summary>Bytes of an id in a lookup.</summary>
    public const int IdSize = 16;

    /// <summary>Null when it is well formed; else what is wrong.</summary>
    public static string? Check(OperationCode operation, uint count, ReadOnlySpan<byte> body) =>
        operation switch
        {
            OperationCode.LookupAccounts
            or OperationCode.LookupTransfers
            or OperationCode.LookupAccountLimits => Ids(count, body.Length),
            OperationCode.GetAccountTransfers or OperationCode.GetAccountBalances => Filter(
                count,
                body.Length,
                AccountFilter.Size
            ),
            OperationCode.QueryAccounts or OperationCode.QueryTransfers => Filter(
                count,
                body.Length,
                QueryFilter.Size
            ),
            OperationCode.GetChangeEvents => Filter(count, body.Length, ChangeEventsFilter.Size),
            OperationCode.ReadRecords => RecordWire.TryReadQuery(body, out _)
                ? null
                : "not a query of records",
            _ => $"operation {(ushort)operation} is not a read",
        };

    /// <summary>Bytes of one result.</summary>
    public static int ResultSize(OperationCode operation) =>
        operation switch
        {
            OperationCode.LookupAccountLimits => AccountLimits.Size,
            OperationCode.GetChangeEvents => ChangeEvent.Size,
            _ => Account.Size,
        };

    private static string? Ids(uint count, int bytes)
    {
        if (count is 0 or > Limits.BatchEventsMax)
        {
            return $"{count} ids";
        }
        return bytes == count * IdSize ? null : $"{count} ids in {bytes} bytes";
    }

    private static string? Filter(uint count, int bytes, int size) =>
        count == 1 && bytes == size ? null : $"a filter of {bytes} bytes, expected {size}";
}
