using SalesforceBridge.InteropTests.Bayeux;

namespace SalesforceBridge.Benchmarks;

/// <summary>Events of 500 bytes from a real Bayeux server to the committed inbox, position included.</summary>
internal static class StreamBenchmark
{
    public static async Task RunAsync(Report report)
    {
        CancellationToken ct = CancellationToken.None;
        await using NodeBayeuxServer server = await NodeBayeuxServer.StartAsync(ct);
        await using StreamBench bench = await StreamBench.StartAsync(server);
        foreach ((int perPoll, int events) in new[] { (1, 2_000), (10, 20_000), (100, 100_000), (1_000, 100_000) })
        {
            await server.PublishAsync(events, ct, perPoll);
            await report.CompareAsync($"stream to inbox, {perPoll} events a poll", events, () => bench.IntoInboxAsync(events),
                "the slower of bare polls and COPY", () => bench.SlowerBaselineAsync(events), 0.5);
        }

        await server.PublishAsync(20_000, ct, perPoll: 100);
        await report.CompareAsync("stream to inbox, 100 a poll", 20_000, () => bench.IntoInboxAsync(20_000),
            "a transaction each", async () => await bench.NaiveAsync(2_000) * 10, 10);
    }
}
