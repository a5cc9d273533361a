using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Simulator.HerokuConnect;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>A route on a table that a stand-in for Heroku Connect keeps.</summary>
public sealed class HerokuConnectJourneyTests
{
    private const string Hears = """
        -- on: table salesforce.contact
        insert into heard (what)
        select concat_ws(' ', payload->>'operation', payload->>'origin', payload->'record'->>'lastname', payload->'record'->>'phone') from message
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_org_changes_and_what_an_app_changes_is_told_once_with_its_origin()
    {
        await using Bridge bridge = await StartAsync();
        string ann = bridge.Org.Create("Contact", new { LastName = "Ann" });
        await using HerokuConnectStandIn standIn = await SyncAsync(bridge);
        await using TestHost worker = await WatchAsync(bridge);

        bridge.Org.Update("Contact", ann, new { Phone = "1" });
        await standIn.ReadNowAsync(Ct);
        await bridge.Database.ExecuteAsync("insert into salesforce.contact (lastname, phone) values ('Bob', '2 ')");
        await SyncAsync(standIn);
        await bridge.Database.ExecuteAsync("update salesforce.contact set phone = '3' where lastname = 'Bob'");
        await SyncAsync(standIn);
        bridge.Org.Delete("Contact", ann);
        await standIn.ReadNowAsync(Ct);

        await bridge.UntilAsync("select exists (select from heard where what like 'delete%')");
        (await HeardAsync(bridge)).ShouldBe(["update salesforce Ann 1", "insert app Bob 2 ", "update app Bob 3", "delete salesforce"]);
        bridge.Org.Query("select LastName, Phone from Contact").ShouldHaveSingleItem().GetProperty("Phone").GetString().ShouldBe("3");
        (await bridge.Database.ScalarAsync<long>("select count(*) from salesforce.contact where sfid is not null and _hc_lastop = 'SYNCED'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_route_that_writes_into_the_table_changes_the_record_in_the_org()
    {
        await using Bridge bridge = await StartAsync();
        bridge.WithRoute("greets", """
            -- on: table salesforce.contact from salesforce
            update salesforce.contact set phone = 'call ' || lastname where sfid = (select payload->>'sfid' from message) and phone is null
            """);
        await using HerokuConnectStandIn standIn = await SyncAsync(bridge);
        await using TestHost worker = await WatchAsync(bridge);

        string ann = bridge.Org.Create("Contact", new { LastName = "Ann" });
        await standIn.ReadNowAsync(Ct);
        await bridge.UntilAsync("select exists (select from salesforce.contact where phone = 'call Ann')");
        await SyncAsync(standIn);

        bridge.Org.Read("Contact", ann)!.Value.GetProperty("Phone").GetString().ShouldBe("call Ann");
        await bridge.UntilAsync("select count(*) = 2 from heard");
        (await HeardAsync(bridge)).ShouldBe(["insert salesforce Ann", "update bridge:greets Ann call Ann"]);
    }

    [Theory]
    [InlineData(ReloadMethod.Truncate)]
    [InlineData(ReloadMethod.Delete)]
    public async Task A_reload_tells_only_what_it_changed(ReloadMethod method)
    {
        await using Bridge bridge = await StartAsync();
        string[] contacts = [.. Enumerable.Range(0, 1200).Select(n => bridge.Org.Create("Contact", new { LastName = $"C{n}" }))];
        await using HerokuConnectStandIn standIn = await SyncAsync(bridge);
        await using TestHost worker = await WatchAsync(bridge);

        bridge.Org.Update("Contact", contacts[7], new { Phone = "1" });
        bridge.Org.Delete("Contact", contacts[0]);
        await standIn.ReloadAsync("Contact", method, Ct);

        await bridge.UntilAsync("select count(*) >= 2 from heard");
        bridge.Org.Create("Contact", new { LastName = "Last" });
        await standIn.ReadNowAsync(Ct);
        await bridge.UntilAsync("select exists (select from heard where what like '%Last')");
        (await HeardAsync(bridge)).ShouldBe(["delete", "update C7 1", "insert salesforce Last"]);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.gap")).ShouldBe(0);
    }

    [Fact]
    public async Task A_rebuilt_mapping_loses_the_triggers_and_costs_no_change()
    {
        await using Bridge bridge = await StartAsync();
        string[] contacts = [.. Enumerable.Range(0, 300).Select(n => bridge.Org.Create("Contact", new { LastName = $"C{n}" }))];
        await using HerokuConnectStandIn standIn = await SyncAsync(bridge);
        await using TestHost worker = await WatchAsync(bridge);

        bridge.Org.Update("Contact", contacts[7], new { Phone = "1" });
        await standIn.RebuildAsync("Contact", Ct);

        await bridge.UntilAsync("select count(*) = 1 from bridge.gap where healed_at is not null");
        bridge.Org.Create("Contact", new { LastName = "Last" });
        await standIn.ReadNowAsync(Ct);
        await bridge.UntilAsync("select exists (select from heard where what like '%Last')");
        (await HeardAsync(bridge)).ShouldBe(["update C7 1", "insert salesforce Last"]);
    }

    private static async Task<Bridge> StartAsync()
    {
        Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table heard (n serial, what text)");
        return bridge.WithRoute("hears", Hears);
    }

    private static Task<HerokuConnectStandIn> SyncAsync(Bridge bridge) => HerokuConnectStandIn.StartAsync(
        bridge.Org, new HerokuConnectOptions { ConnectionString = bridge.Database.ConnectionString, Mappings = [new MappingOptions("Contact", "LastName", "Phone")] }, Ct);

    private static async Task SyncAsync(HerokuConnectStandIn standIn)
    {
        await standIn.WriteNowAsync(Ct);
        await standIn.ReadNowAsync(Ct);
    }

    private static async Task<TestHost> WatchAsync(Bridge bridge)
    {
        TestHost worker = await bridge.RunAsync(change: services => services.AddSingleton(
            Bridge.Quick with { TableCare = TimeSpan.FromMilliseconds(100), ReloadQuiet = TimeSpan.FromMilliseconds(400) }));
        await bridge.UntilAsync("select count(*) = 1 from bridge.watch where due is null and baseline");
        return worker;
    }

    private static Task<List<string>> HeardAsync(Bridge bridge) => bridge.Database.ColumnAsync<string>("select what from heard order by n");
}
