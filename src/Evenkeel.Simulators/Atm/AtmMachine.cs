using System.Security.Cryptography;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Iso8583.Codec;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Simulators.Atm;

/// <summary>
/// A cash machine: one customer at a time. It stores what it is about to ask before it asks, and what
/// came out before it prints, so that a machine that dies anywhere tells its bank the truth when it is
/// back. It never keeps a card: whatever happens, <see cref="AtmCard"/> goes back to its owner.
/// </summary>
public sealed class AtmMachine : IAsyncDisposable
{
    private readonly AtmOptions _options;
    private readonly TerminalKeys _keys;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly AtmMessages _messages;
    private readonly AtmLine _line;
    private readonly CashDrawer _drawer;
    private readonly AtmJournal _journal;
    private readonly AtmLedger _ledger;
    private readonly SemaphoreSlim _customer = new(1, 1);

    private AtmMachine(
        AtmOptions options,
        TerminalKeys keys,
        TimeProvider time,
        ILogger log,
        AtmJournal journal,
        AtmLedger ledger
    )
    {
        _options = options;
        _keys = keys;
        _time = time;
        _log = log;
        _messages = new AtmMessages(options, keys, time);
        _line = new AtmLine(options, keys, _messages, time, log);
        _drawer = CashDrawer.Open(options.Directory, options);
        _journal = journal;
        _ledger = ledger;
    }

    /// <summary>Minor units of the notes in the drawer.</summary>
    public long Holds => _drawer.Holds;

    /// <summary>Messages that the bank has not taken yet.</summary>
    public int Stored => _ledger.Stored.Count;

    /// <summary>Stored messages that the bank answered with a refusal; each needs a person.</summary>
    public int Exceptions => _ledger.Exceptions;

    public bool IsOnline => _line.IsUp;

    /// <summary>Opens the machine's files and settles what a crash left open.</summary>
    /// <exception cref="IOException">Another process has the machine.</exception>
    /// <exception cref="InvalidDataException">The journal is damaged, or of another terminal.</exception>
    public static AtmMachine Open(
        AtmOptions options,
        TerminalKeys keys,
        TimeProvider time,
        ILogger<AtmMachine> log
    )
    {
        Directory.CreateDirectory(options.Directory);
        var path = Path.Combine(options.Directory, "journal.log");
        AtmLedger ledger = new();
        var journal = AtmJournal.Open(path, ledger.Apply);
        try
        {
            if (
                journal.Length > AtmLimits.JournalBytesMax
                && ledger.Open.Count == 0
                && ledger.Stored.Count == 0
            )
            {
                journal.Dispose();
                File.Move(path, Path.Combine(options.Directory, $"journal-{ledger.Payout}.log"));
                AtmEvent.Began began = new(keys.Terminal, ledger.Payout, ledger.Stan);
                ledger = new AtmLedger();
                journal = AtmJournal.Open(path, ledger.Apply);
                journal.Append(began);
                ledger.Apply(began);
            }
            else if (journal.Length == 0)
            {
                AtmEvent.Began began = new(keys.Terminal, Payout: 0, Stan: 0);
                journal.Append(began);
                ledger.Apply(began);
            }
            if (!string.Equals(ledger.Terminal, keys.Terminal, StringComparison.Ordinal))
            {
                throw new InvalidDataException($"{path} is the journal of {ledger.Terminal}.");
            }
            AtmMachine machine = new(options, keys, time, log, journal, ledger);
            machine.Recover();
            return machine;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Keeps the line: delivers what is stored, echoes, connects again. Ends by the token.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var lastEcho = _time.GetTimestamp();
        using PeriodicTimer timer = new(_options.RepeatEvery, _time);
        try
        {
            do
            {
                await _customer.WaitAsync(cancellationToken);
                try
                {
                    var ready = await IsReadyAsync(cancellationToken);
                    if (ready && _time.GetElapsedTime(lastEcho) >= _options.EchoEvery)
                    {
                        lastEcho = _time.GetTimestamp();
                        await _line.EchoAsync(cancellationToken);
                    }
                }
                finally
                {
                    _customer.Release();
                }
            } while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to end.
        }
    }

    /// <summary>Delivers what is stored, once.</summary>
    /// <returns>Whether nothing is left.</returns>
    public async Task<bool> DeliverAsync(CancellationToken cancellationToken)
    {
        await _customer.WaitAsync(cancellationToken);
        try
        {
            return await IsReadyAsync(cancellationToken) && _ledger.Stored.Count == 0;
        }
        finally
        {
            _customer.Release();
        }
    }

    /// <summary>Pays out, if the bank or the floor limit allows it.</summary>
    /// <param name="minor">Minor units, above 0.</param>
    public async Task<AtmReceipt> WithdrawAsync(
        AtmCard card,
        long minor,
        CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(minor);
        if (card.PinBlock(_keys) is not { } pinBlock)
        {
            return Nothing(card, AtmResult.BadPin);
        }
        await _customer.WaitAsync(cancellationToken);
        try
        {
            if (!_drawer.CanGive(minor))
            {
                return Nothing(card, AtmResult.NoNotes);
            }
            if (_ledger.Stored.Count >= AtmLimits.StoredMax)
            {
                return Nothing(card, AtmResult.LineDown);
            }
            if (await IsReadyAsync(cancellationToken))
            {
                return await OnlineAsync(card, pinBlock, minor);
            }
            return IsUnderFloorLimit(card, minor)
                ? Offline(card, minor)
                : Nothing(card, AtmResult.LineDown);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pinBlock);
            _customer.Release();
        }
    }

