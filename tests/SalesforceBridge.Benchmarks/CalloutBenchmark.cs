using System.Diagnostics;
using SalesforceBridge.LocalPostgres;

namespace SalesforceBridge.Benchmarks;

/// <summary>Signed callouts of 1 KB on 64 connections, each answered after its commit.</summary>
internal static class CalloutBenchmark
{
    private const int Requests = 20_000;
    private const int BaselineRequests = 4_000;

    public static async Task RunAsync(Report report)
    {
        await using PostgresServer postgres = await PostgresServer.StartAsync([], CancellationToken.None);
        await using CalloutServers servers = await CalloutServers.StartAsync(postgres);
        List<TimeSpan> ours = [], theirs = [];
        await report.CompareAsync("durable callouts, 64 connections", Requests, () => SendAsync(servers.Bridge, Requests, ours),
            "an INSERT each", async () => await SendAsync(servers.InsertEach, BaselineRequests, theirs) * (Requests / BaselineRequests), 2.5);
        report.Line("durable callouts, time to the slowest hundredth", $"{P99(ours).TotalMilliseconds:n1} ms  an INSERT each {P99(theirs).TotalMilliseconds:n1} ms", P99(ours) * 2 <= P99(theirs), "at most half");
        await report.CompareAsync("durable callouts, 64 connections", Requests, () => SendAsync(servers.Bridge, Requests, ours),
            "a server that stores nothing", () => SendAsync(servers.Bare, Requests, theirs), 0.18);
    }

    private static async Task<TimeSpan> SendAsync(Uri server, int requests, List<TimeSpan> times)
    {
        using var load = new CalloutLoad(server);
        long begun = Stopwatch.GetTimestamp();
        times.AddRange(await load.SendAsync(requests));
        return Stopwatch.GetElapsedTime(begun);
    }

    private static TimeSpan P99(List<TimeSpan> times) => times.Order().ElementAt(times.Count * 99 / 100);
}
