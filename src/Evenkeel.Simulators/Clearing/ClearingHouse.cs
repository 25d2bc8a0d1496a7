using Evenkeel.Model;

namespace Evenkeel.Simulators.Clearing;

/// <summary>How a clearing behaves.</summary>
public sealed record ClearingHouseOptions
{
    /// <summary>Its file; null keeps nothing.</summary>
    public string? Path { get; init; }

    /// <summary>The first settlement date, when the file is new.</summary>
    public required DateOnly FirstDate { get; init; }

    /// <summary>Banks that the simulator plays itself.</summary>
    public IReadOnlyList<string> Banks { get; init; } =
    ["HARBCNSHXXX", "LOTUHKHHXXX", "RHEIDEFFXXX", "TSINCNBJXXX"];

    /// <summary>Banks of their own, which read their inboxes.</summary>
    public required IReadOnlyList<string> Members { get; init; }

    public Faults Faults { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>
/// An interbank clearing with several banks behind it: gross settlement, a position for each bank, date
/// and currency, an inbox for each bank. Every name (UETR, return id) is taken once, whatever happens.
/// </summary>
public sealed class ClearingHouse : IDisposable
{
    private const string Settled = "ACSC";
    private const string Pending = "ACSP";
    private const string Rejected = "RJCT";

    private static readonly string[] Reasons = ["AC01", "AC04", "AC06", "BE01", "MS03"];

    private readonly ClearingHouseOptions _options;
    private readonly EventFile<ClearingEvent> _file;
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Entry> _entries = [];
    private readonly Dictionary<string, List<WireMessage>> _inboxes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<
        (DateOnly Date, string Bank, uint Currency),
        WirePosition
    > _positions = [];
    private readonly HashSet<Guid> _lostOnce = [];
    private readonly List<Entry> _undecided = [];
    private readonly List<Entry> _toReturn = [];

    public ClearingHouse(ClearingHouseOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        Date = options.FirstDate;
        _file = new EventFile<ClearingEvent>(options.Path, EventJson.Default.ClearingEvent, Apply);
    }

    /// <summary>What settles now settles on this date.</summary>
    public DateOnly Date { get; private set; }

    /// <summary>Whom a credit can be sent to.</summary>
    public IReadOnlyList<string> Participants => [.. _options.Members, .. _options.Banks];

    /// <summary>Credits and returns that were ever taken.</summary>
    public int TakenCount
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    public int PendingCount
    {
        get
        {
            lock (_gate)
            {
                return _undecided.Count;
            }
        }
    }

    /// <summary>Takes a credit from a bank.</summary>
    /// <returns>Null when no answer leaves: nothing may have arrived, or all of it.</returns>
    public WireReport? Send(WireCredit credit)
    {
        ArgumentNullException.ThrowIfNull(credit);
        return Take(
            credit.Uetr,
            () =>
            {
                var (status, code) = Judge(credit.Uetr, KnowsCreditor(credit.CreditorBank));
                return new ClearingEvent("credit", Now, Date, Credit: credit)
                {
                    Status = status,
                    Code = code,
                };
            }
        );
    }

    /// <summary>Takes a settled credit back from the bank that had received it.</summary>
    /// <inheritdoc cref="Send(WireCredit)"/>
    public WireReport? Send(WireReturn sentBack)
    {
        ArgumentNullException.ThrowIfNull(sentBack);
        return Take(
            sentBack.ReturnId,
            () =>
            {
                var isGood =
                    _entries.TryGetValue(sentBack.OriginalUetr, out var original)
                    && original is { Credit: { } credit, Status: Settled, IsReturned: false }
                    && string.Equals(credit.CreditorBank, sentBack.From, StringComparison.Ordinal)
                    && credit.Currency == sentBack.Currency
                    && sentBack.AmountMinor == credit.AmountMinor;
                return new ClearingEvent("return", Now, Date, Return: sentBack)
                {
                    Status = isGood ? Settled : Rejected,
                    Code = isGood ? null : "AM09",
                };
            }
        );
    }

    /// <summary>What became of a credit or return.</summary>
    public WireReport Ask(Guid uetr)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(uetr, out var entry)
                ? entry.Report
                : new WireReport(uetr, "NFND");
        }
    }

