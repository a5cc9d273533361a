using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Tables;

public sealed class OriginTests
{
    [Fact]
    public async Task A_route_hears_what_it_asked_for()
    {
        await using Shop shop = await Shop.OpenAsync();
        await shop.ExecuteAsync("create table heard (who text, what text)");
        Route[] routes =
        [
            Hearing("salesforce", $"-- on: {Shop.Source} from salesforce"),
            Hearing("app", $"-- on: {Shop.Source} from app"),
            Hearing("columns", $"-- on: {Shop.Source}\n-- columns: phone, SFID"),
            Hearing("all", $"-- on: {Shop.Source}"),
        ];
        await using RunningWorker worker = await shop.WatchAsync(routes);

        await shop.ExecuteAsync("insert into salesforce.contact (email) values ('by app')");
        await shop.ExecuteAsync("update salesforce.contact set email = 'again'");
        await shop.ExecuteAsync("update salesforce.contact set phone = '1'");
        await shop.ExecuteAsSalesforceAsync("update salesforce.contact set sfid = '003', _hc_lastop = 'INSERTED'");
        await shop.ExecuteAsSalesforceAsync("update salesforce.contact set rating = 1");
        await shop.ExecuteAsync("insert into salesforce.contact (email) values ('last')");
        await shop.ExecuteAsSalesforceAsync("delete from salesforce.contact");
        await shop.Middle.UntilAsync("select count(*) = 8 from bridge.inbox");
        await shop.Middle.UntilAsync("select count(*) = 4 from bridge.cursor where name like 'route % on %' and position = (select max(id)::text from bridge.inbox)");

        (await HeardAsync(shop, "salesforce")).ShouldBe(["update rating", "delete", "delete"]);
        (await HeardAsync(shop, "app")).ShouldBe(["insert", "update email", "update phone", "insert"]);
        (await HeardAsync(shop, "columns")).ShouldBe(["insert", "update phone", "update sfid", "insert", "delete", "delete"]);
        (await HeardAsync(shop, "all")).ShouldBe(["insert", "update email", "update phone", "update rating", "insert", "delete", "delete"]);
    }

    [Fact]
    public async Task Echoes_are_no_messages()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using RunningWorker worker = await shop.WatchAsync();
        await shop.ExecuteAsync("insert into salesforce.contact (email, rating) values ('a@b.c ', 0.30000000000000004)");

        await shop.ExecuteAsync("update salesforce.contact set email = email");
        await shop.ExecuteAsync("update salesforce.contact set _hc_lastop = 'PENDING', _hc_err = null");
        await shop.ExecuteAsSalesforceAsync("update salesforce.contact set sfid = '003', _hc_lastop = 'INSERTED'");
        await shop.ExecuteAsSalesforceAsync("update salesforce.contact set email = 'a@b.c', phone = '', rating = 0.3, systemmodstamp = '2026-01-01', _hc_lastop = 'SYNCED'");
        await shop.ExecuteAsSalesforceAsync("update salesforce.contact set systemmodstamp = '2026-01-01 00:00:00.0004'");
        await shop.ExecuteAsSalesforceAsync("update salesforce.contact set sfid = '004'");
        await shop.ExecuteAsync("update salesforce.contact set phone = null");
        await shop.ExecuteAsync("insert into salesforce.contact (email) values ('last')");
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.inbox where payload->'record'->>'email' = 'last'");

        (await shop.ToldAsync()).ShouldBe(["insert 1", "update 1", "update 1", "insert 2"]);
        (await shop.Middle.ColumnAsync<string>("select payload->'changed'->>0 from bridge.inbox where payload->>'operation' = 'update' order by id")).ShouldBe(["sfid", "phone"]);
    }

    [Fact]
    public async Task What_Salesforce_adds_to_a_new_row_of_an_app_is_an_echo_and_what_it_says_besides_is_not()
    {
        await using Shop shop = await Shop.OpenAsync();
        await shop.ExecuteAsync("alter table salesforce.contact add createddate timestamp");
        await using RunningWorker worker = await shop.WatchAsync();
        await shop.ExecuteAsync("insert into salesforce.contact (email) values ('a@b.c'), ('d@e.f')");

        await shop.ExecuteAsSalesforceAsync("update salesforce.contact set sfid = '00' || id, _hc_lastop = 'INSERTED'");
        await shop.ExecuteAsSalesforceAsync("update salesforce.contact set createddate = '2026-01-01', systemmodstamp = '2026-01-01', isdeleted = false, _hc_lastop = 'SYNCED' where id = 1");
        await shop.ExecuteAsSalesforceAsync("update salesforce.contact set createddate = '2026-01-01', systemmodstamp = '2026-01-01', isdeleted = false, phone = '1' where id = 2");
        await shop.ExecuteAsSalesforceAsync("update salesforce.contact set isdeleted = true where id = 1");
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.inbox where payload->'record'->>'isdeleted' = 'true'");

        (await shop.ToldAsync()).ShouldBe(["insert 1", "insert 2", "update 2", "update 1"]);
    }

    [Fact]
    public async Task What_a_route_writes_into_its_table_does_not_wake_it_and_wakes_another()
    {
        await using Shop shop = await Shop.OpenAsync();
        await shop.ExecuteAsync("create table seen (phone text)");
        Route writes = Middle.Route("writes", $"-- on: {Shop.Source}\nupdate salesforce.contact set phone = coalesce(phone, '') || '1'");
        Route other = Middle.Route("other", $"-- on: {Shop.Source}\ninsert into seen select payload->>'origin' from message");
        await using RunningWorker worker = await shop.WatchAsync(writes, other);

        await shop.ExecuteAsync("insert into salesforce.contact (email) values ('a')");
        await shop.Middle.UntilAsync("select count(*) = 2 from seen");
        await shop.Middle.UntilAsync("select count(*) = 2 from bridge.cursor where name like 'route % on %' and position = (select max(id)::text from bridge.inbox)");

        (await shop.Middle.ColumnAsync<string>("select phone from seen")).ShouldBe(["app", "bridge:writes"]);
        (await shop.Middle.ColumnAsync<short>("select hops from bridge.inbox order by id")).ShouldBe([0, 1]);
        (await shop.Middle.ScalarAsync<string>("select phone from salesforce.contact")).ShouldBe("1");
    }

    [Fact]
    public async Task Two_routes_that_wake_each_other_through_a_table_end_in_a_dead_letter()
    {
        await using Shop shop = await Shop.OpenAsync();
        Route ping = Middle.Route("ping", $"-- on: {Shop.Source}\nupdate salesforce.contact set phone = coalesce(phone, '') || 'i'");
        Route pong = Middle.Route("pong", $"-- on: {Shop.Source}\nupdate salesforce.contact set phone = coalesce(phone, '') || 'o'");
        await using RunningWorker worker = await shop.WatchAsync(ping, pong);

        await shop.ExecuteAsync("insert into salesforce.contact (email) values ('a')");

        await shop.Middle.UntilAsync("select count(*) >= 2 from bridge.failure where state = 'dead' and error like '%loop%'");
    }

    private static Route Hearing(string name, string headers) => Middle.Route(name,
        $"{headers}\ninsert into heard select '{name}', concat_ws(' ', payload->>'operation', case when payload->>'operation' = 'update' then (select string_agg(c, ' ') from jsonb_array_elements_text(payload->'changed') c where c <> '_hc_lastop') end) from message");

    private static Task<List<string>> HeardAsync(Shop shop, string who) => shop.Middle.ColumnAsync<string>($"select what from heard where who = '{who}' order by ctid");
}
