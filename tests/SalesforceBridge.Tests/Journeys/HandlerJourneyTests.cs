using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SalesforceBridge.Messaging;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Journeys;

public sealed class HandlerJourneyTests
{
    [Fact]
    public async Task A_handler_writes_to_the_database_and_to_the_org_in_one_transaction()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table invoice (order_id text primary key, amount numeric)");
        await using TestHost worker = await bridge.RunAsync(change: services => services.AddSingleton<IRouteHandler, InvoiceOrders>());
        await bridge.Org.WhenSubscribedAsync("/event/Order_Placed__e", TestContext.Current.CancellationToken);

        string order = bridge.Org.Create("Order__c", new { Amount__c = 250, Status__c = "Placed" });
        bridge.Org.Publish("Order_Placed__e", new { Order_Id__c = order, Amount__c = 250 });
        bridge.Org.Publish("Order_Placed__e", new { Order_Id__c = order, Amount__c = -1 });

        await bridge.UntilOrgAsync(org => org.Read("Order__c", order)!.Value.GetProperty("Note__c").GetString() == "Invoiced over 250");
        (await bridge.Database.ScalarAsync<decimal>("select amount from invoice")).ShouldBe(250);

        // The second order failed after its row was written: with the failure the row went, and nothing was sent.
        await bridge.UntilAsync("select count(*) = 1 from bridge.failure where cursor = 'route invoice-orders' and error like '%cannot be invoiced%'");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.outbox")).ShouldBe(1);
    }

    [Fact]
    public async Task A_handler_is_tried_without_keeping_anything()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("create table invoice (order_id text primary key, amount numeric)");
        await using NpgsqlDataSource connections = NpgsqlDataSource.Create(bridge.Database.ConnectionString + ";Pooling=false");
        var database = new BridgeDatabase(connections, new MessagingOptions());
        Route route = Routes.RouteSet.Read(bridge.Vars["BRIDGE_ROUTES"], [new InvoiceOrders()], hasKey: false, []).Find("invoice-orders")!;

        TrialOutcome outcome = await new RouteTrial(database, new RouteCheck(database)).WithPayloadAsync(
            route, """{"Order_Id__c":"a01","Amount__c":7}"""u8.ToArray(), TestContext.Current.CancellationToken);

        outcome.ShouldBeOfType<TrialOutcome.Sends>().Deliveries.ShouldHaveSingleItem()
            .ShouldBe(new TrialDelivery("update Order__c", "a01", """{"Id": "a01", "Note__c": "Invoiced over 7"}""", null));
        (await bridge.Database.ScalarAsync<long>("select (select count(*) from invoice) + (select count(*) from bridge.outbox)")).ShouldBe(0);
    }
}

/// <summary>A route in C#: an invoice in our database, and a note of it in the org.</summary>
[Route("invoice-orders", on: "event Order_Placed__e", Key = "payload->>'Order_Id__c'")]
internal sealed class InvoiceOrders : IRouteHandler
{
    public async Task HandleAsync(Message message, RouteTransaction transaction, CancellationToken ct)
    {
        OrderPlaced order = message.Read(OrderJson.Default.OrderPlaced);
        await using var insert = new NpgsqlCommand(
            "insert into invoice (order_id, amount) values ($1, $2) on conflict (order_id) do update set amount = excluded.amount", transaction.Connection)
        {
            Parameters = { new() { Value = order.OrderId }, new() { Value = order.Amount } },
        };
        await insert.ExecuteNonQueryAsync(ct);
        if (order.Amount < 0)
            throw new InvalidOperationException($"An order over {order.Amount} cannot be invoiced.");
        await transaction.UpdateAsync("Order__c", JsonSerializer.Serialize(new OrderNote(order.OrderId, $"Invoiced over {order.Amount:0.##}"), OrderJson.Default.OrderNote), ct);
    }
}

internal sealed record OrderPlaced([property: JsonPropertyName("Order_Id__c")] string OrderId, [property: JsonPropertyName("Amount__c")] decimal Amount);

internal sealed record OrderNote(string Id, [property: JsonPropertyName("Note__c")] string Note);

[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(OrderNote))]
internal sealed partial class OrderJson : JsonSerializerContext;
