using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SalesforceBridge.Benchmarks;

/// <summary>
/// Sixty-four callers, each with a connection of its own and one request at a time. One thread serves them all with requests that were written
/// beforehand, so that little of the machine goes to those who only ask.
/// </summary>
internal sealed class HttpLoad : IDisposable
{
    private const int Callers = 64;

    private readonly Caller[] _callers;

    private HttpLoad(Caller[] callers) => _callers = callers;

    public static async Task<HttpLoad> ConnectAsync(Uri server)
    {
        var callers = new Caller[Callers];
        for (int i = 0; i < Callers; i++)
            callers[i] = await Caller.ConnectAsync(server);
        return new HttpLoad(callers);
    }

    /// <summary>Sends requests, each as it goes over the wire, and says how long each took, and all of them.</summary>
    public async Task<(IReadOnlyList<TimeSpan> Each, TimeSpan All)> SendAsync(IReadOnlyList<byte[]> requests)
    {
        var done = new TaskCompletionSource<(IReadOnlyList<TimeSpan> Each, TimeSpan All)>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                done.SetResult(Send(requests));
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        })
        { IsBackground = true }.Start();
        return await done.Task;
    }

    public void Dispose()
    {
        foreach (Caller caller in _callers)
            caller.Dispose();
    }

    private (IReadOnlyList<TimeSpan> Each, TimeSpan All) Send(IReadOnlyList<byte[]> requests)
    {
        Dictionary<Socket, Caller> busy = [];
        var times = new List<TimeSpan>(requests.Count);
        int next = 0;
        long begun = Stopwatch.GetTimestamp();
        foreach (Caller caller in _callers.Take(requests.Count))
        {
            busy.Add(caller.Socket, caller);
            caller.Ask(requests[next++]);
        }

        while (busy.Count > 0)
        {
            List<Socket> ready = [.. busy.Keys];
            Socket.Select(ready, null, null, TimeSpan.FromMinutes(1));
            if (ready.Count == 0)
                throw new InvalidOperationException("The server has not answered for a minute.");
            foreach (Socket socket in ready)
            {
                Caller caller = busy[socket];
                if (caller.Read() is not { } time)
                    continue;
                times.Add(time);
                if (next < requests.Count)
                    caller.Ask(requests[next++]);
                else
                    busy.Remove(socket);
            }
        }

        return (times, Stopwatch.GetElapsedTime(begun));
    }

    private sealed class Caller(Socket socket) : IDisposable
    {
        private readonly byte[] _answer = new byte[16 * 1024];
        private int _length;
        private long _asked;

        public Socket Socket => socket;

        public static async Task<Caller> ConnectAsync(Uri server)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, server.Port);
            return new Caller(socket);
        }

        public void Ask(byte[] request)
        {
            (_length, _asked) = (0, Stopwatch.GetTimestamp());
            for (int sent = 0; sent < request.Length;)
                sent += socket.Send(request.AsSpan(sent));
        }

        /// <returns>How long the answer took, once it is whole.</returns>
        public TimeSpan? Read()
        {
            int read = socket.Receive(_answer.AsSpan(_length));
            _length += read;
            string answer = Encoding.ASCII.GetString(_answer, 0, _length);
            if (read == 0 || answer.Length > 9 && answer[9] != '2')
                throw new InvalidOperationException($"The server answered: {answer}");
            return IsWhole(answer) ? Stopwatch.GetElapsedTime(_asked) : null;
        }

        public void Dispose() => socket.Dispose();

        private static bool IsWhole(string answer)
        {
            int body = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            if (body < 4)
                return false;
            const string lengthHeader = "\r\nContent-Length: ";
            int length = answer.IndexOf(lengthHeader, 0, body, StringComparison.OrdinalIgnoreCase);
            return length < 0
                ? answer.EndsWith("0\r\n\r\n", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 204", StringComparison.Ordinal)
                : answer.Length - body == int.Parse(answer.AsSpan(length + lengthHeader.Length, answer.IndexOf('\r', length + 2) - length - lengthHeader.Length));
        }

    }
}
