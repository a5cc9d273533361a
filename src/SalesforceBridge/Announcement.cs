using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using SalesforceBridge.Configuration;
using SalesforceBridge.Health;

namespace SalesforceBridge;

/// <summary>The first and last lines of a process: what it is, where it listens, what it lacks.</summary>
internal sealed partial class Announcement(
    ProcessRole role, BridgeSettings settings, IServiceProvider services, ILogger<Announcement> logger) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        ProcessStarted(Role, Version);
        if (settings.Dyno is { Dyno: { } dyno, Release: { } release, Commit: { } commit })
            RunningOnHeroku(dyno, release, commit);
        foreach (string url in services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
            Listening(url);
        foreach (string warning in role == ProcessRole.Worker ? settings.Org.Warnings : settings.Org.Warnings.Concat(settings.Callouts.Warnings))
            SettingDoubtful(warning);
        if (settings.Org.Credentials is OrgCredentials.Missing missing)
            SetupNeeded(OrgSetup.Describe(missing));
        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        ProcessStopped(Role);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private string Role => role.ToString().ToLowerInvariant();

    private static string Version => typeof(Announcement).Assembly.GetName().Version!.ToString(3);

    [LoggerMessage(LogLevel.Information, "SalesforceBridge {Version} has started as {Role}.")]
    private partial void ProcessStarted(string role, string version);

    [LoggerMessage(LogLevel.Information, "Running in dyno {Dyno} as release {Release} of commit {Commit}.")]
    private partial void RunningOnHeroku(string dyno, string release, string commit);

    [LoggerMessage(LogLevel.Information, "Listening on {Url}.")]
    private partial void Listening(string url);

    [LoggerMessage(LogLevel.Warning, "{Warning}")]
    private partial void SettingDoubtful(string warning);

    [LoggerMessage(LogLevel.Warning, "Waiting to be set up, doing nothing else. {Missing}.")]
    private partial void SetupNeeded(string missing);

    [LoggerMessage(LogLevel.Information, "SalesforceBridge has stopped as {Role}.")]
    private partial void ProcessStopped(string role);
}
