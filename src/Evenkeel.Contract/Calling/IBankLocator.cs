namespace Evenkeel.Contract.Calling;

/// <summary>A bank that is believed to decide.</summary>
/// <param name="Name">For log lines and records; holds no data.</param>
/// <param name="Gone">Cancelled when another one decides and this one is no longer worth waiting for.</param>
public sealed record BankLocation(string Name, Uri Address, CancellationToken Gone = default);

/// <summary>Knows who serves.</summary>
public interface IBankLocator
{
    /// <summary>Whoever is believed to decide, as soon as there is one.</summary>
    ValueTask<BankLocation> WaitAsync(CancellationToken cancellationToken);

    /// <summary>A call found that this one does not decide, or is gone.</summary>
    void Suspect(BankLocation location);
}

/// <summary>Addresses that are tried in turn, for a program that asks nobody who leads.</summary>
public sealed class AddressList : IBankLocator
{
    private readonly BankLocation[] _locations;
    private int _current;

    public AddressList(IEnumerable<Uri> addresses)
    {
        _locations = [.. addresses.Select(static a => new BankLocation(a.Authority, a))];
        if (_locations.Length == 0)
        {
            throw new ArgumentException("There is no address.", nameof(addresses));
        }
    }

    public ValueTask<BankLocation> WaitAsync(CancellationToken cancellationToken) =>
        new(_locations[Volatile.Read(ref _current)]);

    public void Suspect(BankLocation location)
    {
        ArgumentNullException.ThrowIfNull(location);
        var current = Volatile.Read(ref _current);
        if (_locations[current].Address == location.Address)
        {
            Interlocked.CompareExchange(ref _current, (current + 1) % _locations.Length, current);
        }
    }
}
