using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace SalesforceBridge.Benchmarks;

/// <summary>
/// A way to the database on which everything takes a while longer, and as much goes through at once as without it: each piece is handed on
/// at the time at which it came and the delay, by threads that do nothing else: what servers and callers do in this process must not make it longer.
/// </summary>
internal sealed partial class LongWay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> _ends = [];
    private readonly TimeSpan _eachWay;
    private readonly int _to;
    private readonly Task _accepting;

    /// <param name="to">The port at the far end.</param>
    /// <param name="eachWay">How much longer each direction takes.</param>
    public LongWay(int to, TimeSpan eachWay)
    {
        (_to, _eachWay) = (to, eachWay);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The port at the near end.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        foreach (Socket end in _ends)
            end.Dispose();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                await JoinAsync(await _listener.AcceptSocketAsync());
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The way is taken away.
        }
    }

    private async Task JoinAsync(Socket near)
    {
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        _ends.Add(near);
        _ends.Add(far);
        await far.ConnectAsync(IPAddress.Loopback, _to);
        new Direction(near, far, _eachWay).Start();
        new Direction(far, near, _eachWay).Start();
    }

    private sealed partial class Direction(Socket from, Socket to, TimeSpan delay)
    {
        // What the system adds to a short sleep of its own accord.
        private static readonly TimeSpan Slack = TimeSpan.FromMicroseconds(60);

        private readonly BlockingCollection<(long Came, byte[] Bytes)> _underWay = [];

        public void Start()
        {
            new Thread(TakeIn) { IsBackground = true }.Start();
            new Thread(HandOn) { IsBackground = true }.Start();
        }

        private void TakeIn()
        {
            byte[] buffer = new byte[256 * 1024];
            try
            {
                int read;
                while ((read = from.Receive(buffer)) > 0)
                    _underWay.Add((Stopwatch.GetTimestamp(), buffer[..read]));
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // One end went, and so does the other.
            }

            _underWay.CompleteAdding();
        }

        private void HandOn()
        {
            try
            {
                foreach ((long came, byte[] bytes) in _underWay.GetConsumingEnumerable())
                {
                    TimeSpan left = delay - Slack - Stopwatch.GetElapsedTime(came);
                    if (left > TimeSpan.Zero)
                        _ = Sleep((uint)left.TotalMicroseconds);
                    to.Send(bytes);
                }

                to.Shutdown(SocketShutdown.Send);
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // Nobody is there to be handed anything.
            }
        }

        // .NET waits in whole milliseconds.
        [LibraryImport("libc", EntryPoint = "usleep")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static partial int Sleep(uint microseconds);
    }
}
