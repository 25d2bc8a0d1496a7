using Evenkeel.Journal;
using Evenkeel.Model;
using Evenkeel.Node.Entries;

namespace Evenkeel.Node;

/// <content>Which rules are in force, and how they are raised.</content>
public sealed partial class EvenkeelNode
{
    /// <summary>The highest state version that this program can apply.</summary>
    public const uint StateVersionNewest = StateVersions.Newest;

    /// <summary>The state version in force here, as of the last applied entry.</summary>
    public uint StateVersion => _core.Machine.StateVersion;

    /// <summary>The highest state version that this node can apply.</summary>
    public uint StateVersionMax => _options.StateVersionMax;

    /// <summary>
    /// Which entries this node applied as refused: equal on nodes that agree, 0 when there are none.
    /// </summary>
    public UInt128 QuarantineDigest => _core.Parts.Quarantine.DigestUpTo(ulong.MaxValue);

    /// <summary>
    /// Proposes that the rules of a version are in force from there on. There is no way back to a
    /// program that does not know them: the caller has asked every member whether it does.
    /// </summary>
    /// <param name="version">Above <see cref="StateVersion"/>, at most <see cref="StateVersionMax"/>.</param>
    /// <param name="maker">Number of the key that asked first.</param>
    /// <param name="checker">Number of another key, that agreed.</param>
    /// <returns>Done with the version in force after it.</returns>
    public async Task<Answer<uint>> ActivateAsync(
        uint version,
        ulong maker,
        ulong checker,
        CancellationToken cancellationToken
    )
    {
        if (version <= StateVersion)
        {
            return new Answer<uint>.Done(StateVersion);
        }
        if (version > StateVersionMax || maker == 0 || checker == 0 || maker == checker)
        {
            return new Answer<uint>.NotDone(
                FrameStatus.Forbidden,
                $"version {version} needs a program that knows it and two different keys"
            );
        }
        var request = new JournalRequest<byte>();
        FrameStatus taken = _batcher.Submit(
            request,
            OperationCode.Activate,
            count: 0,
            principal: checker,
            ActivateBody.Encode(version, maker)
        );
        if (taken != FrameStatus.Ok)
        {
            return new Answer<uint>.NotDone(taken, "it was not taken into the log");
        }
        return await request.WaitAsync(cancellationToken) switch
        {
            Answer<byte[]>.Done => new Answer<uint>.Done(StateVersion),
            Answer<byte[]>.NotDone(var reason, var detail) => new Answer<uint>.NotDone(
                reason,
                detail
            ),
            Answer<byte[]>.Unknown(var detail) => new Answer<uint>.Unknown(detail),
            var other => throw new InvariantException(other.GetType().Name),
        };
    }
}
