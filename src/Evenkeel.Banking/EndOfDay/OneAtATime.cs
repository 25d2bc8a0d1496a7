using System.Threading.Channels;
using Evenkeel.Model;

namespace Evenkeel.Banking.EndOfDay;

/// <summary>Work that is never done twice at once in this process; who comes later waits.</summary>
internal sealed class OneAtATime
{
    /// <summary>Holds one token while somebody works: a writer finds no room until it is taken out.</summary>
    private readonly Channel<byte> _turn = Channel.CreateBounded<byte>(1);

    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _turn.Writer.WriteAsync(0, cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            Check.That(_turn.Reader.TryRead(out _));
        }
    }
}
