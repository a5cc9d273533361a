using SalesforceBridge.Simulator.HerokuConnect;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.HerokuConnect;

/// <summary>From the org to Postgres, and what an administrator can do.</summary>
public sealed class ReadTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task The_tables_hold_what_the_org_has_and_follow_it()
    {
        string contact = "";
        var clock = new SettableClock();
        await using SyncedTables tables = await SyncedTables.StartAsync(org =>
        {
            string account = org.Create("Account", new { Name = "A", External_Id__c = "X1" });
            contact = org.Create("Contact", new { LastName = "Ann", Birthdate = "1990-02-03", AccountId = account });
            org.Delete("Contact", org.Create("Contact", new { LastName = "Gone" }));
        }, clock: clock);
        (await tables.ColumnAsync("select concat_ws(' ', id, lastname, birthdate, account__external_id__c, isdeleted, _hc_lastop) from salesforce.contact"))
            .ShouldBe(["1 Ann 1990-02-03 X1 f SYNCED"]);

        clock.Advance(TimeSpan.FromSeconds(1));
        tables.Org.Update("Contact", contact, new { Birthdate = (string?)null, Phone = "1" });
        tables.Org.Create("Contact", new { LastName = "Bob\0" });
        await tables.ReadAsync();
        (await tables.ColumnAsync("select concat_ws(' ', id, lastname, birthdate, phone) from salesforce.contact order by id")).ShouldBe(["1 Ann 1", "2 Bob"]);
        (await tables.ScalarAsync<bool>($"select systemmodstamp > createddate from salesforce.contact where sfid = '{contact}'")).ShouldBeTrue();

        tables.Org.Delete("Contact", contact);
        await tables.ReadAsync();
        (await tables.ColumnAsync("select lastname from salesforce.contact")).ShouldBe(["Bob"]);
    }

    [Fact]
    public async Task A_row_whose_record_did_not_change_is_not_written()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync(org => org.Create("Contact", new { LastName = "Ann" }));
        string before = await tables.ScalarAsync<string>("select xmin::text from salesforce.contact");

        tables.Org.Create("Contact", new { LastName = "Bob" });
        await tables.ReadAsync();

        (await tables.ScalarAsync<string>("select xmin::text from salesforce.contact where lastname = 'Ann'")).ShouldBe(before);
    }

    [Fact]
    public async Task The_last_writer_wins()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync(org => org.Create("Contact", new { LastName = "Ann" }));
        string sfid = await tables.SfidAsync(1);

        await tables.ExecuteAsync("update salesforce.contact set phone = 'app'");
        tables.Org.Update("Contact", sfid, new { Phone = "org" });
        await tables.ReadAsync();
        (await tables.ScalarAsync<string>("select phone from salesforce.contact")).ShouldBe("org");
        await tables.SyncAsync();

        (await tables.ScalarAsync<string>("select phone from salesforce.contact")).ShouldBe("app");
        tables.TextInOrg("Contact", sfid, "Phone").ShouldBe("app");
    }

    [Theory]
    [InlineData(ReloadMethod.Truncate)]
    [InlineData(ReloadMethod.Delete)]
    public async Task A_reload_gives_every_row_another_id_and_sends_first_what_apps_wrote(ReloadMethod method)
    {
        await using SyncedTables tables = await SyncedTables.StartAsync(org => org.Create("Contact", new { LastName = "First" }));
        tables.Org.Delete("Contact", await tables.SfidAsync(1));
        tables.Org.Create("Contact", new { LastName = "Second" });
        await tables.ReadAsync();
        await tables.InsertAsync("contact", "lastname", "'By app'");

        await tables.StandIn.ReloadAsync("Contact", method, SyncedTables.Ct);

        (await tables.ColumnAsync("select concat_ws(' ', id, lastname, _hc_lastop) from salesforce.contact order by id")).ShouldBe(["1 Second SYNCED", "2 By app SYNCED"]);
        (await tables.LogAsync()).ShouldBe(["INSERT contact SUCCESS"]);
    }

    [Fact]
    public async Task A_rebuilt_mapping_has_lost_what_others_put_on_its_table()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync(org => org.Create("Contact", new { LastName = "Ann" }));
        await tables.ExecuteAsync("""
            create function public.see() returns trigger language plpgsql as $$ begin return null; end $$;
            create trigger see after insert on salesforce.contact for each row execute function public.see()
            """);

        await tables.StandIn.RebuildAsync("Contact", SyncedTables.Ct);

        (await tables.ScalarAsync<long>("select count(*) from pg_trigger where tgname = 'see'")).ShouldBe(0);
        (await tables.ColumnAsync("select concat_ws(' ', id, lastname) from salesforce.contact")).ShouldBe(["1 Ann"]);
        await tables.ExecuteAsync("update salesforce.contact set phone = '1'");
        await tables.SyncAsync();
        (await tables.LogAsync()).ShouldBe(["UPDATE contact SUCCESS"]);
    }

    [Fact]
    public async Task Nothing_moves_while_it_is_paused_and_everything_afterwards()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        await tables.StandIn.PauseAsync(SyncedTables.Ct);
        await tables.InsertAsync("contact", "lastname", "'By app'");
        tables.Org.Create("Contact", new { LastName = "By org" });

        await tables.SyncAsync();
        tables.StandIn.State.ShouldBe("PAUSED");
        (await tables.LogAsync()).ShouldBe(["INSERT contact NEW"]);
        (await tables.ColumnAsync("select lastname from salesforce.contact")).ShouldBe(["By app"]);

        await tables.StandIn.ResumeAsync(SyncedTables.Ct);
        (await tables.ColumnAsync("select lastname || ' ' || _hc_lastop from salesforce.contact order by id")).ShouldBe(["By app SYNCED", "By org SYNCED"]);
        tables.Org.Query("select Id from Contact").Count.ShouldBe(2);
    }

    [Fact]
    public async Task Left_to_itself_it_goes_both_ways()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync(change: options => options with { ReadEvery = Moment, WritePause = Moment });

        int contact = await tables.InsertAsync("contact", "lastname", "'By app'");
        await tables.StandIn.WhenAsync(standIn => standIn.Written.Any(entry => entry is { Table: "contact", State: "SUCCESS" }), SyncedTables.Ct).WaitAsync(Limit, SyncedTables.Ct);
        string sfid = await tables.SfidAsync(contact);
        tables.Org.Update("Contact", sfid, new { Phone = "1" });

        await tables.UntilAsync($"select phone = '1' and _hc_lastop = 'SYNCED' from salesforce.contact where sfid = '{sfid}'");
    }

    [Fact]
    public async Task A_lost_connection_ends_nothing()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync(change: options => options with { ReadEvery = Moment, WriteEvery = Moment, WritePause = Moment });

        await tables.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'Heroku Connect' and datname = current_database()");
        await tables.InsertAsync("contact", "lastname", "'By app'");

        await tables.UntilAsync("select _hc_lastop = 'SYNCED' from salesforce.contact");
        tables.StandIn.Trouble.ShouldBeNull();
    }

    [Fact]
    public async Task A_table_that_somebody_dropped_is_told_and_the_others_go_on_when_it_is_back()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync(change: options => options with { ReadEvery = Moment });
        await tables.ExecuteAsync("alter table salesforce.contact rename to hidden");
        tables.Org.Create("Contact", new { LastName = "Ann" });

        await tables.StandIn.WhenAsync(standIn => standIn.State == "DB_UNAVAILABLE", SyncedTables.Ct).WaitAsync(Limit, SyncedTables.Ct);
        tables.StandIn.Trouble!.ShouldContain("salesforce.contact");

        await tables.ExecuteAsync("alter table salesforce.hidden rename to contact");
        await tables.StandIn.WhenAsync(standIn => standIn.State == "IDLE", SyncedTables.Ct).WaitAsync(Limit, SyncedTables.Ct);
        (await tables.ColumnAsync("select lastname from salesforce.contact")).ShouldBe(["Ann"]);
    }
}
