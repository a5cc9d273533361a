using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>A message may be nested deeper than most readers of JSON look: one delivery that carries such a thing must not hold up the others.</summary>
public sealed class DeepJourneyTests
{
    [Theory]
    [InlineData("create Order__c", "")]
    [InlineData("upsert Order__c by External_Id__c", "")]
    [InlineData("upsert Order__c by External_Id__c", "-- together: yes\n")]
    public async Task What_the_org_cannot_read_is_a_dead_letter_and_the_others_are_made(string action, string header)
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("one", $"""
            -- on: callout one
            -- do: {action}
            {header}select payload->'note' as "Note__c", payload->>'n' as "External_Id__c" from message
            """);
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync("select true from bridge.cursor where name = 'route one on callout one'");

        await bridge.StoreAsync("callout one", """{"n":1,"note":"a"}""");
        await bridge.StoreAsync("callout one", $$"""{"n":2,"note":{{new string('[', 200)}}{{new string(']', 200)}}}""");
        await bridge.StoreAsync("callout one", """{"n":3,"note":"c"}""");

        await bridge.UntilAsync("select count(*) = 2 from bridge.outcome where attempts = 1");
        await bridge.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead' and code not like 'in doubt'");
        bridge.Org.Query("select External_Id__c from Order__c").Select(order => order.GetProperty("External_Id__c").GetString()).ShouldBe(["1", "3"], ignoreOrder: true);
    }
}
