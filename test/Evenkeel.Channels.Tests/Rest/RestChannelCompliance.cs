using System.Globalization;
using System.Text.Json.Nodes;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;

namespace Evenkeel.Channels.Tests.Rest;

public sealed class RestChannelCompliance : ChannelCompliance
{
    protected override async Task<IChannelUnderTest> StartAsync(ScriptedBank bank)
    {
        var bed = await RestBed.StartAsync(bank);
        return new Rest(bed, await bed.SignInAsync("customer", RestBed.CustomerLogin));
    }

    private sealed class Rest(RestBed bed, string session) : IChannelUnderTest
    {
        public async Task<ChannelAnswer> PayAsync(
            int reference,
            long minor,
            CancellationToken cancellationToken
        ) =>
            Said(
                await bed.SendAsync(
                    HttpMethod.Post,
                    "/bank/v1/payments",
                    session,
                    new JsonObject
                    {
                        ["from"] = PlayedBank.Own.ToString(),
                        ["to"] = new JsonObject { ["account"] = PlayedBank.Other.ToString() },
                        ["amount"] = (minor / 100m).ToString("F2", CultureInfo.InvariantCulture),
                        ["currency"] = "CNY",
                    },
                    key: $"ref-{reference}"
                )
            );

        public async Task<ChannelAnswer> SendMalformedAsync(CancellationToken cancellationToken) =>
            Said(
                await bed.SendAsync(
                    HttpMethod.Post,
                    "/bank/v1/payments",
                    session,
                    new JsonArray("what is this?"),
                    key: "malformed"
                )
            );

        /// <summary>The session goes on: its token needs nothing but the keys.</summary>
        public Task RestartAsync() => bed.RestartAsync();

        public string CodeOf(ReasonRow row) => row.Slug;

        public ValueTask DisposeAsync() => bed.DisposeAsync();

        private static ChannelAnswer Said((int Status, JsonNode? Body, string Raw) answer)
        {
            var said = answer.Status switch
            {
                200 => ChannelSaid.Done,
                202 => ChannelSaid.Unknown,
                _ => ChannelSaid.NotDone,
            };
            return new ChannelAnswer(said, answer.Body?["reason"]?.GetValue<string>(), answer.Raw);
        }
    }
}
