namespace Evenkeel.Banking.Work;

/// <summary>Works off one kind of item.</summary>
internal interface IWorkHandler
{
    string Kind { get; }

    /// <summary>
    /// Goes on with one item as far as it can, and removes or moves it in an operation. May be called
    /// again for the same item after a death at any point: each step has an id of its own.
    /// </summary>
    Task WorkAsync(WorkItem item, CancellationToken cancellationToken);
}

/// <summary>Something that the leader does again and again without an item that calls for it.</summary>
internal interface IPump
{
    /// <returns>Whether there was something to do: if so it is asked again at once.</returns>
    Task<bool> PumpAsync(CancellationToken cancellationToken);
}
