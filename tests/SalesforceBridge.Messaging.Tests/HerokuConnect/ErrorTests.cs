using System.Text.Json.Nodes;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.HerokuConnect;

/// <summary>Each failure of Heroku Connect becomes one message, whatever its row goes through.</summary>
public sealed class ErrorTests
{
    [Fact]
    public async Task A_failed_write_is_a_message_with_its_error_its_row_and_its_values()
    {
        await using Connection connection = await Connection.OpenAsync();
        await using RunningWorker worker = await connection.ListenAsync();
        int id = await connection.CaptureAsync(record: 7, columns: ", sfid, old, \"values\"",
            values: ", '003000000000001AAA', '\"email\"=>NULL, \"phone\"=>\"1\"', '\"email\"=>\"say \\\"hi\\\", \\\\ ü\"'");

        await connection.FailAsync(id, "INVALID_EMAIL_ADDRESS");
        await connection.ToldAsync(1);

        JsonNode told = (await connection.MessagesAsync())[0];
        told["processed_at"]!.GetValue<DateTime>().ShouldBe(told["captured_at"]!.GetValue<DateTime>(), TimeSpan.FromMinutes(1));
        told.AsObject().Remove("processed_at");
        told.AsObject().Remove("captured_at");
        JsonNode.DeepEquals(told, JsonNode.Parse($$"""
            {"error": "INVALID_EMAIL_ADDRESS", "state": "FAILED", "schema": "org", "table": "contact", "operation": "update", "record_id": 7,
             "sfid": "003000000000001AAA", "values": {"email": "say \"hi\", \\ ü"}, "old": {"email": null, "phone": "1"}, "id": {{id}}}
            """)).ShouldBeTrue(told.ToString());
        (await connection.Middle.ScalarAsync<string>("select key from bridge.inbox")).ShouldBe("org.contact 7");
    }

    [Fact]
    public async Task A_change_of_a_read_only_table_is_told_once_in_the_log_and_in_the_archive()
    {
        await using Connection connection = await Connection.OpenAsync();
        await using RunningWorker worker = await connection.ListenAsync();
        int seen = await connection.CaptureAsync("READONLY");
        await connection.ToldAsync(1);

        await connection.ArchiveAsync(seen);
        await connection.ExecuteAsync("""
            insert into org._trigger_log_archive (id, created_at, state, action, table_name, record_id) values (900, clock_timestamp(), 'READONLY', 'DELETE', 'contact', 2)
            """);
        await connection.ToldAsync(2);

        (await connection.MessagesAsync())[1]["error"]!.GetValue<string>().ShouldBe("The table's mapping is read-only, so Heroku Connect does not send this change.");
    }

    [Fact]
    public async Task What_succeeds_or_waits_or_is_ignored_is_no_message()
    {
        await using Connection connection = await Connection.OpenAsync();
        await using RunningWorker worker = await connection.ListenAsync();
        foreach (string state in new[] { "NEW", "PENDING", "SUCCESS", "MERGED", "IGNORE", "IGNORED", "REQUEUE", "REQUEUED" })
            await connection.ArchiveAsync(await connection.CaptureAsync(state));

        await connection.FailAsync(await connection.CaptureAsync());

        await connection.ToldAsync(1);
    }

    [Fact]
    public async Task A_row_that_moves_to_the_archive_before_or_after_it_is_told_is_told_once()
    {
        await using Connection connection = await Connection.OpenAsync();
        int before = await connection.CaptureAsync();
        await connection.FailAsync(before);
        await connection.ArchiveAsync(before);
        await using RunningWorker worker = await connection.ListenAsync();
        int after = await connection.CaptureAsync();
        await connection.FailAsync(after);
        await connection.ToldAsync(2);

        await connection.ArchiveAsync(after);

        await connection.ToldAsync(2);
    }

