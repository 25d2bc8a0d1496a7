using System.CommandLine;
using Evenkeel.Host.CommandLine;

namespace Evenkeel.Host.Banks;

/// <summary>Finds the bank that a command line names, and starts it where nothing serves it.</summary>
internal interface IBankDoor
{
    /// <param name="mayCreate">Make a bank in a directory that holds none.</param>
    Task<IBank> OpenAsync(
        ParseResult parsed,
        Terminal terminal,
        CancellationToken cancellationToken,
        bool mayCreate = false
    );
}
