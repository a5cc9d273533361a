using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace SalesforceBridge.InteropTests.Node;

/// <summary>A script of this project running in Node, ended with the test that started it.</summary>
public sealed partial class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NodeProcess(string script, IEnumerable<string> arguments)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo("node", ["--require", "./Node/ends-with-its-parent.js", script, .. arguments])
            {
                WorkingDirectory = NodePackages.Folder,
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
    }

    /// <summary>The port that the script said it listens on.</summary>
    public int Port { get; private set; }

    /// <summary>The process, for those who measure or stop it.</summary>
    public int Id => _process.Id;

    /// <summary>Everything the script has printed so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a server, named by its path inside this project, and waits for its line "listening on PORT".</summary>
    public static async Task<NodeProcess> StartAsync(string script, IEnumerable<string> arguments, CancellationToken ct)
    {
        await NodePackages.EnsureInstalledAsync(ct);
        var node = new NodeProcess(script, arguments);
        node.Begin();
        try
        {
            Task exit = node._process.WaitForExitAsync(ct);
            Task first = await Task.WhenAny(node._port.Task, exit).WaitAsync(StartLimit, ct);
            if (first == exit)
                throw new InvalidOperationException($"{script} ended before it listened: {node.Output}");
            node.Port = await node._port.Task;
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a script, named by its path inside this project, to its end and gives what it printed.</summary>
    /// <exception cref="InvalidOperationException">It ended with another code than 0; the message has its output.</exception>
    public static async Task<string> RunAsync(string script, IEnumerable<string> arguments, CancellationToken ct)
    {
        await NodePackages.EnsureInstalledAsync(ct);
        var node = new NodeProcess(script, arguments);
        node.Begin();
        await using NodeProcess ended = node;
        await node._process.WaitForExitAsync(ct);
        return node._process.ExitCode == 0
            ? node.Output
            : throw new InvalidOperationException($"{script} ended with {node._process.ExitCode}: {node.Output}");
    }

    /// <summary>Ends the script if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Begin()
    {
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Note(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (ListeningLine().Match(line) is { Success: true } match)
            _port.TrySetResult(int.Parse(match.Groups["port"].Value));
    }

    [GeneratedRegex(@"listening on (?<port>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ListeningLine();
}
