using System.Collections.Concurrent;
using Evenkeel.Payments;

namespace Evenkeel.Demo.Load;

/// <summary>
/// Holds a truth log against the bank, instruction by instruction: against what the bank says of each, and
/// against the statements of all accounts, to the cent.
/// </summary>
public sealed class TruthCheck
{
    private const int AtOnce = 32;

    private static readonly Actor Checker = new Actor.Staff("truth-check", "demo");

    private readonly ConcurrentQueue<string> _lost = new();
    private readonly ConcurrentQueue<string> _reborn = new();
    private readonly ConcurrentQueue<string> _twice = new();
    private readonly ConcurrentQueue<string> _otherAmount = new();
    private readonly ConcurrentQueue<string> _notFound = new();
    private readonly IAccountQueries _bank;
    private long _unanswered;
    private long _foundDone;
    private long _foundNotDone;
    private long _open;

    private TruthCheck(IAccountQueries bank) => _bank = bank;

    /// <exception cref="InvalidOperationException">The bank could not be asked.</exception>
    /// <exception cref="InvalidDataException">The log is none.</exception>
    public static async Task<TruthReport> RunAsync(
        string path,
        IAccountQueries bank,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(bank);
        return await new TruthCheck(bank).RunAsync(Remembered.Read(path), cancellationToken);
    }

    private async Task<TruthReport> RunAsync(
        IReadOnlyCollection<Remembered> all,
        CancellationToken cancellationToken
    )
    {
        var statements = await StatementLines.ReadAsync(_bank, Checker, all, cancellationToken);
        await Parallel.ForEachAsync(
            all,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = AtOnce,
                CancellationToken = cancellationToken,
            },
            async (one, token) => Judge(one, await TraceAsync(one, token), statements)
        );
        return new TruthReport(
            all.Count,
            _unanswered,
            [.. _lost],
            [.. _reborn],
            [.. _twice],
            [.. _otherAmount],
            [.. _notFound],
            _foundDone,
            _foundNotDone,
            _open,
            statements.Accounts,
            statements.Lines
        );
    }

    private void Judge(Remembered one, InstructionState state, StatementLines statements)
    {
        var isOpen = state is InstructionState.BeingResolved;
        switch (one.Told?.Outcome)
        {
            case ToldOutcome.Done:
                MustHaveMoved(one, state, statements);
                break;
            case ToldOutcome.NotDone:
                MustNotHaveMoved(one, state, statements);
                break;
            case ToldOutcome.Reversed:
                if (statements.Moved(one) != 0)
                {
                    _reborn.Enqueue(one.Id);
                }
                break;
            case ToldOutcome.BeingResolved when isOpen:
                break;
            case ToldOutcome.BeingResolved:
                AsItIs(one, state, statements);
                break;
            default:
                Interlocked.Increment(ref _unanswered);
                if (!isOpen)
                {
                    ref var found = ref _foundNotDone;
                    if (AsItIs(one, state, statements))
                    {
                        found = ref _foundDone;
                    }
                    Interlocked.Increment(ref found);
                }
                break;
        }
        if (isOpen)
        {
            Interlocked.Increment(ref _open);
        }
    }

    /// <summary>The asker knows no end: the bank's own must agree with its statements.</summary>
    /// <returns>Whether it was done.</returns>
    private bool AsItIs(Remembered one, InstructionState state, StatementLines statements)
    {
        if (state is InstructionState.Done)
        {
            MustHaveMoved(one, state, statements);
            return true;
        }
        if (statements.Moved(one) != 0)
        {
            _reborn.Enqueue(one.Id);
        }
        return false;
    }

    private void MustHaveMoved(Remembered one, InstructionState state, StatementLines statements)
    {
        if (state is InstructionState.None)
        {
            _notFound.Enqueue(one.Id);
        }
        else if (state is not InstructionState.Done)
        {
            _lost.Enqueue(one.Id);
        }
        foreach (var (account, sign) in one.Sides)
        {
            var lines = statements.Of(account, one.Id);
            if (lines.Count == 0)
            {
                _lost.Enqueue(one.Id);
            }
            else if (lines.Count > 1)
            {
                _twice.Enqueue(one.Id);
            }
            else if (
                lines[0] != sign * one.Asked.Minor
                || (one.Told?.Minor is { } told && told != one.Asked.Minor)
            )
            {
                _otherAmount.Enqueue(one.Id);
            }
        }
    }

    private void MustNotHaveMoved(Remembered one, InstructionState state, StatementLines statements)
    {
        if (
            state is InstructionState.Done
            || one.Sides.Any(side => statements.Of(side.Account, one.Id).Count > 0)
        )
        {
            _reborn.Enqueue(one.Id);
        }
    }

    /// <summary>By the customer's own reference, as a customer would ask.</summary>
    private async Task<InstructionState> TraceAsync(
        Remembered one,
        CancellationToken cancellationToken
    ) =>
        await _bank.TraceAsync(Checker, one.Asked.Reference ?? one.Id, cancellationToken) switch
        {
            QueryAnswer<IReadOnlyList<InstructionTrace>>.Found found => found
                .Value.FirstOrDefault(trace =>
                    string.Equals(trace.Id.ToString(), one.Id, StringComparison.Ordinal)
                )
                ?.State
                ?? InstructionState.None,
            QueryAnswer<IReadOnlyList<InstructionTrace>>.Refused refused =>
                throw new InvalidOperationException(
                    $"The bank could not be asked: {refused.Reason}."
                ),
            _ => throw new InvalidOperationException("A third kind of answer."),
        };
}
