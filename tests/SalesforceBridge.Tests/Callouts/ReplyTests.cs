using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SalesforceBridge.Messaging;
using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.Callouts;

/// <summary>Callouts that ask for data.</summary>
public sealed class ReplyTests
{
    private const string Credit = """
        -- on: callout orders
        -- do: reply
        select name as "Name", amount as "Amount__c", since as "Since__c" from credit, message
        where account = payload->>'Account' order by name desc
        """;

    [Fact]
    public async Task The_rows_answer_in_their_order_and_nothing_is_stored()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: Credit);
        await FillAsync(apex);

        CalloutAnswer answer = await apex.PostAsync("""{"Account":"A"}""");

        answer.Status.ShouldBe(200, answer.Body);
        JsonElement[] rows = [.. answer.Json.EnumerateArray()];
        rows.Select(row => row.GetProperty("Name").GetString()).ShouldBe(["second", "first"]);
        rows[0].GetProperty("Amount__c").GetDecimal().ShouldBe(12.50m);
        rows[0].GetProperty("Since__c").GetString().ShouldBe("2026-01-02T03:04:05.000Z");
        rows[1].GetProperty("Amount__c").ValueKind.ShouldBe(JsonValueKind.Null);
        (await apex.PostAsync("""{"Account":"nobody"}""")).Body.ShouldBe("[]");
        (await apex.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task One_row_is_an_object_and_none_is_404()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: Credit.Replace("-- do: reply", "-- do: reply\n-- reply: one"));
        await FillAsync(apex);

        (await apex.PostAsync("""{"Account":"A"}""")).Json.GetProperty("Name").GetString().ShouldBe("second");
        CalloutAnswer none = await apex.PostAsync("""{"Account":"nobody"}""");

        (none.Status, none.Error).ShouldBe((404, "no_row"));
    }

    [Fact]
    public async Task The_message_is_the_whole_request_and_says_who_calls()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: "-- on: callout orders\n-- do: reply\nselect payload as p from message");

        JsonElement told = (await apex.PostAsync("""{"new":[{"Id":"1"}],"_caller":{"name":"root"}}""")).Json[0].GetProperty("p");
        JsonElement listed = (await apex.PostAsync("""[1,2]""")).Json[0].GetProperty("p");
        JsonElement empty = (await apex.PostAsync("{ }")).Json[0].GetProperty("p");

        told.GetProperty("new").GetArrayLength().ShouldBe(1);
        told.GetProperty("_caller").GetProperty("name").GetString().ShouldBe("mes");
        told.GetProperty("_caller").GetProperty("by").GetString().ShouldBe("api-key");
        listed.GetProperty("records").GetRawText().Replace(" ", "").ShouldBe("[1,2]");
        empty.EnumerateObject().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Another_route_on_the_same_callout_makes_it_a_message_too()
    {
        Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("answering", "-- on: callout orders\n-- do: reply\nselect 1 as one from message")
            .WithRoute("keeping", "-- on: callout orders\nselect 1 from message");
        await using CalloutCaller apex = await CalloutCaller.OnAsync(bridge);

        (await apex.PostAsync("{}", key: "1")).Body.ShouldBe("""[{"one": 1}]""");
        (await apex.PostAsync("{}", key: "1")).Body.ShouldBe("""[{"one": 1}]""");
        (await apex.CountAsync()).ShouldBe(1);
    }

    [Theory]
    [InlineData("insert into credit values ('B', 'x', 1, now()) returning name", 503)]
    [InlineData("select missing from message", 500)]
    public async Task A_statement_that_cannot_reply_is_not_run(string sql, int status)
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: $"-- on: callout orders\n-- do: reply\n{sql}");
        await FillAsync(apex);

        CalloutAnswer answer = await apex.PostAsync("{}");

        answer.Status.ShouldBe(status);
        (await apex.Bridge.Database.ScalarAsync<long>("select count(*) from credit")).ShouldBe(3);
        answer.Body.ShouldNotContain("missing");
    }

    [Fact]
    public async Task A_reply_only_reads()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: "-- on: callout orders\n-- do: reply\nselect spend() as s from message");
        await FillAsync(apex);
        await apex.Bridge.Database.ExecuteAsync("create function spend() returns int language sql as 'delete from credit; select 1'");

        CalloutAnswer answer = await apex.PostAsync("{}");

        (answer.Status, answer.Error).ShouldBe((500, "route_unfit"));
        (await apex.Bridge.Database.ScalarAsync<long>("select count(*) from credit")).ShouldBe(3);
        await apex.LogLineAsync("a reply only reads");
    }

    [Theory]
    [InlineData("""{"Account":"x"}""", 422, "reply_failed")]
    [InlineData("""{"Account":"\ud800"}""", 422, "unreadable")]
    [InlineData("""{"Account":""", 400, "bad_json")]
    public async Task A_request_that_the_statement_cannot_read_is_refused(string body, int status, string error)
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: "-- on: callout orders\n-- do: reply\nselect (payload->>'Account')::int as n from message");

        CalloutAnswer answer = await apex.PostAsync(body);

        (answer.Status, answer.Error).ShouldBe((status, error));
    }

    [Fact]
    public async Task An_answer_that_takes_too_long_is_504()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(
            route: "-- on: callout orders\n-- do: reply\n-- timeout: 200ms\nselect pg_sleep(60)::text as s from message");

        CalloutAnswer answer = await apex.PostAsync("{}");

        (answer.Status, answer.Error).ShouldBe((504, "too_slow"));
    }

    [Fact]
    public async Task Beyond_sixteen_that_wait_the_next_is_refused_and_callouts_are_kept_all_the_while()
    {
        Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("answering", "-- on: callout slow\n-- do: reply\nselect pg_advisory_xact_lock(7)::text as s from message")
            .WithRoute("keeping", CalloutCaller.Route);
        await using CalloutCaller apex = await CalloutCaller.OnAsync(bridge);
        await using NpgsqlConnection held = new(bridge.Database.ConnectionString + ";Pooling=false");
        await held.OpenAsync(TestContext.Current.CancellationToken);
        await using (var hold = new NpgsqlCommand("select pg_advisory_lock(7)", held))
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        List<Task<CalloutAnswer>> asking = [.. Enumerable.Range(0, 18).Select(_ => apex.PostAsync("{}", name: "slow"))];
        CalloutAnswer refused = await await Task.WhenAny(asking);
        CalloutAnswer kept = await apex.PostAsync("{}");
        await held.CloseAsync();
        CalloutAnswer[] answers = await Task.WhenAll(asking);

        (refused.Status, refused.Error, refused.RetryAfter).ShouldBe((503, "busy", TimeSpan.FromSeconds(1)));
        kept.Status.ShouldBe(202);
        answers.Count(answer => answer.Status == 200).ShouldBe(17);
    }

    [Fact]
    public async Task What_a_route_takes_is_declared_and_anything_else_refused()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: """
            -- on: callout orders
            -- do: reply
            -- takes: Order_Id__c text, Amount__c numeric?, Count integer?, Sure boolean?, Day date?, At timestamptz?
            select 1 as one from message
            """);

        foreach (string good in (string[])["""{"Order_Id__c":"1"}""", """{"Order_Id__c":"1","Amount__c":null,"More":[]}""",
            """{"Order_Id__c":"1","Amount__c":1.5,"Count":2,"Sure":true,"Day":"2026-01-02","At":"2026-01-02T03:04:05.000+0000"}"""])
            (await apex.PostAsync(good)).Status.ShouldBe(200, good);
        foreach (string bad in (string[])["{}", """{"Order_Id__c":null}""", """{"Order_Id__c":1}""", """{"Order_Id__c":"1","Amount__c":"1"}""",
            """{"Order_Id__c":"1","Count":1.5}""", """{"Order_Id__c":"1","Sure":"yes"}""", """{"Order_Id__c":"1","Day":"tomorrow"}""", "[1]"])
            (await apex.PostAsync(bad)).Status.ShouldBe(422, bad);
        (await apex.PostAsync("""{"Order_Id__c":1}""")).Message.ShouldBe("The request is not what the route takes. Order_Id__c is no text.");
    }

    [Fact]
    public async Task What_a_route_takes_holds_for_each_record_that_it_keeps()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: "-- on: callout orders\n-- takes: Id text\nselect 1 from message");

        CalloutAnswer bad = await apex.PostAsync("""[{"Id":"1"},{"Id":2}]""");

        (bad.Status, bad.Message).ShouldBe((422, "Record 2 is not what the route takes. Id is no text."));
        (await apex.CountAsync()).ShouldBe(0);
        (await apex.PostAsync("""[{"Id":"1"},{"Id":"2"}]""")).Status.ShouldBe(202);
    }

    [Fact]
    public async Task A_handler_can_reply()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(
            route: null, change: services => services.AddSingleton<Messaging.IRouteHandler>(new Doubling()));

        (await apex.PostAsync("""{"n":21}""", name: "double")).Body.ShouldBe("""{"n":42}""");
        (await apex.PostAsync("""{"n":0}""", name: "double")).Status.ShouldBe(404);
    }

    private static Task FillAsync(CalloutCaller apex) => apex.Bridge.Database.ExecuteAsync("""
        create table credit (account text, name text, amount numeric, since timestamptz);
        insert into credit values ('A', 'first', null, null), ('A', 'second', 12.50, '2026-01-02 03:04:05Z'), ('B', 'other', 1, now())
        """);

    [Route("doubling", "callout double", Headers = "do: reply\nreply: one")]
    private sealed class Doubling : IReplyHandler
    {
        public async Task<string?> ReplyAsync(Message message, NpgsqlConnection connection, CancellationToken ct)
        {
            int n = JsonElement.Parse(Encoding.UTF8.GetString(message.Json.Span)).GetProperty("n").GetInt32();
            await using var doubled = new NpgsqlCommand("select $1 * 2", connection) { Parameters = { new() { Value = n } } };
            return n == 0 ? null : $$"""{"n":{{await doubled.ExecuteScalarAsync(ct)}}}""";
        }
    }
}
