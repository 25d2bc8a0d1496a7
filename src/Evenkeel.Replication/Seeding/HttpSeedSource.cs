using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Evenkeel.Replication;

/// <summary>The members' interface for each other, <c>/peer/v1</c> (docs/formats/seeding.md).</summary>
/// <param name="http">Knows how to be admitted; its own timeout must be none.</param>
/// <param name="members">Where the others serve HTTP, this member left out.</param>
public sealed class HttpSeedSource(HttpClient http, IReadOnlyList<Uri> members) : ISeedSource
{
    /// <summary>Path of the plan below a member's address.</summary>
    public const string PlanPath = "peer/v1/seed";

    /// <summary>Path above the files' names.</summary>
    public const string FilesPath = "peer/v1/files/";

    private readonly Dictionary<string, Uri> addresses = new(StringComparer.Ordinal);

    public async Task<SeedPlan> PlanAsync(CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        foreach (var member in members)
        {
            try
            {
                var plan = await AskAsync(member, cancellationToken);
                addresses[plan.Member] = member;
                return plan;
            }
            catch (SeedSourceException refused)
            {
                reasons.Add($"{member}: {refused.Message}");
            }
        }
        throw new SeedSourceException(
            "No member leads with a majority behind it; this one waits. "
                + string.Join("; ", reasons)
        );
    }

    public async Task CopyAsync(
        SeedPlan plan,
        SeedFile file,
        long offset,
        Stream destination,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(destination);
        if (offset == file.Length)
        {
            return;
        }
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri(addresses[plan.Member], FilesPath + file.Path)
        );
        request.Headers.Range = new RangeHeaderValue(offset, file.Length - 1);
        using var stalled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stalled.CancelAfter(TimeSpan.FromSeconds(SeedLimits.StallSeconds));
        try
        {
            using var response = await http.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                stalled.Token
            );
            if (
                response.StatusCode != HttpStatusCode.PartialContent
                || response.Content.Headers.ContentRange?.From != offset
            )
            {
                throw new SeedSourceException($"{file.Path}: {Describe(response)}");
            }
            await using var body = await response.Content.ReadAsStreamAsync(stalled.Token);
            var buffer = new byte[SeedLimits.StepBytes];
            while (await body.ReadAsync(buffer, stalled.Token) is var read and > 0)
            {
                stalled.CancelAfter(TimeSpan.FromSeconds(SeedLimits.StallSeconds));
                await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        catch (HttpRequestException away)
        {
            throw new SeedSourceException($"{file.Path}: {away.Message}", away);
        }
        catch (HttpIOException away)
        {
            throw new SeedSourceException($"{file.Path}: {away.Message}", away);
        }
        catch (OperationCanceledException silent) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SeedSourceException(
                $"{file.Path}: silent for {SeedLimits.StallSeconds} s",
                silent
            );
        }
    }

    private async Task<SeedPlan> AskAsync(Uri member, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(SeedLimits.PlanTimeoutSeconds));
        try
        {
            using var response = await http.GetAsync(
                new Uri(member, PlanPath),
                HttpCompletionOption.ResponseContentRead,
                patience.Token
            );
            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw new SeedSourceException(Describe(response));
            }
            return SeedPlan.Parse(await response.Content.ReadAsByteArrayAsync(patience.Token));
        }
        catch (Exception away) when (away is HttpRequestException or InvalidDataException)
        {
            throw new SeedSourceException(away.Message, away);
        }
        catch (OperationCanceledException silent) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SeedSourceException("does not answer", silent);
        }
    }

    private static string Describe(HttpResponseMessage response) =>
        response.StatusCode switch
        {
            HttpStatusCode.Conflict => "does not lead",
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => "does not admit this member",
            var other => string.Create(CultureInfo.InvariantCulture, $"answers {(int)other}"),
        };
}
