using System.Text.Json.Nodes;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Routes;

public sealed class RouteShapeTests
{
    [Theory]
    [InlineData("timestamptz '2026-03-01 12:00:00.1234+02'", "\"2026-03-01T10:00:00.123Z\"")]
    [InlineData("timestamp '2026-03-01 12:00:00'", "\"2026-03-01T12:00:00.000Z\"")]
    [InlineData("timestamptz(3) '2026-03-01 12:00:00+02'", "\"2026-03-01T10:00:00.000Z\"")]
    [InlineData("timestamp(0) '2026-03-01 12:00:00'", "\"2026-03-01T12:00:00.000Z\"")]
    [InlineData("time(0) '12:30'", "\"12:30:00.000Z\"")]
    [InlineData("date '2026-03-01'", "\"2026-03-01\"")]
    [InlineData("time '12:30'", "\"12:30:00.000Z\"")]
    [InlineData("array['a', null, 'b']", "\"a;b\"")]
    [InlineData("array[1, 2]", "\"1;2\"")]
    [InlineData("12345678901234567890.123456789::numeric", "12345678901234567890.123456789")]
    [InlineData("0.1::float8", "0.1")]
    [InlineData("true", "true")]
    [InlineData("null::timestamptz", "null")]
    [InlineData("null::text[]", "null")]
    [InlineData("null::jsonb", "null")]
    [InlineData("'{\"a\": {\"b\": null}}'::jsonb", "{\"a\": {\"b\": null}}")]
    [InlineData("'it''s \\ \"q\" ü'", "\"it's \\\\ \\\"q\\\" ü\"")]
    [InlineData("gen_random_uuid() is not null", "true")]
    public async Task A_value_has_the_form_that_salesforce_reads(string value, string json)
    {
        await using Middle middle = await Middle.StartAsync();

        string body = await SendOneAsync(middle, "clear", $"select {value} as \"F\" from message");

        body.ShouldBe($$"""{"F": {{json}}}""");
    }

    [Fact]
    public async Task Nulls_are_left_out_where_the_route_omits_them_but_not_those_inside_json()
    {
        await using Middle middle = await Middle.StartAsync();

        string body = await SendOneAsync(middle, "omit", """
            select null::text as "A", 'x' as "B", null::jsonb as "C", '{"in": null}'::jsonb as "D", 'null'::jsonb as "E", null::timestamptz as "F" from message
            """);

        JsonNode.DeepEquals(JsonNode.Parse(body), JsonNode.Parse("""{"B": "x", "D": {"in": null}, "E": null}""")).ShouldBeTrue(body);
    }

    [Fact]
    public async Task A_column_that_begins_with_an_underscore_is_metadata()
    {
        await using Middle middle = await Middle.StartAsync();

        string body = await SendOneAsync(middle, "clear", """select 'x' as "A", '/orders/1' as "_url", '{"X-A": "1"}'::jsonb as "_headers", null::text as "_method" from message""");

        body.ShouldBe("""{"A": "x"}""");
        middle.Destinations.Calls[0][0].Metadata.ShouldNotBeNull();
        (await middle.ScalarAsync<string>("select meta::text from bridge.outbox")).ShouldBe("""{"_url": "/orders/1", "_headers": {"X-A": "1"}}""");
    }

    [Theory]
    [InlineData("clear")]
    [InlineData("omit")]
    public async Task A_record_has_as_many_fields_as_it_has(string nulls)
    {
        await using Middle middle = await Middle.StartAsync();
        string columns = string.Join(", ", Enumerable.Range(0, 211).Select(n => $"{n} as \"F{n}\""));

        string body = await SendOneAsync(middle, nulls, $"select {columns} from message");

        JsonNode.Parse(body)!.AsObject().Count.ShouldBe(211);
    }

    private static async Task<string> SendOneAsync(Middle middle, string nulls, string sql)
    {
        Route route = Middle.Route("one", $"-- on: event N__e\n-- do: create X\n-- nulls: {nulls}\n{sql}");
        await middle.EnrolAsync(route);
        await middle.AcceptNumbersAsync("event N__e", 1);
        await using RunningWorker worker = await middle.RunAsync(route);
        await middle.UntilAsync("select count(*) = 1 from bridge.outcome");
        return middle.Destinations.Bodies.ShouldHaveSingleItem();
    }
}
