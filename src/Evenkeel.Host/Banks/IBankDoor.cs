using System.CommandLine;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Banks;

/// <summary>Finds the bank that a command line names, and starts it where nothing serves it.</summary>
internal interface IBankDoor
{
    Task<IBank> OpenAsync(
        ParseResult parsed,
        Terminal terminal,
        CancellationToken cancellationToken
    );
}
