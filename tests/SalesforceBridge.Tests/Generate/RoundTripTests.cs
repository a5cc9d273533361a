using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceBridge.Salesforce.Http;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Simulator;
using SalesforceBridge.Testing;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Generate.OrgTypes;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Generate;

/// <summary>Generated records go through the client to the org and back.</summary>
public sealed class RoundTripTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_record_that_was_read_is_changed_and_saved()
    {
        await using Shop shop = await Shop.OpenAsync();
        string id = shop.Org.Create("Order__c", new { Amount__c = 12.5, Quantity__c = 3, Ordered_On__c = "2026-11-23", Express__c = true, Note__c = "Keep me" });

        Order__c read = await shop.ReadAsync(id);
        SaveResult saved = await shop.Client.UpdateRecordAsync(
            Order__c.SObject, id, RecordJson.From(read with { Status__c = Order__c.Status__cValues.Accepted, Accepted_At__c = Moment, Quantity__c = null }, OrgTypesJson.Default.Order__c), Ct);

        saved.Success.ShouldBeTrue();
        (read.Amount__c, read.Quantity__c, read.Ordered_On__c, read.Express__c).ShouldBe((12.5m, 3, new DateOnly(2026, 11, 23), true));
        read.CreatedDate.ShouldNotBeNull();
        Order__c now = await shop.ReadAsync(id);
        now.ShouldBe(read with { Status__c = "Accepted", Accepted_At__c = Moment, LastModifiedDate = now.LastModifiedDate, SystemModstamp = now.SystemModstamp, LastModifiedById = now.LastModifiedById });
    }

    [Fact]
    public async Task What_a_query_did_not_read_is_not_overwritten()
    {
        await using Shop shop = await Shop.OpenAsync();
        string id = shop.Org.Create("Order__c", new { Amount__c = 12.5, Express__c = true, Note__c = "Keep me" });

        List<Order__c> read = await shop.Client.QueryAsync("select Id, Name, Amount__c from Order__c", OrgTypesJson.Default.Order__c, Ct).ToListAsync(Ct);
        SaveOutcome saved = await shop.Client.UpdateRecordsAsync(Order__c.SObject, read.Select(order => RecordJson.From(order with { Amount__c = 20 }, OrgTypesJson.Default.Order__c)), Ct);

        saved.Results.ShouldAllBe(result => result.Success);
        Order__c now = await shop.ReadAsync(id);
        (now.Amount__c, now.Express__c, now.Note__c).ShouldBe((20m, true, "Keep me"));
    }

    [Fact]
    public async Task A_field_is_cleared_by_its_name()
    {
        await using Shop shop = await Shop.OpenAsync();
        string id = shop.Org.Create("Order__c", new { Amount__c = 12.5, Note__c = "Forget me" });

        await shop.Client.UpdateRecordAsync(Order__c.SObject, id, RecordJson.From(new Order__c { Amount__c = 1 }, OrgTypesJson.Default.Order__c).Clearing(nameof(Order__c.Note__c)), Ct);

        Order__c now = await shop.ReadAsync(id);
        (now.Amount__c, now.Note__c).ShouldBe((1m, null));
    }

    [Fact]
    public async Task A_related_record_is_found_by_its_external_id_and_read_with_its_own_type()
    {
        await using Shop shop = await Shop.OpenAsync();
        await shop.Client.CreateRecordAsync(Account.SObject, RecordJson.From(new Account { Name = "Ann's", External_Id__c = "A-1", Industry = Account.IndustryValues.Energy }, OrgTypesJson.Default.Account), Ct);

        await shop.Client.InsertOrUpdateRecordAsync(
            Order__c.SObject, nameof(Order__c.External_Id__c), "O-1", RecordJson.From(new Order__c { Account__r = new Account { External_Id__c = "A-1" }, Amount__c = 5 }, OrgTypesJson.Default.Order__c), Ct);

        Order__c order = await shop.Client.QueryAsync("select Id, Account__c, Account__r.Name, Account__r.Industry from Order__c", OrgTypesJson.Default.Order__c, Ct).SingleAsync(Ct);
        (order.Account__r!.Name, order.Account__r.Industry).ShouldBe(("Ann's", "Energy"));
        order.Account__c.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_field_named_by_a_word_of_CSharp_and_a_time_of_day_come_back()
    {
        await using Shop shop = await Shop.OpenAsync();
        var sent = new acme__Shipment__c { Name = "S", Class = "first", Deliver_At__c = new TimeOnly(10, 15), Weight__c = 1.25m, Deliver_On__c = new DateOnly(2026, 11, 23), Sent_At__c = Moment };

        SaveResult saved = await shop.Client.CreateRecordAsync(acme__Shipment__c.SObject, RecordJson.From(sent, OrgTypesJson.Default.acme__Shipment__c), Ct);

        acme__Shipment__c read = await shop.Client.GetObjectByIdAsync(acme__Shipment__c.SObject, saved.Id!, null, OrgTypesJson.Default.acme__Shipment__c, Ct);
        (read.Class, read.Deliver_At__c, read.Weight__c, read.Deliver_On__c, read.Sent_At__c)
            .ShouldBe((sent.Class, sent.Deliver_At__c, sent.Weight__c, sent.Deliver_On__c, sent.Sent_At__c));
    }

    [Fact]
    public async Task An_event_is_published()
    {
        await using Shop shop = await Shop.OpenAsync();

        SaveResult published = await shop.Client.PublishAsync(
            Large_Order__e.SObject, RecordJson.From(new Large_Order__e { Order_Id__c = "a00", Amount__c = 2000.5m }, OrgTypesJson.Default.Large_Order__e), Ct);

        published.Success.ShouldBeTrue();
        RecordJson.From(new Large_Order__e { Order_Id__c = "a00", CreatedDate = Moment }, OrgTypesJson.Default.Large_Order__e).Utf8.ToArray().ShouldBe("""{"Order_Id__c":"a00"}"""u8.ToArray());
    }

    [Fact]
    public async Task What_the_org_delivered_is_read_by_the_types_of_its_events()
    {
        await using Bridge bridge = (await Bridge.StartAsync())
            .WithRoute("changes", "-- on: change Order__c\nselect 1 from message")
            .WithRoute("events", "-- on: event Order_Placed__e\nselect 1 from message");
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilSubscribedAsync("change Order__c");
        await bridge.UntilSubscribedAsync("event Order_Placed__e");

        string id = bridge.Org.Create("Order__c", new { Amount__c = 12.5, Quantity__c = 3, Ordered_On__c = "2026-11-23", Express__c = true });
        bridge.Org.Publish("Order_Placed__e", new { Amount__c = 250, Placed_At__c = "2026-11-23T08:30:00Z" });

        Order__ChangeEvent change = JsonSerializer.Deserialize(await StoredAsync(bridge, "change Order__c"), OrgTypesJson.Default.Order__ChangeEvent)!;
        Order_Placed__e placed = JsonSerializer.Deserialize(await StoredAsync(bridge, "event Order_Placed__e"), OrgTypesJson.Default.Order_Placed__e)!;
        change.ChangeEventHeader!.recordIds.ShouldBe([id]);
        (change.ChangeEventHeader.entityName, change.ChangeEventHeader.changeType, change.ChangeEventHeader.sequenceNumber)
            .ShouldBe(("Order__c", Order__ChangeEvent.ChangeEventHeaderRecord.changeTypeValues.CREATE, 1));
        (change.Amount__c, change.Quantity__c, change.Ordered_On__c, change.Express__c, change.Note__c).ShouldBe((12.5m, 3, new DateOnly(2026, 11, 23), true, null));
        (placed.Amount__c, placed.Placed_At__c, placed.Note__c).ShouldBe((250m, Moment, null));
        placed.CreatedDate.ShouldNotBeNull();
        placed.CreatedById!.ShouldStartWith("005");
    }

    [Fact]
    public void What_a_record_in_an_event_is_called_does_not_matter()
    {
        AwkwardTypes.Class__ChangeEvent read = JsonSerializer.Deserialize(
            """{"ChangeEventHeader":{"recordIds":["a","b"],"address":{"AddressRecord_2":"2"}},"event":"e","Event":"E","AddressRecord":1,"Address":"text","Shipping":{"Equals":true},"Counts":{"a":1},"System":["s",null]}""",
            AwkwardTypes.AwkwardTypesJson.Default.Class__ChangeEvent)!;

        (read.Event, read.Event_2, read.AddressRecord, read.Shipping!.Equals_2, read.Counts!["a"], read.System!.Count).ShouldBe(("e", "E", 1m, true, 1, 2));
        read.ChangeEventHeader!.recordIds.ShouldBe(["a", "b"]);
        read.ChangeEventHeader.address!.AddressRecord_2_2.ShouldBe("2");
        read.Address!.Value.GetString().ShouldBe("text");
    }

    [Fact]
    public void Whatever_fields_are_called_they_are_read_and_written_under_the_names_of_the_org()
    {
        AwkwardTypes.Event read = JsonSerializer.Deserialize(
            """{"attributes":{},"Id":"1","event":"e","class":5.0,"ToString":true,"a-b":1,"a_b":{"x":1},"1st":[2],"Clone":"2026-11-23T08:30:00.000+0000","Owner__c":"005","Parent__r":{"class":1}}""",
            AwkwardTypes.AwkwardTypesJson.Default.Event)!;

        (read.Event_2, read.Class, read.ToString_2, read.a_b, read.Clone_2, read.Parent__r!.Class).ShouldBe(("e", 5m, true, 1, Moment, 1m));
        Encoding.UTF8.GetString(RecordJson.From(read.ForUpdate(), AwkwardTypes.AwkwardTypesJson.Default.Event).Utf8.Span)
            .ShouldBe("""{"Id":"1","event":"e","class":5.0,"ToString":true,"a-b":1,"a_b":{"x":1},"1st":[2],"Parent__r":{"class":1}}""");
    }

    private static async Task<string> StoredAsync(Bridge bridge, string source)
    {
        await bridge.UntilAsync($"select exists (select from bridge.inbox where source = '{source}')");
        return await bridge.Database.ScalarAsync<string>($"select payload::text from bridge.inbox where source = '{source}'");
    }

    private static DateTimeOffset Moment { get; } = new(2026, 11, 23, 8, 30, 0, TimeSpan.Zero);

    private sealed class Shop : IAsyncDisposable
    {
        private readonly HttpClient _http = SalesforceHttp.Create();
        private readonly TestMeters _meters = new();

        private Shop(SimulatedOrg org)
        {
            Org = org;
            var tokens = new OAuthTokenSource(
                new OAuthGrant.Given(org.Url, org.OpenSession("bridge@example.com")), new OAuthSettings { LoginUrl = org.Url }, _http, TimeProvider.System, NullLogger<OAuthTokenSource>.Instance);
            Client = new SalesforceClient(_http, tokens, new SalesforceClientSettings(), _meters, TimeProvider.System, NullLogger<SalesforceClient>.Instance);
        }

        public SimulatedOrg Org { get; }

        public SalesforceClient Client { get; }

        public static async Task<Shop> OpenAsync() => new(await SimulatedOrg.StartAsync(new SimulatorOptions(), Ct));

        public Task<Order__c> ReadAsync(string id) => Client.GetObjectByIdAsync(Order__c.SObject, id, null, OrgTypesJson.Default.Order__c, Ct);

        public async ValueTask DisposeAsync()
        {
            await Org.DisposeAsync();
            _http.Dispose();
            _meters.Dispose();
        }
    }
}
