using System.Diagnostics;
using System.Globalization;

namespace SalesforceBridge.Benchmarks;

/// <summary>This program once more, as a client of its own.</summary>
internal sealed class BulkProcess : IAsyncDisposable
{
    private readonly Process _process;

    public BulkProcess(Uri org)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        // Under `dotnet run` the program is its own; under `dotnet file.dll` it is not.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(BulkProcess).Assembly.Location);
        start.ArgumentList.Add(BulkClient.Argument);
        start.ArgumentList.Add(org.ToString());
        _process = Process.Start(start)!;
    }

    public async Task<TimeSpan> RunAsync(string command) => TimeSpan.FromTicks(await AskAsync(command));

    public async Task<long> AskAsync(string command)
    {
        await _process.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        string answer = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The Bulk client ended.");
        return long.Parse(answer, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
