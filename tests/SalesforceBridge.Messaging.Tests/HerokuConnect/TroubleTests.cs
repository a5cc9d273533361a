using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.HerokuConnect;

/// <summary>What happens to a connection's log and to the bridge's rights in it, while Connect goes on.</summary>
public sealed class TroubleTests
{
    private const string Alert = "select what from bridge.alert where name = 'connect-error is not read'";

    [Fact]
    public async Task Lost_rights_are_told_the_other_connection_is_read_and_what_failed_meanwhile_comes_afterwards()
    {
        await using Connection connection = await Connection.OpenAsync();
        await Connection.ConnectAsync(connection.Middle, "other");
        string clerk = $"clerk_{connection.Middle.Store.Name}";
        await connection.ExecuteAsync($"""
            create role {clerk} login;
            grant usage on schema bridge, org, other to {clerk};
            grant all on all tables in schema bridge, org, other to {clerk};
            grant all on all sequences in schema bridge to {clerk}
            """.Replace("org,", $"{connection.Schema},"));
        await using Middle restricted = connection.Middle.Beside(settings: $"Username={clerk}");
        await using (RunningWorker worker = await Connection.ListenAsync(restricted))
        {
            await connection.IsLookedAtAsync();
            await connection.ExecuteAsync($"revoke all on org._trigger_log from {clerk}");
            await connection.Middle.UntilAsync($"select exists ({Alert})");
            int unread = await connection.CaptureAsync("READONLY");
            await connection.ArchiveAsync(unread);
            await connection.ExecuteAsync("insert into other._trigger_log (state, action, table_name, record_id) values ('FAILED', 'INSERT', 'contact', 2)");
            await connection.ToldAsync(1);

            (await connection.Middle.ScalarAsync<string>(Alert)).ShouldBe(
                "the bridge's database user may not read the trigger log of org; let its owner run: grant usage on schema \"org\" to ...; grant select on \"org\"._trigger_log, \"org\"._trigger_log_archive to ...");
            (await new HerokuConnectLog(restricted.Database).StatusAsync(default)).Single(log => log.Fault is not null).Schema.ShouldBe("org");
            await connection.ExecuteAsync($"grant select on org._trigger_log to {clerk}");
            await connection.ToldAsync(2);
            await connection.Middle.UntilAsync($"select not exists ({Alert})");
        }

        await connection.ExecuteAsync($"drop owned by {clerk}; drop role {clerk}");
    }

    [Fact]
    public async Task A_connection_that_cannot_be_read_at_first_keeps_no_other_from_being_told()
    {
        await using Connection connection = await Connection.OpenAsync();
        await Connection.ConnectAsync(connection.Middle, "broken");
        await connection.ExecuteAsync("insert into broken._trigger_log (state, action, table_name, record_id) values ('FAILED', 'INSERT', 'contact', 1)");
        await connection.ExecuteAsync("alter table broken._trigger_log rename sf_message to message");
        await using RunningWorker worker = await connection.ListenAsync(Connection.Listener(headers: ""));
        await connection.IsLookedAtAsync();

        await connection.FailAsync(await connection.CaptureAsync(record: 7));
        await connection.ToldAsync(1);
        await connection.ExecuteAsync("alter table broken._trigger_log rename message to sf_message");
        await connection.Middle.UntilAsync($"select not exists ({Alert})");
        await connection.ExecuteAsync("insert into broken._trigger_log (state, action, table_name, record_id) values ('FAILED', 'INSERT', 'contact', 2)");
        await connection.ToldAsync(2);

        (await connection.Middle.ColumnAsync<string>("select key from bridge.inbox order by id")).ShouldBe(["org.contact 7", "broken.contact 2"]);
    }

    [Fact]
    public async Task Without_a_connection_a_person_is_told_until_there_is_one()
    {
        await using Middle middle = await Middle.StartAsync(Connection.Quick);
        await middle.ExecuteAsync("create extension hstore");
        await using RunningWorker worker = await Connection.ListenAsync(middle);
        await middle.UntilAsync($"select exists ({Alert})");
        (await middle.ScalarAsync<string>(Alert)).ShouldBe(HerokuConnection.None);

        await Connection.ConnectAsync(middle, "late");
        await middle.ExecuteAsync("insert into late._trigger_log (state, action, table_name, record_id) values ('FAILED', 'INSERT', 'contact', 2)");

        await middle.UntilAsync("select count(*) = 1 from bridge.inbox");
        await middle.UntilAsync($"select not exists ({Alert})");
    }

    [Theory]
    [InlineData("drop table org._trigger_log_archive", "the schema org has no table _trigger_log_archive, without which Heroku Connect does not work either; recreate the connection")]
    [InlineData("alter table org._trigger_log rename sf_message to message", "the trigger log of org could not be read: 42703: column \"sf_message\" does not exist; it is tried again")]
    public async Task A_log_of_another_shape_is_told(string damage, string what)
    {
        await using Connection connection = await Connection.OpenAsync();
        await using RunningWorker worker = await connection.ListenAsync();

        await connection.ExecuteAsync(damage);

        await connection.Middle.UntilAsync($"select exists ({Alert})");
        (await connection.Middle.ScalarAsync<string>(Alert)).ShouldBe(what);
    }

