using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SalesforceBridge.Testing.Bayeux;

/// <summary>An HTTP request as it came over the wire.</summary>
public sealed record WireRequest(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>What goes back over the wire.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body.</param>
public sealed record WireReply(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>Header lines, each ended by a line break.</summary>
    public string Headers { get; init; } = "Content-Type: application/json\r\n";

    /// <summary>The connection is reset after so many bytes of the body.</summary>
    public int? CutAt { get; init; }

    /// <summary>Nothing is sent, and the connection stays open.</summary>
    public bool Withheld { get; init; }

    /// <summary>So many bytes of the body are sent, then nothing, and the connection stays open.</summary>
    public int? StallAt { get; init; }
}

/// <summary>An HTTP server that can break off where a framework's cannot.</summary>
public sealed class WireServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _connections = new();
    private readonly Func<WireRequest, CancellationToken, Task<WireReply>> _answer;
    private readonly Task _accepting;
    private int _accepted;

    /// <summary>Starts to listen.</summary>
    public WireServer(Func<WireRequest, CancellationToken, Task<WireReply>> answer, int port = 0)
    {
        _answer = answer;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>How many connections were opened to it.</summary>
    public int ConnectionsAccepted => Volatile.Read(ref _accepted);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _accepted);
                _connections.TryAdd(ServeAsync(client), true);
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient ended = client;
        client.NoDelay = true;
        try
        {
            await using NetworkStream stream = client.GetStream();
            while (await ReadAsync(stream) is { } request)
                if (!await WriteAsync(client, stream, await _answer(request, _stop.Token)))
                    return;
        }
        catch (Exception gone) when (gone is IOException or SocketException || _stop.IsCancellationRequested)
        {
            // The client left, or the test is over.
        }
    }

    private async Task<WireRequest?> ReadAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        byte[] one = new byte[1];
        while (head.Count < 4 || !(head[^4] == '\r' && head[^3] == '\n' && head[^2] == '\r' && head[^1] == '\n'))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0)
                return null;
            head.Add(one[0]);
        }

        string[] lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2))
            .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.OrdinalIgnoreCase);
        byte[] body = new byte[int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, _stop.Token);
        return new(lines[0].Split(' ')[1], headers, body);
    }

    private async Task<bool> WriteAsync(TcpClient client, NetworkStream stream, WireReply reply)
    {
        if (!reply.Withheld)
        {
            string head = $"HTTP/1.1 {reply.Status} Status\r\nContent-Length: {reply.Body.Length}\r\n{reply.Headers}\r\n";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _stop.Token);
            await stream.WriteAsync(reply.Body[..(reply.CutAt ?? reply.StallAt ?? reply.Body.Length)], _stop.Token);
        }

        if (reply.Withheld || reply.StallAt is not null)
            await stream.ReadExactlyAsync(new byte[1], _stop.Token);
        if (reply.CutAt is not null)
            client.LingerState = new LingerOption(true, 0);
        return reply is { CutAt: null, StallAt: null, Withheld: false };
    }
}
