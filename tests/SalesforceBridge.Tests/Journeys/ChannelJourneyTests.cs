using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>The channels of an org that are no event of their own: push topics, generic channels, custom channels.</summary>
public sealed class ChannelJourneyTests
{
    [Fact]
    public async Task A_push_topic_that_a_user_made_tells_of_what_its_query_finds()
    {
        await using Bridge bridge = await BridgeOnAsync("topic Mine", "payload->>'Name'");
        bridge.Org.Create("PushTopic", new { Name = "Mine", Query = "select Id, Name from Account where Type = 'Customer'", ApiVersion = 62.0 });
        await using TestHost worker = await bridge.RunAsync();
        await bridge.Org.WhenSubscribedAsync("/topic/Mine", TestContext.Current.CancellationToken);

        string id = bridge.Org.Create("Account", new { Name = "A", Type = "Customer" });
        bridge.Org.Create("Account", new { Name = "other", Type = "Partner" });
        bridge.Org.Update("Account", id, new { Name = "B" });

        await bridge.UntilAsync("select array_agg(what order by id) = '{A,B}' from heard");
    }

    [Fact]
    public async Task A_generic_channel_carries_any_text()
    {
        await using Bridge bridge = await BridgeOnAsync("channel /u/Notices", "payload #>> '{}'");
        await using TestHost worker = await bridge.RunAsync();
        await bridge.Org.WhenSubscribedAsync("/u/Notices", TestContext.Current.CancellationToken);

        bridge.Org.Push("/u/Notices", "Ship \"Vasa\" ahoy");
        bridge.Org.Push("/u/Notices", "{}");

        await bridge.UntilAsync("""select array_agg(what order by id) = array['Ship "Vasa" ahoy', '{}'] from heard""");
    }

    [Theory]
    [InlineData("channel /event/Orders__chn", "coalesce(payload->>'Order_Number__c', payload->>'Reason__c')", "{N-1,large,N-2}")]
    [InlineData("channel /data/Customers__chn", "coalesce(payload->>'Name', payload->>'LastName')", "{A,Roe}")]
    public async Task A_custom_channel_carries_all_its_members_in_order(string source, string what, string told)
    {
        await using Bridge bridge = await BridgeOnAsync(source, what);
        await using TestHost worker = await bridge.RunAsync();
        await bridge.Org.WhenSubscribedAsync(source.Split(' ')[1], TestContext.Current.CancellationToken);

        bridge.Org.Publish("Order_Placed__e", new { Order_Number__c = "N-1" });
        bridge.Org.Publish("Large_Order__e", new { Order_Id__c = "a00", Reason__c = "large" });
        bridge.Org.Publish("Order_Placed__e", new { Order_Number__c = "N-2" });
        bridge.Org.Create("Account", new { Name = "A" });
        bridge.Org.Create("Contact", new { LastName = "Roe" });

        await bridge.UntilAsync($"select array_agg(what order by id) = '{told}' from heard");
    }

    [Fact]
    public async Task Routes_that_name_one_channel_in_two_ways_share_its_source()
    {
        await using Bridge bridge = await BridgeOnAsync("channel /event/Order_Placed__e", "'by path ' || (payload->>'Order_Number__c')");
        bridge.WithRoute("named", "-- on: event Order_Placed__e\ninsert into heard (what) select 'by name ' || (payload->>'Order_Number__c') from message");
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilOrgAsync(org => org.StreamingSessions.Any(session => session.Channels.Contains("/event/Order_Placed__e")));

        bridge.Org.Publish("Order_Placed__e", new { Order_Number__c = "N-1" });

        await bridge.UntilAsync("select array_agg(what order by what) = '{by name N-1,by path N-1}' from heard");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(1);
    }

    private static async Task<Bridge> BridgeOnAsync(string source, string what)
    {
        Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table heard (id bigint generated always as identity, what text)");
        bridge.WithRoute("heard", $"-- on: {source}\ninsert into heard (what) select {what} from message");
        return bridge;
    }
}
