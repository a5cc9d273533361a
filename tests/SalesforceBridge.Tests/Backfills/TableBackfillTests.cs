using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Backfills;

public sealed class TableBackfillTests
{
    [Fact]
    public async Task Every_row_of_a_table_is_told_to_one_route_and_needs_no_credentials()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("""
            create table public.t (id int primary key, name text);
            insert into public.t select n, 'n' || n from generate_series(1, 2500) n;
            create table told (route text, operation text, id int)
            """);
        foreach (string route in new[] { "one", "two" })
            bridge.WithRoute(route, $"-- on: table public.t\ninsert into told select '{route}', payload->>'operation', key::int from message");
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync("select count(*) = 1 from bridge.watch where due is null");
        ConfigVars vars = bridge.Vars;
        vars.Remove("SALESFORCE_CLIENT_ID");
        vars.Remove("SALESFORCE_CLIENT_SECRET");

        CommandLine command = (await CommandLine.RunAsync(vars, "backfill", "one")).ShouldSucceed();
        (await CommandLine.RunAsync(vars, "backfill", "one", "--where", "id <= 10", "--json")).ShouldSucceed().Json.GetProperty("stored").GetInt32().ShouldBe(10);
        (await CommandLine.RunAsync(vars, "backfill", "one", "--where", "nonsense")).ShouldRefuse("--where: 42703: column \"nonsense\" does not exist");
        await bridge.UntilAsync("select count(*) = 2510 from told");

        command.Output.ShouldContain("Done: 2,500 records of table public.t are stored for route one.");
        (await bridge.Database.ColumnAsync<string>("select distinct route || ' ' || operation from told")).ShouldBe(["one snapshot"]);
        (await bridge.Database.ScalarAsync<long>("select count(distinct id) from told")).ShouldBe(2500);
    }
}
