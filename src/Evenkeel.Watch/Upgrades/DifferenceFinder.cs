using System.Globalization;

namespace Evenkeel.Watch.Upgrades;

/// <summary>
/// Says more about a difference than that there is one: both programs replay once more up to it, now
/// with the details of that entry. A difference of the state is narrowed to its entry first.
/// </summary>
internal sealed class DifferenceFinder(RehearsalOptions options, ShadowSource source)
{
    /// <summary>Digests of the state in one pass; each pass divides the range by so many.</summary>
    private const ulong DigestsPerPass = 32;

    private static readonly (string Name, int Offset, int Bytes)[] RowFields =
    [
        ("id", 0, 16),
        ("user_data_128", 16, 16),
        ("user_data_64", 32, 8),
        ("amount", 40, 8),
        ("timestamp", 48, 8),
        ("pending_position", 56, 8),
        ("previous_debit", 64, 8),
        ("previous_credit", 72, 8),
        ("entry_index", 80, 8),
        ("debit_slot", 88, 4),
        ("credit_slot", 92, 4),
        ("user_data_32", 96, 4),
        ("timeout", 100, 4),
        ("code", 104, 2),
        ("flags", 106, 2),
        ("kind", 108, 1),
        ("pending_status", 109, 1),
        ("debit_flags", 110, 2),
        ("credit_flags", 112, 2),
        ("reserved", 114, 2),
        ("ledger", 116, 4),
        ("debit.debits_pending", 120, 8),
        ("debit.debits_posted", 128, 8),
        ("debit.credits_pending", 136, 8),
        ("debit.credits_posted", 144, 8),
        ("credit.debits_pending", 152, 8),
        ("credit.debits_posted", 160, 8),
        ("credit.credits_pending", 168, 8),
        ("credit.credits_posted", 176, 8),
    ];

    private int _pass;

    public async Task<RehearsalDifference> ExplainAsync(
        RehearsalDifference difference,
        CancellationToken cancellationToken
    ) =>
        difference.Kind switch
        {
            "results" or "rows" => await DetailAsync(difference, cancellationToken)
                .ConfigureAwait(false),
            "state" => await NarrowAsync(difference, cancellationToken).ConfigureAwait(false),
            _ => difference,
        };

    private async Task<RehearsalDifference> DetailAsync(
        RehearsalDifference difference,
        CancellationToken cancellationToken
    )
    {
        var entry = difference.Entry.ToString(CultureInfo.InvariantCulture);
        string[] more = ["--detail", entry, "--from", entry, "--digest-every", "0"];
        using var pair = Start(difference.Entry, more);
        while (await pair.ReadAsync(cancellationToken).ConfigureAwait(false) is { } lines)
        {
            var (ours, theirs) = lines;
            if (ours == theirs || ours.Shadow is not null)
            {
                continue;
            }
            return ours.Event is not null || theirs.Event is not null
                ? WithResults(difference, ours, theirs)
                : difference with
                {
                    Detail = DescribeRows(ours, theirs) ?? difference.Detail,
                };
        }
        return difference;
    }

    private static RehearsalDifference WithResults(
        RehearsalDifference difference,
        ShadowLine ours,
        ShadowLine theirs
    )
    {
        var operation = ours.Operation ?? theirs.Operation ?? 0;
        var current = Result(operation, ours);
        var candidate = Result(operation, theirs);
        var what =
            current?.Number != candidate?.Number
                ? $"{current?.Status ?? "nothing"} now, {candidate?.Status ?? "nothing"} by the candidate"
            : current?.Timestamp != candidate?.Timestamp
                ? $"{current?.Status} at {current?.Timestamp} now, at {candidate?.Timestamp} by the candidate"
            : $"{current?.Status} with {current?.More} now, with {candidate?.More} by the candidate";
        return difference with
        {
            Command = ours.Command ?? theirs.Command,
            Operation = StatusWords.Operation(operation),
            Event = ours.Event ?? theirs.Event,
            Current = current,
            Candidate = candidate,
            Detail = what,
        };
    }

    private static RehearsedResult? Result(int operation, ShadowLine line) =>
        line.Status is { } status
            ? new RehearsedResult(
                StatusWords.Status(operation, status),
                status,
                line.Timestamp ?? 0,
                line.More ?? 0
            )
            : null;

    private static string? DescribeRows(ShadowLine ours, ShadowLine theirs)
    {
        if (ours.Bytes is not { } now || theirs.Bytes is not { } then)
        {
            return (ours.Row ?? theirs.Row) is { } extra
                ? $"only one of them makes row {extra}"
                : null;
        }
        if (now.Length != then.Length)
        {
            return $"row {ours.Row} has another length";
        }
        foreach (var (name, offset, bytes) in RowFields)
        {
            var a = now.AsSpan(offset * 2, bytes * 2);
            var b = then.AsSpan(offset * 2, bytes * 2);
            if (!a.SequenceEqual(b))
            {
                return $"row {ours.Row}, {name}: {Number(a)} now, {Number(b)} by the candidate";
            }
        }
        return null;
    }

    private static string Number(ReadOnlySpan<char> hex)
    {
        var bytes = Convert.FromHexString(hex);
        Array.Reverse(bytes);
        return UInt128
            .Parse(Convert.ToHexString(bytes), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            .ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Digests the state ever more often until the entry is known.</summary>
    private async Task<RehearsalDifference> NarrowAsync(
        RehearsalDifference difference,
        CancellationToken cancellationToken
    )
    {
        var high = difference.Entry;
        var low = high > options.DigestEvery ? high - options.DigestEvery : 0;
        var detail = difference.Detail;
        while (high - low > 1)
        {
            var step = Math.Max(1, (high - low) / DigestsPerPass);
            string[] more =
            [
                "--from",
                (low + 1).ToString(CultureInfo.InvariantCulture),
                "--digest-every",
                step.ToString(CultureInfo.InvariantCulture),
            ];
            using var pair = Start(high, more);
            var found = false;
            while (
                !found && await pair.ReadAsync(cancellationToken).ConfigureAwait(false) is { } lines
            )
            {
                var (ours, theirs) = lines;
                if (ours.State is not { } state)
                {
                    continue;
                }
                found = ours != theirs;
                (low, high) = found ? (low, state) : (state, high);
                detail = found ? Rehearsal.WhichState(ours, theirs) : detail;
            }
            if (!found || step == 1)
            {
                break;
            }
        }
        // Results and rows of all entries were equal: only the state can tell.
        return difference with { Entry = high, Detail = detail };
    }

    private Pair Start(ulong to, string[] more)
    {
        _pass++;
        var until = source with { To = to };
        return new Pair(
            ShadowProcess.Start(options.CurrentPath, until, $"current-{_pass}", more),
            ShadowProcess.Start(options.CandidatePath, until, $"candidate-{_pass}", more)
        );
    }

    /// <summary>Both programs, read in step.</summary>
    private sealed class Pair(ShadowProcess current, ShadowProcess candidate) : IDisposable
    {
        public async Task<(ShadowLine Current, ShadowLine Candidate)?> ReadAsync(
            CancellationToken cancellationToken
        )
        {
            var ours = await current.ReadAsync(cancellationToken).ConfigureAwait(false);
            var theirs = await candidate.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (ours is null && theirs is null)
            {
                return null;
            }
            return (
                ours is null ? new ShadowLine() : current.Parse(ours),
                theirs is null ? new ShadowLine() : candidate.Parse(theirs)
            );
        }

        public void Dispose()
        {
            current.Dispose();
            candidate.Dispose();
        }
    }
}
