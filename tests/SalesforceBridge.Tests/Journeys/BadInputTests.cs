using System.Text;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

/// <summary>One event that is not as it should be, in the middle of 199 that are.</summary>
public sealed class BadInputTests
{
    private const int Good = 199;

    private const string Route = """
        -- on:  event Order_Placed__e
        -- do:  update Order__c
        -- key: payload->>'Order_Id__c'
        select payload->>'Order_Id__c' as "Id", (payload->>'Amount__c')::numeric as "Amount__c" from message
        """;

    [Theory]
    [InlineData("{\"Order_Id__c\":\"a\\u0000b\"}", "u0000")]
    [InlineData("{\"Order_Id__c\":\"\\ud800\"}", "surrogate")]
    [InlineData("{\"Order_Id__c\":\"\\udc00\\ud800\"}", "surrogate")]
    [InlineData("null", "payload is null")]
    [InlineData("\"text\"", "not an object")]
    [InlineData("[1,2]", "not an object")]
    [InlineData("17", "not an object")]
    [InlineData("{\"Amount__c\":1e400000}", "number")]
    public Task A_payload_that_no_route_can_read_is_kept_and_dead_lettered_with_the_reason(string payload, string reason) =>
        KeepsAndDeadLetters(Encoding.UTF8.GetBytes(payload), reason);

    [Fact]
    public Task Bytes_that_are_no_text_are_kept_and_dead_lettered_with_the_reason() =>
        KeepsAndDeadLetters([.. "{\"Order_Id__c\":\""u8, 0xC3, 0x28, .. "\"}"u8], "UTF-8");

    [Theory]
    [InlineData("{\"Order_Id__c\":null,\"Unknown_Field__c\":{\"deep\":[1,2,3]}}")]
    [InlineData("{}")]
    public async Task A_payload_that_is_only_strange_is_a_message_like_others(string payload)
    {
        await using Bridge bridge = await StartAsync();
        await using TestHost worker = await bridge.RunAsync();

        await PublishAmongGoodOnesAsync(bridge, Encoding.UTF8.GetBytes(payload));

        await bridge.UntilAsync("select count(*) = 200 from bridge.inbox where fault is null");
        await GoodOnesShouldArriveAsync(bridge);
    }

    [Fact]
    public async Task A_payload_of_a_megabyte_is_a_message_like_others()
    {
        await using Bridge bridge = await StartAsync();
        await using TestHost worker = await bridge.RunAsync();

        await PublishAmongGoodOnesAsync(bridge, Encoding.UTF8.GetBytes($$"""{"Note__c":"{{new string('x', 1 << 20)}}"}"""));

        await bridge.UntilAsync("select exists (select from bridge.inbox where octet_length(payload::text) > 1048576)");
        await GoodOnesShouldArriveAsync(bridge);
    }

    private static async Task KeepsAndDeadLetters(byte[] payload, string reason)
    {
        await using Bridge bridge = await StartAsync();
        await using TestHost worker = await bridge.RunAsync();

        await PublishAmongGoodOnesAsync(bridge, payload);

        await bridge.UntilAsync("select count(*) = 1 from bridge.failure where state = 'dead'");
        await GoodOnesShouldArriveAsync(bridge);
        (await bridge.Database.ScalarAsync<string>("select error from bridge.failure")).ShouldContain(reason, Case.Insensitive);
        byte[] raw = await bridge.Database.ScalarAsync<byte[]>("select raw from bridge.inbox where fault is not null and payload is null");
        Convert.ToHexString(raw).ShouldContain(Convert.ToHexString(payload));
    }

    private static async Task<Bridge> StartAsync()
    {
        Bridge bridge = await Bridge.StartAsync();
        return bridge.WithRoute("order-amount", Route);
    }

    // In the same poll, so that the same statement stores them.
    private static async Task PublishAmongGoodOnesAsync(Bridge bridge, byte[] payload)
    {
        await bridge.UntilSubscribedAsync("event Order_Placed__e");
        string[] orders = [.. Enumerable.Range(0, Good).Select(_ => bridge.Org.Create("Order__c", new { Amount__c = 1, Status__c = "Placed" }))];
        object[] events = [.. orders.Select(order => new { Order_Id__c = order, Amount__c = 2 })];
        bridge.Org.PublishMany("Order_Placed__e", events[..100]);
        bridge.Org.PublishVerbatim("Order_Placed__e", payload);
        bridge.Org.PublishMany("Order_Placed__e", events[100..]);
    }

    private static async Task GoodOnesShouldArriveAsync(Bridge bridge)
    {
        await bridge.UntilOrgAsync(org => org.Query("select Id from Order__c where Amount__c = 2").Count == Good);
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(Good + 1);
    }
}
