using System.CommandLine;
using Microsoft.AspNetCore.Connections;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Commands;

/// <summary><c>bridge web</c>, <c>worker</c> and <c>all</c>: run until SIGTERM or Ctrl-C.</summary>
internal sealed class ProcessCommand : Command
{
    private readonly ProcessRole _role;
    private readonly CommandContext _context;

    public ProcessCommand(string name, string description, ProcessRole role, CommandContext context)
        : base(name, description)
    {
        (_role, _context) = (role, context);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken ct)
    {
        TextWriter errors = command.InvocationConfiguration.Error;
        switch (BridgeSettings.Read(_context.Environment))
        {
            case Reading<BridgeSettings>.Valid(BridgeSettings settings):
                return await RunAsync(command.GetValue(_context.Json) ? WithJsonLog(settings) : settings, errors, ct);
            case Reading<BridgeSettings>.Invalid invalid:
                await errors.WriteLineAsync(invalid.Refusal);
                return 1;
            default:
                throw new InvalidOperationException("A reading is valid or invalid.");
        }
    }

    private async Task<int> RunAsync(BridgeSettings settings, TextWriter errors, CancellationToken ct)
    {
        using IHost host = BridgeHost.Build(_role, settings);
        try
        {
            return await RunUntilStoppedAsync(host, ct);
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            await errors.WriteLineAsync($"Port {settings.Port} is in use by another program. Set PORT to a free one.");
            return 1;
        }
    }

    /// <summary>0 when it was told to stop; 1 when one of its parts gave up, which stops the host too, but without an exception.</summary>
    internal static async Task<int> RunUntilStoppedAsync(IHost host, CancellationToken ct)
    {
        BackgroundService[] parts = [.. host.Services.GetServices<IHostedService>().OfType<BackgroundService>()];
        await host.StartAsync(ct);
        await host.WaitForShutdownAsync(ct);
        return parts.Any(part => part.ExecuteTask is { IsFaulted: true }) ? 1 : 0;
    }

    private static BridgeSettings WithJsonLog(BridgeSettings settings) =>
        settings with { Log = settings.Log with { Format = LogFormat.Json } };
}
