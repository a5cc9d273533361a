using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SalesforceBridge.Messaging;
using SalesforceBridge.Tests.Drivers;

namespace SalesforceBridge.Tests.OpenApi;

/// <summary>Which callouts the document tells of, and what they answer.</summary>
public sealed class DocumentTests
{
    private const string Reference = "{\"$ref\":\"#/components/schemas/";

    [Fact]
    public async Task A_callout_that_says_what_it_takes_is_an_operation_and_another_one_is_not()
    {
        Bridge bridge = (await Bridge.StartAsync())
            .WithRoute("one", "-- on: callout credit-check\n-- do: reply\n-- reply: one\n-- takes: Id text\nselect 1 as \"Limit__c\" from message")
            .WithRoute("all", "-- on: callout orders\n-- do: reply\n-- takes: Id text\nselect 1 as \"Limit__c\" from message")
            .WithRoute("kept", "-- on: callout hand-over\n-- takes: Id text\nselect 1 from message")
            .WithRoute("off", "-- on: callout later\n-- enabled: no\n-- takes: Id text\nselect 1 from message")
            .WithRoute("untold", "-- on: callout untold\nselect 1 from message");
        await using CalloutCaller apex = await CalloutCaller.OnAsync(bridge);

        JsonElement document = await apex.DocumentAsync();

        document.GetProperty("openapi").GetString().ShouldBe("3.0.3");
        document.GetProperty("paths").Names().ShouldBe(["/callouts/credit-check", "/callouts/hand-over", "/callouts/later", "/callouts/orders"]);
        document.Operation("credit-check").GetProperty("operationId").GetString().ShouldBe("creditCheck");
        document.Answer("credit-check", "200").ShouldBe($"{Reference}CreditCheckRow\"}}");
        document.Answer("orders", "200").ShouldBe($"{{\"type\":\"array\",\"items\":{Reference}OrdersRow\"}}}}");
        document.Answer("hand-over", "202").ShouldBe($"{Reference}Accepted\"}}");
        document.Operation("hand-over").At("requestBody", "content", "application/json", "schema").Compact().ShouldBe($"{Reference}HandOverRequest\"}}");
        foreach (JsonElement operation in document.GetProperty("paths").EnumerateObject().Select(path => path.Value.GetProperty("post")))
        {
            operation.GetProperty("responses").Names().Count(status => status[0] == '2').ShouldBe(1);
            operation.At("responses", "default", "content", "application/json", "schema").Compact().ShouldBe($"{Reference}Refusal\"}}");
        }
    }

    [Fact]
    public async Task What_is_stored_may_be_repeated_under_a_key_and_is_answered_as_told()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(route: "-- on: callout orders\n-- takes: Id text\nselect 1 from message");

        JsonElement document = await apex.DocumentAsync();
        JsonElement stored = (await apex.PostAsync("""{"Id":"1"}""", key: "k")).Json;
        JsonElement refused = (await apex.PostAsync("{}")).Json;

