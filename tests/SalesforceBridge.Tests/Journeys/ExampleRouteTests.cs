extern alias SandboxProgram;

using Microsoft.Extensions.DependencyInjection;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;
using SandboxProgram::SalesforceBridge.Sandbox;

namespace SalesforceBridge.Tests.Journeys;

public sealed class ExampleRouteTests
{
    private const string Account = "001000000000001AAA";

    [Theory]
    [InlineData(20, "Accepted")]
    [InlineData(1000, "Accepted")]
    [InlineData(1000.01, "Placed")]
    public async Task Only_orders_of_up_to_a_thousand_are_accepted(double amount, string status)
    {
        await using Bridge bridge = await BridgeWithAsync("order-accepted");
        await using TestHost worker = await ListeningAsync(bridge);

        string order = Place(bridge, amount);
        string last = Place(bridge, 1);

        await bridge.UntilOrgAsync(org => StatusOf(bridge, last) == "Accepted");
        StatusOf(bridge, order).ShouldBe(status);
    }

    [Theory]
    [InlineData(1000, 0)]
    [InlineData(1000.01, 1)]
    public async Task Somebody_is_told_of_orders_above_a_thousand(double amount, int alerts)
    {
        await using Bridge bridge = await BridgeWithAsync("large-order-alert");
        await using TestHost worker = await ListeningAsync(bridge);

        string order = Place(bridge, amount);
        string last = Place(bridge, 5000);

        await bridge.UntilOrgAsync(org => AlertsOf(bridge, last) == 1);
        AlertsOf(bridge, order).ShouldBe(alerts);
    }

    [Fact]
    public async Task The_archive_counts_each_event_of_an_order_once_and_keeps_its_last_amount()
    {
        await using Bridge bridge = await BridgeWithAsync("order-archived");
        await using TestHost worker = await ListeningAsync(bridge);

        string order = Place(bridge, 20);
        bridge.Org.Publish("Order_Placed__e", new { Order_Id__c = order, Amount__c = 30, Customer__c = "Ann" });

        await bridge.UntilAsync($"select exists (select from order_archive where order_id = '{order}' and events = 2 and amount = 30 and customer = 'Ann')");
    }

    [Fact]
    public async Task An_account_is_mirrored_from_its_creation_to_its_end()
    {
        await using Bridge bridge = await BridgeWithAsync("account-mirrored");
        string before = bridge.Org.Create("Account", new { Name = "Before the bridge came", BillingCity = "Berlin" });
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync(Mirror(before, "Before the bridge came", "-", "Berlin", changes: 1));

        bridge.Org.Update("Account", before, new { Phone = "1", BillingCity = (string?)null });
        await bridge.UntilAsync(Mirror(before, "Before the bridge came", "1", "-", changes: 2));

        bridge.Org.Delete("Account", before);
        await bridge.UntilAsync("select not exists (select from account_mirror)");
    }

    [Theory]
    [InlineData("""{ "Name": "New" }""", "", "New", "1", "Berlin")]
    [InlineData("""{ "Phone": null }""", "", "Old", "-", "Berlin")]
    [InlineData("{ }", "Phone", "Old", "-", "Berlin")]
    [InlineData("""{ "BillingCity": "Paris" }""", "", "Old", "1", "Paris")]
    [InlineData("""{ "BillingAddress": { "City": "Paris", "Street": "Rue 1" } }""", "", "Old", "1", "Paris")]
    [InlineData("""{ "BillingAddress": { "Street": "Rue 1" } }""", "", "Old", "1", "Berlin")]
    [InlineData("""{ "BillingAddress": { "City": null } }""", "", "Old", "1", "-")]
    [InlineData("""{ "BillingAddress": null }""", "", "Old", "1", "-")]
    [InlineData("""{ "BillingAddress": { "Street": "Rue 1" } }""", "BillingAddress.City", "Old", "1", "-")]
    [InlineData("{ }", "BillingAddress", "Old", "1", "-")]
    public async Task A_change_event_changes_only_what_it_names(string fields, string nulled, string name, string phone, string city)
    {
        await using Bridge bridge = await BridgeWithAsync("account-mirrored");
        await bridge.Database.ExecuteAsync($"insert into account_mirror values ('{Account}', 'Old', '1', 'Berlin', 1)");
        await StoreChangeAsync(bridge, "UPDATE", fields, nulled);
        await using TestHost worker = await bridge.RunAsync();

        await bridge.UntilAsync(Mirror(Account, name, phone, city, changes: 2));
    }