    [Fact]
    public async Task A_bridge_that_was_away_for_longer_than_the_archive_lasts_records_a_gap()
    {
        await using Connection connection = await Connection.OpenAsync();
        await using (RunningWorker worker = await connection.ListenAsync())
            await connection.IsLookedAtAsync();
        await connection.ExecuteAsync("update bridge.cursor set position = jsonb_build_object('org', now() - interval '8 days') where name = 'connect-error'");
        await connection.FailAsync(await connection.CaptureAsync());

        await using RunningWorker back = await connection.ListenAsync();

        await connection.ToldAsync(1);
        (await connection.Middle.ColumnAsync<string>("select why from bridge.gap")).ShouldBe(
            ["nobody looked for 8 days, and the archive of org does not reach back that far: what failed meanwhile may be deleted"]);
    }

    [Fact]
    public async Task A_bridge_that_was_away_finds_the_archive_reaching_back_and_records_nothing()
    {
        await using Connection connection = await Connection.OpenAsync();
        await using (RunningWorker worker = await connection.ListenAsync())
            await connection.IsLookedAtAsync();
        await connection.ExecuteAsync("update bridge.cursor set position = jsonb_build_object('org', now() - interval '8 days') where name = 'connect-error'");
        await connection.ExecuteAsync("insert into org._trigger_log_archive (id, created_at, state, action, table_name) values (90, now() - interval '9 days', 'SUCCESS', 'UPDATE', 'contact'), (91, now() - interval '8 days', 'READONLY', 'UPDATE', 'contact')");

        await using RunningWorker back = await connection.ListenAsync();

        await connection.ToldAsync(1);
        (await connection.Middle.ScalarAsync<long>("select count(*) from bridge.gap")).ShouldBe(0);
    }

    [Fact]
    public async Task A_worker_that_was_taken_over_tells_nothing_and_connections_that_break_double_nothing()
    {
        await using Connection connection = await Connection.OpenAsync();
        await using Cable cable = connection.Middle.Cable();
        await using Middle far = connection.Middle.Beside(cable);
        await using RunningWorker worker = await Connection.ListenAsync(far);
        await using RunningWorker other = await connection.ListenAsync();

        for (int n = 0; n < 10; n++)
        {
            await connection.ExecuteAsync($"insert into org._trigger_log (state, action, table_name, record_id) select 'FAILED', 'INSERT', 'contact', {n * 300} + k from generate_series(1, 300) k");
            cable.Cut();
            await connection.ExecuteAsync("update bridge.cursor set worker = null where name = 'connect-error'");
            cable.Mend();
        }

        await connection.ToldAsync(3000);
        (await connection.Middle.ScalarAsync<long>("select count(distinct key) from bridge.inbox")).ShouldBe(3000);
    }

    [Fact]
    public async Task Looks_go_by_Connects_own_indexes()
    {
        await using Connection connection = await Connection.OpenAsync();
        await connection.ExecuteAsync("""
            insert into org._trigger_log (state, action, table_name, record_id) select 'SUCCESS', 'UPDATE', 'contact', n from generate_series(1, 50000) n;
            insert into org._trigger_log_archive (id, created_at, state, action, table_name, record_id) select -n, now() - interval '5 days', 'SUCCESS', 'UPDATE', 'contact', n from generate_series(1, 50000) n;
            analyze org._trigger_log; analyze org._trigger_log_archive
            """);
        var sql = new HerokuConnectErrorSql(connection.Middle.Database.Schema, new HerokuConnection(connection.Schema, null));

        foreach (string look in new[] { sql.Look(null).CommandText, sql.Forget(null).CommandText.Replace("$3", "'1 hour'::interval") })
        {
            string text = look.Replace("$1", "'org'").Replace("$2", "now() - interval '1 hour'");
            string plan = string.Join('\n', await connection.Middle.ColumnAsync<string>($"explain {text}"));
            plan.ShouldNotContain("Seq Scan on _trigger_log");
            plan.ShouldContain("_trigger_log_state_id_idx");
            plan.ShouldContain("failed_in_archive");
            plan.ShouldContain("_trigger_log_archive_created_at_idx");
        }
    }

    [Fact]
    public async Task The_status_tells_what_waits_what_failed_and_how_long_sending_takes()
    {
        await using Connection connection = await Connection.OpenAsync();
        await connection.ExecuteAsync("""
            insert into org._trigger_log (state, created_at, processed_at) values
                ('NEW', '2026-01-01Z', null), ('PENDING', '2026-01-02Z', null), ('FAILED', '2026-01-03Z', null), ('READONLY', now(), null),
                ('SUCCESS', '2026-01-04 00:00Z', '2026-01-04 00:01Z');
            insert into org._trigger_log_archive (id, state, created_at, processed_at) values
                (90, 'FAILED', '2025-01-03Z', null), (91, 'READONLY', now(), null), (92, 'READONLY', '2025-01-01Z', null), (93, 'SUCCESS', '2026-01-05 00:00Z', '2026-01-05 00:00:05Z')
            """);

        HerokuConnectLogStatus status = (await new HerokuConnectLog(connection.Middle.Database).StatusAsync(default)).Single();

        status.ShouldBe(new HerokuConnectLogStatus
        {
            Schema = "org",
            Pending = 2,
            PendingSince = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
            Failed = 2,
            ReadOnly = 2,
            SecondsToSend = 5,
        });
    }
}
