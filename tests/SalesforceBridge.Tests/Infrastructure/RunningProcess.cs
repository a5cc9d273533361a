using System.Diagnostics;

namespace SalesforceBridge.Tests.Infrastructure;

/// <summary>A child process whose output is read as it comes. It does not outlive its test.</summary>
public sealed class RunningProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Lock _reading = new();
    private readonly List<string> _lines = [];
    private readonly List<(string Part, TaskCompletionSource<string> Found)> _waiting = [];
    private readonly Task _end;

    private RunningProcess(Process process)
    {
        _process = process;
        _end = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError), process.WaitForExitAsync());
    }

    /// <summary>Everything written until now.</summary>
    public string Output
    {
        get
        {
            lock (_reading)
                return string.Join('\n', _lines);
        }
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public TimeSpan ProcessorTime => _process.TotalProcessorTime;

    /// <summary>Starts a program with exactly this environment.</summary>
    public static RunningProcess Start(string program, string[] arguments, string folder, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return new RunningProcess(Process.Start(start)!);
    }

    /// <summary>The first line, past or to come, that has <paramref name="part"/> in it.</summary>
    public async Task<string> LineWithAsync(string part)
    {
        Task<string> line = Expect(part);
        await Task.WhenAny(line, _end, Task.Delay(Patience, TimeProvider.System));
        if (!line.IsCompleted)
            throw new InvalidOperationException($"{(_end.IsCompleted ? "The process ended" : $"{Patience.TotalSeconds} s went by")} without a line with '{part}':\n{Output}");
        return await line;
    }

    /// <summary>Sends a signal: <c>TERM</c>, <c>KILL</c>, <c>STOP</c>, <c>CONT</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Sends a signal to it and to all that it started, as a terminal does; it must lead a group of its own.</summary>
    public async Task SignalGroupAsync(string signal)
    {
        using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} -{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>The exit code, once it has ended.</summary>
    public async Task<int> EndAsync()
    {
        await _end.WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _end;
        _process.Dispose();
    }

    private Task<string> Expect(string part)
    {
        lock (_reading)
        {
            if (_lines.Find(line => line.Contains(part, StringComparison.Ordinal)) is { } past)
                return Task.FromResult(past);
            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((part, found));
            return found.Task;
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
            Note(line);
    }

    private void Note(string line)
    {
        lock (_reading)
        {
            _lines.Add(line);
            foreach ((string part, TaskCompletionSource<string> found) in _waiting)
            {
                if (line.Contains(part, StringComparison.Ordinal))
                    found.TrySetResult(line);
            }
        }
    }
}
