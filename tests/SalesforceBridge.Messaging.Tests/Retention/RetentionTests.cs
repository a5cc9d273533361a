using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests;

public sealed class RetentionTests
{
    [Fact]
    public async Task Only_what_is_old_and_needed_by_nothing_is_deleted()
    {
        await using Middle middle = await Middle.StartAsync();
        Route read = Middle.Route("reads", "-- on: event N__e\nselect 1 from message");
        Route off = Middle.Route("off", "-- on: event N__e\nselect 1 from message");
        await middle.EnrolAsync(read, off);
        await middle.EnrolAsync(read);
        await middle.AcceptNumbersAsync("event N__e", 100);
        await middle.AcceptNumbersAsync("event Nobody__e", 10, first: 200);
        await middle.ExecuteAsync("""
            update bridge.inbox set received_at = now() - interval '10 days' where payload->>'n' <> '5';
            update bridge.cursor set position = (select id::text from bridge.inbox where payload->>'n' = '79') where name = 'route reads on event N__e';
            insert into bridge.failure (cursor, id, source, state) select 'route reads', id, source, 'dead' from bridge.inbox where payload->>'n' = '7';
            insert into bridge.failure (cursor, id, source, state) select 'route reads', id, 'event Other__e', 'dead' from bridge.inbox where payload->>'n' = '8';
            """);

        long deleted = await RetentionOf(middle).TidyAsync(TimeSpan.FromDays(7), default);

        deleted.ShouldBe(88);
        (await middle.ColumnAsync<string>("select payload->>'n' from bridge.inbox order by id")).ShouldBe(["5", "7", .. Enumerable.Range(80, 20).Select(n => $"{n}")]);
    }

    [Fact]
    public async Task A_delivery_goes_when_its_lane_has_passed_it_and_its_outcome_after_it()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.Cursors.EnrolAsync([("lane a", "60")], default);
        await middle.ExecuteAsync("""
            insert into bridge.outbox (lane, destination, body, created_at) select l, 'x', '{}', now() - interval '2 hours' from unnest('{a,unknown}'::text[]) l, generate_series(1, 50);
            update bridge.cursor set position = (select min(id) + 29 from bridge.outbox where lane = 'a') where name = 'lane a';
            insert into bridge.failure (cursor, id, state) select 'lane a', min(id), 'dead' from bridge.outbox where lane = 'a';
            insert into bridge.outcome (lane, id, at) select lane, id, now() - interval '2 hours' from bridge.outbox where lane = 'a' order by id limit 30;
            update bridge.outcome set at = now() where id = (select max(id) from bridge.outcome);
            """);

        (await RetentionOf(middle).TidyAsync(TimeSpan.Zero, default)).ShouldBe(29 + 28);

        (await middle.ScalarAsync<long>("select count(*) from bridge.outbox where lane = 'a'")).ShouldBe(21);
        (await middle.ScalarAsync<long>("select count(*) from bridge.outbox where lane = 'unknown'")).ShouldBe(50);
        (await middle.ScalarAsync<long>("select count(*) from bridge.outcome")).ShouldBe(2, "the young one still explains an event that comes back");
    }

    [Fact]
    public async Task A_full_schema_shortens_stops_and_comes_down_again_and_a_crash_does_not_make_it_look_empty()
    {
        await using Middle middle = await Middle.StartAsync(Middle.Quick with { Storage = 40_000_000 });
        await middle.Cursors.EnrolAsync([("event N__e", null), ("route r on event N__e", "0")], default);
        var gauge = new StorageGauge(middle.Database);
        await FillAsync(middle, 40_000);
        (await gauge.MeasureAsync(default)).ShouldBe(StorageLevel.High);
        (await middle.ColumnAsync<string>("select what from bridge.alert where name = 'storage'")).ShouldHaveSingleItem().ShouldContain("deleted early");
        await FillAsync(middle, 12_000);
        (await gauge.MeasureAsync(default)).ShouldBe(StorageLevel.Full);

        // As after a crash: the server knows nothing of its tables.
        await middle.ExecuteAsync("select pg_stat_reset()");
        (await gauge.MeasureAsync(default)).ShouldBe(StorageLevel.Full);

        // What a stuck route needs stays; once it has passed, most goes, files keep their size and the level comes down.
        (await RetentionOf(middle).TidyAsync(TimeSpan.Zero, default)).ShouldBe(0);
        await middle.ExecuteAsync("update bridge.cursor set position = (select max(id) - 9000 from bridge.inbox) where name = 'route r on event N__e'");
        (await RetentionOf(middle).TidyAsync(TimeSpan.Zero, default)).ShouldBe(43_000);
        (await gauge.MeasureAsync(default)).ShouldBe(StorageLevel.Normal);
        gauge.Used.ShouldBeInRange(5_000_000, 16_000_000);
        (await middle.ScalarAsync<long>("select count(*) from bridge.alert")).ShouldBe(0);

        // The room is used again before the files grow.
        await FillAsync(middle, 43_000);
        (await gauge.MeasureAsync(default)).ShouldBe(StorageLevel.Full);
        (await middle.ScalarAsync<long>("select pg_total_relation_size('bridge.inbox')")).ShouldBeLessThan(60_000_000);
    }

    [Theory]
    [InlineData(120)]
    [InlineData(700)]
    [InlineData(1900)]
    [InlineData(9000)]
    public async Task A_full_table_counts_by_its_files_whatever_its_rows_are_like(int bytes)
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.Cursors.EnrolAsync([("event N__e", null)], default);
        await FillAsync(middle, Math.Min(100_000, 40_000_000 / bytes), bytes);
        var gauge = new StorageGauge(middle.Database);

        await gauge.MeasureAsync(default);

        long files = await middle.ScalarAsync<long>("select sum(pg_total_relation_size(oid))::bigint from pg_class where relnamespace = 'bridge'::regnamespace and relkind = 'r'");
        ((double)gauge.Used / files).ShouldBeInRange(0.85, 1.0);
    }

    [Fact]
    public async Task Its_worker_tidies_and_measures()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.Cursors.EnrolAsync([(Retention.CursorOfRetention, null), ("event N__e", null)], default);
        await middle.AcceptNumbersAsync("event N__e", 10);
        await middle.ExecuteAsync("update bridge.inbox set received_at = now() - interval '10 days'");
        await using var worker = new RunningWorker(new Worker(
            middle.Database, middle.Cursors, middle.Bells, [RetentionOf(middle)], TimeProvider.System, middle.Log.For<Worker>()));

        await middle.UntilAsync("select count(*) = 0 from bridge.inbox");
    }

    private static Retention RetentionOf(Middle middle) =>
        new(middle.Database, new StorageGauge(middle.Database), TimeProvider.System, middle.Log.For<Retention>());

    // Text that does not compress, so that it takes the room it seems to.
    private static Task FillAsync(Middle middle, int count, int bytes = 600) => middle.ExecuteAsync($$"""
        insert into bridge.inbox (source, dedupe_key, payload)
        select 'event N__e', gen_random_uuid(), jsonb_build_object('f', (select string_agg(md5(n || ' ' || g), '') from generate_series(1, {{Math.Max(bytes / 32, 1)}}) g))
        from generate_series(1, {{count}}) n
        """);
}