    [Theory]
    [InlineData("DELETE", false)]
    [InlineData("GAP_DELETE", false)]
    [InlineData("GAP_UPDATE", true)]
    [InlineData("UNDELETE", true)]
    public async Task An_account_stays_until_it_is_deleted(string kind, bool stays)
    {
        await using Bridge bridge = await BridgeWithAsync("account-mirrored");
        await bridge.Database.ExecuteAsync($"insert into account_mirror values ('{Account}', 'Old', '1', 'Berlin', 1)");
        await StoreChangeAsync(bridge, kind, "{ }", "");
        await using TestHost worker = await bridge.RunAsync();

        await bridge.UntilAsync(stays ? Mirror(Account, "Old", "1", "Berlin", changes: 2) : "select not exists (select from account_mirror)");
    }

    [Fact]
    public async Task A_contact_gets_a_number_when_it_is_new_and_not_when_it_changes()
    {
        await using Bridge bridge = await BridgeWithAsync("contact-numbered");
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync(HasBegun("contact-numbered on callout contact"));
        string old = bridge.Org.Create("Contact", new { LastName = "Old" });
        string added = bridge.Org.Create("Contact", new { LastName = "New" });

        await bridge.StoreAsync("callout contact", $$"""{"operation":"update","record":{"Id":"{{old}}" },"old":{"Id":"{{old}}" } }""");
        long id = await bridge.StoreAsync("callout contact", $$"""{"operation":"insert","record":{"Id":"{{added}}" } }""");

        await bridge.UntilOrgAsync(org => TextOf(bridge, "Contact", added, "Badge__c") == $"B-{id:00000000}");
        TextOf(bridge, "Contact", old, "Badge__c").ShouldBeNull();
    }

    [Fact]
    public async Task A_won_deal_is_confirmed_where_nobody_has_described_it()
    {
        await using Bridge bridge = await BridgeWithAsync("deal-confirmed");
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync(HasBegun("deal-confirmed on outbound-message Opportunity"));
        string described = bridge.Org.Create("Opportunity", new { Name = "1", StageName = "Closed Won", CloseDate = "2030-01-01", Description = "Mine" });
        string plain = bridge.Org.Create("Opportunity", new { Name = "2", StageName = "Closed Won", CloseDate = "2030-01-01" });

        await bridge.StoreAsync("outbound-message Opportunity", $$"""{"Id":"{{described}}","Description":"Mine"}""");
        await bridge.StoreAsync("outbound-message Opportunity", $$"""{"Id":"{{plain}}"}""");

        await bridge.UntilOrgAsync(org => TextOf(bridge, "Opportunity", plain, "Description") == "Booked: the work on it can begin");
        TextOf(bridge, "Opportunity", described, "Description").ShouldBe("Mine");
    }

    [Fact]
    public async Task A_booking_counts_each_notification_of_a_deal_once_and_keeps_its_latest_amount()
    {
        await using Bridge bridge = await BridgeWithAsync("deal-booked");
        await using TestHost worker = await bridge.RunAsync();
        await bridge.UntilAsync(HasBegun("deal-booked on outbound-message Opportunity"));

        await bridge.StoreAsync("outbound-message Opportunity", """{"Id":"0061","Name":"Deal","Amount":"20.0"}""");
        await bridge.StoreAsync("outbound-message Opportunity", """{"Id":"0061","Name":"The deal","Amount":"30.0"}""");

        await bridge.UntilAsync("select exists (select from booking where opportunity_id = '0061' and name = 'The deal' and amount = 30 and notifications = 2)");
    }

    [Fact]
    public async Task A_refused_edit_of_a_contact_is_kept_with_its_reason_and_counted()
    {
        await using Bridge bridge = await BridgeWithAsync("contact-refused");
        await ConnectLayout.ConnectAsync(bridge.Database, "salesforce");
        await using TestHost worker = await bridge.RunAsync(change: services => services.AddSingleton(Bridge.Quick with { HerokuConnectLook = TimeSpan.FromMilliseconds(50) }));
        await bridge.UntilAsync("select exists (select from bridge.cursor where name = 'connect-error' and position is not null)");

        await bridge.Database.ExecuteAsync("""
            insert into salesforce._trigger_log (state, action, table_name, record_id, "values", sf_message)
            values ('FAILED', 'UPDATE', 'account', 7, '"email"=>"nobody"', 'INVALID_EMAIL_ADDRESS'), ('FAILED', 'UPDATE', 'contact', 7, '"email"=>"nobody"', 'INVALID_EMAIL_ADDRESS')
            """);
        await bridge.UntilAsync("select exists (select from contact_refusal where (log_id, contact_id, email, why, times) = (2, 7, 'nobody', 'INVALID_EMAIL_ADDRESS', 1))");
        await bridge.Database.ExecuteAsync("update salesforce._trigger_log set sf_message = 'UNABLE_TO_LOCK_ROW', processed_at = clock_timestamp()");
        await bridge.UntilAsync("select exists (select from contact_refusal where (log_id, why, times) = (2, 'UNABLE_TO_LOCK_ROW', 2))");

        (await bridge.Database.ScalarAsync<long>("select count(*) from contact_refusal")).ShouldBe(1);
    }

