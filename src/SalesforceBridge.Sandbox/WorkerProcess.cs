using System.Diagnostics;
using System.Runtime.InteropServices;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Sandbox;

/// <summary>Keeps the bridge's process running: one that ends, by whatever, is started again.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    /// <summary>What makes this program the worker.</summary>
    public const string Argument = "--worker";

    // As long as Heroku waits, and longer than the worker needs.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(300);

    private readonly IReadOnlyDictionary<string, string> _vars;
    private readonly Action<string> _tell;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly StreamWriter _log;
    private readonly Task _keeping;
    private Process _process;

    public WorkerProcess(IReadOnlyDictionary<string, string> vars, string logFile, Action<string> tell, TimeProvider time)
    {
        (_vars, LogFile, _tell, _time) = (vars, logFile, tell, time);
        _log = new StreamWriter(new FileStream(logFile, FileMode.Create, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        _process = Launch();
        _keeping = KeepAsync();
    }

    /// <summary>Of the process that runs now.</summary>
    public int Pid { get; private set; }

    /// <summary>How often it was started.</summary>
    public int Starts { get; private set; }

    /// <summary>What it logs.</summary>
    public string LogFile { get; }

    /// <summary>As <c>kill -9</c> does.</summary>
    public void Kill() => _process.Kill();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _keeping;
        await _log.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task KeepAsync()
    {
        while (true)
        {
            Task output = Task.WhenAll(LogAsync(_process.StandardOutput), LogAsync(_process.StandardError));
            await _process.WaitForExitAsync(_stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            if (!_process.HasExited)
                await StopAsync();
            await output;
            int code = _process.ExitCode;
            _process.Dispose();
            // Ctrl-C reaches the worker before it reaches whoever tells us to stop.
            await Task.Delay(Breath, _time, _stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            if (_stopping.IsCancellationRequested)
                return;
            _process = Launch();
            _tell($"the worker ended with exit code {code}; it was started again with pid {Pid}");
        }
    }

    private async Task StopAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(StopLimit, _time);
        await _process.WaitForExitAsync(limit.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
    }

    // The program that runs here may be another one that uses this one as a library, so it is named.
    private Process Launch()
    {
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));
        var start = new ProcessStartInfo(dotnet, ["exec", typeof(WorkerProcess).Assembly.Location, Argument])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (ConfigVar variable in ConfigVar.All)
            start.Environment.Remove(variable.Name);
        foreach ((string name, string value) in _vars)
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        (Pid, Starts) = (process.Id, Starts + 1);
        return process;
    }

    private async Task LogAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            lock (_log)
                _log.WriteLine(line);
        }
    }
}
