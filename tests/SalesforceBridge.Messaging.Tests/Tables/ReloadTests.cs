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
}
