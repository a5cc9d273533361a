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

    [Theory]
    [InlineData("with m as (select payload->>'n' as n from message) select n as \"Name\" from m;")]
    [InlineData("select payload->>'n' as \"Name\" from message -- the end")]
    [InlineData("select payload->>'n' as \"Name\" from message ; -- the end")]
    [InlineData("select max(payload->>'n') as \"Name\" from message having count(*) > 0")]
    [InlineData("select payload->>'n' as \"Name\" from message order by 1 limit 1")]
    [InlineData("select payload->>'n' as \"Name\" from message union select payload->>'n' from message")]
    public async Task Whatever_shape_the_statement_has_it_runs_once_per_message(string sql)
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("shaped", $"-- on: event N__e\n-- do: create X\n{sql}");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 3);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 3 from bridge.outcome");

        middle.Destinations.Bodies.ShouldBe(["""{"Name": "0"}""", """{"Name": "1"}""", """{"Name": "2"}"""]);
    }

    [Fact]
    public async Task A_set_returning_statement_sends_its_rows_in_their_order()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("lines", "-- on: event N__e\n-- do: create X\nselect l.value->>'p' as \"Name\" from message, jsonb_array_elements(payload->'lines') with ordinality l(value, n) order by l.n desc");
        await middle.EnrolAsync(route);
        await middle.AcceptAsync("event N__e", """{"lines":[{"p":"a"},{"p":"b"},{"p":"c"}]}""", """{"lines":[]}""", """{"lines":[{"p":"d"}]}""");

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 4 from bridge.outcome");

        middle.Destinations.Bodies.ShouldBe(["""{"Name": "c"}""", """{"Name": "b"}""", """{"Name": "a"}""", """{"Name": "d"}"""]);
    }

    [Fact]
    public async Task The_users_own_tables_are_found_whatever_their_names()
    {
        await using Middle middle = await Middle.StartAsync();
        await middle.ExecuteAsync("create table w (v text); create table b (v text); create table sent (v text); insert into w values ('1'); insert into b values ('2'); insert into sent values ('3')");
        Route route = Middle.Route("named", "-- on: event N__e\n-- do: create X\n-- key: (select v from w)\nselect w.v || b.v || sent.v as \"Name\" from message, w, b, sent");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 1);

        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 1 from bridge.outcome");

        middle.Destinations.Bodies.ShouldBe(["""{"Name": "123"}"""]);
    }
}
