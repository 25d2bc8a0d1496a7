using System.Collections.Concurrent;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583.Codec;
using Evenkeel.Payments;
using Microsoft.Extensions.Logging;

namespace Evenkeel.Channels.Iso8583;

/// <summary>
/// One peer: reads messages, asks the bank, answers, many at once. State of the line is small: signed on
/// or not, and the business date that the peer knows.
/// </summary>
internal sealed class IsoConnection(
    long number,
    Stream stream,
    Iso8583Options options,
    IPaymentProcessor payments,
    IAccountQueries queries,
    ICardKeys keys,
    IsoMetrics metrics,
    TimeProvider time,
    ILogger log
) : IDisposable
{
    private const string SignOn = "001";
    private const string SignOff = "002";
    private const string CutOver = "201";
    private const string Echo = "301";
    private const int StanModulus = 1_000_000;

    private readonly IsoFrameReader _reader = new(stream, options.IdleMax, options.FrameMax, time);
    private readonly IsoFrameWriter _writer = new(stream, options.WriteMax);
    private readonly SemaphoreSlim _places = new(options.InFlightMax, options.InFlightMax);
    private readonly ConcurrentDictionary<long, Task> _inFlight = new();
    private readonly Lock _dateLock = new();
    private long _asked;
    private int _stan;
    private bool _signedOn;
    private DateOnly? _businessDate;

    /// <summary>Serves until the peer or <paramref name="stopping"/> ends it, then lets messages finish.</summary>
    public async Task ServeAsync(CancellationToken stopping)
    {
        using CancellationTokenSource broken = new();
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(stopping, broken.Token);
        var why = "stopped";
        try
        {
            why = await ReadAsync(broken, reading.Token);
        }
        catch (OperationCanceledException)
        {
            why = stopping.IsCancellationRequested ? "stopped" : "could not be written to";
        }
        catch (IOException)
        {
            why = "broken";
        }
        finally
        {
            // What the bank was asked is answered if it can be: an answer saves a reversal.
            var rest = Task.WhenAll(_inFlight.Values);
            await Task.WhenAny(rest, Task.Delay(options.DrainMax, time, CancellationToken.None));
            await broken.CancelAsync();
            await rest;
            log.IsoEnded(number, why);
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _writer.Dispose();
        _places.Dispose();
        stream.Dispose();
    }

    private async Task<string> ReadAsync(CancellationTokenSource broken, CancellationToken stopping)
    {
        while (true)
        {
            var end = await _reader.ReadAsync(stopping);
            if (end != IsoFrameEnd.None)
            {
                return end.ToString();
            }
            await _places.WaitAsync(stopping);
            IsoMessage message = new();
            var decoded = IsoCodec.Decode(_reader.Frame, message, options.Bitmaps);
            metrics.Received(message.Mti);
            if (!Accept(message, decoded, out var refused))
            {
                message.Dispose();
                return refused;
            }
            var id = _asked++;
            var work = Task.Run(() => WorkAsync(message, decoded, broken), CancellationToken.None);
            _inFlight[id] = work;
            _ = work.ContinueWith(
                _ => _inFlight.TryRemove(id, out Task? _),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
        }
    }

    /// <summary>Whether the line may go on after these bytes; otherwise it is closed, unanswered.</summary>
    private bool Accept(IsoMessage message, IsoDecoded decoded, out string why)
    {
        if (!decoded.IsWhole)
        {
            log.IsoMalformed(number, message.Mti, decoded.Fault, decoded.Field);
            why = "malformed";
            // Of what can't be trusted to be of its sender nothing is repeated.
            return !options.MacRequired && IsoRules.CanBeAnswered(message);
        }
        why = "wrong MAC";
        if (!MacHolds(message))
        {
            log.IsoBadMac(number, message.Mti);
            return false;
        }
        return true;
    }

    private bool MacHolds(IsoMessage message)
    {
        var field = IsoMac.FieldOf(message);
        if (field == 0)
        {
            return !options.MacRequired;
        }
        return KeyName(message) is { } name
            && keys.VerifyMac(IsoMac.Covered(_reader.Frame), name, message[field]);
    }

    private string? KeyName(IsoMessage message)
    {
        var name =
            options.KeyScope == IsoKeyScope.Line
                ? options.Line
                : message.Text(IsoField.Terminal).Trim();
        return name.Length > 0 ? name : null;
    }

    private async Task WorkAsync(
        IsoMessage message,
        IsoDecoded decoded,
        CancellationTokenSource broken
    )
    {
        try
        {
            using (message)
            {
                using var answer = await AnswerAsync(message, decoded, broken.Token);
                if (answer is not null)
                {
                    await SendAsync(answer, protectedAs: message, broken.Token);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            await broken.CancelAsync(); // Nothing more can be said on this line.
        }
        catch (OperationCanceledException) when (broken.IsCancellationRequested)
        {
            // The peer is gone; it asks again on another line, or reverses.
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<IsoMessage?> AnswerAsync(
        IsoMessage message,
        IsoDecoded decoded,
        CancellationToken cancellationToken
    )
    {
        if (!message.Mti.IsAsked)
        {
            return null; // An answer to our own cut-over or echo.
        }
        if (!decoded.IsWhole)
        {
            return Refusal(message, OutcomeReason.Malformed);
        }
        if (message.Mti.First.Value is not (100 or 120 or 200 or 220 or 400 or 420 or 800))
        {
            return IsoRules.CanBeAnswered(message)
                ? Refusal(message, OutcomeReason.NotSupported)
                : null;
        }
        if (IsoRules.FirstFault(message) is var fault and not 0)
        {
            log.IsoIncomplete(number, message.Mti, fault);
            return Refusal(message, OutcomeReason.Malformed);
        }
        if (message.Mti.Class == 8)
        {
            return Manage(message);
        }
        return _signedOn
            ? await PayAsync(message, cancellationToken)
            : Refusal(message, OutcomeReason.ChannelNotAllowed);
    }

    private IsoMessage Manage(IsoMessage message)
    {
        var code = message.Text(IsoField.NetworkCode);
        log.IsoNetwork(number, code);
        switch (code)
        {
            case SignOn:
                _signedOn = true;
                break;
            case SignOff:
                _signedOn = false;
                break;
            case CutOver or Echo:
                break;
            default:
                return Refusal(message, OutcomeReason.NotSupported);
        }
        var answer = IsoAnswers.Of(message, ReasonTable.Approved);
        answer.Copy(message, IsoField.SettlementDate);
        return answer;
    }

    private async Task<IsoMessage?> PayAsync(
        IsoMessage message,
        CancellationToken cancellationToken
    )
    {
        var request = IsoRequest.Read(message, keys, options, time.GetUtcNow());
        if (request is IsoRequest.Refused refused)
        {
            return Refusal(message, refused.Reason);
        }
        var began = time.GetTimestamp();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.AnswerMax);
        var name = IsoMatchKey.Of(message).ToInstructionId().ToString();
        try
        {
            var answer = request switch
            {
                IsoRequest.Inquire inquiry => IsoAnswers.Of(
                    message,
                    await queries
                        .GetCardAccountAsync(
                            inquiry.Actor,
                            inquiry.Id,
                            inquiry.Card,
                            patience.Token
                        )
                        .WaitAsync(patience.Token)
                ),
                IsoRequest.Pay pay => await SubmitAsync(message, pay.Instruction, patience.Token),
                _ => throw new InvalidOperationException("A fourth kind of request."),
            };
            if (answer is null)
            {
                log.IsoUnanswered(number, message.Mti, name, "being resolved");
                return null;
            }
            var code = answer.Text(IsoField.ResponseCode);
            metrics.Answered(message.Mti, code, time.GetElapsedTime(began));
            log.IsoAnswered(number, message.Mti, name, code);
            return answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            log.IsoUnanswered(number, message.Mti, name, "the bank took too long");
            return null;
        }
#pragma warning disable CA1031 // Whatever broke, what was done is not known: say nothing of it.
        catch (Exception e) when (e is not OperationCanceledException and not IOException)
        {
            log.IsoBroke(e, number, message.Mti);
            return null;
        }
#pragma warning restore CA1031
    }

    private async Task<IsoMessage?> SubmitAsync(
        IsoMessage message,
        PaymentInstruction instruction,
        CancellationToken cancellationToken
    )
    {
        var outcome = await payments
            .SubmitAsync(instruction, cancellationToken)
            .WaitAsync(cancellationToken);
        if (outcome is PaymentOutcome.Done { Receipt.BookingDate: var date } && IsNewDay(date))
        {
            await AnnounceCutOverAsync(message, date, cancellationToken);
        }
        return IsoAnswers.Of(message, outcome);
    }

    /// <summary>Whether the bank's business date went on since this line last heard of it.</summary>
    private bool IsNewDay(DateOnly date)
    {
        lock (_dateLock)
        {
            var isNew = _businessDate is { } known && date > known;
            _businessDate = _businessDate is { } last && last > date ? last : date;
            return isNew;
        }
    }

    private async Task AnnounceCutOverAsync(
        IsoMessage asked,
        DateOnly date,
        CancellationToken cancellationToken
    )
    {
        using IsoMessage cutOver = new(Mti.NetworkRequest);
        cutOver.Set(IsoField.TransmissionTime, IsoClock.TransmissionTime(time.GetUtcNow()));
        cutOver.Set(IsoField.Stan, Interlocked.Increment(ref _stan) % StanModulus);
        cutOver.Set(IsoField.SettlementDate, IsoClock.MonthDay(date));
        cutOver.Copy(asked, IsoField.Terminal);
        cutOver.Set(IsoField.NetworkCode, CutOver);
        await SendAsync(cutOver, protectedAs: asked, cancellationToken);
    }

    private IsoMessage Refusal(IsoMessage message, OutcomeReason reason)
    {
        var code = ReasonTable.Of(reason).ResponseCode;
        metrics.Answered(message.Mti, code, TimeSpan.Zero);
        return IsoAnswers.Of(message, code);
    }

    /// <param name="protectedAs">The message whose MAC, or lack of one, the answer follows.</param>
    private async Task SendAsync(
        IsoMessage answer,
        IsoMessage protectedAs,
        CancellationToken cancellationToken
    )
    {
        IsoMacMaker? maker = null;
        if (IsoMac.FieldOf(protectedAs) != 0 && KeyName(protectedAs) is { } name)
        {
            maker = (bytes, mac) => keys.MakeMac(bytes, name, mac);
        }
        await _writer.WriteAsync(IsoMac.Frame(answer, options.Bitmaps, maker), cancellationToken);
    }
}
