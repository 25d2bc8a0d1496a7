using System.Globalization;
using System.Text.Json;

namespace Evenkeel.Gateway.Forwarding;

/// <summary>
/// What can be seen in a request without deciding anything: ids of transfers, accounts, and whether
/// it is safe to repeat. What is not understood is left to the API, which refuses it.
/// </summary>
internal sealed class RequestScan
{
    private const int DepthMax = 64;
    private const int EventDepth = 3;

    /// <summary>Ids of transfers, in the order of the request.</summary>
    public List<UInt128> TransferIds { get; } = [];

    /// <summary>Debit and credit accounts of transfers, and accounts by id; with repetitions.</summary>
    public List<UInt128> AccountIds { get; } = [];

    /// <summary>Events of the batch; 1 for a request by id.</summary>
    public int Events { get; private set; }

    /// <summary>The body names an id of its own (operations).</summary>
    public bool HasOwnId { get; private set; }

    /// <summary>Every event has an id.</summary>
    public bool AllHaveIds => _eventsWithId == Events && Events > 0;

    /// <summary>A chain: repeated after it was done, its events answer as if it had failed.</summary>
    public bool HasLinked { get; private set; }

    /// <summary>Read to its end without a mistake.</summary>
    public bool IsWhole { get; private set; }

    private int _eventsWithId;

    public static RequestScan Of(Service service, string path, ReadOnlySpan<byte> body)
    {
        var scan = new RequestScan();
        scan.ScanPath(service, path);
        bool hasBody =
            service
            is Service.CreateTransfers
                or Service.PutTransfer
                or Service.ProposeOperation
                or Service.CreateAccounts
                or Service.UpdateAccounts;
        if (hasBody)
        {
            try
            {
                scan.ScanBody(service, body);
            }
            catch (JsonException)
            {
                // Not whole: nothing is concluded from it.
            }
        }
        return scan;
    }

    private void ScanPath(Service service, string path)
    {
        if (
            service
                is not (
                    Service.PutTransfer
                    or Service.PutAccount
                    or Service.ReadAccounts
                    or Service.ReadTransfers
                )
            || IdIn(path) is not { } id
        )
        {
            return;
        }
        bool isTransfer = path.StartsWith("/v1/transfers/", StringComparison.Ordinal);
        (isTransfer ? TransferIds : AccountIds).Add(id);
        Events = 1;
    }

    /// <summary>The third segment, when it is a number.</summary>
    private static UInt128? IdIn(string path)
    {
        ReadOnlySpan<char> rest = path.AsSpan("/v1/".Length);
        int slash = rest.IndexOf('/');
        if (slash < 0)
        {
            return null;
        }
        rest = rest[(slash + 1)..];
        int end = rest.IndexOf('/');
        return UInt128.TryParse(
            end < 0 ? rest : rest[..end],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out UInt128 id
        )
            ? id
            : null;
    }

    private void ScanBody(Service service, ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = DepthMax });
        bool isBatch = service != Service.PutTransfer;
        int memberDepth = isBatch ? EventDepth : 1;
        var list = Listed.None;
        bool hasId = false;
        while (reader.Read())
        {
            int depth = reader.CurrentDepth;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName when depth == 1 && isBatch:
                    if (reader.ValueTextEquals("id"u8))
                    {
                        HasOwnId = true;
                    }
                    list =
                        reader.ValueTextEquals("transfers"u8) ? Listed.Transfers
                        : reader.ValueTextEquals("accounts"u8) ? Listed.Accounts
                        : reader.ValueTextEquals("updates"u8) ? Listed.Others
                        : Listed.None;
                    break;
                case JsonTokenType.StartObject
                    when isBatch && depth == EventDepth - 1 && list != Listed.None:
                    Events++;
                    hasId = false;
                    break;
                case JsonTokenType.PropertyName
                    when depth == memberDepth && (!isBatch || list != Listed.None):
                    hasId |= Member(ref reader, isBatch ? list : Listed.Transfers, isBatch);
                    break;
                case JsonTokenType.EndObject
                    when isBatch && depth == EventDepth - 1 && list != Listed.None && hasId:
                    _eventsWithId++;
                    break;
                default:
                    break;
            }
        }
        IsWhole = true;
    }

    private enum Listed
    {
        None,
        Transfers,
        Accounts,
        Others,
    }

    /// <returns>True when it was the event's id.</returns>
    private bool Member(ref Utf8JsonReader reader, Listed list, bool isBatch)
    {
        if (reader.ValueTextEquals("id"u8))
        {
            if (reader.Read() && isBatch && Number(ref reader) is { } id)
            {
                (list == Listed.Transfers ? TransferIds : AccountIds).Add(id);
                return true;
            }
            return false;
        }
        if (
            reader.ValueTextEquals("debit_account_id"u8)
            || reader.ValueTextEquals("credit_account_id"u8)
        )
        {
            if (reader.Read() && Number(ref reader) is { } account && account != 0)
            {
                AccountIds.Add(account);
            }
            return false;
        }
        if (reader.ValueTextEquals("flags"u8) && reader.Read())
        {
            while (reader.TokenType == JsonTokenType.String || Next(ref reader))
            {
                HasLinked |= reader.ValueTextEquals("linked"u8);
                if (!Next(ref reader))
                {
                    break;
                }
            }
        }
        return false;
    }

    /// <summary>The next string of an array; false at its end or at anything else.</summary>
    private static bool Next(ref Utf8JsonReader reader) =>
        reader.TokenType is JsonTokenType.StartArray or JsonTokenType.String
        && reader.Read()
        && reader.TokenType == JsonTokenType.String;

    private static UInt128? Number(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String
        && !reader.ValueIsEscaped
        && UInt128.TryParse(
            reader.ValueSpan,
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out UInt128 value
        )
            ? value
            : null;
}
