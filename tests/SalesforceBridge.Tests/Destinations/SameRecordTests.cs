using System.Text;
using SalesforceBridge.Destinations;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Destinations;

/// <summary>A call holds a record once, however its deliveries write its id: the org refuses each row that names a record which another one names.</summary>
public sealed class SameRecordTests
{
    private static readonly SalesforceDestination ByNumber = new(null!, SaveVerb.Upsert, "Order__c", "Number__c");

    [Fact]
    public async Task External_ids_that_differ_in_capitals_alone_are_one_record()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        bridge.WithRoute("one", """
            -- on: callout one
            -- do: upsert Order__c by External_Id__c
            select case n when 1 then 'order-a' else 'ORDER-A' end as "External_Id__c", n as "Amount__c" from message, generate_series(1, 2) n
            """);

        await ShouldMakeBothAsync(bridge, "{}");

        bridge.Org.Query("select Amount__c from Order__c").ShouldHaveSingleItem().GetProperty("Amount__c").GetDecimal().ShouldBe(2m);
    }

    [Fact]
    public async Task An_id_of_fifteen_characters_is_that_of_eighteen()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        string id = bridge.Org.Create("Order__c", new { Amount__c = 7 });
        bridge.WithRoute("one", """
            -- on: callout one
            -- do: update Order__c
            select left(payload->>'id', 21 - 3 * n) as "Id", n as "Amount__c" from message, generate_series(1, 2) n
            """);

        await ShouldMakeBothAsync(bridge, $$"""{"id":"{{id}}"}""");

        bridge.Org.Query("select Amount__c from Order__c").ShouldHaveSingleItem().GetProperty("Amount__c").GetDecimal().ShouldBe(2m);
    }

    [Theory]
    [InlineData("""{"Number__c":17}""", """{"Number__c":17}""")]
    [InlineData("""{"Number__c":17}""", """{"number__c":17.0}""")]
    [InlineData("""{"Number__c":17}""", """{"Number__c":"17"}""")]
    [InlineData("""{"Number__c":"a 1"}""", """{"Number__c":" A 1 "}""")]
    public void An_external_id_is_the_same_however_it_is_written(string one, string other) =>
        ByNumber.RecordOf(Delivery(one)).ShouldNotBeNull().ShouldBe(ByNumber.RecordOf(Delivery(other)));

    [Theory]
    [InlineData("""{"Number__c":17}""", """{"Number__c":18}""")]
    [InlineData("""{"Number__c":1e40}""", """{"Number__c":1e41}""")]
    [InlineData("""{"Number__c":"a1"}""", """{"Number__c":"a 1"}""")]
    public void Other_external_ids_are_other_records(string one, string other) =>
        ByNumber.RecordOf(Delivery(one)).ShouldNotBeNull().ShouldNotBe(ByNumber.RecordOf(Delivery(other)));

    [Fact]
    public void Capitals_tell_ids_apart()
    {
        var byId = new SalesforceDestination(null!, SaveVerb.Update, "Order__c", null);

        byId.RecordOf(Delivery("""{"Id":"a0000000000000b"}""")).ShouldNotBe(byId.RecordOf(Delivery("""{"Id":"a0000000000000B"}""")));
    }

    private static Delivery Delivery(string body) => new("one", 1, null, "upsert Order__c by Number__c", Encoding.UTF8.GetBytes(body), null, 1);

    private static async Task ShouldMakeBothAsync(Bridge bridge, string payload)
    {
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync("select true from bridge.cursor where name = 'route one on callout one'");
        await bridge.StoreAsync("callout one", payload);

        await bridge.UntilAsync("select (select count(*) from bridge.outcome) + (select count(*) from bridge.failure where state = 'dead') = 2");

        (await bridge.Database.ColumnAsync<string>("select code || ': ' || error from bridge.failure")).ShouldBeEmpty();
    }
}
