namespace Evenkeel.Simulators.Billers;

/// <summary>A payment of a bill.</summary>
/// <param name="Reference">The payer's bank's own, unique for ever.</param>
public sealed record WireBill(string Reference, string BillNumber, long AmountMinor, uint Currency);

/// <param name="Status">"PAID", "PENDING", "REFUSED", "NOTFOUND".</param>
/// <param name="Code">Of a refusal: "unknown-bill", "paid-before", "reversed".</param>
public sealed record WireBillReport(
    string Reference,
    string Status,
    string? Code = null,
    string? Receipt = null
);

/// <summary>One line of the billers' file.</summary>
/// <param name="Kind">"bill" was decided, "reversed" counts for nothing any more.</param>
internal sealed record BillerEvent(
    string Kind,
    DateTimeOffset At,
    string Biller,
    string Reference,
    WireBill? Bill = null,
    string? Status = null,
    string? Code = null,
    string? Receipt = null
);

/// <summary>How billers behave.</summary>
public sealed record BillerHouseOptions
{
    /// <summary>Their file; null keeps nothing.</summary>
    public string? Path { get; init; }

    public Faults Faults { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>
/// Billers of all kinds. A bill is taken once for each reference; one that was undone before it came is
/// refused when it comes.
/// </summary>
public sealed class BillerHouse : IDisposable
{
    private readonly BillerHouseOptions _options;
    private readonly EventFile<BillerEvent> _file;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Biller, string Reference), WireBillReport> _payments = [];
    private readonly Dictionary<(string Biller, string Number), string> _paid = [];
    private readonly HashSet<string> _lostOnce = new(StringComparer.Ordinal);

    public BillerHouse(BillerHouseOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _file = new EventFile<BillerEvent>(
            options.Path,
            Clearing.EventJson.Default.BillerEvent,
            Apply
        );
    }

    /// <summary>Bills that count as paid.</summary>
    public int PaidCount
    {
        get
        {
            lock (_gate)
            {
                return _paid.Count;
            }
        }
    }

    /// <returns>Null when no answer leaves: nothing may have arrived, or all of it.</returns>
    public WireBillReport? Pay(string biller, WireBill bill)
    {
        ArgumentNullException.ThrowIfNull(bill);
        lock (_gate)
        {
            var faults = _options.Faults;
            if (
                faults.Hits(faults.LostPercent, "lost", bill.Reference)
                && _lostOnce.Add(bill.Reference)
            )
            {
                return null;
            }
            if (!_payments.ContainsKey((biller, bill.Reference)))
            {
                var code =
                    _paid.ContainsKey((biller, bill.BillNumber)) ? "paid-before"
                    : faults.Hits(faults.RejectPercent, "reject", bill.Reference) ? "unknown-bill"
                    : null;
                Commit(
                    new BillerEvent("bill", Now, biller, bill.Reference, bill)
                    {
                        Status = code is null ? "PAID" : "REFUSED",
                        Code = code,
                        Receipt = code is null ? $"R{_payments.Count + 1:D8}" : null,
                    }
                );
            }
            return faults.Hits(faults.SilentPercent, "silent", bill.Reference)
                ? null
                : _payments[(biller, bill.Reference)];
        }
    }

    public WireBillReport Ask(string biller, string reference)
    {
        lock (_gate)
        {
            return _payments.TryGetValue((biller, reference), out var report)
                ? report
                : new WireBillReport(reference, "NOTFOUND");
        }
    }

    /// <summary>Undoes what it can: what was not paid yet never will be.</summary>
    public WireBillReport Reverse(string biller, string reference)
    {
        lock (_gate)
        {
            if (!_payments.ContainsKey((biller, reference)))
            {
                Commit(new BillerEvent("reversed", Now, biller, reference));
            }
            return _payments[(biller, reference)];
        }
    }

    public void Dispose() => _file.Dispose();

    private DateTimeOffset Now => _options.Time.GetUtcNow();

    private void Commit(BillerEvent happened)
    {
        _file.Append(happened);
        Apply(happened);
    }

    private void Apply(BillerEvent happened)
    {
        var key = (happened.Biller, happened.Reference);
        switch (happened)
        {
            case { Kind: "bill", Bill: { } bill }:
                _payments.Add(
                    key,
                    new WireBillReport(
                        happened.Reference,
                        happened.Status!,
                        happened.Code,
                        happened.Receipt
                    )
                );
                if (happened.Code is null)
                {
                    _paid.Add((happened.Biller, bill.BillNumber), happened.Reference);
                }
                break;
            case { Kind: "reversed" }:
                _payments.Add(key, new WireBillReport(happened.Reference, "REFUSED", "reversed"));
                break;
            default:
                throw new InvalidDataException("An unknown event in the billers' file.");
        }
    }
}
