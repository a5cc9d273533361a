using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests.Tables;

/// <summary>What happens to a watched table's database and to the bridge's rights in it, while others go on writing.</summary>
public sealed class TroubleTests
{
    [Fact]
    public async Task Lost_rights_are_told_and_what_is_captured_goes_on_being_moved()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using Clerk clerk = await Clerk.HireAsync(shop, "select, trigger");
        await using Middle restricted = shop.Middle.Beside(settings: $"Username={clerk.Name}");
        await using RunningWorker worker = await restricted.RunWithTablesAsync(Shop.Listener());
        await shop.IsSettledAsync();

        await shop.ExecuteAsync($"revoke all on salesforce.contact from {clerk.Name}");
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.alert where name = 'table salesforce.contact is not captured'");
        await shop.ExecuteAsync("insert into salesforce.contact (email) values ('a')");
        await shop.Middle.UntilAsync("select count(*) = 1 from bridge.inbox");

        (await shop.Middle.ScalarAsync<string>("select what from bridge.alert")).ShouldBe(
            "the bridge's database user may not create triggers on salesforce.contact; let its owner run: grant trigger on salesforce.contact to ...; " +
            "the bridge's database user may not read salesforce.contact; let its owner run: grant select on salesforce.contact to ...");
        await shop.ExecuteAsync($"grant select, trigger on salesforce.contact to {clerk.Name}");
        await shop.Middle.UntilAsync("select count(*) = 0 from bridge.alert");
        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.gap")).ShouldBe(0);
    }

    [Fact]
    public async Task A_database_that_only_reads_is_waited_for_and_what_others_write_meanwhile_comes_afterwards()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using RunningWorker worker = await shop.WatchAsync();

        await ReadOnlyAsync(shop, "on");
        await Middle.UntilAsync(() => shop.Middle.Log.Lines.Any(line => line.Contains("25006", StringComparison.Ordinal)));
        await shop.ExecuteAsync("begin read write; insert into salesforce.contact (email) values ('a'), ('b'); commit");
        await shop.ExecuteAsync("begin read write; update salesforce.contact set email = 'c' where id = 1; commit");
        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(0);
        await ReadOnlyAsync(shop, "off");

        await shop.Middle.UntilAsync("select count(*) = 3 from bridge.inbox");
        (await shop.ToldAsync()).ShouldBe(["insert 1", "insert 2", "update 1"]);
    }

    [Fact]
    public async Task Connections_that_break_while_changes_are_moved_cost_none_and_double_none()
    {
        await using Shop shop = await Shop.OpenAsync();
        await using Cable cable = shop.Middle.Cable();
        await using Middle far = shop.Middle.Beside(cable);
        await using RunningWorker worker = await far.RunWithTablesAsync(Shop.Listener());
        await shop.IsSettledAsync();

        for (int n = 1; n <= 10; n++)
        {
            await shop.ExecuteAsync("insert into salesforce.contact (email) select 'x' from generate_series(1, 300)");
            cable.Cut();
            await shop.ExecuteAsync($"update salesforce.contact set email = 'y{n}' where id % 7 = 0");
            cable.Mend();
        }

        await shop.IsDrainedAsync();
        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.inbox where payload->>'operation' = 'insert'")).ShouldBe(3000);
        (await shop.Middle.ScalarAsync<long>("select count(distinct key) from bridge.inbox where payload->>'operation' = 'insert'")).ShouldBe(3000);
        (await shop.Middle.ScalarAsync<long>("select count(*) from bridge.inbox where payload->>'operation' = 'update'")).ShouldBe(Enumerable.Range(1, 10).Sum(n => n * 300 / 7));
    }

    // A new session is as the database says; those that are there already end.
    private static async Task ReadOnlyAsync(Shop shop, string isOn)
    {
        await shop.ExecuteAsync($"begin read write; alter database {shop.Middle.Store.Name} set default_transaction_read_only = {isOn}; commit");
        await shop.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
    }
}