    [Fact]
    public async Task A_row_that_is_nowhere_for_a_moment_or_in_both_tables_is_the_same_failure()
    {
        await using Connection connection = await Connection.OpenAsync();
        await using RunningWorker worker = await connection.ListenAsync();
        int id = await connection.CaptureAsync();
        await connection.FailAsync(id);
        await connection.ToldAsync(1);

        await connection.ExecuteAsync("create table moving as table org._trigger_log; delete from org._trigger_log");
        await connection.Middle.UntilAsync("select count(*) = 1 from bridge.connect_error where gone_at is not null");
        await connection.ExecuteAsync("insert into org._trigger_log_archive table moving");
        await connection.Middle.UntilAsync("select count(*) = 1 from bridge.connect_error where gone_at is null");
        await connection.ExecuteAsync("insert into org._trigger_log table moving");

        await connection.ToldAsync(1);
    }

    [Fact]
    public async Task A_row_that_is_put_back_and_fails_again_is_told_again_seen_in_between_or_not()
    {
        await using Connection connection = await Connection.OpenAsync();
        await using RunningWorker worker = await connection.ListenAsync();
        int seen = await connection.CaptureAsync(record: 1);
        int unseen = await connection.CaptureAsync(record: 2);
        await connection.FailAsync(seen);
        await connection.FailAsync(unseen);
        await connection.ToldAsync(2);

        await connection.ExecuteAsync($"update org._trigger_log set state = 'NEW' where id = {seen}");
        await connection.Middle.UntilAsync("select count(*) = 1 from bridge.connect_error");
        await connection.ExecuteAsync($"update org._trigger_log set state = 'FAILED' where id = {seen}");
        await connection.ToldAsync(3);
        await connection.FailAsync(unseen);
        await connection.ToldAsync(4);

        (await connection.Middle.ColumnAsync<string>("select key from bridge.inbox order by id")).ShouldBe(["org.contact 1", "org.contact 2", "org.contact 1", "org.contact 2"]);
    }

    [Fact]
    public async Task Ids_that_begin_anew_with_the_add_on_are_other_failures()
    {
        await using Connection connection = await Connection.OpenAsync();
        await using RunningWorker worker = await connection.ListenAsync();
        await connection.ExecuteAsync("insert into org._trigger_log (id, created_at, processed_at, state, action, table_name) values (1, '2026-01-01Z', '2026-01-02Z', 'FAILED', 'UPDATE', 'contact')");
        await connection.ToldAsync(1);

        await connection.ExecuteAsync("drop schema org cascade".Replace("org", connection.Schema));
        await Connection.ConnectAsync(connection.Middle, connection.Schema);
        await connection.ExecuteAsync("insert into org._trigger_log (id, created_at, processed_at, state, action, table_name) values (1, '2026-01-03Z', '2026-01-02Z', 'FAILED', 'UPDATE', 'contact')");

        await connection.ToldAsync(2);
    }

    [Fact]
    public async Task Whatever_commits_late_is_told_in_whatever_order_ids_times_and_commits_come()
    {
        await using Connection connection = await Connection.OpenAsync();
        await using RunningWorker worker = await connection.ListenAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        await Task.WhenAll(Enumerable.Range(0, 6).Select(writer => WriteAsync(connection, writer, limit.Token)));

        await connection.ToldAsync(6 * 40 * 2);
        (await connection.Middle.ScalarAsync<long>("select count(distinct (payload->>'record_id', payload->>'error')) from bridge.inbox")).ShouldBe(6 * 40 * 2);
    }

    [Fact]
    public async Task A_new_source_begins_with_what_fails_from_now_on_unless_it_asks_for_the_earliest()
    {
        await using Connection connection = await Connection.OpenAsync();
        await connection.FailAsync(await connection.CaptureAsync());
        int archived = await connection.CaptureAsync();
        await connection.FailAsync(archived);
        await connection.ArchiveAsync(archived);
        await using RunningWorker worker = await connection.ListenAsync(Connection.Listener(headers: ""));
        await connection.Middle.UntilAsync("select position is not null from bridge.cursor where name = 'connect-error'");

        await connection.FailAsync(await connection.CaptureAsync(record: 5));

        await connection.ToldAsync(1);
        (await connection.Middle.ScalarAsync<string>("select key from bridge.inbox")).ShouldBe("org.contact 5");
    }

