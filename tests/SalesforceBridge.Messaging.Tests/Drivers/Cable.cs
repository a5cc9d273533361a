using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SalesforceBridge.Messaging.Tests.Drivers;

/// <summary>The way from one process to the database: it can be cut, held up and mended.</summary>
internal sealed class Cable : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<TcpClient> _ends = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly int _to;
    private volatile TaskCompletionSource _open = Opened();
    private volatile bool _isCut;

    public Cable(int to)
    {
        _to = to;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Every connection breaks, and new ones too.</summary>
    public void Cut()
    {
        _isCut = true;
        foreach (TcpClient end in _ends)
            end.Dispose();
    }

    /// <summary>Nothing breaks and nothing arrives.</summary>
    public void Hold() => _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Mend()
    {
        _isCut = false;
        TaskCompletionSource held = _open;
        _open = Opened();
        held.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        Mend();
        _listener.Dispose();
        foreach (TcpClient end in _ends)
            end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = JoinAsync(await _listener.AcceptTcpClientAsync(_closing.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The cable is taken away.
        }
    }

    private async Task JoinAsync(TcpClient near)
    {
        var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        _ends.Add(near);
        _ends.Add(far);
        try
        {
            if (_isCut)
                return;
            await far.ConnectAsync(IPAddress.Loopback, _to, _closing.Token);
            await Task.WhenAny(PumpAsync(near, far), PumpAsync(far, near));
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // One end went.
        }
        finally
        {
            near.Dispose();
            far.Dispose();
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to)
    {
        byte[] buffer = new byte[64 * 1024];
        int read;
        while ((read = await from.GetStream().ReadAsync(buffer, _closing.Token)) > 0)
        {
            await _open.Task;
            await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _closing.Token);
        }
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}
