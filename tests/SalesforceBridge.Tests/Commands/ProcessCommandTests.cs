using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SalesforceBridge.Commands;

namespace SalesforceBridge.Tests.Commands;

public sealed class ProcessCommandTests
{
    [Fact]
    public async Task A_part_that_gives_up_ends_the_process_with_1()
    {
        using IHost host = HostOf(_ => throw new InvalidOperationException("A bug."));

        (await ProcessCommand.RunUntilStoppedAsync(host, TestContext.Current.CancellationToken)).ShouldBe(1);
    }

    [Fact]
    public async Task Being_told_to_stop_ends_the_process_with_0()
    {
        using IHost host = HostOf(stopping => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stopping));
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(
            host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication);

        (await ProcessCommand.RunUntilStoppedAsync(host, TestContext.Current.CancellationToken)).ShouldBe(0);
    }

    private static IHost HostOf(Func<CancellationToken, Task> work)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddHostedService(_ => new Part(work));
        return builder.Build();
    }

    private sealed class Part(Func<CancellationToken, Task> work) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => work(stoppingToken);
    }
}
