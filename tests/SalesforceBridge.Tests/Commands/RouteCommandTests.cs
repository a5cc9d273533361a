using System.Text.Json;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands;

public sealed class RouteCommandTests
{
    private const string OrderPlaced = """{"Order_Id__c":"a00000000000001AAA","Amount__c":250}""";

    [Fact]
    public async Task The_example_routes_pass_the_check_of_database_and_org()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync(await File.ReadAllTextAsync(Repository.PathOf("src/SalesforceBridge.Sandbox/AppTables.sql")));
        bridge.WithExample("order-accepted").WithExample("order-archived").WithExample("large-order-alert").WithExample("account-mirrored")
            .WithExample("contact-numbered").WithExample("deal-booked").WithExample("deal-confirmed");

        CommandLine check = (await CommandLine.RunAsync(bridge.Vars, "routes", "check")).ShouldSucceed();

        check.Output.ShouldBe("""
            ok    account-mirrored: on change Account, execute
            ok    api-publish: on api publish, handler
            ok    contact-numbered: on callout contact, update Contact: Id, Badge__c (nulls: clear, a NULL column clears its field)
            ok    deal-booked: on outbound-message Opportunity, execute
            ok    deal-confirmed: on outbound-message Opportunity, update Opportunity: Id, Description (nulls: clear, a NULL column clears its field)
            ok    large-order-alert: on event Order_Placed__e, publish Large_Order__e: Order_Id__c, Amount__c, Reason__c (nulls: clear, a NULL column clears its field)
            ok    order-accepted: on event Order_Placed__e, update Order__c: Id, Status__c, Accepted_At__c (nulls: clear, a NULL column clears its field)
            ok    order-archived: on event Order_Placed__e, execute
            """);
    }

    [Fact]
    public async Task Unknown_objects_and_fields_are_told_with_what_to_do_and_case_does_not_matter()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge
            .WithRoute("any-case", "-- on: change account\n-- do: update order__c\nselect 'a' as ID, 'b' as STATUS__C from message")
            .WithRoute("no-event", "-- on: event Oder_Placed__e\nselect 1 from message")
            .WithRoute("no-field", "-- on: change Account\n-- do: update Order__c\nselect 'a' as \"Id\", 'b' as \"Stauts__c\", 'c' as \"Name\" from message")
            .WithRoute("no-id", "-- on: change Account\n-- do: update Order__c\nselect 'b' as \"Status__c\" from message")
            .WithRoute("no-key", "-- on: change Account\n-- do: upsert Order__c by Note__c\nselect 'b' as \"Note__c\" from message")
            .WithRoute("no-object", "-- on: change Account\n-- do: create Oder__c\nselect 'b' as \"Status__c\" from message")
            .WithRoute("related", "-- on: change Account\n-- do: create Order__c\nselect 'b' as \"Account__r.External_Id__c\" from message");

        CommandLine check = await CommandLine.RunAsync(bridge.Vars, "routes", "check");

        check.ExitCode.ShouldBe(1);
        check.Output.ShouldBe("""
            ok    any-case: on change account, update order__c: id, status__c (nulls: omit, a NULL column leaves its field as it is)
            ok    api-publish: on api publish, handler
            fail  no-event: the org has no object Oder_Placed__e, or the integration user may not see it; correct the name or give access
            fail  no-field: Order__c has no field Stauts__c, or the integration user may not see it; correct the column's name or give access
            fail  no-field: Order__c.Name cannot be updated; leave it out or give access
            fail  no-id: `do: update Order__c` needs a column Id, which says the record; add it to the statement
            fail  no-key: Order__c has no external id Note__c; name a field that is marked as one
            fail  no-object: the org has no object Oder__c, or the integration user may not see it; correct the name or give access
            ok    related: on change Account, create Order__c: Account__r.External_Id__c (nulls: omit, a NULL column leaves its field as it is)
            """);
    }

    [Fact]
    public async Task Queries_that_cannot_be_polled_are_told_with_what_to_do()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.Org.Faults.Add(new Fault.HiddenField("Opportunity", "SystemModstamp"));
        const string statement = "\nselect 1 from message";
        bridge
            .WithRoute("a-deletes", $"-- on: soql 5m: select Id from Account\n-- deletes: yes{statement}")
            .WithRoute("b-disagrees", $"-- on: soql 5m: select Id from Account{statement}")
            .WithRoute("counts", $"-- on: soql 5m: select count() from Account{statement}")
            .WithRoute("elsewhere", $"-- on: change Account\n-- deletes: yes{statement}")
            .WithRoute("event", $"-- on: soql 5m: select Order_Number__c from Order_Placed__e{statement}")
            .WithRoute("no-field", $"-- on: soql 5m: select Nope__c from Account{statement}")
            .WithRoute("no-object", $"-- on: soql 5m: select Id from Nope__c{statement}")
            .WithRoute("no-stamp", $"-- on: soql 5m: select Id from Opportunity{statement}")
            .WithRoute("odd-filter", $"-- on: soql 5m: select Id from Account where Name ~ 'a'{statement}")
            .WithRoute("ordered", $"-- on: soql 5m: select Id from Account order by Name{statement}");

        CommandLine check = await CommandLine.RunAsync(bridge.Vars, "routes", "check");

        check.ExitCode.ShouldBe(1);
        string[] lines = check.Output.Split('\n');
        lines.ShouldContain(line => line.StartsWith("ok    a-deletes: on soql 5m: select Id from Account, execute", StringComparison.Ordinal));
        lines.ShouldContain("fail  b-disagrees.sql: `deletes: no` differs from `deletes: yes` of route a-deletes, and one query is polled once for both; write the same in both files");
        lines.ShouldContain("fail  counts.sql: on: `count(...)` counts over many rows, and each message is one row; select fields of Account and count in the route's statement");
        lines.ShouldContain("fail  elsewhere.sql: line 2: `deletes:` has a meaning only on soql; remove the line");
        lines.ShouldContain("fail  event: on: Order_Placed__e has no SystemModstamp, or the integration user may not see it, so nobody can tell what changed; choose another object");
        lines.ShouldContain(line => line.StartsWith("fail  no-field: on: the org refuses the query: query failed: INVALID_FIELD:", StringComparison.Ordinal));
        lines.ShouldContain("fail  no-object: the org has no object Nope__c, or the integration user may not see it; correct the name or give access");
        lines.ShouldContain("fail  no-stamp: on: Opportunity has no SystemModstamp, or the integration user may not see it, so nobody can tell what changed; choose another object");
        lines.ShouldContain(line => line.StartsWith("fail  odd-filter: on: the org refuses the query: query failed: MALFORMED_QUERY:", StringComparison.Ordinal));
        lines.ShouldContain("fail  ordered.sql: on: `order by` is the bridge's own: rows come in the order in which they changed; remove it");
    }

    [Fact]
    public async Task Files_that_are_no_routes_and_statements_that_do_not_prepare_are_told_line_by_line()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge
            .WithRoute("callout", "-- on: callout credit-check\n-- do: reply\nselect 1 as ok from message")
            .WithRoute("released", "-- on: webhook api:release\nselect 1 from message")
            .WithRoute("typo", "-- on: event Order_Placed__e\n-- dos: update Order__c\nselect 1 from message")
            .WithRoute("no-table", "-- on: change Account\n\ninsert into missing_table select id from message");

        CommandLine check = await CommandLine.RunAsync(bridge.Vars, "routes", "check");

        check.ExitCode.ShouldBe(1);
        check.Output.ShouldBe("""
            fail  typo.sql: line 2: `dos:` is no header; did you mean `do`? (A remark up here has no colon after its first words.)
            fail  released.sql: `on: webhook api:release` is not built yet; a route listens to event, change, topic, channel, callout, outbound-message, table, soql, connect-error, cron, every or result of
            ok    api-publish: on api publish, handler
            ok    callout: on callout credit-check, reply: ok
            fail  no-table: line 3: 42P01: relation "missing_table" does not exist
            """);
    }

    [Fact]
    public async Task The_check_speaks_json_and_says_when_the_org_was_not_asked()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted");
        ConfigVars vars = bridge.Vars;
        vars.Remove("SALESFORCE_CLIENT_SECRET");

        JsonElement report = (await CommandLine.RunAsync(vars, "routes", "check", "--json")).ShouldSucceed().Json;

        report.GetProperty("ok").GetBoolean().ShouldBeTrue();
        report.GetProperty("unasked").GetString()!.ShouldStartWith("Objects and fields were not checked: there are no credentials for the org");
        report.GetProperty("routes")[1].GetProperty("nulls").GetString().ShouldBe("clear");
    }

    [Fact]
    public async Task A_try_shows_what_a_select_would_send_and_keeps_nothing()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("accepted", """
            -- on:  event Order_Placed__e
            -- do:  update Order__c
            -- key: payload->>'Order_Id__c'
            select payload->>'Order_Id__c' as "Id", 'Accepted' as "Status__c", 'x' as _note from message
            """);

        CommandLine trial = (await CommandLine.RunAsync(bridge.Vars, OrderPlaced, ["routes", "try", "accepted", "--payload", "-"])).ShouldSucceed();

        trial.Output.ShouldBe("""
            update Order__c  key a00000000000001AAA
              {"Id": "a00000000000001AAA", "Status__c": "Accepted"}
              {"_note": "x"}
            accepted would send 1 row. Nothing was kept. Outside of that are sequences, NOTIFY and what a handler does besides its transaction.
            """);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.outbox")).ShouldBe(0);
    }

    [Fact]
    public async Task A_select_that_writes_is_refused_by_a_read_only_transaction()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("""
            create table noted (id bigint);
            create function note() returns text language sql as $$ insert into noted values (1) returning 'a' $$;
            """);
        bridge.WithRoute("writes", "-- on: event Order_Placed__e\n-- do: update Order__c\nselect note() as \"Id\" from message");

        CommandLine trial = await CommandLine.RunAsync(bridge.Vars, OrderPlaced, ["routes", "try", "writes", "--payload", "-"]);

        trial.ExitCode.ShouldBe(1);
        trial.Errors.ShouldContain("25006");
    }

    [Fact]
    public async Task A_try_of_DML_counts_the_rows_it_would_change_and_changes_none()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table placed (id text)");
        bridge.WithRoute("kept", "-- on: event Order_Placed__e\ninsert into placed select payload->>'Order_Id__c' from message, generate_series(1, 3)");

        JsonElement report = (await CommandLine.RunAsync(bridge.Vars, OrderPlaced, ["routes", "try", "kept", "--payload", "-", "--json"])).ShouldSucceed().Json;

        report.GetProperty("changes").GetInt64().ShouldBe(3);
        (await bridge.Database.ScalarAsync<long>("select count(*) from placed")).ShouldBe(0);
    }

    [Fact]
    public async Task A_try_takes_a_message_of_the_inbox_and_tells_a_failure_in_a_line()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("divides", "-- on: event Order_Placed__e\n-- do: update Order__c\nselect (1 / (payload->>'Amount__c')::int)::text as \"Id\" from message");
        long id = await bridge.StoreAsync("event Order_Placed__e", """{"Amount__c": 0}""");

        CommandLine failing = await CommandLine.RunAsync(bridge.Vars, "routes", "try", "divides", "--message", $"{id}");
        CommandLine missing = await CommandLine.RunAsync(bridge.Vars, "routes", "try", "divides", "--message", "4711");
        CommandLine neither = await CommandLine.RunAsync(bridge.Vars, "routes", "try", "divides");

        failing.ShouldRefuse("Route divides fails: 22012: division by zero");
        missing.ShouldRefuse("Route divides fails: There is no such message of `event Order_Placed__e`, or no route can read it: see `bridge messages show`.");
        neither.ShouldRefuse("Say what to try it with: --payload FILE (or - for the standard input), or --message ID.");
    }

    [Fact]
    public async Task The_list_tells_how_far_each_route_is_and_why_one_does_not_run()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge
            .WithRoute("off", "-- on: change Account\n-- enabled: no\nselect 1 from message")
            .WithRoute("later", "-- on: webhook api:release\nselect 1 from message")
            .WithRoute("broken", "-- on: event Order_Placed__e\n-- do: update Order__c\nselect nothing as \"Id\" from message")
            .WithExample("order-accepted");
        CommandLine before = (await CommandLine.RunAsync(bridge.Vars, "routes", "list", "--json")).ShouldSucceed();
        await using (TestHost worker = await bridge.RunAsync())
        {
            await bridge.UntilAsync("select worker is not null from bridge.cursor where name = 'route order-accepted'");
            await bridge.UntilAsync("select stopped is not null from bridge.cursor where name = 'route broken'");
            CommandLine during = (await CommandLine.RunAsync(bridge.Vars, "routes", "list", "--json")).ShouldSucceed();
            StateOf(during, "order-accepted").ShouldBe("running");
        }

        CommandLine after = (await CommandLine.RunAsync(bridge.Vars, "routes", "list")).ShouldSucceed();

        StateOf(before, "order-accepted").ShouldBe("not begun: no worker has opened it yet");
        after.Output.ShouldContain("order-accepted  event Order_Placed__e  update Order__c");
        after.Output.ShouldContain("waits for a worker");
        after.Output.ShouldContain("column \"nothing\" does not exist");
        after.Output.ShouldContain("refused: `on: webhook api:release` is not built yet");
        StateOf(before, "off").ShouldBe("disabled");
    }

    [Fact]
    public async Task A_rewind_says_how_many_messages_run_again_and_they_do()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table seen (id bigint)");
        bridge.WithRoute("counted", "-- on: event Order_Placed__e\n-- from: earliest\ninsert into seen select id from message");
        (await CommandLine.RunAsync(bridge.Vars, "routes", "rewind", "counted", "--to", "earliest"))
            .ShouldRefuse("Route counted has not begun yet on `event Order_Placed__e`: start a worker first.");
        await using TestHost worker = await bridge.RunAsync();
        await bridge.Org.WhenSubscribedAsync("/event/Order_Placed__e", TestContext.Current.CancellationToken);
        bridge.Org.PublishMany("Order_Placed__e", [new { Amount__c = 1 }, new { Amount__c = 2 }]);
        await bridge.UntilAsync("select count(*) = 2 from seen");
        long second = await bridge.Database.ScalarAsync<long>("select max(id) from seen");

        CommandLine all = (await CommandLine.RunAsync(bridge.Vars, "routes", "rewind", "counted", "--to", "earliest")).ShouldSucceed();
        await bridge.UntilAsync("select count(*) = 4 from seen");
        CommandLine one = (await CommandLine.RunAsync(bridge.Vars, "routes", "rewind", "counted", "--to", $"{second}", "--json")).ShouldSucceed();
        await bridge.UntilAsync("select count(*) = 5 from seen");
        CommandLine none = (await CommandLine.RunAsync(bridge.Vars, "routes", "rewind", "counted", "--to", "2999-01-01")).ShouldSucceed();

        all.Output.ShouldBe("Route counted runs 2 messages again. What it sent before stays sent.");
        one.Json.GetProperty("runAgain").GetInt64().ShouldBe(1);
        none.Output.ShouldStartWith("Route counted has nothing to run again");
        (await CommandLine.RunAsync(bridge.Vars, "routes", "rewind", "counted", "--to", "yesterday"))
            .ShouldRefuse("`yesterday` is no place to rewind to. Give a message's id, a time such as 2026-01-31T14:00:00Z, or earliest.");
    }

    [Fact]
    public async Task An_unknown_route_is_answered_with_those_there_are()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithExample("order-accepted").WithRoute("typo", "-- in: event Order_Placed__e\nselect 1");

        (await CommandLine.RunAsync(bridge.Vars, "routes", "rewind", "nope", "--to", "1")).ShouldRefuse("There is no route `nope`. There are: api-publish, order-accepted.");
        CommandLine unreadable = await CommandLine.RunAsync(bridge.Vars, "routes", "rewind", "typo", "--to", "1");
        unreadable.Errors.ShouldStartWith("typo.sql: line 1: ");
    }

    private static string? StateOf(CommandLine list, string route) => list.Json.EnumerateArray()
        .Single(item => item.GetProperty("name").GetString() == route).GetProperty("state").GetString();
}
