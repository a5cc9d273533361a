using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.HerokuConnect;

/// <summary>From Postgres to the org.</summary>
public sealed class WriteTests
{
    [Fact]
    public async Task A_new_row_becomes_a_record_and_learns_its_id()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        int contact = await tables.InsertAsync("contact", "lastname, email, birthdate", "' Ann ', 'a@b.cc', '1990-02-03'");
        (await tables.StatusAsync(contact)).ShouldBe("PENDING");

        await tables.WriteAsync();
        string sfid = await tables.SfidAsync(contact);
        (await tables.StatusAsync(contact)).ShouldBe("INSERTED");
        (tables.TextInOrg("Contact", sfid, "LastName"), tables.TextInOrg("Contact", sfid, "Birthdate")).ShouldBe(("Ann", "1990-02-03"));

        await tables.ReadAsync();
        (await tables.ColumnAsync("select concat_ws(' ', lastname, isdeleted, systemmodstamp is not null, _hc_lastop) from salesforce.contact")).ShouldBe(["Ann f t SYNCED"]);
        tables.Org.Ledger.Writes.ShouldHaveSingleItem().ShouldSatisfyAllConditions(write => write.Kind.ShouldBe(ApiCallKind.Create), write => write.Id.ShouldBe(sfid));
    }

    [Fact]
    public async Task Only_what_changed_goes_to_the_org_and_deletes_go_too()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync(org => org.Create("Contact", new { LastName = "Ann", Email = "a@b.cc" }));
        string sfid = await tables.SfidAsync(1);

        await tables.ExecuteAsync("update salesforce.contact set phone = '1', email = ''");
        await tables.WriteAsync();
        (await tables.StatusAsync(1)).ShouldBe("UPDATED");
        tables.Org.Ledger.Writes[0].Fields.EnumerateObject().Select(field => field.Name).ShouldBe(["Email", "Phone"], ignoreOrder: true);
        await tables.ReadAsync();
        (await tables.ScalarAsync<bool>("select email is null and phone = '1' and _hc_lastop = 'SYNCED' from salesforce.contact")).ShouldBeTrue();

        await tables.ExecuteAsync("delete from salesforce.contact");
        await tables.SyncAsync();
        tables.Org.Read("Contact", sfid).ShouldBeNull();
        (await tables.LogAsync()).ShouldBe(["UPDATE contact SUCCESS", "DELETE contact SUCCESS"]);
    }

    [Fact]
    public async Task Values_of_every_kind_arrive()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();

        int account = await tables.InsertAsync("account", "name, annualrevenue, numberofemployees, active__c", "'A', 1234567.25, 12, false");
        int order = await tables.InsertAsync("order__c", "amount__c, accepted_at__c", "0.1, '2026-01-02 03:04:05.678'");
        await tables.SyncAsync();

        JsonElement inOrg = tables.Org.Read("Account", await tables.SfidAsync(account, "account"))!.Value;
        (inOrg.GetProperty("AnnualRevenue").GetDecimal(), inOrg.GetProperty("NumberOfEmployees").GetInt32(), inOrg.GetProperty("Active__c").GetBoolean()).ShouldBe((1234567.25m, 12, false));
        tables.TextInOrg("Order__c", await tables.SfidAsync(order, "order__c"), "Accepted_At__c").ShouldBe("2026-01-02T03:04:05.678+0000");
        (await tables.ScalarAsync<bool>("select amount__c = 0.1 and accepted_at__c = '2026-01-02 03:04:05.678' and name like 'O-%' from salesforce.order__c")).ShouldBeTrue();
        (await tables.ScalarAsync<bool>("select annualrevenue = 1234567.25 and not active__c from salesforce.account")).ShouldBeTrue();
    }

    [Fact]
    public async Task What_the_org_refuses_says_why_in_the_log_and_in_its_row()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        int order = await tables.InsertAsync("order__c", "amount__c", "-5");
        int unreadable = await tables.InsertAsync("order__c", "amount__c", "'NaN'");

        await tables.SyncAsync();

        const string refusal = "FIELD_CUSTOM_VALIDATION_EXCEPTION: An order cannot have a negative amount.";
        (await tables.ColumnAsync("select concat_ws(' ', state, sf_message) from salesforce._trigger_log order by id")).ShouldSatisfyAllConditions(
            log => log[0].ShouldBe($"FAILED {refusal}"), log => log[1].ShouldStartWith("FAILED JSON_PARSER_ERROR"));
        (await tables.StatusAsync(order, "order__c")).ShouldBe("FAILED");
        (await tables.ScalarAsync<string>($"select _hc_err::json ->> 'msg' from salesforce.order__c where id = {order}")).ShouldBe("An order cannot have a negative amount.");
        tables.StandIn.Written.Select(entry => entry.State).ShouldBe(["FAILED", "FAILED"]);
        (await tables.StandIn.UntilWrittenAsync(1, SyncedTables.Ct)).Message.ShouldBe(refusal);
        (await tables.StatusAsync(unreadable, "order__c")).ShouldBe("FAILED");
    }

    [Fact]
    public async Task After_a_refused_insert_updates_of_its_row_fail_until_it_is_captured_again()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        int order = await tables.InsertAsync("order__c", "amount__c", "-5");
        await tables.SyncAsync();

        await tables.ExecuteAsync("update salesforce.order__c set amount__c = 5");
        await tables.SyncAsync();
        (await tables.LogAsync()).ShouldBe(["INSERT order__c FAILED", "UPDATE order__c FAILED"]);

        await tables.ExecuteAsync("select salesforce.hc_capture_insert_from_row(hstore(o.*), 'order__c') from salesforce.order__c o");
        await tables.SyncAsync();
        (await tables.StatusAsync(order, "order__c")).ShouldBe("SYNCED");
        tables.Org.Query("select Amount__c from Order__c where Amount__c = 5").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_row_with_the_upsert_field_takes_the_record_that_is_there()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        string known = tables.Org.Create("Account", new { Name = "Known", External_Id__c = "X1" });

        int account = await tables.InsertAsync("account", "name, external_id__c", "'Renamed', 'X1'");
        await tables.WriteAsync();
        await tables.ReadAsync();

        (await tables.SfidAsync(account, "account")).ShouldBe(known);
        tables.TextInOrg("Account", known, "Name").ShouldBe("Renamed");
        (await tables.ScalarAsync<long>("select count(*) from salesforce.account")).ShouldBe(1);
    }

    [Fact]
    public async Task A_record_that_comes_before_its_row_was_sent_is_known_by_the_upsert_field()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        int account = await tables.InsertAsync("account", "name, external_id__c", "'App', 'X1'");
        string known = tables.Org.Create("Account", new { Name = "Org", External_Id__c = "X1" });

        await tables.ReadAsync();
        (await tables.SfidAsync(account, "account")).ShouldBe(known);
        await tables.SyncAsync();

        (await tables.ColumnAsync("select concat_ws(' ', id, sfid, name) from salesforce.account")).ShouldBe([$"{account} {known} App"]);
    }

    [Fact]
    public async Task Parent_and_child_go_together_by_the_parents_external_id()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        int account = await tables.InsertAsync("account", "name, external_id__c", "'Parent', 'X1'");
        int contact = await tables.InsertAsync("contact", "lastname, account__external_id__c", "'Child', 'X1'");
        int orphan = await tables.InsertAsync("contact", "lastname, account__external_id__c", "'Orphan', 'X2'");

        await tables.SyncAsync();

        (await tables.ScalarAsync<string>($"select accountid from salesforce.contact where id = {contact}")).ShouldBe(await tables.SfidAsync(account, "account"));
        (await tables.StatusAsync(orphan)).ShouldBe("FAILED");
        string other = tables.Org.Create("Account", new { Name = "Other", External_Id__c = "X3" });
        tables.Org.Update("Contact", await tables.SfidAsync(contact), new { AccountId = other });
        await tables.ReadAsync();
        (await tables.ScalarAsync<string>($"select account__external_id__c from salesforce.contact where id = {contact}")).ShouldBe("X3");

        await tables.ExecuteAsync($"update salesforce.contact set account__external_id__c = null where id = {contact}");
        await tables.SyncAsync();
        (await tables.ScalarAsync<bool>($"select accountid is null and _hc_lastop = 'SYNCED' from salesforce.contact where id = {contact}")).ShouldBeTrue();
    }

    [Fact]
    public async Task Changes_go_in_the_order_of_the_log()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();

        await tables.ExecuteAsync("insert into salesforce.order__c (amount__c) select n from generate_series(1, 450) n");
        await tables.ExecuteAsync("update salesforce.order__c set note__c = 'second'");
        await tables.SyncAsync();

        tables.Org.Ledger.Writes.Take(450).Select(write => write.Fields.GetProperty("Amount__c").GetString()).ShouldBe(Enumerable.Range(1, 450).Select(n => $"{n}"));
        tables.Org.Query("select Id from Order__c where Note__c = 'second'").Count.ShouldBe(450);
        (await tables.ScalarAsync<bool>("select bool_and(state = 'SUCCESS') and bool_and(processed_at is not null) and count(*) = 900 from salesforce._trigger_log")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_mapping_that_only_reads_sends_nothing_and_says_so()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync(org => org.Create("Opportunity", new { Name = "Deal", StageName = "Prospecting", CloseDate = "2030-01-01" }));

        await tables.ExecuteAsync("update salesforce.opportunity set name = 'Mine'");
        await tables.SyncAsync();

        (await tables.LogAsync()).ShouldBe(["UPDATE opportunity READONLY"]);
        (await tables.ScalarAsync<bool>("select processed_at is not null from salesforce._trigger_log")).ShouldBeTrue();
        (await tables.ColumnAsync("select name || ' ' || _hc_lastop from salesforce.opportunity")).ShouldBe(["Mine PENDING"]);
        tables.Org.Ledger.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_done_goes_to_the_archive_and_can_be_sent_again_from_there()
    {
        var clock = new SettableClock();
        await using SyncedTables tables = await SyncedTables.StartAsync(clock: clock);
        await tables.InsertAsync("order__c", "amount__c", "-5");
        await tables.InsertAsync("contact", "lastname", "'Ann'");
        await tables.WriteAsync();
        clock.Advance(tables.Options.ArchiveAfter);
        await tables.WriteAsync();
        (await tables.ColumnAsync("select concat_ws(' ', id, state) from salesforce._trigger_log_archive order by id")).ShouldBe(["1 FAILED", "2 SUCCESS"]);
        (await tables.ScalarAsync<long>("select count(*) from salesforce._trigger_log")).ShouldBe(0);

        await tables.ExecuteAsync("""update salesforce._trigger_log_archive set state = 'REQUEUE', "values" = ("values"::hstore || 'amount__c=>5')::text where id = 1""");
        await tables.SyncAsync();

        (await tables.LogAsync()).ShouldBe(["INSERT order__c REQUEUED", "INSERT contact SUCCESS", "INSERT order__c SUCCESS"]);
        tables.Org.Query("select Amount__c from Order__c").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_refused_entry_that_is_set_back_to_NEW_is_sent_again()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        await tables.InsertAsync("account", "name, numberofemployees", "null, 1");
        await tables.SyncAsync();
        (await tables.LogAsync()).ShouldBe(["INSERT account FAILED"]);

        await tables.ExecuteAsync("""update salesforce._trigger_log set state = 'NEW', "values" = ("values"::hstore || 'name=>A')::text""");
        await tables.SyncAsync();

        (await tables.LogAsync()).ShouldBe(["INSERT account SUCCESS"]);
    }

    [Fact]
    public async Task An_entry_that_was_left_pending_is_sent_once()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        await tables.InsertAsync("contact", "lastname", "'Ann'");
        await tables.ExecuteAsync("update salesforce._trigger_log set state = 'PENDING'");

        await tables.WriteAsync();
        await tables.WriteAsync();

        tables.Org.Query("select Id from Contact").Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_entry_of_a_table_that_is_not_mapped_fails_and_holds_up_no_other()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync();
        await tables.ExecuteAsync("insert into salesforce._trigger_log (state, action, table_name) values ('NEW', 'UPDATE', 'nothing')");
        await tables.InsertAsync("contact", "lastname", "'Ann'");

        await tables.WriteAsync();

        (await tables.LogAsync()).ShouldBe(["UPDATE nothing FAILED", "INSERT contact SUCCESS"]);
        tables.StandIn.Written[0].Message.ShouldBe("There is no mapping for the table nothing.");
    }

    [Fact]
    public async Task A_column_that_the_org_does_not_take_from_anybody_is_left_out()
    {
        await using SyncedTables tables = await SyncedTables.StartAsync(org => org.Create("Order__c", new { Amount__c = 1 }));

        await tables.ExecuteAsync("update salesforce.order__c set name = 'Mine', createddate = now()");
        await tables.SyncAsync();

        (await tables.LogAsync()).ShouldBe(["UPDATE order__c IGNORED"]);
        tables.Org.Ledger.Writes.ShouldBeEmpty();
    }
}
