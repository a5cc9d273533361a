using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Simulator.HerokuConnect;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>While Heroku Connect says that it loads a table anew, nothing of the table is told.</summary>
public sealed class HerokuConnectReloadTests
{
    private const string Hears = """
        -- on: table salesforce.contact
        insert into heard (what)
        select concat_ws(' ', payload->>'operation', payload->>'origin', payload->'record'->>'lastname', payload->'record'->>'phone') from message
        """;

    private const string IsWaiting = "select reload_until > now() + interval '1 minute' from bridge.watch where source = 'table salesforce.contact'";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_a_reload_that_Heroku_tells_of_only_the_difference_is_told_however_small_it_is()
    {
        await using Bridge bridge = await StartAsync();
        string[] contacts = [.. Enumerable.Range(0, 4).Select(n => bridge.Org.Create("Contact", new { LastName = $"C{n}" }))];
        await using HerokuConnectStandIn standIn = await SyncAsync(bridge);
        await using TestHost worker = await WatchAsync(bridge, standIn);

        standIn.Pretend("RELOAD_TABLE", "Contact");
        await bridge.UntilAsync(IsWaiting);
        bridge.Org.Delete("Contact", contacts[0]);
        bridge.Org.Update("Contact", contacts[1], new { Phone = "1" });
        await standIn.ReloadAsync("Contact", ReloadMethod.Delete, Ct);
        await IsSaidAgainAsync(bridge);
        await IsSaidAgainAsync(bridge);
        (await HeardAsync(bridge)).ShouldBeEmpty();

        standIn.Pretend(null, "Contact");
        await bridge.UntilAsync("select count(*) >= 2 from heard");
        bridge.Org.Create("Contact", new { LastName = "Last" });
        await standIn.ReadNowAsync(Ct);
        await bridge.UntilAsync("select exists (select from heard where what like '%Last')");
        (await HeardAsync(bridge)).ShouldBe(["delete", "update C1 1", "insert salesforce Last"]);
    }

    [Fact]
    public async Task A_database_that_refuses_to_note_a_reload_is_told_of_it_again()
    {
        await using Bridge bridge = await StartAsync();
        await using HerokuConnectStandIn standIn = await SyncAsync(bridge);
        await using TestHost worker = await WatchAsync(bridge, standIn);

        await bridge.Database.ExecuteAsync("alter table bridge.watch rename to watch_away");
        standIn.Pretend("RELOAD_TABLE", "Contact");
        await worker.LogLineAsync("reloads salesforce.contact could not be written down (42P01)");
        await bridge.Database.ExecuteAsync("alter table bridge.watch_away rename to watch");

        await bridge.UntilAsync(IsWaiting);
    }

    [Fact]
    public async Task A_table_that_no_route_watches_waits_for_nothing()
    {
        await using Bridge bridge = await StartAsync();
        await using HerokuConnectStandIn standIn = await SyncAsync(bridge, new MappingOptions("Account", "Name"));
        await using TestHost worker = await WatchAsync(bridge, standIn);
        await bridge.Database.ExecuteAsync("insert into bridge.watch (source, key, columns) select 'table salesforce.account', key, columns from bridge.watch");

        standIn.Pretend("RELOAD_TABLE", "Account");
        standIn.Pretend("RELOAD_TABLE", "Contact");
        await bridge.UntilAsync(IsWaiting);
        await IsSaidAgainAsync(bridge);

        (await bridge.Database.ScalarAsync<bool>("select reload_until is null from bridge.watch where source = 'table salesforce.account'")).ShouldBeTrue();
    }

    private static async Task<Bridge> StartAsync()
    {
        Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table heard (n serial, what text)");
        return bridge.WithRoute("hears", Hears).WithVar("HEROKU_API_KEY", "sandbox-heroku-token").WithVar("HEROKU_APP_NAME", "sandbox-app");
    }

    private static Task<HerokuConnectStandIn> SyncAsync(Bridge bridge, params MappingOptions[] more) => HerokuConnectStandIn.StartAsync(
        bridge.Org, new HerokuConnectOptions { ConnectionString = bridge.Database.ConnectionString, Mappings = [new MappingOptions("Contact", "LastName", "Phone"), .. more] }, Ct);

    private static async Task<TestHost> WatchAsync(Bridge bridge, HerokuConnectStandIn standIn)
    {
        TestHost worker = await bridge.RunAsync(change: services =>
        {
            HerokuDetour.Lead(services, standIn);
            services.AddSingleton<TimeProvider>(new ShortMinutes());
        });
        await bridge.UntilAsync("select count(*) = 1 from bridge.watch where due is null and baseline");
        return worker;
    }

    private static async Task IsSaidAgainAsync(Bridge bridge)
    {
        DateTime until = await bridge.Database.ScalarAsync<DateTime>("select reload_until from bridge.watch where source = 'table salesforce.contact'");
        await bridge.UntilAsync($"select reload_until > '{until:O}' from bridge.watch where source = 'table salesforce.contact'");
    }

    private static Task<List<string>> HeardAsync(Bridge bridge) => bridge.Database.ColumnAsync<string>("select what from heard order by n");

    /// <summary>What happens each minute happens in a moment.</summary>
    private sealed class ShortMinutes : TimeProvider
    {
        private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
        private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == Minute ? Moment : dueTime, period == Minute ? Moment : period);
    }
}
