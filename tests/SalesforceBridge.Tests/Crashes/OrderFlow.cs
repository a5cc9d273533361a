using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Crashes;

/// <summary>
/// Orders that are placed in the org while something breaks, and the account of both sides at the end. Each order is placed
/// many times, each time with the next number, so that a lost, doubled or overtaken event shows.
/// </summary>
internal sealed class OrderFlow : IAsyncDisposable
{
    /// <summary>The channel that orders come by.</summary>
    public const string Channel = "/event/Order_Placed__e";

    private const string Source = "event Order_Placed__e";

    // Every tenth order is large: it is not accepted but announced.
    private const int LargeEvery = 10;

    private const string CountedRoute = """
        -- on:  event Order_Placed__e
        -- do:  update Order__c
        -- key: payload->>'Order_Id__c'
        select payload->>'Order_Id__c' as "Id", (payload->>'Order_Number__c')::int as "Quantity__c" from message
        """;

    private readonly Bridge _bridge;
    private readonly string[] _orders;
    private readonly int[] _placed;
    private readonly CancellationTokenSource _stop = new();
    private Task _placing = Task.CompletedTask;
    private int _next;

    private OrderFlow(Bridge bridge, int orders)
    {
        _bridge = bridge;
        _orders = [.. Enumerable.Range(0, orders).Select(n => bridge.Org.Create("Order__c", new { Amount__c = AmountOf(n), Status__c = "Placed" }))];
        _placed = new int[orders];
    }

    /// <summary>How many events were published.</summary>
    public int Events => _placed.Sum();

    /// <summary>Gives the bridge the example routes on orders, and one more that says how often an order was placed.</summary>
    public static async Task<OrderFlow> PrepareAsync(Bridge bridge, int orders = 120)
    {
        await bridge.Database.ExecuteAsync(await File.ReadAllTextAsync(Repository.PathOf("src/SalesforceBridge.Sandbox/AppTables.sql")));
        bridge.WithExample("order-accepted").WithExample("order-archived").WithExample("large-order-alert").WithRoute("order-counted", CountedRoute);
        return new OrderFlow(bridge, orders);
    }

    /// <summary>Waits until the bridge listens, for good: from there on nothing may be lost.</summary>
    public Task UntilHeardAsync() => _bridge.UntilSubscribedAsync(Source);

    /// <summary>Places orders in the background, about a hundred a second, until the end.</summary>
    public void Begin() => _placing = PlaceUntilStoppedAsync();

    /// <summary>Places orders now, one after the other.</summary>
    public void Place(int events)
    {
        for (int n = 0; n < events; n++)
            PlaceNext(times: 1);
    }

    /// <summary>Stops placing, and waits until the bridge has nothing to do any more.</summary>
    public async Task DrainAsync()
    {
        await _stop.CancelAsync();
        await _placing;
        await _bridge.UntilAsync($"""
            select (select count(*) from bridge.inbox where source = '{Source}') >= {Events}
               and (select coalesce(sum(events), 0) from order_archive) >= {Events}
               and (select count(*) from bridge.outbox) >= {ExpectedDeliveries}
               and not exists (select from bridge.outbox o where not exists (select from bridge.outcome x where x.lane = o.lane and x.id = o.id))
            """);
    }

    /// <summary>Stops placing, waits until all is done, and holds both sides against each other.</summary>
    public async Task<FlowAccount> EndAsync()
    {
        await DrainAsync();
        FlowAccount account = await TakeAccountAsync();
        account.Lost.ShouldBe(0);
        account.Duplicates.ShouldBe(0);
        await EffectsInPostgresShouldBeExactAsync();
        EveryOrderShouldBeUpdated();
        WritesShouldBeInOrder();
        LargeOrdersShouldBeAnnounced();
        (await _bridge.Database.ColumnAsync<string>("select concat_ws(' ', cursor, id, state, code, error) from bridge.failure")).ShouldBeEmpty();
        return account;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _placing;
        _stop.Dispose();
    }

    private int Large => _placed.Where((_, order) => IsLarge(order)).Sum();

    // One delivery of order-counted for each event, and one of order-accepted or large-order-alert.
    private int ExpectedDeliveries => 2 * Events;