    [Fact]
    public async Task Each_morning_the_orders_of_the_day_before_are_summed_up()
    {
        await using Bridge bridge = await BridgeWithAsync("orders-summed-up");
        await using (TestHost before = await RunAtAsync(bridge, "2026-11-22T12:00:00Z"))
            await bridge.UntilAsync("select position = '2026-11-22T12:00:00Z' from bridge.cursor where name = 'cron 0 0 6 * * ?'");
        await bridge.Database.ExecuteAsync("""
            insert into order_archive (order_id, amount, placed_at, events)
            values ('late', 1, '2026-11-21T23:59:59Z', 1), ('first', 20, '2026-11-22T00:00:00Z', 1), ('last', 30, '2026-11-22T23:59:59Z', 1), ('early', 1, '2026-11-23T00:00:00Z', 1)
            """);

        await using (TestHost morning = await RunAtAsync(bridge, "2026-11-23T06:00:10Z"))
            await bridge.UntilAsync("select (day, orders, amount) = ('2026-11-22', 2, 50) from order_summary");
        await using (TestHost next = await RunAtAsync(bridge, "2026-11-25T06:00:10Z"))
            await bridge.UntilAsync("select (orders, amount) = (0, 0) from order_summary where day = '2026-11-24'");
    }

    private static string HasBegun(string routeOnSource) => $"select exists (select from bridge.cursor where name = 'route {routeOnSource}')";

    private static string? TextOf(Bridge bridge, string type, string id, string field) => bridge.Org.Read(type, id)!.Value.GetProperty(field).GetString();

    private static Task<TestHost> RunAtAsync(Bridge bridge, string now) =>
        bridge.RunAsync(change: services => services.AddSingleton<TimeProvider>(new StoppedClock(FiringWorker.Moment(now))));

    private static async Task<Bridge> BridgeWithAsync(string example)
    {
        Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync(AppTables.Sql);
        return bridge.WithExample(example);
    }

    private static async Task<TestHost> ListeningAsync(Bridge bridge)
    {
        TestHost worker = await bridge.RunAsync();
        await bridge.Org.WhenSubscribedAsync("/event/Order_Placed__e", TestContext.Current.CancellationToken);
        return worker;
    }

    private static string Place(Bridge bridge, double amount)
    {
        string order = bridge.Org.Create("Order__c", new { Amount__c = amount, Status__c = "Placed" });
        bridge.Org.Publish("Order_Placed__e", new { Order_Id__c = order, Amount__c = amount, Customer__c = "Ann" });
        return order;
    }

    private static string StatusOf(Bridge bridge, string order) => bridge.Org.Read("Order__c", order)!.Value.GetProperty("Status__c").GetString()!;

    private static int AlertsOf(Bridge bridge, string order) => bridge.Org.Ledger.Events
        .Count(published => published.EventType == "Large_Order__e" && published.Payload.GetProperty("Order_Id__c").GetString() == order);

    // As a source stores it; the simulated org has no compound fields.
    private static Task StoreChangeAsync(Bridge bridge, string kind, string fields, string nulled) => bridge.Database.ExecuteAsync($$"""
        insert into bridge.inbox (source, payload) select 'change Account', '{{fields}}'::jsonb || jsonb_build_object('ChangeEventHeader', jsonb_build_object(
            'entityName', 'Account', 'recordIds', '["{{Account}}"]'::jsonb, 'changeType', '{{kind}}', 'nulledFields', array_remove(array['{{nulled}}'], '')))
        """);

    private static string Mirror(string id, string name, string phone, string city, int changes) => $"""
        select exists (select from account_mirror where id = '{id}' and changes = {changes}
                       and (coalesce(name, '-'), coalesce(phone, '-'), coalesce(city, '-')) = ('{name}', '{phone}', '{city}'))
        """;
}
