using System.Collections.Concurrent;
using Evenkeel.Gateway.Attempts;

namespace Evenkeel.Gateway.Tests;

/// <summary>Real files that can be told to fail, or to take their time.</summary>
internal sealed class FaultyFiles : IAttemptFiles
{
    private readonly AttemptFiles _real = new();

    public bool FailsCreate { get; set; }

    public bool FailsWrite { get; set; }

    public bool FailsFlush { get; set; }

    /// <summary>Flushes wait for this to be set.</summary>
    public ManualResetEventSlim MayFlush { get; } = new(initialState: true);

    public ConcurrentBag<string> Deleted { get; } = [];

    public IAttemptFile Create(string path) =>
        FailsCreate
            ? throw new IOException("no space left on device")
            : new File(this, _real.Create(path));

    public void Delete(string path)
    {
        Deleted.Add(path);
        _real.Delete(path);
    }

    private sealed class File(FaultyFiles files, IAttemptFile real) : IAttemptFile
    {
        public void Append(ReadOnlySpan<byte> bytes)
        {
            if (files.FailsWrite)
            {
                // A full disk takes some of it.
                real.Append(bytes[..(bytes.Length / 2)]);
                throw new IOException("no space left on device");
            }
            real.Append(bytes);
        }

        public void Flush()
        {
            files.MayFlush.Wait();
            if (files.FailsFlush)
            {
                throw new IOException("input/output error");
            }
            real.Flush();
        }

        public void Dispose() => real.Dispose();
    }
}
