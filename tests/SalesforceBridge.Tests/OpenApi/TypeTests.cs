using System.Text.Json;
using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.OpenApi;

/// <summary>What the document says of values, held against the values that really travel.</summary>
public sealed class TypeTests
{
    private static readonly (string Value, string Schema)[] Columns =
    [
        ("true", """{"type":"boolean","nullable":true}"""),
        ("32767::smallint", """{"type":"integer","format":"int32","nullable":true}"""),
        ("2147483647", """{"type":"integer","format":"int32","nullable":true}"""),
        ("7::counting", """{"type":"integer","format":"int32","nullable":true}"""),
        ("9223372036854775807", """{"type":"integer","format":"int64","nullable":true}"""),
        ("1.5::real", """{"type":"number","format":"float","nullable":true}"""),
        ("1e100::float8", """{"type":"number","format":"double","nullable":true}"""),
        ("12345678901234567890.5::numeric", """{"type":"number","nullable":true}"""),
        ("12.5::numeric(10,2)", """{"type":"number","nullable":true}"""),
        ("'x'::text", """{"type":"string","nullable":true}"""),
        ("'x'::varchar(10)", """{"type":"string","nullable":true}"""),
        ("'x'::char(3)", """{"type":"string","nullable":true}"""),
        ("'x'::name", """{"type":"string","nullable":true}"""),
        ("gen_random_uuid()", """{"type":"string","nullable":true}"""),
        ("'sad'::mood", """{"type":"string","nullable":true}"""),
        ("date '2026-01-02'", """{"type":"string","format":"date","nullable":true}"""),
        ("timestamptz '2026-01-02 03:04:05.6789+02'", """{"type":"string","format":"date-time","nullable":true}"""),
        ("timestamptz(3) '2026-01-02 03:04:05+02'", """{"type":"string","format":"date-time","nullable":true}"""),
        ("timestamp '2026-01-02 03:04:05'", """{"type":"string","format":"date-time","nullable":true}"""),
        ("timestamp(0) '2026-01-02 03:04:05'", """{"type":"string","format":"date-time","nullable":true}"""),
        ("time '03:04'", """{"type":"string","nullable":true}"""),
        ("time(3) '03:04'", """{"type":"string","nullable":true}"""),
        ("array[1, 2]", """{"type":"string","description":"Values with ; between them.","nullable":true}"""),
        ("array[1.5]::numeric(4,2)[]", """{"type":"string","description":"Values with ; between them.","nullable":true}"""),
        ("""'{"a": 1}'::json""", """{"description":"Any JSON."}"""),
        ("""'[1, "a"]'::jsonb""", """{"description":"Any JSON."}"""),
        ("row('Berlin', 10115)::place", """{"description":"Any JSON."}"""),
    ];

    [Fact]
    public async Task Each_column_of_a_reply_is_said_to_be_what_its_values_are()
    {
        Bridge bridge = await Bridge.StartAsync();
        string values = string.Join(", ", Columns.Select((column, n) => $"{column.Value} as \"F{n}\""));
        await bridge.Database.ExecuteAsync("create type mood as enum ('sad', 'happy'); create type place as (city text, code int); create domain counting as int");
        await bridge.Database.ExecuteAsync($"create table typed as select {values}; insert into typed default values");
        bridge.WithRoute("typed", "-- on: callout typed\n-- do: reply\n-- takes: A text?\nselect typed.* from typed, message");
        await using CalloutCaller apex = await CalloutCaller.OnAsync(bridge);

        JsonElement properties = (await apex.DocumentAsync()).Schema("TypedRow").GetProperty("properties");
        CalloutAnswer answer = await apex.PostAsync("{}", name: "typed");

        answer.Status.ShouldBe(200, answer.Body);
        answer.Json.GetArrayLength().ShouldBe(2);
        properties.Names().ShouldBe(Columns.Select((_, n) => $"F{n}"));
        foreach (((string value, string schema), int n) in Columns.Select((column, n) => (column, n)))
        {
            properties.GetProperty($"F{n}").Compact().ShouldBe(schema, value);
            foreach (JsonElement row in answer.Json.EnumerateArray())
                row.GetProperty($"F{n}").Fits(properties.GetProperty($"F{n}")).ShouldBeTrue($"{value} is sent as {row.GetProperty($"F{n}")}");
        }
    }

    [Fact]
    public async Task What_is_metadata_is_neither_told_nor_sent()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(
            route: "-- on: callout orders\n-- do: reply\n-- reply: one\n-- takes: A text?\nselect 1 as \"One\", 2 as \"_two\" from message");

        (await apex.DocumentAsync()).Schema("OrdersRow").GetProperty("properties").Names().ShouldBe(["One"]);
        (await apex.PostAsync("{}")).Json.Names().ShouldBe(["One"]);
    }

    [Fact]
    public async Task What_a_request_is_said_to_have_is_taken()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: """
            -- on: callout orders
            -- do: reply
            -- takes: A text, B numeric, C integer, D boolean, E date, F timestamptz, G json, H text?, I json?
            select 1 as one from message
            """);
        const string sample = """
            {"A":"x","B":1.5,"C":9223372036854775807,"D":true,"E":"2026-01-02","F":"2026-01-02T03:04:05.678Z","G":[{}],"H":null,"I":null}
            """;

        JsonElement schema = (await apex.DocumentAsync()).Schema("OrdersRequest");
        CalloutAnswer answer = await apex.PostAsync(sample);

        schema.Compact().ShouldBe("""
            {"type":"object","properties":{"A":{"type":"string"},"B":{"type":"number"},"C":{"type":"integer","format":"int64"},"D":{"type":"boolean"},"E":{"type":"string","format":"date"},"F":{"type":"string","format":"date-time"},"G":{"description":"Any JSON."},"H":{"type":"string","nullable":true},"I":{"description":"Any JSON."}},"required":["A","B","C","D","E","F","G"]}
            """);
        answer.Status.ShouldBe(200, answer.Body);
        foreach (JsonProperty member in JsonElement.Parse(sample).EnumerateObject())
            member.Value.Fits(schema.At("properties", member.Name)).ShouldBeTrue(member.Name);
    }
}
