using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands;

public sealed class TableCommandTests
{
    private const string Listens = "-- on: table public.contact from app\nselect 1 from message";

    [Fact]
    public async Task A_table_is_listed_with_its_routes_and_let_go_only_when_none_names_it()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table public.contact (id int primary key, email text)");
        bridge.WithRoute("listens", Listens);
        await using (TestHost worker = await bridge.RunAsync())
            await bridge.UntilAsync("select count(*) = 1 from bridge.watch where due is null and baseline");

        CommandLine list = (await CommandLine.RunAsync(bridge.Vars, "tables", "list")).ShouldSucceed();
        list.Output.ShouldContain("public.contact  listens");
        list.Output.ShouldContain("captured");
        (await CommandLine.RunAsync(bridge.Vars, "tables", "unwatch", "public.contact"))
            .ShouldRefuse("The route listens listens to `table public.contact`, and a worker would watch it again: remove the route, or write `enabled: no`, and deploy.");
        bridge.WithRoute("listens", $"-- enabled: no\n{Listens}");
        (await CommandLine.RunAsync(bridge.Vars, "tables", "unwatch", "Public.Contact")).ShouldSucceed().Output
            .ShouldBe("`table public.contact` is not watched any more. 0 changes that waited to be drained were dropped.");
        (await CommandLine.RunAsync(bridge.Vars, "tables", "unwatch", "public.contact"))
            .ShouldRefuse("`table public.contact` is not watched; `bridge tables list` shows what is.");
        (await CommandLine.RunAsync(bridge.Vars, "tables", "list")).ShouldSucceed().Output.ShouldBe("No table is watched: no worker has opened a route on one.");
    }

    [Fact]
    public async Task A_table_that_cannot_be_captured_is_told_by_the_check()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("lost", "-- on: table public.nothing\nselect 1 from message");

        CommandLine check = await CommandLine.RunAsync(bridge.Vars, "routes", "check");

        check.ExitCode.ShouldBe(1);
        check.Output.ShouldContain("fail  lost: there is no table public.nothing; correct the name, or create it");
    }

    [Fact]
    public async Task A_polled_table_is_listed_as_such_and_no_second_route_may_have_it_captured()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table public.contact (id int primary key, email text)");
        bridge.WithRoute("polls", "-- on: table public.contact\n-- mode: poll\nselect 1 from message").WithRoute("second", Listens);
        await using (TestHost worker = await bridge.RunAsync())
            await bridge.UntilAsync("select count(*) = 1 from bridge.watch where due is null and baseline and mode = 'poll'");

        CommandLine check = await CommandLine.RunAsync(bridge.Vars, "routes", "check");

        check.ExitCode.ShouldBe(1);
        check.Output.ShouldContain("ok    polls");
        check.Output.ShouldContain("fail  second.sql: mode: the route polls has public.contact polled and this one has it captured, and one source has one mode; write `mode: poll` in both or in none");
        (await CommandLine.RunAsync(bridge.Vars, "tables", "list")).ShouldSucceed().Output.ShouldContain("polled");
    }
}
