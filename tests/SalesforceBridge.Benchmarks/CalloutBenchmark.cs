using SalesforceBridge.LocalPostgres;

namespace SalesforceBridge.Benchmarks;

/// <summary>What an org sends on 64 connections, each answered after its commit: signed callouts of 1 KB, and outbound messages.</summary>
internal static class CalloutBenchmark
{
    private const int Requests = 20_000;
    private const int BaselineRequests = 4_000;
    private static readonly TimeSpan FarEachWay = TimeSpan.FromMilliseconds(1.1);

    public static async Task RunAsync(Report report)
    {
        await using PostgresServer postgres = await PostgresServer.StartAsync([], CancellationToken.None);
        await using CalloutServers servers = await CalloutServers.StartAsync(postgres.Port);
        List<IReadOnlyList<TimeSpan>> ours = [], theirs = [];
        await report.CompareAsync("durable callouts, 64 connections", Requests, () => CallAsync(servers.Bridge, Requests, ours),
            "an INSERT each", async () => await CallAsync(servers.InsertEach, BaselineRequests, theirs) * (Requests / BaselineRequests), 2.5);
        report.CompareTimes("durable callouts, time to the slowest hundredth", [.. ours.Select(P99)], "an INSERT each", [.. theirs.Select(P99)], 0.5);
        await report.CompareAsync("durable callouts, 64 connections", Requests, () => CallAsync(servers.Bridge, Requests, []),
            "a server that stores nothing", () => CallAsync(servers.Bare, Requests, []), 0.18);
    }

    public static async Task RunFarAsync(Report report)
    {
        await using PostgresServer postgres = await PostgresServer.StartAsync([], CancellationToken.None);
        await using var way = new LongWay(postgres.Port, FarEachWay);
        await using CalloutServers servers = await CalloutServers.StartAsync(way.Port);
        string away = $"{(await servers.RoundTripAsync()).TotalMilliseconds:n1} ms away";
        await report.CompareAsync($"durable callouts, database {away}", Requests, () => CallAsync(servers.Bridge, Requests, []),
            "an INSERT each", async () => await CallAsync(servers.InsertEach, BaselineRequests, []) * (Requests / BaselineRequests), 3);
    }

    public static async Task RunOutboundMessagesAsync(Report report)
    {
        await using PostgresServer postgres = await PostgresServer.StartAsync([], CancellationToken.None);
        await using CalloutServers servers = await CalloutServers.StartAsync(postgres.Port);
        foreach ((int notifications, int messages, double atLeast) in new[] { (1, Requests, 0.5), (100, 1_000, 2) })
        {
            await report.CompareAsync($"notifications, {notifications} in an outbound message", messages * notifications,
                () => SendAsync(servers.Bridge, _ => BenchmarkRequests.OutboundMessage(notifications), messages, []),
                "callouts", async () => await CallAsync(servers.Bridge, Requests, []) * ((double)messages * notifications / Requests), atLeast);
        }
    }

    private static Task<TimeSpan> CallAsync(Uri server, int requests, List<IReadOnlyList<TimeSpan>> times)
    {
        var run = Guid.NewGuid();
        return SendAsync(server, n => BenchmarkRequests.Callout(run, n), requests, times);
    }

    private static async Task<TimeSpan> SendAsync(Uri server, Func<int, byte[]> requestOf, int requests, List<IReadOnlyList<TimeSpan>> times)
    {
        byte[][] written = [.. Enumerable.Range(1, requests).AsParallel().AsOrdered().Select(requestOf)];
        using HttpLoad load = await HttpLoad.ConnectAsync(server);
        (IReadOnlyList<TimeSpan> each, TimeSpan all) = await load.SendAsync(written);
        times.Add(each);
        return all;
    }

    private static TimeSpan P99(IReadOnlyList<TimeSpan> times) => times.Order().ElementAt(times.Count * 99 / 100);
}
