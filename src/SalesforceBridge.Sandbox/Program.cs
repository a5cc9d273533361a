using System.Collections;
using System.Runtime.InteropServices;
using Npgsql;
using SalesforceBridge.Sandbox;
using SalesforceBridge.Sandbox.Check;
using SalesforceBridge.Sandbox.Live;

// A local Postgres, a simulated org and the bridge, doing the whole job: dotnet run --project src/SalesforceBridge.Sandbox
if (args is [WorkerProcess.Argument])
    return await WorkerProgram.RunAsync();
if (args is not ([] or ["--check"]))
{
    await Console.Error.WriteLineAsync("Usage: [--check]");
    return 1;
}

Dictionary<string, string> environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
    .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal);
var screen = new Screen(Console.Out, isTerminal: !Console.IsOutputRedirected, TimeProvider.System);
using var stop = new CancellationTokenSource();
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    if (args is ["--check"])
        return await new CheckRun(CheckPlan.Full, screen, TimeProvider.System).RunAsync(environment, stop.Token) ? 0 : 1;
    await new LiveRun(screen, TimeProvider.System).RunAsync(environment, stop.Token);
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return args is [] ? 0 : 1;
}
catch (Exception error) when (error is InvalidOperationException or FormatException or NpgsqlException)
{
    await Console.Error.WriteLineAsync(error.Message);
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
