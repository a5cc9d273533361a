using SalesforceBridge.Messaging;

namespace SalesforceBridge.Benchmarks;

/// <summary>What a watched table costs the database while nothing happens: statements a minute, as the server counts them.</summary>
internal static class IdleTables
{
    // The rests of a drain that finds nothing double from 50 ms up to `Idle`, 10 s: until then it is not at rest.
    private static readonly TimeSpan Settles = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Measured = TimeSpan.FromMinutes(1);

    // Tables are cared for every five minutes; every one of the measure's, so that it is in the measure.
    private static readonly MessagingOptions Options = new() { TableCare = Measured };

    // Six looks, each of three statements (the cursor, until when to capture, what is watched) and the seven that the pool resets its
    // connection with, in four round trips; and care once, which takes fewer than twenty. A poll takes four more, each minute.
    private const int CapturedBound = 80;
    private const int PolledBound = CapturedBound + 4;

    public static async Task RunAsync(Report report)
    {
        Task<long> captured = CountAsync(TableMode.Capture);
        Task<long> polled = CountAsync(TableMode.Poll);
        Tell(report, "an idle captured table", await captured, CapturedBound);
        Tell(report, "an idle polled table", await polled, PolledBound);
    }

    private static void Tell(Report report, string name, long queries, int bound) =>
        report.Line(name, $"{queries,9:n0} queries a minute", queries > 0 && queries <= bound, $"<= {bound}");

    private static async Task<long> CountAsync(TableMode mode)
    {
        await using TableServer server = await TableServer.StartAsync(
            ["shared_preload_libraries=pg_stat_statements"], Options, new TableWatch("table public.idle", "public.idle", Reconcile: null, [], mode));
        await server.ExecuteAsync("""
            create extension pg_stat_statements;
            create table public.idle (id int primary key, sfid varchar(18) unique, systemmodstamp timestamp);
            create index on public.idle (systemmodstamp);
            insert into public.idle select n, n, now() - n * interval '1 hour' from generate_series(1, 1000) n
            """);
        long queries = 0;
        await server.RunDrainAsync(async () =>
        {
            await Task.Delay(Settles, TimeProvider.System);
            await server.ExecuteAsync("select pg_stat_statements_reset()");
            await Task.Delay(Measured, TimeProvider.System);
            queries = await server.ScalarAsync<long>("select sum(calls)::bigint from pg_stat_statements where query not like '%pg_stat_statements%'");
        });
        return queries;
    }
}
