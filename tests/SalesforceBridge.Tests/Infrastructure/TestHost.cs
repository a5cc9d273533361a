using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Tests.Infrastructure;

/// <summary>A process of the bridge inside the test's own.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly LogSignal _log;

    private TestHost(IHost host, LogSignal log) => (_host, _log) = (host, log);

    public static async Task<TestHost> StartAsync(ProcessRole role, ConfigVars vars, Action<IServiceCollection>? change = null)
    {
        var log = new LogSignal();
        var host = new TestHost(BridgeHost.Build(role, vars.With("PORT", "0").Read(), log, change), log);
        await host._host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    /// <summary>The address it listens on.</summary>
    public Uri Address => new(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single().Replace("[::]", "127.0.0.1"));

    /// <summary>A browser at the address it listens on.</summary>
    public Browser Browse() => new(Address);

    /// <summary>Waits for the next line with these words that no earlier call has returned.</summary>
    public Task<string> LogLineAsync(string words) => _log.LineWithAsync(words);

    public IReadOnlyList<string> Lines => _log.Lines;

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        foreach (string line in _log.Errors.Take(5))
            TestContext.Current.TestOutputHelper?.WriteLine(line);
    }

    private sealed class LogSignal : MemoryStream
    {
        private readonly Lock _lock = new();
        private readonly List<string> _lines = [];
        private readonly SemaphoreSlim _written = new(0);

        public IEnumerable<string> Errors
        {
            get
            {
                lock (_lock)
                    return [.. _lines.Where(line => line.Contains("at=error", StringComparison.Ordinal))];
            }
        }

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lock)
                    return [.. _lines];
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            lock (_lock)
                _lines.Add(Encoding.UTF8.GetString(buffer).TrimEnd('\n'));
            _written.Release();
        }

        public async Task<string> LineWithAsync(string words)
        {
            // The limit is for the line, however many others come meanwhile.
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            try
            {
                while (true)
                {
                    if (Take(words) is { } line)
                        return line;
                    await _written.WaitAsync(limit.Token);
                }
            }
            catch (OperationCanceledException late) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"No line with '{words}' was logged in 30 s.", late);
            }
        }

        private string? Take(string words)
        {
            lock (_lock)
            {
                int index = _lines.FindIndex(line => line.Contains(words, StringComparison.Ordinal));
                if (index < 0)
                    return null;
                string line = _lines[index];
                _lines.RemoveAt(index);
                return line;
            }
        }
    }
}
