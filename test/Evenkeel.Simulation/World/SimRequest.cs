using Evenkeel.Model;
using Evenkeel.Node.Batching;

namespace Evenkeel.Simulation.World;

/// <summary>A request on its way through a simulated leader.</summary>
internal sealed class SimRequest(ClientRequest request, Action<ClientReply> reply) : PendingRequest
{
    private byte[] _results = [];

    public override Span<byte> Results(int bytes) => _results = new byte[bytes];

    protected override void Answer(FrameStatus status, string detail, ulong appliedIndex) =>
        reply(
            new ClientReply(
                request.Intent,
                status == FrameStatus.Ok ? Outcome.Answered : Outcome.Unknown,
                _results,
                appliedIndex
            )
        );
}