    /// <summary>What a bank has not seen yet.</summary>
    public IReadOnlyList<WireMessage> Receive(string bank, long after, int limit)
    {
        lock (_gate)
        {
            return after < 0 || !_inboxes.TryGetValue(bank, out var inbox)
                ? []
                : [.. inbox.Skip((int)Math.Min(after, int.MaxValue)).Take(limit)];
        }
    }

    /// <summary>Decides what was slow and sends back what shall come back, as far as it is due.</summary>
    public void Tick()
    {
        lock (_gate)
        {
            var due = Now - _options.Faults.Delay;
            foreach (var entry in _undecided.Where(e => e.At <= due).ToArray())
            {
                Commit(
                    new ClearingEvent("final", Now, Date, Uetr: entry.Uetr) { Status = Settled }
                );
            }
            foreach (var entry in _toReturn.Where(e => e.At <= due).ToArray())
            {
                Commit(
                    new ClearingEvent("return", Now, Date, Return: ReturnOf(entry))
                    {
                        Status = Settled,
                    }
                );
            }
        }
    }

    /// <summary>
    /// Ends the date: all that was slow is decided, every bank hears its position, and the next date
    /// begins.
    /// </summary>
    public IReadOnlyList<WirePosition> Close()
    {
        lock (_gate)
        {
            foreach (var entry in _undecided.ToArray())
            {
                Commit(
                    new ClearingEvent("final", Now, Date, Uetr: entry.Uetr) { Status = Settled }
                );
            }
            var closed = Date;
            Commit(new ClearingEvent("closed", Now, Date));
            return Positions(closed);
        }
    }

    /// <summary>Of one date, by bank and currency.</summary>
    public IReadOnlyList<WirePosition> Positions(DateOnly date)
    {
        lock (_gate)
        {
            return [.. _positions.Where(p => p.Key.Date == date).Select(static p => p.Value)];
        }
    }

    public void Dispose() => _file.Dispose();

    private DateTimeOffset Now => _options.Time.GetUtcNow();

    private WireReport? Take(Guid name, Func<ClearingEvent> judge)
    {
        lock (_gate)
        {
            if (
                _options.Faults.Hits(_options.Faults.LostPercent, "lost", $"{name}")
                && _lostOnce.Add(name)
            )
            {
                return null;
            }
            if (!_entries.ContainsKey(name))
            {
                Commit(judge());
            }
            return _options.Faults.Hits(_options.Faults.SilentPercent, "silent", $"{name}")
                ? null
                : _entries[name].Report;
        }
    }

    private (string Status, string? Code) Judge(Guid uetr, bool isKnown)
    {
        var name = $"{uetr}";
        if (!isKnown)
        {
            return (Rejected, "RC04");
        }
        if (_options.Faults.Hits(_options.Faults.RejectPercent, "reject", name))
        {
            return (Rejected, Reasons[uetr.ToByteArray()[0] % Reasons.Length]);
        }
        return _options.Faults.Hits(_options.Faults.SlowPercent, "slow", name)
            ? (Pending, null)
            : (Settled, null);
    }

    private bool KnowsCreditor(string bank) =>
        _options.Banks.Contains(bank, StringComparer.Ordinal)
        || _options.Members.Contains(bank, StringComparer.Ordinal);

    private static WireReturn ReturnOf(Entry entry)
    {
        var bytes = entry.Uetr.ToByteArray();
        bytes[0] ^= 0xFF;
        return new WireReturn(
            new Guid(bytes),
            entry.Uetr,
            entry.Credit!.CreditorBank,
            entry.Credit.AmountMinor,
            entry.Credit.Currency,
            "AC04"
        );
    }

    private void Commit(ClearingEvent happened)
    {
        _file.Append(happened);
        Apply(happened);
    }

