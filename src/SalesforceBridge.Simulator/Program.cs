using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Schema;

// Runs an org until it is told to stop: dotnet run --project src/SalesforceBridge.Simulator -- --port 0 --schema org.yaml
const string Usage = "Usage: [--port N] [--schema org.yaml] [--rules rules.yaml] [--retry-speed N] [--jwt-certificate certificate.pem] [--daily-requests N] [--token-seconds N] [--poll-seconds N] [--abandon-seconds N]";

try
{
    SimulatorOptions options = ProgramArguments.Read(args);
    using var stop = new CancellationTokenSource();
    using var onTerm = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, signal => Stop(signal.Cancel = true));
    Console.CancelKeyPress += (_, pressed) => Stop(pressed.Cancel = true);
    await using SimulatedOrg org = await SimulatedOrg.StartAsync(options, stop.Token);
    Console.WriteLine(org.Url.ToString().TrimEnd('/'));
    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    return 0;

    void Stop(bool handled) => stop.Cancel();
}
catch (Exception error) when (error is SchemaException or ArgumentException or IOException)
{
    await Console.Error.WriteLineAsync(error.Message);
    await Console.Error.WriteLineAsync(Usage);
    return 1;
}
