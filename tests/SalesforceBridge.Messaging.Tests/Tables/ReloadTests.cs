using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Tables;

public sealed class ReloadTests
{
    [Theory]
    [InlineData("truncate salesforce.contact")]
    [InlineData("delete from salesforce.contact")]
    public async Task A_reload_is_told_as_the_difference_it_makes(string empties)
    {
        await using Shop shop = await Shop.OpenAsync();
        await using RunningWorker worker = await shop.WatchAsync();
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) select 's' || n, 'e' || n from generate_series(1, 1500) n");
        await shop.IsDrainedAsync();

        await shop.ExecuteAsSalesforceAsync(empties);
        await shop.ExecuteAsSalesforceAsync("insert into salesforce.contact (sfid, email, systemmodstamp) select 's' || n, case n when 7 then 'changed' else 'e' || n end, now() from generate_series(1501, 2, -1) n");
        await shop.ExecuteAsync("insert into salesforce.contact (email) values ('by app, meanwhile')");
        await shop.Middle.UntilAsync("select count(*) = 1504 from bridge.inbox");
        await shop.IsDrainedAsync();

        (await shop.Middle.ColumnAsync<string>("select concat_ws(' ', payload->>'operation', payload->>'sfid', payload->'record'->>'email') from bridge.inbox order by id offset 1500"))
            .ShouldBe(["delete s1", "update s7 changed", "insert s1501 e1501", "insert by app, meanwhile"]);
        (await shop.Middle.ScalarAsync<bool>("select count(*) = 1501 and min(key::int) = 1501 from bridge.baseline")).ShouldBeTrue();
        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.gap")).ShouldBe(0);
    }

    [Fact]
    public async Task Few_deletes_of_Salesforce_and_many_of_the_app_are_told_one_by_one()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Quick with { ReloadQuiet = TimeSpan.FromMinutes(5) });
        await using RunningWorker worker = await shop.WatchAsync();
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) select 's' || n, 'e' || n from generate_series(1, 3000) n");
        await shop.IsDrainedAsync();

        await shop.ExecuteAsSalesforceAsync("delete from salesforce.contact where id <= 900");
        await shop.ExecuteAsync("delete from salesforce.contact");

        await shop.Middle.UntilAsync("select count(*) = 6000 from bridge.inbox");
    }

    [Fact]
    public async Task Another_table_is_drained_meanwhile()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Quick with { ReloadQuiet = TimeSpan.FromMinutes(5) });
        await shop.ExecuteAsync("create table public.other (id int primary key)");
        await using RunningWorker worker = await shop.WatchAsync(Shop.Listener(), Middle.Route("other", "-- on: table public.other\nselect 1 from message"));
        await shop.Middle.UntilAsync("select count(*) = 2 and bool_and(due is null) from bridge.watch");

        await shop.ExecuteAsync("truncate salesforce.contact");
        await shop.ExecuteAsync("insert into public.other values (1)");

        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.inbox where source = 'table public.other'");
        (await shop.Middle.ColumnAsync<string>("select operation from bridge.change")).ShouldBe(["truncate"]);
    }

    [Fact]
    public async Task A_reload_of_a_hundred_thousand_rows_is_told_as_its_difference()
    {
        await using Shop shop = await Shop.OpenAsync();
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email, phone, rating) select 's' || n, 'e' || n, n, n / 7.0 from generate_series(1, 100000) n");
        await using RunningWorker worker = await shop.WatchAsync();

        await shop.ExecuteAsSalesforceAsync("truncate salesforce.contact; insert into salesforce.contact (sfid, email, phone, rating) select 's' || n, case n when 7 then 'changed' else 'e' || n end, n, n / 7.0 from generate_series(100001, 2, -1) n");
        await shop.Middle.UntilAsync("select count(*) >= 3 from bridge.inbox");
        await shop.IsDrainedAsync();

        (await shop.Middle.ColumnAsync<string>("select concat_ws(' ', payload->>'operation', payload->>'sfid', payload->'record'->>'email') from bridge.inbox order by id"))
            .ShouldBe(["delete s1", "update s7 changed", "insert s100001 e100001"]);
        (await shop.Middle.ScalarAsync<bool>("select count(*) = 100000 and min(key::int) = 100001 from bridge.baseline")).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_says_that_a_table_is_reloaded_has_its_changes_wait_and_only_their_difference_told()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using RunningWorker worker = await shop.WatchAsync();
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('A', 'a'), ('B', 'b')");
        await shop.IsDrainedAsync();
        var reloads = new TableReloads(shop.Middle.Database);

        await reloads.StartedAsync("Salesforce.Contact", TimeSpan.FromMinutes(5), default);
        await shop.ExecuteAsSalesforceAsync("delete from salesforce.contact; insert into salesforce.contact (sfid, email) values ('A', 'a'), ('B', 'changed')");
        await shop.Middle.UntilAsync("select count(*) = 4 from bridge.change");
        await reloads.EndedAsync("salesforce.contact", default);
        await shop.Middle.UntilAsync("select count(*) = 3 from bridge.inbox");
        await shop.IsDrainedAsync();
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('C', 'c')");
        await shop.Middle.UntilAsync("select count(*) = 4 from bridge.inbox");

        (await shop.ToldAsync()).ShouldBe(["insert 1", "insert 2", "update 4", "insert 5"]);
        (await shop.Middle.ScalarAsync<bool>("select reload_until is null from bridge.watch")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_reload_that_nobody_speaks_of_any_more_is_over()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using RunningWorker worker = await shop.WatchAsync();
        var reloads = new TableReloads(shop.Middle.Database);

        await reloads.StartedAsync("salesforce.contact", TimeSpan.FromSeconds(1), default);
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('A', 'a'); update salesforce.contact set email = 'b'");
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.inbox");

        (await shop.ToldAsync()).ShouldBe(["insert 1"]);
        (await shop.MessagesAsync())[0]["record"]!["email"]!.GetValue<string>().ShouldBe("b");
    }

    [Fact]
    public async Task A_polled_table_waits_for_the_end_of_its_reload_too()
    {
        await using Shop shop = await Shop.OpenAsync(Shop.Polled);
        await shop.ExecuteAsync("insert into salesforce.contact (sfid, email) values ('A', 'a'), ('B', 'b')");
        await using RunningWorker worker = await shop.PollAsync();
        var reloads = new TableReloads(shop.Middle.Database);

        await reloads.StartedAsync("salesforce.contact", TimeSpan.FromMinutes(5), default);
        await shop.ExecuteAsync("delete from salesforce.contact; insert into salesforce.contact (sfid, email, systemmodstamp) values ('A', 'a', now() at time zone 'UTC'), ('B', 'changed', now() at time zone 'UTC')");
        await reloads.EndedAsync("salesforce.contact", default);
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.inbox");
        await shop.IsReconciledAsync();

        (await shop.ToldAsync()).ShouldBe(["update 4"]);
    }
}
