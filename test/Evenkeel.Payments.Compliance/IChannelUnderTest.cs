namespace Evenkeel.Payments.Compliance;

/// <summary>What a channel said to who asked through it.</summary>
public enum ChannelSaid
{
    /// <summary>Nothing, or that it is not known: the asker asks again or reverses.</summary>
    Unknown,
    Done,
    NotDone,
}

/// <param name="Code">How the channel's language says it: field 39, a problem's type, a status reason.</param>
/// <param name="Raw">All of the answer that must be the same when it is asked again.</param>
public sealed record ChannelAnswer(ChannelSaid Said, string? Code, string Raw);

/// <summary>A running channel in front of a bank that the test plays.</summary>
public interface IChannelUnderTest : IAsyncDisposable
{
    /// <summary>Asks for a payment in the channel's own language.</summary>
    /// <param name="reference">
    /// A small number by which the originator counts its payments; the same number is the same request.
    /// </param>
    Task<ChannelAnswer> PayAsync(int reference, long minor, CancellationToken cancellationToken);

    /// <summary>Sends what is none of the channel's messages.</summary>
    Task<ChannelAnswer> SendMalformedAsync(CancellationToken cancellationToken);

    /// <summary>Ends the channel and starts it anew; the bank goes on.</summary>
    Task RestartAsync();

    /// <summary>How the channel says a reason.</summary>
    string CodeOf(ReasonRow row);
}