    private void Apply(ClearingEvent happened)
    {
        switch (happened)
        {
            case { Kind: "credit", Credit: { } credit }:
                Add(new Entry(credit.Uetr, happened.At) { Credit = credit }, happened);
                break;
            case { Kind: "return", Return: { } sentBack }:
                Add(new Entry(sentBack.ReturnId, happened.At) { Return = sentBack }, happened);
                break;
            case { Kind: "final", Uetr: { } uetr }:
                Decide(_entries[uetr], happened);
                break;
            case { Kind: "closed" }:
                foreach (var position in Positions(happened.Date))
                {
                    Tell(position.Bank, new WireMessage(0, Position: position));
                }
                Date = happened.Date.AddDays(1);
                break;
            default:
                throw new InvalidDataException("An unknown event in the clearing's file.");
        }
    }

    private void Add(Entry entry, ClearingEvent happened)
    {
        _entries.Add(entry.Uetr, entry);
        if (string.Equals(happened.Status, Pending, StringComparison.Ordinal))
        {
            entry.Status = Pending;
            _undecided.Add(entry);
        }
        else
        {
            Decide(entry, happened);
        }
    }

    private void Decide(Entry entry, ClearingEvent happened)
    {
        Check.That(entry.SettlementDate is null && entry.Status is null or Pending);
        _undecided.Remove(entry);
        entry.Status = happened.Status!;
        entry.Code = happened.Code;
        var isSettled = string.Equals(entry.Status, Settled, StringComparison.Ordinal);
        if (isSettled)
        {
            entry.SettlementDate = happened.Date;
            Settle(entry, happened.Date);
        }
        Tell(entry.From, new WireMessage(0, Report: entry.Report));
    }

    private void Settle(Entry entry, DateOnly date)
    {
        var (from, to) = (entry.From, entry.To(_entries));
        Add(date, from, entry, isSent: true);
        Add(date, to, entry, isSent: false);
        if (entry.Return is { } sentBack)
        {
            var original = _entries[sentBack.OriginalUetr];
            original.IsReturned = true;
            _toReturn.Remove(original);
        }
        else if (
            _options.Banks.Contains(to, StringComparer.Ordinal)
            && _options.Faults.Hits(_options.Faults.ReturnPercent, "return", $"{entry.Uetr}")
        )
        {
            _toReturn.Add(entry);
        }
        Tell(
            to,
            new WireMessage(0, SettlementDate: date, Credit: entry.Credit, Return: entry.Return)
        );
    }

    private void Add(DateOnly date, string bank, Entry entry, bool isSent)
    {
        var key = (date, bank, entry.Currency);
        var position = _positions.TryGetValue(key, out var known)
            ? known
            : new WirePosition(bank, date, entry.Currency, 0, 0, 0, 0);
        _positions[key] = isSent
            ? position with
            {
                SentCount = position.SentCount + 1,
                SentMinor = position.SentMinor + entry.AmountMinor,
            }
            : position with
            {
                ReceivedCount = position.ReceivedCount + 1,
                ReceivedMinor = position.ReceivedMinor + entry.AmountMinor,
            };
    }

    private void Tell(string bank, WireMessage message)
    {
        if (_options.Banks.Contains(bank, StringComparer.Ordinal))
        {
            return; // Those are played here: nobody reads their inbox.
        }
        if (!_inboxes.TryGetValue(bank, out var inbox))
        {
            _inboxes.Add(bank, inbox = []);
        }
        inbox.Add(message with { Sequence = inbox.Count + 1 });
    }

    private sealed class Entry(Guid uetr, DateTimeOffset at)
    {
        public Guid Uetr => uetr;

        public DateTimeOffset At => at;

        public WireCredit? Credit { get; init; }

        public WireReturn? Return { get; init; }

        public string? Status { get; set; }

        public string? Code { get; set; }

        public DateOnly? SettlementDate { get; set; }

        public bool IsReturned { get; set; }

        public long AmountMinor => Credit?.AmountMinor ?? Return!.AmountMinor;

        public uint Currency => Credit?.Currency ?? Return!.Currency;

        public WireReport Report => new(uetr, Status!, Code, SettlementDate);

        public string From => Credit?.DebtorBank ?? Return!.From;

        /// <summary>A return goes to whoever had sent the credit.</summary>
        public string To(Dictionary<Guid, Entry> entries) =>
            Credit?.CreditorBank ?? entries[Return!.OriginalUetr].Credit!.DebtorBank;
    }
}