        document.Operation("orders").At("parameters")[0].GetProperty("name").GetString().ShouldBe("Idempotency-Key");
        document.Schema("Accepted").GetProperty("properties").Names().ShouldBe(stored.Names());
        stored.GetProperty("accepted").Fits(document.Schema("Accepted").At("properties", "accepted")).ShouldBeTrue();
        stored.GetProperty("ids")[0].Fits(document.Schema("Accepted").At("properties", "ids", "items")).ShouldBeTrue();
        document.Schema("Refusal").GetProperty("properties").Names().ShouldBe(refused.Names());
    }

    [Fact]
    public async Task Of_a_reply_and_a_message_on_one_callout_the_reply_answers_and_both_say_what_is_taken()
    {
        Bridge bridge = (await Bridge.StartAsync())
            .WithRoute("asked", "-- on: callout orders\n-- do: reply\n-- takes: Id text, Day text?, Amount numeric?, More json?\nselect 1 as one from message")
            .WithRoute("kept", "-- on: callout orders\n-- takes: Id text?, Day date, Amount integer?, More boolean?\nselect 1 from message");
        await using CalloutCaller apex = await CalloutCaller.OnAsync(bridge);

        JsonElement document = await apex.DocumentAsync();

        document.Operation("orders").GetProperty("responses").Names().ShouldBe(["200", "default"]);
        document.Operation("orders").GetProperty("parameters").GetArrayLength().ShouldBe(1);
        document.Schema("OrdersRequest").Compact().ShouldBe("""
            {"type":"object","properties":{"Id":{"type":"string"},"Day":{"type":"string","format":"date"},"Amount":{"type":"integer","format":"int64","nullable":true},"More":{"type":"boolean","nullable":true}},"required":["Id","Day"]}
            """);
        (await apex.PostAsync("""{"Id":"1","Day":"2026-01-02","Amount":1,"More":true}""")).Body.ShouldBe("""[{"one": 1}]""");
        foreach (string beyond in (string[])["""{"Day":"2026-01-02"}""", """{"Id":"1"}""", """{"Id":"1","Day":"x"}""",
            """{"Id":"1","Day":"2026-01-02","Amount":1.5}""", """{"Id":"1","Day":"2026-01-02","More":"x"}"""])
            (await apex.PostAsync(beyond)).Status.ShouldBe(422, beyond);
    }

    [Fact]
    public async Task Routes_that_no_request_can_please_together_are_told_apart_by_the_check()
    {
        await using Bridge bridge = (await Bridge.StartAsync())
            .WithRoute("a", "-- on: callout orders\n-- takes: Id text, At date\nselect 1 from message")
            .WithRoute("b", "-- on: callout orders\n-- takes: Id text?, At timestamptz\nselect 1 from message")
            .WithRoute("c", "-- on: callout other\n-- takes: At timestamptz\nselect 1 from message");

        CommandLine check = await CommandLine.RunAsync(bridge.Vars, "routes", "check");

        check.ExitCode.ShouldBe(1);
        check.Output.ShouldContain("b.sql: takes: `At` is timestamptz here and another type in the route a on the same callout, and no request is both; agree on one");
        check.Output.ShouldNotContain("c.sql");
    }

    [Fact]
    public async Task A_handler_that_replies_may_answer_anything()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(
            route: null, change: services => services.AddSingleton<Messaging.IRouteHandler>(new Telling()));

        JsonElement document = await apex.DocumentAsync();

        document.Answer("told", "200").ShouldBe("{}");
        document.Schema("ToldRequest").GetProperty("properties").Names().ShouldBe(["n"]);
    }

    [Fact]
    public async Task A_reply_that_cannot_run_is_left_out_and_the_log_says_so_once()
    {
        Bridge bridge = (await Bridge.StartAsync())
            .WithRoute("broken", "-- on: callout broken\n-- do: reply\n-- takes: Id text\nselect missing from message")
            .WithRoute("whole", "-- on: callout whole\n-- do: reply\n-- takes: Id text\nselect 1 as one from message");
        await using CalloutCaller apex = await CalloutCaller.OnAsync(bridge);

        JsonElement first = await apex.DocumentAsync();
        JsonElement second = await apex.DocumentAsync();

        first.GetProperty("paths").Names().ShouldBe(["/callouts/whole"]);
        second.Compact().ShouldBe(first.Compact());
        apex.Log.Count(line => line.Contains("leaves its callout out", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_callout_that_says_what_it_takes_the_document_is_empty_and_whole()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync();

        JsonElement document = await apex.DocumentAsync();

        document.GetProperty("paths").Names().ShouldBeEmpty();
        document.At("info", "title").GetString().ShouldBe("SalesforceBridge");
    }

    [Fact]
    public async Task Calls_go_to_where_the_document_was_asked_for()
    {
        await using CalloutCaller apex = await CalloutCaller.StartAsync(vars => vars.With("DYNO", "web.1"));

        CalloutAnswer answer = await apex.SendAsync(OpenApiReader.Request
            .With("X-Api-Key", CalloutCaller.Secret).With("Host", "bridge.example.com").With("X-Forwarded-Proto", "https").With("X-Forwarded-For", "198.51.100.1"));

        answer.Json.GetProperty("servers")[0].GetProperty("url").GetString().ShouldBe("https://bridge.example.com");
        (await apex.DocumentAsync()).GetProperty("servers")[0].GetProperty("url").GetString().ShouldBe($"http://127.0.0.1:{apex.Http.Port}");
    }

    [Route("telling", "callout told", Headers = "do: reply\ntakes: n integer")]
    private sealed class Telling : IReplyHandler
    {
        public Task<string?> ReplyAsync(Message message, NpgsqlConnection connection, CancellationToken ct) => Task.FromResult<string?>("[1]");
    }
}
