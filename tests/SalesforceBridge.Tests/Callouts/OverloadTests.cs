using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SalesforceBridge.Http;
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
    public async Task A_sender_that_is_too_slow_is_told_so_and_nothing_is_stored()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(change: services => services.AddSingleton(new RequestLimits { Patience = TimeSpan.FromMilliseconds(300) }));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, apex.Http.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /callouts/orders HTTP/1.1\r\nHost: x\r\nX-Api-Key: {CalloutCaller.Secret}\r\nContent-Length: 100\r\n\r\n{{"), TestContext.Current.CancellationToken);

        using var reader = new StreamReader(client.GetStream());
        string? status = await reader.ReadLineAsync(TestContext.Current.CancellationToken);

        status.ShouldBe("HTTP/1.1 408 Request Timeout");
        (await apex.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Bodies_that_come_at_once_have_only_so_much_room_and_it_is_free_again_afterwards()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(change: services => services.AddSingleton(new RequestLimits { Room = 200_000 }));

        for (int n = 0; n < 5; n++)
            (await apex.PostAsync($"[\"{new string('x', 100_000)}\"]")).Status.ShouldBe(202);
        CalloutAnswer large = await apex.PostAsync($"[\"{new string('x', 300_000)}\"]");

        (large.Status, large.Error, large.RetryAfter).ShouldBe((503, "busy", TimeSpan.FromSeconds(1)));
        (await apex.CountAsync()).ShouldBe(5);
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