    /// <summary>Shows the balance; nothing is stored, since nothing can be lost.</summary>
    public async Task<AtmReceipt> ShowBalanceAsync(
        AtmCard card,
        CancellationToken cancellationToken
    )
    {
        if (card.PinBlock(_keys) is not { } pinBlock)
        {
            return Nothing(card, AtmResult.BadPin);
        }
        await _customer.WaitAsync(cancellationToken);
        try
        {
            if (!await IsReadyAsync(cancellationToken))
            {
                return Nothing(card, AtmResult.LineDown);
            }
            var stan = _ledger.TakeStan();
            var rrn = IsoNumbers.Rrn(_time.GetUtcNow(), stan);
            using var request = _messages.Request(card, pinBlock, minor: 0, stan, rrn);
            using var answer = await _line.AskAsync(request, cancellationToken);
            var code = answer?.Text(IsoField.ResponseCode);
            if (answer is null || code is not AtmCodes.Approved)
            {
                return new AtmReceipt(
                    code is null ? AtmResult.BankSilent : AtmResult.Refused,
                    code ?? AtmCodes.NoAnswer,
                    Given: 0,
                    Offline: false,
                    rrn,
                    card.LastFour
                );
            }
            var amounts = answer.Text(IsoField.AdditionalAmounts);
            return new AtmReceipt(
                AtmResult.Balance,
                code,
                Given: 0,
                Offline: false,
                rrn,
                card.LastFour,
                Booked: AtmBalances.Find(amounts, "01"),
                Available: AtmBalances.Find(amounts, "02")
            );
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pinBlock);
            _customer.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _customer.WaitAsync();
        try
        {
            await _line.SignOffAsync(CancellationToken.None);
        }
        finally
        {
            await _line.DisposeAsync();
            _journal.Dispose();
            _customer.Dispose();
        }
    }

    /// <summary>Ends without a word to anybody, as a machine that lost its power does.</summary>
    internal async Task CrashAsync()
    {
        await _line.DisposeAsync();
        _journal.Dispose();
    }

    private Task<bool> IsReadyAsync(CancellationToken cancellationToken) =>
        _line.IsReadyAsync(
            _ledger.Stored,
            (payout, code) =>
            {
                Append(new AtmEvent.Delivered(payout, code));
                Step(AtmStep.Delivered);
            },
            cancellationToken
        );

    /// <summary>From here on the customer's impatience counts no more: what was asked is ended properly.</summary>
    private async Task<AtmReceipt> OnlineAsync(AtmCard card, byte[] pinBlock, long minor)
    {
        var payout = _ledger.Payout + 1;
        var stan = _ledger.TakeStan();
        var reversalStan = _ledger.TakeStan();
        var rrn = IsoNumbers.Rrn(_time.GetUtcNow(), stan);
        using var request = _messages.Request(card, pinBlock, minor, stan, rrn);
        using var reversal = _messages.Reversal(request, reversalStan);
        Append(
            new AtmEvent.Asked(
                payout,
                Online: true,
                minor,
                reversalStan,
                rrn,
                _keys.MarkOf(card.Pan),
                card.LastFour,
                Sealed(reversal)
            )
        );
        Step(AtmStep.AskedIsStored);
        using var answer = await _line.AskAsync(request, CancellationToken.None);
        Step(AtmStep.AnswerCame);

        var code =
            answer is not null && Matches(request, answer)
                ? answer.Text(IsoField.ResponseCode)
                : AtmCodes.NoAnswer;
        if (code is not AtmCodes.Approved)
        {
            var isDoubtful = code is AtmCodes.NoAnswer || AtmCodes.IsDoubtful(code);
            return Settle(
                payout,
                minor,
                card,
                code is AtmCodes.NoAnswer ? AtmResult.BankSilent : AtmResult.Refused,
                new AtmEvent.Settled(payout, code, Given: 0, isDoubtful ? Sealed(reversal) : null),
                rrn
            );
        }
        var authorisationId = answer!.Text(IsoField.AuthorisationId);
        Append(new AtmEvent.Approved(payout, authorisationId));
        Step(AtmStep.ApprovalIsStored);
        var given = _drawer.Give(payout, minor);
        Step(AtmStep.NotesAreOut);
        AtmMessages.Complete(reversal, given, authorisationId);
        return Settle(
            payout,
            minor,
            card,
            Result(given, minor),
            new AtmEvent.Settled(payout, code, given, given == minor ? null : Sealed(reversal)),
            rrn,
            authorisationId
        );
    }

