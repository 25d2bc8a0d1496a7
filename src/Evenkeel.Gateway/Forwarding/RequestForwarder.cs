using System.Net;
using Evenkeel.Gateway.Attempts;
using Evenkeel.Gateway.Leaders;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Evenkeel.Gateway.Forwarding;

/// <summary>
/// Carries a request to whoever leads, and again while that is safe and in time: the customer sees a
/// pause, not an error.
/// </summary>
internal sealed class RequestForwarder : IDisposable
{
    private readonly GatewayOptions _options;
    private readonly IHttpForwarder _forwarder;
    private readonly LeaderFinder _leaders;
    private readonly AttemptLog _attempts;
    private readonly GatewayMetrics _metrics;
    private readonly BufferBudget _budget;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _places;
    private readonly HttpMessageInvoker _http;
    private readonly ForwarderRequestConfig _config;

    public RequestForwarder(
        GatewayOptions options,
        IHttpForwarder forwarder,
        LeaderFinder leaders,
        AttemptLog attempts,
        GatewayMetrics metrics,
        BufferBudget budget,
        TimeProvider time,
        ILogger<RequestForwarder> log
    )
    {
        _options = options;
        _forwarder = forwarder;
        _leaders = leaders;
        _attempts = attempts;
        _metrics = metrics;
        _budget = budget;
        _time = time;
        _log = log;
        _places = new SemaphoreSlim(options.RequestsAtLeaderMax);
        _http = new HttpMessageInvoker(NodeConnections.Handler(options));
        _config = new ForwarderRequestConfig
        {
            ActivityTimeout = options.TryMax,
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    public async Task ServeAsync(HttpContext http)
    {
        Route route = Routes.Find(http.Request.Method, http.Request.Path.Value ?? "");
        if (Refusal(http, route) is { } refusal)
        {
            _metrics.Refused(refusal);
            await refusal.WriteAsync(http);
            return;
        }
        try
        {
            if (_metrics.Enter() > _options.RequestsMax)
            {
                await RefuseAsync(http, GatewayProblem.Busy);
                return;
            }
            await ServeAsync(http, route);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            _log.RequestFailed(failure, http.Request.Method, route.Service.ToString());
            if (http.Response.HasStarted)
            {
                http.Abort();
                return;
            }
            await RefuseAsync(http, GatewayProblem.InternalError);
        }
        finally
        {
            _metrics.Leave();
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _places.Dispose();
    }

    private static GatewayProblem? Refusal(HttpContext http, Route route) =>
        route.Service == Service.None
            ? http.Request.Method is "GET" or "HEAD" or "POST" or "PUT" or "DELETE"
                ? GatewayProblem.NotFound
                : GatewayProblem.MethodNotAllowed
            // What speaks something else afterwards can be neither held nor sent again.
            : http.Request.Headers.ContainsKey("Upgrade")
                ? GatewayProblem.InvalidRequest
                : null;

    private async Task ServeAsync(HttpContext http, Route route)
    {
        using var body = new BodyBuffer(_budget);
        if (await ReadBodyAsync(http, body) is { } problem)
        {
            await RefuseAsync(http, problem);
            return;
        }
        if (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        using var answer = new BodyBuffer(_budget);
        AttemptTicket ticket = await _attempts.BeginAsync(http, route, body.Bytes);
        http.Response.Headers[Try.RequestIdHeader] = ticket.RequestId;
        var course = new Course
        {
            Route = route,
            Ticket = ticket,
            MayRepeat = MayRepeat(http, route, ticket.Scan),
            StartedAt = _time.GetTimestamp(),
        };
        await CarryAsync(http, course, body, answer);
        _attempts.End(http, ticket, course.Result(http));
    }

    /// <summary>What happened to one request so far.</summary>
    private sealed class Course
    {
        public required Route Route { get; init; }
        public required AttemptTicket Ticket { get; init; }
        public required bool MayRepeat { get; init; }
        public required long StartedAt { get; init; }
        public int Tries { get; set; }
        public int FailedTries { get; set; }

        /// <summary>A try may have done it.</summary>
        public bool IsUncertain { get; set; }

        public Leadership? Leader { get; set; }
        public Try? Answered { get; set; }
        public GatewayProblem? Problem { get; set; }

        public bool IsWrite => Route.Repeat != Repeat.Always || Route.HasId || IsDelete;

        private bool IsDelete => Route.Service == Service.Keys;

        public AttemptResult Result(HttpContext http) =>
            new(
                Answered is { } answer ? OutcomeOf(answer, http.Response.StatusCode)
                    : Problem is null ? AttemptOutcome.ClientLeft
                    : Problem.Outcome is "unknown" ? AttemptOutcome.Unknown
                    : AttemptOutcome.NotDone,
                Tries,
                Answered is null ? "" : Leader?.Node.Name ?? "",
                Answered?.Reason ?? Problem?.Reason ?? "",
                Answered?.Position
            );

        private static AttemptOutcome OutcomeOf(Try answer, int status) =>
            answer.SaysUnknown ? AttemptOutcome.Unknown
            : status < StatusCodes.Status400BadRequest ? AttemptOutcome.Done
            : status < StatusCodes.Status500InternalServerError || answer.Reason.Length > 0
                ? AttemptOutcome.NotDone
            : AttemptOutcome.Unknown;
    }

    private async Task CarryAsync(
        HttpContext http,
        Course course,
        BodyBuffer body,
        BodyBuffer answer
    )
    {
        TimeSpan pause = _options.RetryPause;
        while (true)
        {
            if (await NextLeaderAsync(http, course, pause) is not { } leader)
            {
                await GiveUpAsync(http, course);
                return;
            }
            bool isSame = leader == course.Leader;
            pause = isSame ? Min(pause * 2, _options.RetryPauseMax) : _options.RetryPause;
            course.Leader = leader;
            Try? attempt = await TryAsync(http, course, leader, body, answer);
            if (attempt is null)
            {
                await GiveUpAsync(http, course);
                return;
            }
            _metrics.Tried(attempt.Outcome);
            switch (attempt.Outcome)
            {
                case TryOutcome.Answered:
                    course.Answered = attempt;
                    await AnswerAsync(http, answer);
                    return;
                case TryOutcome.TooLarge:
                    await RefuseAsync(http, course, GatewayProblem.AnswerTooLarge);
                    return;
                case TryOutcome.NotThere:
                    _leaders.Suspect(leader);
                    break;
                case TryOutcome.Uncertain:
                    course.IsUncertain = true;
                    _leaders.Suspect(leader);
                    break;
                case TryOutcome.Failed:
                    course.FailedTries++;
                    course.IsUncertain |= attempt.SaysUnknown;
                    break;
                default:
                    course.IsUncertain = true;
                    break;
            }
            if (http.RequestAborted.IsCancellationRequested)
            {
                return;
            }
            if (course.IsUncertain && !course.MayRepeat)
            {
                await RefuseAsync(http, course, GatewayProblem.UnknownOutcome);
                return;
            }
        }
    }

    /// <summary>Waits until somebody leads and a moment has passed; null when it is too late.</summary>
    private async ValueTask<Leadership?> NextLeaderAsync(
        HttpContext http,
        Course course,
        TimeSpan pause
    )
    {
        if (_leaders.Current is { } known && course.Leader is null)
        {
            return known;
        }
        TimeSpan left = Left(course);
        if (left <= TimeSpan.Zero)
        {
            return null;
        }
        long held = _time.GetTimestamp();
        using var late = new CancellationTokenSource(left, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            late.Token,
            http.RequestAborted
        );
        try
        {
            Leadership leader = await _leaders.WaitAsync(either.Token);
            if (leader == course.Leader)
            {
                // The same one again: it needs a moment, and so does everybody else who asks it.
                await Task.Delay(pause, _time, either.Token);
                leader = await _leaders.WaitAsync(either.Token);
            }
            return leader;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            _metrics.Held(_time.GetElapsedTime(held));
        }
    }

    /// <returns>Null when there was no place at the leader in time.</returns>
    private async ValueTask<Try?> TryAsync(
        HttpContext http,
        Course course,
        Leadership leader,
        BodyBuffer body,
        BodyBuffer answer
    )
    {
        try
        {
            TimeSpan left = Left(course);
            if (left < TimeSpan.Zero || !await _places.WaitAsync(left, http.RequestAborted))
            {
                return null;
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        try
        {
            course.Tries++;
            var attempt = new Try(
                course.Ticket.RequestId,
                leader.Node.Name,
                answer,
                _options.AnswerBytesMax,
                afterUncertain: course.IsUncertain && course.IsWrite,
                passFailure: !course.MayRepeat
                    || course.FailedTries + 1 >= GatewayLimits.FailedTriesMax
            );
            Forget(http, course);
            http.Request.Body = body.OpenRead();
            ForwarderError error = await _forwarder.SendAsync(
                http,
                leader.Node.Rest.GetLeftPart(UriPartial.Authority),
                _http,
                _config,
                attempt,
                leader.Ended
            );
            attempt.Conclude(error, http.GetForwarderErrorFeature()?.Exception);
            return attempt;
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>What an earlier try left at the answer.</summary>
    private static void Forget(HttpContext http, Course course)
    {
        if (course.Tries > 1)
        {
            http.Features.Set<IForwarderErrorFeature>(null);
            http.Response.Clear();
            http.Response.Headers[Try.RequestIdHeader] = course.Ticket.RequestId;
        }
    }

    private async ValueTask<GatewayProblem?> ReadBodyAsync(HttpContext http, BodyBuffer body)
    {
        HttpRequest request = http.Request;
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return null;
        }
        // The limit is kept here: the server's own would close the line on a sender who is not done, who
        // then reads a broken line in the place of the answer. What is beyond it the server throws away
        // for a few seconds at most.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
        try
        {
            BufferOutcome read = await body.FillAsync(
                request.Body,
                request.ContentLength,
                _options.BodyBytesMax,
                http.RequestAborted
            );
            // From here on it is one piece of a known length, whatever way it came.
            request.Headers.Remove("Expect");
            request.Headers.Remove("Transfer-Encoding");
            request.ContentLength = body.Bytes.Length;
            if (read != BufferOutcome.Read)
            {
                // No next request on this line: its beginning would be this one's rest.
                http.Response.Headers.Connection = "close";
            }
            return read switch
            {
                BufferOutcome.TooLarge => GatewayProblem.TooLarge,
                BufferOutcome.NoRoom => GatewayProblem.Busy,
                _ => null,
            };
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => GatewayProblem.TooLarge,
                StatusCodes.Status408RequestTimeout => GatewayProblem.TooSlow,
                _ => GatewayProblem.InvalidRequest,
            };
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            http.Abort();
            return null;
        }
    }

    private static Task AnswerAsync(HttpContext http, BodyBuffer answer)
    {
        if (HttpMethods.IsHead(http.Request.Method) || answer.Bytes.IsEmpty)
        {
            return Task.CompletedTask;
        }
        http.Response.ContentLength = answer.Bytes.Length;
        return http.Response.Body.WriteAsync(answer.Bytes, http.RequestAborted).AsTask();
    }

    private Task GiveUpAsync(HttpContext http, Course course) =>
        http.RequestAborted.IsCancellationRequested
            ? Task.CompletedTask
            : RefuseAsync(
                http,
                course,
                course.IsUncertain && course.IsWrite
                    ? GatewayProblem.UnknownOutcome
                    : GatewayProblem.Unavailable
            );

    private Task RefuseAsync(HttpContext http, Course course, GatewayProblem problem)
    {
        course.Problem = problem;
        return RefuseAsync(http, problem);
    }

    private Task RefuseAsync(HttpContext http, GatewayProblem problem)
    {
        _metrics.Refused(problem);
        return http.RequestAborted.IsCancellationRequested
            ? Task.CompletedTask
            : problem.WriteAsync(http);
    }

    /// <summary>
    /// After a try whose outcome nobody knows. Ids that the customer gave are remembered by the ledger
    /// for ever, so a batch that has them all can't happen twice; but a chain that was done answers
    /// as if it had failed, so it is not repeated without a key.
    /// </summary>
    private static bool MayRepeat(HttpContext http, Route route, RequestScan scan) =>
        route.Repeat switch
        {
            Repeat.Always => true,
            Repeat.WithKey => http.Request.Headers["Idempotency-Key"].Count == 1
                || (
                    scan.IsWhole
                    && route.Service switch
                    {
                        Service.CreateTransfers or Service.CreateAccounts => scan.AllHaveIds
                            && !scan.HasLinked,
                        Service.ProposeOperation => scan.HasOwnId,
                        _ => false,
                    }
                ),
            _ => false,
        };

    private TimeSpan Left(Course course) =>
        _options.HoldMax - _time.GetElapsedTime(course.StartedAt);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
