using Npgsql;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.HerokuConnect;

/// <summary>What the triggers of a mapped table do, whoever writes.</summary>
public sealed class CaptureTests
{
    [Fact]
    public async Task The_log_holds_what_apps_wrote_and_nothing_from_the_org()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync(org => org.Create("Contact", new { LastName = "Loaded" }));
        string contact = tables.Org.Create("Contact", new { LastName = "Read" });
        await tables.ReadAsync();
        tables.Org.Update("Contact", contact, new { Phone = "1" });
        await tables.ReadAsync();
        tables.Org.Delete("Contact", contact);
        await tables.ReadAsync();

        int app = await tables.InsertAsync("contact", "lastname", "'Written'");
        await tables.SyncAsync();

        (await tables.LogAsync()).ShouldBe(["INSERT contact SUCCESS"]);
        (await tables.ScalarAsync<int>("select record_id from salesforce._trigger_log")).ShouldBe(app);
    }

    [Fact]
    public async Task A_trigger_of_the_app_can_tell_who_wrote()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        await tables.ExecuteAsync("""
            create table public.seen (n serial, what text);
            create function public.see() returns trigger language plpgsql as $$
            begin insert into public.seen (what) values (concat_ws(' ', tg_op, current_setting('xmlbinary'), new._hc_lastop)); return null; end $$;
            create trigger see after insert or update on salesforce.contact for each row execute function public.see()
            """);

        await tables.InsertAsync("contact", "lastname", "'Ann'");
        await tables.SyncAsync();

        (await tables.ColumnAsync("select what from public.seen order by n")).ShouldBe(["INSERT base64 PENDING", "UPDATE hex INSERTED", "UPDATE hex SYNCED"]);
    }

    [Fact]
    public async Task The_same_status_twice_reads_SYNCED()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        int contact = await tables.InsertAsync("contact", "lastname", "'Ann'");

        await AsHerokuConnectAsync(tables, "_hc_lastop = 'FAILED', _hc_err = '{}'");
        (await tables.StatusAsync(contact)).ShouldBe("FAILED");
        await AsHerokuConnectAsync(tables, "_hc_lastop = 'FAILED', _hc_err = '{}'");

        (await tables.ScalarAsync<bool>("select _hc_lastop = 'SYNCED' and _hc_err is null from salesforce.contact")).ShouldBeTrue();
    }

    [Fact]
    public async Task An_update_that_changes_nothing_is_ignored_and_leaves_its_row_pending()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        int contact = await tables.InsertAsync("contact", "lastname", "'Ann'");
        await tables.SyncAsync();
        (await tables.StatusAsync(contact)).ShouldBe("SYNCED");

        await tables.ExecuteAsync("update salesforce.contact set lastname = lastname");
        (await tables.LogAsync()).ShouldBe(["INSERT contact SUCCESS", "UPDATE contact IGNORE"]);
        await tables.SyncAsync();

        (await tables.LogAsync()).ShouldBe(["INSERT contact SUCCESS", "UPDATE contact IGNORED"]);
        (await tables.StatusAsync(contact)).ShouldBe("PENDING");
    }

    [Fact]
    public async Task Every_write_fails_where_public_is_not_in_the_search_path()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();

        PostgresException refusal = await Should.ThrowAsync<PostgresException>(() =>
            tables.ExecuteAsync("set search_path = salesforce; insert into contact (lastname) values ('Ann')"));
        refusal.MessageText.ShouldBe("function get_xmlbinary() does not exist");

        await tables.ExecuteAsync("set search_path = salesforce, public; insert into contact (lastname) values ('Ann')");
    }

    [Fact]
    public async Task The_log_rings_once_for_a_transaction_and_its_channel_needs_quotes()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        await using var connection = new NpgsqlConnection(tables.Database.ConnectionString);
        await connection.OpenAsync(SyncedTables.Ct);
        List<string> rung = [];
        connection.Notification += (_, ring) => rung.Add($"{ring.Channel} {ring.Payload}");

        (await Should.ThrowAsync<PostgresException>(() => ExecuteAsync(connection, "listen salesforce.hc_trigger_log"))).SqlState.ShouldBe(PostgresErrorCodes.SyntaxError);
        await ExecuteAsync(connection, "listen \"salesforce.hc_trigger_log\"");
        await tables.ExecuteAsync("insert into salesforce.contact (lastname) select n::text from generate_series(1, 5) n");
        await tables.ExecuteAsync("notify last");
        await ExecuteAsync(connection, "listen last; notify last");

        rung.Where(ring => ring.StartsWith("salesforce", StringComparison.Ordinal)).ShouldBe(["salesforce.hc_trigger_log ping"]);
    }

    [Fact]
    public async Task Emptying_a_table_is_not_captured()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync(org => org.Create("Contact", new { LastName = "Stays" }));

        await tables.ExecuteAsync("truncate salesforce.contact");
        await tables.SyncAsync();

        (await tables.LogAsync()).ShouldBeEmpty();
        tables.Org.Query("select Id from Contact").Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_entry_says_what_was_and_what_changed_as_hstore_in_text()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        int contact = await tables.InsertAsync("contact", "lastname, email", "'Ann', 'a@b.cc'");
        await tables.ExecuteAsync("update salesforce.contact set email = 'd@e.ff'");
        await tables.ExecuteAsync("delete from salesforce.contact");

        (await tables.ColumnAsync("""
            select concat_ws(' ', action, state, record_id, ("values"::hstore) -> 'lastname', ("values"::hstore) -> 'email', 'was', (old::hstore) -> 'email', (old::hstore) ? '_hc_lastop',
                   txid is not null and created_at is not null) from salesforce._trigger_log order by id
            """)).ShouldBe(
        [
            $"INSERT NEW {contact} Ann a@b.cc was t", $"UPDATE NEW {contact} d@e.ff was a@b.cc f t", $"DELETE IGNORE {contact} was d@e.ff f t",
        ]);
        (await tables.ScalarAsync<string>("select \"values\" from salesforce._trigger_log where action = 'UPDATE'")).ShouldBe("\"email\"=>\"d@e.ff\"");
        (await tables.ScalarAsync<bool>("""select ("values"::hstore) ? 'phone' and not ("values"::hstore) ? '_hc_err' from salesforce._trigger_log where action = 'INSERT'""")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_row_can_be_captured_as_it_is_now()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        await tables.InsertAsync("contact", "lastname, email, phone", "'Ann', 'a@b.cc', '1'");
        await tables.ExecuteAsync("truncate salesforce._trigger_log");

        await tables.ExecuteAsync("select salesforce.hc_capture_insert_from_row(hstore(c.*), 'contact', array['phone', 'sfid']) from salesforce.contact c");
        await tables.ExecuteAsync("select salesforce.hc_capture_update_from_row(hstore(c.*), 'contact', array['phone']) from salesforce.contact c");

        (await tables.ColumnAsync("""
            select concat_ws(' ', action, state, ("values"::hstore) -> 'lastname', ("values"::hstore) -> 'phone', ("values"::hstore) ? 'sfid') from salesforce._trigger_log order by id
            """)).ShouldBe(["INSERT NEW Ann t", "UPDATE NEW 1 f"]);
        (await tables.ScalarAsync<bool>("select salesforce.hc_capture_update_from_row(hstore('email', 'x'), 'contact') is null")).ShouldBeTrue();
    }

    private static Task AsHerokuConnectAsync(SyncedTables tables, string set) =>
        tables.ExecuteAsync($"begin; set local xmlbinary to 'hex'; update salesforce.contact set {set}; commit");

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(SyncedTables.Ct);
    }
}
