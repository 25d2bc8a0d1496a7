using Evenkeel.Ledger;
using Evenkeel.Model;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Evenkeel.Node.Tests;

/// <summary>Digests by which members find out that one of them is a wrong bank.</summary>
public sealed class DigestRingTests : IDisposable
{
    private const ulong Span = NodeLimits.DigestSpanNs;

    private readonly string _home = Directory.CreateTempSubdirectory("evenkeel-ring-").FullName;
    private readonly NodeParts _parts;
    private readonly DigestRing _ring;

    public DigestRingTests()
    {
        var history = new MemoryHistory();
        _parts = new NodeParts
        {
            History = history,
            Ledger = new LedgerState(new(), history),
            RecordsPath = Path.Combine(_home, "records.db"),
        };
        _ring = new DigestRing(_parts, TimeProvider.System, NullLogger.Instance);
    }

    public void Dispose()
    {
        _ring.GiveWay();
        _parts.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    [Fact]
    public async Task None_is_taken_while_a_start_replays_entries_that_the_records_hold_already()
    {
        _parts.OpenRecords();
        _parts.Records!.AdvanceTo(10);

        _ring.Behind(index: 5, before: 0, after: Span);
        _ring.Behind(index: 10, before: Span, after: 2 * Span);

        await Eventually.TrueAsync(() => _ring.Latest.Count > 0);
        Assert.Equal(10UL, Assert.Single(_ring.Latest).Digest.Index);
    }

    [Fact]
    public async Task None_is_taken_before_the_records_are_open()
    {
        _ring.Behind(index: 5, before: 0, after: Span);
        _parts.OpenRecords();
        _ring.Behind(index: 6, before: Span, after: 2 * Span);

        await Eventually.TrueAsync(() => _ring.Latest.Count > 0);
        Assert.Equal(6UL, Assert.Single(_ring.Latest).Digest.Index);
    }
}
