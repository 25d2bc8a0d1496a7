namespace Evenkeel.Gateway.Forwarding;

/// <summary>What a request asks for, by route. Persisted: numbers only grow.</summary>
public enum Service : byte
{
    /// <summary>Not a route of the bank: not forwarded.</summary>
    None = 0,
    CreateTransfers = 1,
    PutTransfer = 2,
    ProposeOperation = 3,
    CreateAccounts = 4,
    PutAccount = 5,
    UpdateAccounts = 6,
    ReadTransfers = 7,
    ReadAccounts = 8,
    ReadRecords = 9,
    ReadChanges = 10,
    Keys = 11,
    OtherRead = 12,
    OtherWrite = 13,

    /// <summary>Description, reference page, meanings of problems: not recorded.</summary>
    Pages = 14,

    /// <summary>An instruction to the bank, by whatever channel.</summary>
    SubmitInstruction = 15,
}

/// <summary>Whether the same request may be sent again after a try whose outcome nobody knows.</summary>
internal enum Repeat
{
    /// <summary>No: a second one could do it a second time, or answer something else.</summary>
    Never,

    /// <summary>Yes: reads, and writes by an id in the address.</summary>
    Always,

    /// <summary>With an <c>Idempotency-Key</c>, which these routes honour.</summary>
    WithKey,
}

/// <summary>One row of the table of routes.</summary>
internal readonly record struct Route(Service Service, Repeat Repeat)
{
    /// <summary>Its attempt is on disk before it is forwarded.</summary>
    public bool MovesMoney =>
        Service is Service.CreateTransfers or Service.PutTransfer or Service.ProposeOperation;

    public bool IsRecorded => Service is not (Service.None or Service.Pages);

    /// <summary>The id in the address, where the route has one.</summary>
    public bool HasId => Service is Service.PutTransfer or Service.PutAccount;
}

/// <summary>
/// Every route that is forwarded. What is not in the table is not found: interfaces between nodes,
/// their metrics and whatever a later version adds stay closed until they are opened here.
/// </summary>
internal static class Routes
{
    private static readonly Route NotFound = new(Service.None, Repeat.Never);

    public static Route Find(string method, string path)
    {
        bool reads = method is "GET" or "HEAD";
        if (path.StartsWith("/v1/", StringComparison.Ordinal))
        {
            return reads ? Reads(path.AsSpan(4)) : Writes(method, path[4..]);
        }
        bool isPage =
            path.StartsWith("/openapi/", StringComparison.Ordinal)
            || path.StartsWith("/problems/", StringComparison.Ordinal)
            || path.StartsWith("/reference/", StringComparison.Ordinal)
            || string.Equals(path, "/reference", StringComparison.Ordinal);
        return isPage && reads ? new Route(Service.Pages, Repeat.Always) : NotFound;
    }

    private static Route Reads(ReadOnlySpan<char> path) =>
        new(
            Resource(path) switch
            {
                "transfers" => Service.ReadTransfers,
                "accounts" when path.EndsWith("/transfers") => Service.ReadTransfers,
                "accounts" => Service.ReadAccounts,
                "records" => Service.ReadRecords,
                "change-events" => Service.ReadChanges,
                "keys" => Service.Keys,
                _ => Service.OtherRead,
            },
            Repeat.Always
        );

    private static Route Writes(string method, string path) =>
        (method, path) switch
        {
            ("POST", "transfers") => new(Service.CreateTransfers, Repeat.WithKey),
            ("POST", "accounts") => new(Service.CreateAccounts, Repeat.WithKey),
            ("POST", "accounts/updates") => new(Service.UpdateAccounts, Repeat.WithKey),
            ("POST", "operations") => new(Service.ProposeOperation, Repeat.WithKey),
            ("PUT", _) when HasOneId(path, "transfers/") => new(Service.PutTransfer, Repeat.Always),
            ("PUT", _) when HasOneId(path, "accounts/") => new(Service.PutAccount, Repeat.Always),
            // A token is shown once: the second answer to the same request is another token.
            ("POST", "keys") => new(Service.Keys, Repeat.Never),
            ("DELETE", _) when HasOneId(path, "keys/") => new(Service.Keys, Repeat.Always),
            ("POST" or "PUT" or "DELETE", _) => new(Service.OtherWrite, Repeat.Never),
            _ => NotFound,
        };

    private static ReadOnlySpan<char> Resource(ReadOnlySpan<char> path)
    {
        int slash = path.IndexOf('/');
        return slash < 0 ? path : path[..slash];
    }

    private static bool HasOneId(string path, string resource) =>
        path.StartsWith(resource, StringComparison.Ordinal)
        && path.Length > resource.Length
        && !path.AsSpan(resource.Length).Contains('/');
}
