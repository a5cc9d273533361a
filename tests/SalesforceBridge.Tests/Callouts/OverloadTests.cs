using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Messaging;
using SalesforceBridge.Tests.Crashes;
using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.Callouts;

/// <summary>More than can be stored, or nowhere to store it.</summary>
public sealed class OverloadTests
{
    [Fact]
    public async Task While_the_database_is_gone_every_callout_is_told_so_at_once_and_is_taken_again_soon_after_it_is_back()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using PostgresServer server = await PostgresServer.StartAsync(OwnServer.Settings, ct);
        await using CalloutCaller apex = await CalloutCaller.StartAsync(server: server);
        await apex.PostAsync("{}");

        await server.StopAsync(crash: true, ct);
        await apex.PostAsync("{}");
        var begun = Stopwatch.StartNew();
        CalloutAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => apex.PostAsync("{}")));
        begun.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(8));
        answers.ShouldAllBe(answer => answer.Status == 503 && answer.Error == "database_away" && answer.RetryAfter == TimeSpan.FromSeconds(5));

        await server.LaunchAsync(ct);
        await UntilAcceptedAsync(apex);
    }

    [Fact]
    public async Task With_full_storage_callouts_are_told_to_come_later()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(change: services => services.AddSingleton(new MessagingOptions { Storage = 1 }));

        CalloutAnswer answer = await apex.PostAsync("{}");

        (answer.Status, answer.Error, answer.RetryAfter).ShouldBe((503, "storage_full", TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Beyond_what_may_wait_callouts_are_told_to_come_again()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(change: services => services.AddSingleton(new IntakeLimits { WaitingRequests = 0 }));

        CalloutAnswer answer = await apex.PostAsync("{}");

        (answer.Status, answer.Error, answer.RetryAfter).ShouldBe((503, "busy", TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task A_database_that_is_not_migrated_takes_nothing_in_and_does_so_once_it_is()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(vars => vars.With("BRIDGE_SCHEMA", "later"));
        (await apex.PostAsync("{}")).Status.ShouldBe(503);

        await using (NpgsqlDataSource connections = NpgsqlDataSource.Create(apex.Bridge.Database.ConnectionString + ";Pooling=false"))
            await new Migrations(connections, new BridgeSchema("later")).ApplyAsync(TestContext.Current.CancellationToken);

        await UntilAcceptedAsync(apex);
    }

    private static async Task UntilAcceptedAsync(CalloutCaller apex)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        while ((await apex.PostAsync("{}")).Status != 202)
            await timer.WaitForNextTickAsync(limit.Token);
    }
}
