using System.Net;
using System.Net.Sockets;

namespace Evenkeel.Watch.Drills.TestBed;

/// <summary>
/// Ports for processes that die and come back: below the range from which the kernel takes ports for
/// outgoing connections, since one of those would keep a restarted node from its port.
/// </summary>
internal static class FreePorts
{
    private const int First = 15_000;
    private const int End = 32_000;
    private const int TriesMax = 1_000;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Given = [];

    public static int Take()
    {
        for (int i = 0; i < TriesMax; i++)
        {
            int port = Random.Shared.Next(First, End);
            lock (Gate)
            {
                if (IsFree(port) && Given.Add(port))
                {
                    return port;
                }
            }
        }
        throw new IOException($"No free port between {First} and {End} was found.");
    }

    private static bool IsFree(int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
