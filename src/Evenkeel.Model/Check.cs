using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Evenkeel.Model;

/// <summary>
/// Assertions that stay on in production. A wrong bank is worse than a stopped one.
/// </summary>
public static class Check
{
    /// <summary>Stops the process when an invariant does not hold.</summary>
    /// <remarks>
    /// Throws <see cref="InvariantException"/>, which the apply loop turns into the end of the process:
    /// state that broke an invariant must not be served or written further.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void That(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string expression = "",
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0
    )
    {
        if (!condition)
        {
            Fail(expression, file, line);
        }
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fail(string expression, string file, int line) =>
        throw new InvariantException($"{expression} at {Path.GetFileName(file)}:{line}");
}

/// <summary>
/// An invariant does not hold. Nobody catches this to go on: the node's apply loop turns it into
/// <see cref="Environment.FailFast(string?)"/>.
/// </summary>
public sealed class InvariantException(string message) : Exception($"Invariant broken: {message}");
