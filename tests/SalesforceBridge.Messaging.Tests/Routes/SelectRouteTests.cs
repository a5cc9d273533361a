using System.Text;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Routes;

public sealed class SelectRouteTests
{
    private const string Accepted = """
        -- on: event Order_Placed__e
        -- do: update Order__c
        -- key: payload->>'Order'
        select payload->>'Order' as "Id", 'Accepted' as "Status__c" from message where (payload->>'Amount')::numeric > 100
        """;

    [Fact]
    public async Task A_message_becomes_the_record_that_the_select_yields()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("order-accepted", Accepted);
        await middle.EnrolAsync(route);
        await middle.AcceptAsync("event Order_Placed__e", """{"Order":"a1","Amount":200}""", """{"Order":"a2","Amount":50}""");

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 1 from bridge.outcome");

        middle.Destinations.Bodies.ShouldBe(["""{"Id": "a1", "Status__c": "Accepted"}"""]);
        (await middle.ScalarAsync<string>("select org_id from bridge.outcome")).ShouldStartWith("org-");
    }

    [Fact]
    public async Task A_thousand_messages_are_delivered_once_each_and_in_order()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("numbered", "-- on: event N__e\n-- do: create X\nselect payload->>'n' as \"Name\" from message");
        await middle.EnrolAsync(route);
        await using RunningWorker worker = await middle.RunAsync(route);

        foreach (int[] numbers in Enumerable.Range(0, 1000).Chunk(37))
            await middle.AcceptAsync("event N__e", [.. numbers.Select(n => $$"""{"n":"{{n}}"}""")]);
        await middle.UntilAsync("select count(*) = 1000 from bridge.outcome");

        middle.Destinations.Bodies.ShouldBe(Enumerable.Range(0, 1000).Select(n => $$"""{"Name": "{{n}}"}"""));
        middle.Destinations.Calls.Max(call => call.Count).ShouldBeLessThanOrEqualTo(200);
    }

    [Fact]
    public async Task What_jsonb_refuses_is_kept_and_dead_lettered_without_stopping_the_others()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("all", "-- on: event N__e\n-- do: create X\nselect payload->>'n' as \"Name\" from message");
        await middle.EnrolAsync(route);
        string[] payloads = [.. Enumerable.Range(0, 200).Select(n => n == 100 ? """{"n":"\u0000"}""" : $$"""{"n":"{{n}}"}""")];
        await middle.AcceptAsync("event N__e", payloads);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 199 from bridge.outcome");

        DeadLetter dead = (await new DeadLetters(middle.Database).ListAsync("route all", 10, default)).ShouldHaveSingleItem();
        dead.Error.ShouldNotBeNull().ShouldContain("u0000");
        (await middle.ScalarAsync<byte[]>("select raw from bridge.inbox where fault is not null")).ShouldBe(Encoding.UTF8.GetBytes("""{"n":"\u0000"}"""));
    }
}
