using SalesforceBridge.Messaging;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands;

public sealed class HerokuConnectCommandTests
{
    private const string Listens = "-- on: connect-error\n-- replay: earliest\ninsert into public.seen select payload->>'error' from message";

    [Fact]
    public async Task Errors_are_listed_by_table_and_retried_by_id()
    {
        await using Bridge bridge = await ConnectedAsync();
        await FailAsync(bridge, "org", "2026-01-02Z");

        CommandLine list = (await CommandLine.RunAsync(bridge.Vars, "connect", "errors")).ShouldSucceed();
        list.Output.ShouldStartWith("org.contact: 1 FAILED\n\nID  TABLE        ROW  SFID  OPERATION  STATE   CAPTURED              ERROR\n1   org.contact  1    003x  update     FAILED  2026-01-02 00:00:00Z  TOO_LONG: email");
        (await CommandLine.RunAsync(bridge.Vars, "connect", "errors", "--table", "account")).ShouldSucceed().Output.ShouldBe("Nothing stands at FAILED or READONLY.");
        (await CommandLine.RunAsync(bridge.Vars, "connect", "errors", "--json")).ShouldSucceed().Json.GetProperty("newest")[0].GetProperty("error").GetString().ShouldBe("TOO_LONG: email");
        (await CommandLine.RunAsync(bridge.Vars, "connect", "retry", "1")).ShouldSucceed().Output
            .ShouldBe("The current values of email of row 1 of org.contact were captured as 2, an update. Heroku Connect sends it within two minutes.");
        (await CommandLine.RunAsync(bridge.Vars, "connect", "retry", "1")).ShouldRefuse("Row 1 stands at IGNORED and not at FAILED, so there is nothing to retry.");
        (await CommandLine.RunAsync(bridge.Vars, "connect", "retry", "99")).ShouldRefuse("The trigger log of org has no row 99; `bridge connect errors` lists what failed.");
    }

    [Fact]
    public async Task An_id_of_two_connections_wants_the_schema()
    {
        await using Bridge bridge = await ConnectedAsync();
        await ConnectLayout.ConnectAsync(bridge.Database, "other");
        await FailAsync(bridge, "org", "2026-01-02Z");
        await FailAsync(bridge, "other", "2026-01-03Z");
        await FailAsync(bridge, "other", "2026-01-04Z");

        (await CommandLine.RunAsync(bridge.Vars, "connect", "errors")).ShouldSucceed().Output.ShouldStartWith("org.contact: 1 FAILED\nother.contact: 2 FAILED\n");
        (await CommandLine.RunAsync(bridge.Vars, "connect", "retry", "1")).ShouldRefuse("Row 1 is in the logs of org and other, and they are different writes; say which with --schema.");
        (await CommandLine.RunAsync(bridge.Vars, "connect", "retry", "1", "--schema", "third")).ShouldRefuse("The schema third is no connection of Heroku Connect. There is: org, other.");
        (await CommandLine.RunAsync(bridge.Vars, "connect", "retry", "9")).ShouldRefuse("No trigger log has a row 9; `bridge connect errors` lists what failed.");
        (await CommandLine.RunAsync(bridge.Vars, "connect", "retry", "1", "--schema", "other")).ShouldSucceed();
        (await CommandLine.RunAsync(bridge.Vars, "connect", "retry", "2")).ShouldSucceed();
    }

    [Fact]
    public async Task Without_Connect_in_the_database_the_commands_and_the_check_say_so()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("listens", Listens.Replace("insert into public.seen select payload->>'error'", "select 1"));

