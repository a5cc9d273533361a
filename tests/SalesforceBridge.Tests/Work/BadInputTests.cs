using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Work;

/// <summary>What people get wrong: one clear line each, and everything else goes on.</summary>
public sealed class BadInputTests
{
    private const string Counted = "-- on: event Order_Placed__e\n-- from: earliest\n-- replay: earliest\ninsert into seen select id from message";

    [Fact]
    public async Task A_route_that_does_not_prepare_is_told_with_its_line_and_the_others_run()
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("broken", "-- on: event Order_Placed__e\n-- do: update Order__c\nselect id::text as \"Id\",\n       nothing as \"Status__c\"\nfrom message");

        await using TestHost worker = await bridge.RunAsync();

        (await worker.LogLineAsync("route=broken")).ShouldContain("line 4: 42703: column \\\"nothing\\\" does not exist");
        await ShouldWorkAsync(bridge);
    }

    [Theory]
    [InlineData("-- do: update Order__c\nselect 1", "line 1: there is no `on:` header; say what wakes the route (`-- on: event Order_Placed__e`)")]
    [InlineData("-- on: event Order_Placed__e\n-- do: frobnicate Order__c\nselect 1", "`frobnicate` is nothing a route can do")]
    [InlineData("-- on: webhook api:release\nselect 1 from message", "`on: webhook api:release` is not built yet; a route listens to event, change, topic, channel, callout, outbound-message, table, soql, connect-error, cron, every or result of")]
    [InlineData("-- on: event Order_Placed__e\n-- do: request ERP\nselect 1 as a from message", "`do: request ERP` names an API that is not in the config vars; set BRIDGE_REQUEST_ERP_URL, or correct the name")]
    [InlineData("", "the file is empty; write header lines and a statement, or remove it")]
    public async Task A_file_that_is_no_route_is_told_with_what_to_do_and_the_others_run(string text, string line)
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("wrong", text);

        await using TestHost worker = await bridge.RunAsync();

        (await worker.LogLineAsync("file=wrong.sql")).ShouldContain(line);
        await ShouldWorkAsync(bridge);
    }

    [Fact]
    public async Task Two_routes_of_one_name_are_told_and_the_others_run()
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("twice", Counted).WithRoute("api-publish", Counted);

        await using TestHost worker = await bridge.RunAsync(change: services => services.AddSingleton<IRouteHandler, Twice>());

        (await worker.LogLineAsync("file=api-publish.sql")).ShouldContain("there is a route api-publish already; give one of them another name");
        (await worker.LogLineAsync("BadInputTests+Twice")).ShouldContain("there is a route twice already; give one of them another name");
        await bridge.UntilAsync("select count(*) = 1 from bridge.cursor where name = 'route twice'");
    }

    [Fact]
    public async Task An_unknown_object_stops_its_lane_alone_and_the_list_says_why()
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("unknown", "-- on: event Order_Placed__e\n-- do: create Oder__c\n-- replay: earliest\nselect 'a' as \"Name\" from message");
        await using TestHost worker = await bridge.RunAsync();

        await ShouldWorkAsync(bridge);

        await bridge.UntilAsync("select exists (select from bridge.cursor where name = 'lane unknown' and stopped is not null)");
        CommandLine list = (await CommandLine.RunAsync(bridge.Vars, "routes", "list")).ShouldSucceed();
        list.Output.ShouldMatch("unknown .* lane stopped: .*NOT_FOUND");
    }

    [Fact]
    public async Task An_unknown_field_stops_its_lane_alone_and_dead_letters_nothing()
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("unknown", "-- on: event Order_Placed__e\n-- do: create Order__c\n-- replay: earliest\nselect 'a' as \"Nothing__c\" from message");
        await using TestHost worker = await bridge.RunAsync();

        await ShouldWorkAsync(bridge);

        await bridge.UntilAsync("select exists (select from bridge.cursor where name = 'lane unknown' and stopped is not null)");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.failure")).ShouldBe(0);
        CommandLine list = (await CommandLine.RunAsync(bridge.Vars, "routes", "list")).ShouldSucceed();
        list.Output.ShouldMatch("unknown .* lane stopped: .*Nothing__c");
    }

    [Fact]
    public async Task An_unreachable_org_at_start_is_told_and_the_worker_stays_up()
    {
        await using Bridge bridge = await StartAsync();

        await using TestHost worker = await TestHost.StartAsync(
            ProcessRole.Worker, bridge.Vars.With("SALESFORCE_LOGIN_URL", "http://127.0.0.1:1"));

        (await worker.LogLineAsync("there is no token")).ShouldContain("127.0.0.1 could not be reached for a token");
        await bridge.UntilAsync("select exists (select from bridge.alert where name = 'org')");
        await bridge.UntilAsync("select count(*) > 3 from bridge.cursor where worker is not null");
    }

    private static async Task<Bridge> StartAsync()
    {
        Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table seen (id bigint)");
        return bridge.WithRoute("counted", Counted);
    }

    private static async Task ShouldWorkAsync(Bridge bridge)
    {
        bridge.Org.Publish("Order_Placed__e", new { Amount__c = 1 });
        await bridge.UntilAsync("select count(*) = 1 from seen");
    }

    [Route("twice", "event Order_Placed__e")]
    private sealed class Twice : IRouteHandler
    {
        public Task HandleAsync(Message message, RouteTransaction transaction, CancellationToken ct) => Task.CompletedTask;
    }
}
