using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Evenkeel.Gateway;

/// <summary>Tells which requests came in by the loopback port for operators.</summary>
internal sealed class OperationsListener
{
    private static readonly OperationsListener Mine = new();

    private OperationsListener() { }

    public static ConnectionDelegate Mark(ConnectionDelegate next) =>
        connection =>
        {
            connection.Features.Set(Mine);
            return next(connection);
        };

    public static bool IsOf(HttpContext http) =>
        http.Features.Get<OperationsListener>() is not null;
}
