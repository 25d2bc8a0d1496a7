using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Rest;
using Evenkeel.Contract;

namespace Evenkeel.Gateway.Banking;

/// <summary>How the gateway reaches the bank behind the nodes, and the channels that it hosts.</summary>
public sealed record BankLink
{
    /// <summary>What is shown to nodes of this machine.</summary>
    public string? Secret { get; init; }

    /// <summary>What is shown to nodes elsewhere; its owner disposes of it.</summary>
    public ContractTls? Tls { get; init; }

    public RestChannelOptions Rest { get; init; } = new();

    /// <summary>Null = no machines are served.</summary>
    public IsoLink? Iso { get; init; }
}

/// <summary>The ISO 8583 listener and the keys behind it; their owner disposes of them.</summary>
public sealed record IsoLink(Iso8583Options Options, ICardKeys Keys);
