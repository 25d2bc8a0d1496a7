using System.Net.Sockets;
using System.Runtime.InteropServices;
using Evenkeel.Client;
using Evenkeel.Model;
using Xunit;

namespace Evenkeel.Node.Tests.Protocol;

/// <summary>Random bytes and mutated frames from a seed; long counts with EVENKEEL_LONG=1.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Seed = 20_261_123;

    private static int Rounds =>
        Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1" ? 20_000 : 300;

    [Fact]
    public async Task No_bytes_stop_the_node_or_hurt_another_line()
    {
        output.WriteLine($"seed {Seed}, rounds {Rounds}");
        var random = new Random(Seed);
        Exception? fatal = null;
        await using TestNode node = await TestNode.StartAsync(o =>
            o with
            {
                OnFatal = e => fatal = e,
            }
        );
        await using EvenkeelClient bystander = await node.ConnectAsync();
        (await bystander.CreateAccountsAsync(Events.Accounts(2))).Require();
        for (int round = 0; round < Rounds; round++)
        {
            bool hello = random.Next(8) != 0;
            await using RawClient client = hello
                ? await RawClient.OpenAsync(node)
                : await RawClient.OpenAsync(node.Endpoint);
            try
            {
                for (int i = random.Next(1, 6); i > 0; i--)
                {
                    await client.SendAsync(Mutated(random));
                }
            }
            catch (SocketException)
            {
                // The node hung up in the middle: its right.
            }
            if (round % 20 == 0)
            {
                Transfer[] one = [Events.Transfer((UInt128)(1_000_000 + round))];
                Assert.Equal(
                    CreateTransferStatus.Created,
                    (await bystander.CreateTransfersAsync(one)).Require()[0].Status
                );
            }
        }
        Assert.Null(fatal);
        Assert.True(node.Node.Health.IsReady);
        Account[] accounts = (
            await bystander.LookupAccountsAsync(new UInt128[] { 1, 2 })
        ).Require();
        Assert.Equal(accounts[0].DebitsPosted, accounts[1].CreditsPosted);
        await Eventually.TrueAsync(() => node.Node.Replication.AppliedIndex > 0);
    }

    private static byte[] Mutated(Random random)
    {
        OperationCode[] codes = Enum.GetValues<OperationCode>();
        OperationCode operation = codes[random.Next(codes.Length)];
        byte[] body = new byte[random.Next(4) == 0 ? random.Next(3_000) : 128 * random.Next(20)];
        random.NextBytes(body);
        // Half of all frames are well formed around a body of nonsense.
        byte[] frame = RawClient.Request(operation, body, (uint)(body.Length / 128));
        switch (random.Next(6))
        {
            case 0:
                frame[random.Next(frame.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                frame = frame[..random.Next(frame.Length)];
                break;
            case 2:
                random.NextBytes(frame.AsSpan(16, 48));
                RawClient.Seal(frame);
                break;
            default:
                break;
        }
        return frame;
    }
}

/// <summary>The same for the log's entries: any bytes are refused or read, never a crash.</summary>
public sealed class EntryFuzzTests(ITestOutputHelper output)
{
    private const int Seed = 20_261_123;

    private static int Rounds =>
        Environment.GetEnvironmentVariable("EVENKEEL_LONG") == "1" ? 5_000_000 : 50_000;

    [Fact]
    public void No_bytes_break_the_reader_of_entries()
    {
        output.WriteLine($"seed {Seed}, rounds {Rounds}");
        var random = new Random(Seed);
        int whole = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] entry = Mutated(random);
            var reader = Entries.EntryReader.Open(entry, out string? problem);
            if (problem is not null)
            {
                continue;
            }
            whole++;
            ulong events = 0;
            while (reader.TryRead(out CommandHeader command, out ReadOnlySpan<byte> body))
            {
                events += command.Count;
                Assert.Equal(command.Length, (uint)body.Length);
            }
            Assert.Equal(reader.EventCount, events);
        }
        Assert.True(whole > Rounds / 10);
    }

    private static byte[] Mutated(Random random)
    {
        int commands = random.Next(4);
        var bytes = new List<byte>(new byte[32]);
        for (int i = 0; i < commands; i++)
        {
            uint count = (uint)random.Next(1, 3);
            var header = new CommandHeader
            {
                Operation = OperationCode.CreateTransfers,
                Count = count,
                Length = count * 128,
            };
            bytes.AddRange(MemoryMarshal.AsBytes(new ReadOnlySpan<CommandHeader>(in header)));
            byte[] body = new byte[count * 128];
            random.NextBytes(body);
            bytes.AddRange(body);
        }
        byte[] entry = [.. bytes];
        MemoryMarshal.Write(
            entry,
            new EntryHeader
            {
                Magic = EntryHeader.MagicValue,
                Version = 1,
                CommandCount = (ushort)commands,
                Timestamp = 1_000_000,
            }
        );
        switch (random.Next(5))
        {
            case 0:
                entry[random.Next(entry.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                entry = entry[..random.Next(entry.Length)];
                break;
            case 2 when entry.Length > 64:
                // A command's header says something else.
                random.NextBytes(entry.AsSpan(32, 16));
                break;
            default:
                break;
        }
        if (entry.Length >= 32 && random.Next(4) != 0)
        {
            ulong sum = System.IO.Hashing.XxHash3.HashToUInt64(entry.AsSpan(24));
            BitConverter.TryWriteBytes(entry.AsSpan(16), sum);
        }
        return entry;
    }
}
