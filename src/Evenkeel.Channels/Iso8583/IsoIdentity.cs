using Evenkeel.Channels.Iso8583.Codec;
using Evenkeel.Payments;

namespace Evenkeel.Channels.Iso8583;

/// <summary>
/// The bank's number for a message, computed by whoever sent it: what it can be asked by afterwards,
/// whether an answer came or not (docs/formats/iso8583.md).
/// </summary>
public static class IsoIdentity
{
    /// <summary>Of a request, an advice or a reversal, and of all their repeats.</summary>
    public static InstructionId Of(IsoMessage message) => IsoMatchKey.Of(message).ToInstructionId();
}