    private AtmReceipt Offline(AtmCard card, long minor)
    {
        var payout = _ledger.Payout + 1;
        var stan = _ledger.TakeStan();
        var rrn = IsoNumbers.Rrn(_time.GetUtcNow(), stan);
        using var advice = _messages.Advice(card, minor, stan, rrn);
        Append(
            new AtmEvent.Asked(
                payout,
                Online: false,
                minor,
                stan,
                rrn,
                _keys.MarkOf(card.Pan),
                card.LastFour,
                Sealed(advice)
            )
        );
        Step(AtmStep.AskedIsStored);
        var given = _drawer.Give(payout, minor);
        Step(AtmStep.NotesAreOut);
        AtmMessages.Complete(advice, given, authorisationId: null);
        return Settle(
            payout,
            minor,
            card,
            Result(given, minor),
            new AtmEvent.Settled(
                payout,
                AtmCodes.Approved,
                given,
                given == 0 ? null : Sealed(advice)
            ),
            rrn,
            isOffline: true
        );
    }

    private AtmReceipt Settle(
        long payout,
        long asked,
        AtmCard card,
        AtmResult result,
        AtmEvent.Settled settled,
        string rrn,
        string? authorisationId = null,
        bool isOffline = false
    )
    {
        Append(settled);
        Step(AtmStep.SettledIsStored);
        _log.AtmPaid(_keys.Terminal, payout, result, settled.Given, asked);
        return new AtmReceipt(
            result,
            settled.Code,
            settled.Given,
            isOffline,
            rrn,
            card.LastFour,
            authorisationId
        );
    }

    /// <summary>A payout that was begun and not ended: the drawer knows what came out.</summary>
    private void Recover()
    {
        foreach (var asked in _ledger.Open)
        {
            var given = _drawer.GivenFor(asked.Payout);
            var authorisationId = _ledger.AuthorisationOf(asked.Payout);
            // Online, with all notes out, the bank knows all; without an answer it is not known what
            // the bank knows. Offline it knows nothing.
            var bankIsRight = asked.Online
                ? authorisationId is not null && given == asked.Minor
                : given == 0;
            Append(
                new AtmEvent.Settled(
                    asked.Payout,
                    authorisationId is null && asked.Online ? AtmCodes.NoAnswer : AtmCodes.Approved,
                    given,
                    bankIsRight ? null : Completed(asked.FollowUp, given, authorisationId)
                )
            );
            _log.AtmRecovered(_keys.Terminal, asked.Payout, given);
        }
    }

    private byte[] Completed(byte[] followUp, long given, string? authorisationId)
    {
        var bytes =
            _keys.OpenFromStorage(followUp)
            ?? throw new InvalidDataException("A stored message is not of this terminal.");
        using IsoMessage message = new();
        var decoded = IsoCodec.Decode(bytes, message);
        CryptographicOperations.ZeroMemory(bytes);
        if (!decoded.IsWhole)
        {
            throw new InvalidDataException("A stored message is none.");
        }
        AtmMessages.Complete(message, given, authorisationId);
        return Sealed(message);
    }

    private bool IsUnderFloorLimit(AtmCard card, long minor) =>
        card.ChipAgrees
        && minor <= _options.FloorLimit
        && _ledger.OfflineExposure + minor <= _options.OfflineExposureMax
        && !_ledger.IsExposed(_keys.MarkOf(card.Pan));

    private static bool Matches(IsoMessage request, IsoMessage answer) =>
        request[IsoField.Rrn].SequenceEqual(answer[IsoField.Rrn])
        && request[IsoField.Amount].SequenceEqual(answer[IsoField.Amount])
        && request[IsoField.Terminal].SequenceEqual(answer[IsoField.Terminal])
        && answer.Has(IsoField.ResponseCode);

    private byte[] Sealed(IsoMessage message)
    {
        Span<byte> bytes = stackalloc byte[IsoLimits.MessageBytesMax];
        var length = IsoCodec.Encode(message, bytes);
        try
        {
            return _keys.SealForStorage(bytes[..length]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private void Append(AtmEvent line)
    {
        _journal.Append(line);
        _ledger.Apply(line);
    }

    private void Step(AtmStep step) => _options.AfterStep?.Invoke(step);

    private static AtmResult Result(long given, long asked) =>
        given == asked ? AtmResult.Paid
        : given == 0 ? AtmResult.Jammed
        : AtmResult.PaidInPart;

    private static AtmReceipt Nothing(AtmCard card, AtmResult why) =>
        new(why, Code: null, Given: 0, Offline: false, Rrn: "", card.LastFour);
}

/// <summary>Reads field 54.</summary>
internal static class AtmBalances
{
    private const int GroupChars = 20;

    /// <returns>Minor units; null when there is no group of that type.</returns>
    public static long? Find(string amounts, string amountType)
    {
        for (var at = 0; at + GroupChars <= amounts.Length; at += GroupChars)
        {
            var group = amounts.AsSpan(at, GroupChars);
            if (
                group[2..4].SequenceEqual(amountType)
                && long.TryParse(
                    group[8..],
                    System.Globalization.NumberStyles.None,
                    System.Globalization.CultureInfo.InvariantCulture,
                    out var minor
                )
            )
            {
                return group[7] == 'D' ? -minor : minor;
            }
        }
        return null;
    }
}
