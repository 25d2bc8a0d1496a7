using System.Text;
using Evenkeel.CardKeys;
using Evenkeel.Channels.Iso8583;
using Evenkeel.Channels.Iso8583.Codec;
using Evenkeel.Payments;
using Evenkeel.Payments.Compliance;

namespace Evenkeel.Channels.Tests.Iso8583;

/// <summary>The ISO 8583 channel under the suite that every channel passes.</summary>
public sealed class IsoChannelCompliance : ChannelCompliance
{
    protected override Task<IChannelUnderTest> StartAsync(ScriptedBank bank) =>
        Task.FromResult<IChannelUnderTest>(new IsoChannel(bank));

    private sealed class IsoChannel : IChannelUnderTest
    {
        private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(900);

        private readonly SoftwareCardKeys _keys = IsoBed.NewKeys();
        private readonly IsoBed _bed;

        public IsoChannel(ScriptedBank bank)
        {
            _bed = new IsoBed(
                _keys,
                bank,
                new CardBank(_keys),
                new Iso8583Options { AnswerMax = TimeSpan.FromMilliseconds(300) }
            );
        }

        public async Task<ChannelAnswer> PayAsync(
            int reference,
            long minor,
            CancellationToken cancellationToken
        )
        {
            await using var client = await _bed.SignOnAsync(cancellationToken: cancellationToken);
            using var message = _bed.Terminal.Withdrawal(reference, minor);
            using var answer = await client.AskAsync(message, Patience, cancellationToken);
            return answer is null
                ? new ChannelAnswer(ChannelSaid.Unknown, Code: null, "")
                : new ChannelAnswer(
                    string.Equals(
                        answer.Text(IsoField.ResponseCode),
                        ReasonTable.Approved,
                        StringComparison.Ordinal
                    )
                        ? ChannelSaid.Done
                        : ChannelSaid.NotDone,
                    answer.Text(IsoField.ResponseCode),
                    Raw(answer)
                );
        }

        public async Task<ChannelAnswer> SendMalformedAsync(CancellationToken cancellationToken)
        {
            using var raw = await _bed.ConnectRawAsync();
            var stream = raw.GetStream();
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes("\0\u001402X00000000000000000"),
                cancellationToken
            );
            var read = await stream.ReadAsync(new byte[512], cancellationToken);
            return new ChannelAnswer(
                read == 0 ? ChannelSaid.NotDone : ChannelSaid.Done,
                Code: null,
                ""
            );
        }

        public Task RestartAsync() => _bed.RestartAsync();

        public string CodeOf(ReasonRow row) => row.ResponseCode;

        public async ValueTask DisposeAsync()
        {
            await _bed.DisposeAsync();
            _keys.Dispose();
        }

        private static string Raw(IsoMessage answer)
        {
            var bytes = new byte[IsoLimits.MessageBytesMax];
            return Convert.ToHexString(bytes, 0, IsoCodec.Encode(answer, bytes));
        }
    }
}