        (await CommandLine.RunAsync(bridge.Vars, "connect", "errors")).ShouldRefuse("There is no Heroku Connect in this database: no schema has its tables _hcmeta and _trigger_log.");
        CommandLine check = await CommandLine.RunAsync(bridge.Vars, "routes", "check");
        check.ExitCode.ShouldBe(1);
        check.Output.ShouldContain($"fail  listens: {HerokuConnection.None}");
        (await CommandLine.RunAsync(bridge.Vars, "doctor")).Output.ShouldContain($"fail  routes: listens: {HerokuConnection.None}");
        (await CommandLine.RunAsync(bridge.Vars, "status")).ShouldSucceed().Output.ShouldNotContain("HEROKU CONNECT");
    }

    [Fact]
    public async Task A_route_on_a_schema_that_is_no_connection_is_told_by_the_check()
    {
        await using Bridge bridge = await ConnectedAsync();
        bridge.WithRoute("lost", "-- on: connect-error salesforce.contact\nselect 1 from message").WithRoute("wrong", "-- on: connect-error contact\nselect 1 from message");

        CommandLine check = await CommandLine.RunAsync(bridge.Vars, "routes", "check");

        check.Output.ShouldContain("fail  lost: the schema salesforce is no connection of Heroku Connect; there is: org");
        check.Output.ShouldContain("fail  wrong.sql: line 1: on: `contact` is not right here: `connect-error` is followed by nothing, or by a table with its schema (`connect-error salesforce.contact`)");
    }

    [Fact]
    public async Task The_worker_runs_routes_on_errors_and_the_source_is_listed()
    {
        await using Bridge bridge = await ConnectedAsync();
        await bridge.Database.ExecuteAsync("create table public.seen (error text)");
        await FailAsync(bridge, "org", "2026-01-02Z");
        bridge.WithRoute("listens", Listens);

        await using TestHost worker = await bridge.RunAsync();

        await bridge.UntilAsync("select count(*) = 1 from seen where error = 'TOO_LONG: email'");
        await bridge.UntilAsync("select position is not null from bridge.cursor where name = 'connect-error'");
        (await CommandLine.RunAsync(bridge.Vars, "sources")).ShouldSucceed().Output.ShouldContain("connect-error");
    }

    [Fact]
    public async Task The_status_tells_of_the_logs_and_of_what_Heroku_says()
    {
        await using Bridge bridge = await ConnectedAsync();
        await FailAsync(bridge, "org", "2026-01-02Z");
        await using HerokuStub heroku = await HerokuStub.StartAsync();
        heroku.With("https://hc-central.heroku.com/connections?app=my-app", """{"results": [{"id": "c1", "detail_url": "https://connect-eu.heroku.com/api/v3/connections/c1"}]}""")
            .With("https://connect-eu.heroku.com/api/v3/connections/c1?deep=true",
                """{"state": "PAUSED", "schema_name": "org", "mappings": [{"object_name": "Contact", "state": "DATA_SYNCED", "counts": {"db": 120, "sf": 121, "errors": 1}}]}""");
        ConfigVars vars = bridge.Vars.With("HEROKU_API_KEY", "HRKU-secret").With("HEROKU_APP_NAME", "my-app");

        (await CommandLine.RunAsync(bridge.Vars, "status")).ShouldSucceed().Output
            .ShouldContain("HEROKU CONNECT\n  org: nothing to send, 1 failed, 0 to read-only tables\nSTORAGE");
        CommandLine status = (await CommandLine.RunWithAsync(vars, heroku.Lead, "status")).ShouldSucceed();
        status.Output.ShouldContain("  org at Heroku: PAUSED\n    contact: DATA_SYNCED, 120 rows here and 121 in Salesforce, 1 errors\n");
        status.Output.ShouldNotContain("HRKU");
        (await CommandLine.RunWithAsync(vars, heroku.Lead, "status", "--json")).ShouldSucceed().Json
            .GetProperty("herokuConnect").GetProperty("api").GetProperty("connections")[0].GetProperty("state").GetString().ShouldBe("PAUSED");
        heroku.With("https://hc-central.heroku.com/connections?app=my-app", "{}", 500);
        (await CommandLine.RunWithAsync(vars, heroku.Lead, "status")).ShouldSucceed().Output.ShouldContain("  at Heroku: hc-central.heroku.com answered with 500\n");
    }

    [Fact]
    public async Task The_worker_asks_for_the_mappings_states_only_with_a_key()
    {
        await using Bridge bridge = await ConnectedAsync();
        await using HerokuStub heroku = await HerokuStub.StartAsync();
        heroku.With("https://hc-central.heroku.com/connections?app=my-app", """{"results": [{"id": "c1", "detail_url": "https://connect-eu.heroku.com/c1"}]}""")
            .With("https://connect-eu.heroku.com/c1?deep=true", """{"schema_name": "org", "mappings": [{"object_name": "Contact", "state": "DATA_SYNCED"}]}""");
        await using (TestHost without = await bridge.RunAsync(change: heroku.Lead))
            await bridge.UntilAsync("select count(*) > 0 from bridge.worker");
        heroku.Asked.ShouldBeEmpty();
        bridge.WithVar("HEROKU_API_KEY", "HRKU-secret").WithVar("HEROKU_APP_NAME", "my-app");

        await using TestHost worker = await bridge.RunAsync(change: heroku.Lead);

        await worker.LogLineAsync("tells how its 1 connections are");
        worker.Lines.ShouldNotContain(line => line.Contains("HRKU", StringComparison.Ordinal));
    }

    private static async Task<Bridge> ConnectedAsync()
    {
        Bridge bridge = await Bridge.StartAsync();
        await ConnectLayout.ConnectAsync(bridge.Database, "org");
        return bridge;
    }

    private static Task FailAsync(Bridge bridge, string schema, string at) => bridge.Database.ExecuteAsync($$"""
        insert into {{schema}}.contact (sfid, email) select '003x', 'now' where not exists (select from {{schema}}.contact);
        insert into {{schema}}._trigger_log (created_at, processed_at, state, action, table_name, record_id, sfid, "values", sf_message)
        values ('{{at}}', '{{at}}', 'FAILED', 'UPDATE', 'contact', 1, '003x', '"email"=>"then"', 'TOO_LONG: email')
        """);
}
