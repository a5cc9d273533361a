using System.Text;
using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Crashes;

/// <summary>More at once than the smallest dyno can hold at ease, or with nowhere to store it.</summary>
[Trait("suite", "crash")]
public sealed class OverloadTests(PublishedBridge published)
{
    private const int Burst = 10_000;
    private const int Callers = 96;
    private const string TakenKeys = "select regexp_replace(split_part(dedupe_key, '/', 2), '#.*', '') from bridge.inbox";

    [Theory]
    [InlineData("a record", 1)]
    [InlineData("many records", 200)]
    public async Task Many_large_bodies_at_once_are_all_taken_in_little_memory(string what, int records)
    {
        const int Rounds = 4, AtOnce = 64;
        await using Bridge bridge = await Bridge.StartAsync();
        await using WebDyno web = await WebDyno.StartAsync(published, bridge);
        byte[] body = BodyOf(records, bytes: 1 << 20);

        List<int> most = [];
        for (int round = 0; round < Rounds; round++)
        {
            IReadOnlyList<TimedAnswer> answers = await web.PostAsync($"round-{round}", AtOnce, AtOnce, _ => body);
            answers.ShouldAllBe(answer => answer.Status == 202);
            most.Add(web.MostMegabytes);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{AtOnce} bodies of 1 MB with {what}: at most {string.Join(", ", most)} MB");
        most.Max().ShouldBeLessThan(300);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox where dedupe_key like '%/round-%'")).ShouldBe(Rounds * AtOnce * records);
    }

    [Fact]
    public async Task While_the_database_is_stopped_a_burst_is_told_so_at_once_and_none_is_lost()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using PostgresServer server = await PostgresServer.StartAsync(OwnServer.Settings, ct);
        await using Bridge bridge = await Bridge.StartAsync(server: server);
        await using WebDyno web = await WebDyno.StartAsync(published, bridge);
        List<string> taken = await WarmAsync(web);

        int before = web.MegabytesNow;
        await server.StopAsync(crash: false, ct);
        IReadOnlyList<TimedAnswer> answers = await BurstAsync(web);
        int after = web.MegabytesNow;
        await server.LaunchAsync(ct);
        (string key, TimeSpan back) = await web.UntilTakenAsync();

        Tell(answers, before, after, back);
        answers.ShouldAllBe(answer => answer.Status == 503 && answer.RetryAfter == TimeSpan.FromSeconds(5));
        Slowest(answers, 0.01).ShouldBeLessThan(TimeSpan.FromSeconds(1));
        (after - before).ShouldBeLessThan(30);
        back.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        (await TakenAsync(bridge)).ShouldBe([.. taken, key], ignoreOrder: true);
    }

    [Fact]
    public async Task While_the_database_hangs_only_the_first_wait_for_it()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using PostgresServer server = await PostgresServer.StartAsync(OwnServer.Settings, ct);
        await using Bridge bridge = await Bridge.StartAsync(server: server);
        await using WebDyno web = await WebDyno.StartAsync(published, bridge);
        List<string> taken = await WarmAsync(web);

        int before = web.MegabytesNow;
        IReadOnlyList<TimedAnswer> answers;
        await using (await HungServer.OfAsync(server))
            answers = await BurstAsync(web);
        int after = web.MegabytesNow;
        (string key, TimeSpan back) = await web.UntilTakenAsync();

        Tell(answers, before, after, back);
        answers.ShouldAllBe(answer => answer.Status == 503 && answer.RetryAfter == TimeSpan.FromSeconds(5));
        answers.Max(answer => answer.Taken).ShouldBeLessThan(TimeSpan.FromSeconds(10));
        Slowest(answers, (Callers + 100.0) / Burst).ShouldBeLessThan(TimeSpan.FromSeconds(1));
        (after - before).ShouldBeLessThan(30);
        back.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        // What was sent as the server fell silent may be stored all the same, though its caller was told to send it again.
        List<string> stored = await TakenAsync(bridge);
        stored.ShouldBeUnique();
        stored.Where(one => !one.StartsWith("burst", StringComparison.Ordinal)).ShouldBe([.. taken, key], ignoreOrder: true);
    }

    private static byte[] BodyOf(int records, int bytes)
    {
        string record = $$"""{"attributes":{"type":"Order__c"},"Note__c":"{{new string('x', (bytes / records) - 60)}}"}""";
        return Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat(record, records))}]");
    }

    // What it took before, and the memory that it takes at work.
    private static async Task<List<string>> WarmAsync(WebDyno web)
    {
        IReadOnlyList<TimedAnswer> answers = await web.PostAsync("before", 4_000, Callers, Order);
        answers.ShouldAllBe(answer => answer.Status == 202);
        return [.. answers.Select(answer => answer.Key)];
    }

    private static Task<IReadOnlyList<TimedAnswer>> BurstAsync(WebDyno web) => web.PostAsync("burst", Burst, Callers, Order);

    private static byte[] Order(int n) => Encoding.UTF8.GetBytes($$"""{"Id":"a00{{n:d15}}","Note__c":"{{new string('x', 900)}}"}""");

    private static async Task<List<string>> TakenAsync(Bridge bridge) =>
        [.. (await bridge.Database.ColumnAsync<string>($"{TakenKeys} order by id")).Skip(1)];

    private static TimeSpan Slowest(IReadOnlyList<TimedAnswer> answers, double share) =>
        answers.Select(answer => answer.Taken).OrderDescending().ElementAt((int)(answers.Count * share));

    private static void Tell(IReadOnlyList<TimedAnswer> answers, int before, int after, TimeSpan back) => TestContext.Current.TestOutputHelper?.WriteLine(
        $"{answers.Count} answers, 99% within {Slowest(answers, 0.01).TotalMilliseconds:F0} ms, the slowest {answers.Max(answer => answer.Taken).TotalMilliseconds:F0} ms; "
        + $"{before} MB before, {after} MB after; taken again {back.TotalSeconds:F2} s after the server was back");
}