    private IEnumerable<ReceivedWrite> CountedWrites => _bridge.Org.Ledger.Writes.Where(write => write.Error is null && write.Fields.TryGetProperty("Quantity__c", out _));

    private async Task<FlowAccount> TakeAccountAsync()
    {
        string[] published = [.. _bridge.Org.Ledger.Events.Where(published => published.EventType == "Order_Placed__e").Select(published => published.Uuid)];
        List<string> stored = await _bridge.Database.ColumnAsync<string>($"select dedupe_key from bridge.inbox where source = '{Source}'");
        int alerts = _bridge.Org.Ledger.Events.Count(published => published.EventType == "Large_Order__e");
        return new FlowAccount(
            published.Length,
            Lost: published.Except(stored).Count(),
            Duplicates: stored.Count - stored.Intersect(published).Count(),
            RepeatedUpdates: CountedWrites.Count() - CountedWrites.DistinctBy(write => (write.Id, NumberOf(write))).Count(),
            RepeatedEvents: alerts - Large);
    }

    private async Task EffectsInPostgresShouldBeExactAsync()
    {
        List<string> archived = await _bridge.Database.ColumnAsync<string>("select order_id || ' ' || events from order_archive");
        archived.ShouldBe(_orders.Zip(_placed, (order, placed) => $"{order} {placed}").Where(line => !line.EndsWith(" 0", StringComparison.Ordinal)), ignoreOrder: true);
        (await _bridge.Database.ScalarAsync<long>("select count(*) from bridge.outbox")).ShouldBe(ExpectedDeliveries);
    }

    private void EveryOrderShouldBeUpdated()
    {
        for (int order = 0; order < _orders.Length; order++)
        {
            JsonElement record = _bridge.Org.Read("Order__c", _orders[order])!.Value;
            bool heard = _placed[order] > 0;
            record.GetProperty("Status__c").GetString().ShouldBe(heard && !IsLarge(order) ? "Accepted" : "Placed", $"order {order}");
            if (heard)
                record.GetProperty("Quantity__c").GetInt32().ShouldBe(_placed[order], $"order {order}");
        }
    }

    private void WritesShouldBeInOrder()
    {
        foreach (IGrouping<string?, ReceivedWrite> writes in CountedWrites.GroupBy(write => write.Id))
            writes.Select(NumberOf).ShouldBeInOrder(SortDirection.Ascending, $"order {writes.Key}");
    }

    private void LargeOrdersShouldBeAnnounced()
    {
        ILookup<string?, PublishedEvent> announced = _bridge.Org.Ledger.Events.Where(published => published.EventType == "Large_Order__e")
            .ToLookup(published => published.Payload.GetProperty("Order_Id__c").GetString());
        for (int order = 0; order < _orders.Length; order += LargeEvery)
            announced[_orders[order]].Count().ShouldBeGreaterThanOrEqualTo(_placed[order], $"order {order}");
    }

    private async Task PlaceUntilStoppedAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(30));
        while (!_stop.IsCancellationRequested)
        {
            Place(2);
            // The same record changes twice in a row.
            PlaceNext(times: 2);
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private void PlaceNext(int times)
    {
        int order = _next++ % _orders.Length;
        _bridge.Org.PublishMany("Order_Placed__e", [.. Enumerable.Range(0, times).Select(_ => new
        {
            Order_Id__c = _orders[order],
            Order_Number__c = $"{++_placed[order]}",
            Amount__c = AmountOf(order),
            Customer__c = "Ada Loom",
        })]);
    }

    private static bool IsLarge(int order) => order % LargeEvery == 0;

    private static int AmountOf(int order) => IsLarge(order) ? 5000 : 250;

    private static int NumberOf(ReceivedWrite write) => write.Fields.GetProperty("Quantity__c").GetInt32();
}

/// <summary>What both sides say at the end.</summary>
/// <param name="Events">Published by the org.</param>
/// <param name="Lost">Of them not in the inbox.</param>
/// <param name="Duplicates">More than once in the inbox.</param>
/// <param name="RepeatedUpdates">Updates that the org was sent again.</param>
/// <param name="RepeatedEvents">Events that were published again.</param>
internal sealed record FlowAccount(int Events, int Lost, int Duplicates, int RepeatedUpdates, int RepeatedEvents);