    [Fact]
    public async Task Many_errors_and_large_ones_come_in_batches_oldest_first()
    {
        await using Connection connection = await Connection.OpenAsync();
        await connection.ExecuteAsync("""
            insert into org._trigger_log (state, action, table_name, record_id, processed_at, "values")
            select 'FAILED', 'INSERT', 'contact', n, clock_timestamp() - n * interval '1 minute', '"a"=>"' || repeat('x', case when n % 50 = 0 then 1500000 else 1 end) || '"'
            from generate_series(1, 500) n
            """);

        await using RunningWorker worker = await connection.ListenAsync();

        await connection.ToldAsync(500);
        (await connection.Middle.ColumnAsync<string>("select payload->>'record_id' from bridge.inbox order by id")).ShouldBe(Enumerable.Range(1, 500).Reverse().Select(n => $"{n}"));
    }

    [Fact]
    public async Task A_text_that_is_no_hstore_is_told_as_it_is()
    {
        await using Connection connection = await Connection.OpenAsync();
        await using RunningWorker worker = await connection.ListenAsync();

        await connection.FailAsync(await connection.CaptureAsync(columns: ", \"values\"", values: ", '\"cut\"=>\"of'"));

        await connection.ToldAsync(1);
        (await connection.MessagesAsync())[0]["values"]!.GetValue<string>().ShouldBe("\"cut\"=>\"of");
    }

    [Fact]
    public async Task Two_connections_in_one_database_are_told_apart_and_a_route_may_name_a_table_of_one()
    {
        await using Connection connection = await Connection.OpenAsync();
        await Connection.ConnectAsync(connection.Middle, "\"Other Org\"");
        await connection.ExecuteAsync("create table heard (who text, key text)");
        await using RunningWorker worker = await connection.ListenAsync(
            Hearing("all", "connect-error"), Hearing("one", "connect-error Org.contact"), Hearing("other", "connect-error \"Other Org\".contact"));
        // The first look passes over what stands failed already, one connection after the other.
        await connection.Middle.UntilAsync("select position like '%org%' and position like '%Other Org%' from bridge.cursor where name = 'connect-error'");

        await connection.FailAsync(await connection.CaptureAsync(record: 1));
        await connection.FailAsync(await connection.CaptureAsync(table: "account", record: 2));
        await connection.ExecuteAsync("insert into \"Other Org\"._trigger_log (state, action, table_name, record_id) values ('FAILED', 'INSERT', 'contact', 3)");

        await connection.Middle.UntilAsync("select count(*) = 5 from heard");
        (await connection.Middle.ColumnAsync<string>("select key from heard where who = 'all' order by key")).ShouldBe(["Other Org.contact 3", "org.account 2", "org.contact 1"], ignoreOrder: true);
        (await connection.Middle.ColumnAsync<string>("select key from heard where who = 'one'")).ShouldBe(["org.contact 1"]);
        (await connection.Middle.ColumnAsync<string>("select key from heard where who = 'other'")).ShouldBe(["Other Org.contact 3"]);
    }

    private static Route Hearing(string name, string on) => Middle.Route(name, $"-- on: {on}\ninsert into heard select '{name}', key from message");

    // Two transactions at a time that overlap, each held for another while; then Connect fails, archives and puts back what it will.
    private static async Task WriteAsync(Connection connection, int writer, CancellationToken ct)
    {
        for (int n = 0; n < 40 && !ct.IsCancellationRequested; n++)
        {
            int record = writer * 1000 + n;
            int held = (writer * 7 + n * 13) % 30;
            await connection.ExecuteAsync($"""
                begin;
                insert into org._trigger_log (state, action, table_name, record_id, processed_at, sf_message)
                values ('FAILED', 'INSERT', 'contact', {record}, clock_timestamp() - {held} * interval '1 hour', 'first');
                select pg_sleep({held} / 1000.0);
                commit
                """);
            await connection.ExecuteAsync($"""
                begin;
                insert into org._trigger_log (state, action, table_name, record_id) values ('PENDING', 'UPDATE', 'contact', {record});
                select pg_sleep({29 - held} / 1000.0);
                update org._trigger_log set state = 'FAILED', processed_at = clock_timestamp(), sf_message = 'second' where record_id = {record} and state = 'PENDING';
                with moved as (delete from org._trigger_log where record_id = {record} and {(n % 2 == 0 ? "true" : "sf_message = 'second'")} returning *)
                insert into org._trigger_log_archive select * from moved;
                commit
                """);
        }
    }
}
