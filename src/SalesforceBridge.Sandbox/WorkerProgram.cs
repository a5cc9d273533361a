using System.Collections;
using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Sandbox;

/// <summary>The bridge as a process of its own, <c>bridge all</c> with short times, so that a person can kill it and watch.</summary>
internal static class WorkerProgram
{
    /// <summary>Runs until it is told to stop, or nobody is left to tell it.</summary>
    public static async Task<int> RunAsync()
    {
        switch (BridgeSettings.Read(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? "", StringComparer.Ordinal)))
        {
            case Reading<BridgeSettings>.Valid(BridgeSettings settings):
                using (IHost host = BridgeHost.Build(ProcessRole.All, settings, change: services => services.AddSingleton(ShortTimes(settings))))
                    await RunAsync(host);
                return 0;
            case Reading<BridgeSettings>.Invalid invalid:
                await Console.Error.WriteLineAsync(invalid.Refusal);
                return 1;
            default:
                throw new InvalidOperationException("A reading is valid or invalid.");
        }
    }

    private static async Task RunAsync(IHost host)
    {
        await host.StartAsync();
        new Thread(() => StopWithoutParent(host)) { IsBackground = true }.Start();
        await host.WaitForShutdownAsync();
    }

    // Whoever started this process holds its standard input; a read ends when that process has ended, however it did.
    private static void StopWithoutParent(IHost host)
    {
        using Stream held = Console.OpenStandardInput();
        _ = held.ReadByte();
        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
    }

    // On a dyno a vanished worker's share moves after 15 s, and pauses grow to 30 s. Nobody wants to watch that.
    private static MessagingOptions ShortTimes(BridgeSettings settings) => new()
    {
        Schema = settings.Database.Schema,
        Dyno = "sandbox",
        Retention = settings.Retention,
        Storage = settings.Storage,
        Heartbeat = TimeSpan.FromSeconds(1),
        Lease = TimeSpan.FromSeconds(4),
        Claim = TimeSpan.FromMilliseconds(250),
        LongestPause = TimeSpan.FromSeconds(2),
        RouteProbe = TimeSpan.FromSeconds(5),
        LaneProbe = TimeSpan.FromSeconds(5),
        HerokuConnectLook = TimeSpan.FromSeconds(1),
    };
}
