using System.Text.Json;
using SalesforceBridge.Simulator;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Drivers;

/// <summary>An org with accounts older than its events, a route that mirrors them, and one that hears of the same changes.</summary>
internal sealed class LoadedOrg : IAsyncDisposable
{
    public const string Source = "change Account";

    private LoadedOrg(Bridge bridge) => Bridge = bridge;

    public Bridge Bridge { get; }

    public SimulatedOrg Org => Bridge.Org;

    public IReadOnlyList<string> Accounts { get; private init; } = [];

    public static async Task<LoadedOrg> StartAsync(int accounts)
    {
        Bridge bridge = await Bridge.StartAsync();
        await bridge.Database.ExecuteAsync("""
            create table account_mirror (id text primary key, name text, phone text, city text, changes int not null);
            create table heard (kind text)
            """);
        bridge.WithExample("account-mirrored").WithRoute("hears", $"-- on: {Source}\ninsert into heard select payload->'ChangeEventHeader'->>'changeType' from message");
        string[] ids = bridge.Org.Change(transaction => Enumerable.Range(0, accounts)
            .Select(n => transaction.Create("Account", new { Name = $"A{n}", Phone = n % 2 == 0 ? $"{n}" : null, BillingCity = "Berlin" })).ToArray());
        bridge.Org.ForgetEventHistory();
        return new LoadedOrg(bridge) { Accounts = ids };
    }

    public async Task<TestHost> RunAsync()
    {
        TestHost worker = await Bridge.RunAsync();
        await IsHeardAsync();
        return worker;
    }

    /// <summary>Waits until a worker listens.</summary>
    public async Task IsHeardAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await Org.WhenSubscribedAsync("/data/AccountChangeEvent", limit.Token);
    }

    public Task<CommandLine> BackfillAsync(params string[] more) => CommandLine.RunAsync(Bridge.Vars, ["backfill", "account-mirrored", .. more]);

    /// <summary>The command, whose calls an event of the test's comes in between: after the answer to the first that asks for this, before it is read.</summary>
    public Task<CommandLine> BackfillAsync(string asked, Func<Task> between) =>
        CommandLine.RunWithAsync(Bridge.Vars, services => OrgDetour.Replace(services, asked, between), "backfill", "account-mirrored", "--json");

    /// <summary>Waits until the routes have run for all that happened in the org.</summary>
    public async Task IsThroughAsync()
    {
        string last = Org.Create("Account", new { Name = "the last" });
        await Bridge.UntilAsync($"select exists (select from account_mirror where id = '{last}')");
        await Bridge.UntilAsync($"select bool_and(position::bigint = (select max(id) from bridge.inbox)) from bridge.cursor where name like 'route % on {Source}'");
    }

    /// <summary>The mirror is what the org is.</summary>
    public async Task MirrorShouldEqualOrgAsync()
    {
        string[] org = [.. Org.Query("select Id, Name, Phone, BillingCity from Account").Select(account => string.Join(' ',
            new[] { "Id", "Name", "Phone", "BillingCity" }.Select(field => account.GetProperty(field) is { ValueKind: JsonValueKind.String } text ? text.GetString() : "-"))).Order(StringComparer.Ordinal)];
        List<string> mirror = await Bridge.Database.ColumnAsync<string>("select concat_ws(' ', id, name, coalesce(phone, '-'), coalesce(city, '-')) from account_mirror");
        mirror.Order(StringComparer.Ordinal).ShouldBe(org);
    }

    /// <summary>Each record was told once, and to the mirror alone.</summary>
    public async Task EachWasToldOnceAsync(int count)
    {
        (await Bridge.Database.ColumnAsync<string>("select distinct for_route from bridge.inbox where payload->'ChangeEventHeader'->>'changeType' = 'SNAPSHOT'")).ShouldBe(["account-mirrored"]);
        (await Bridge.Database.ScalarAsync<long>("select count(distinct key) from bridge.inbox where for_route is not null")).ShouldBe(count);
        (await Bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox where for_route is not null")).ShouldBe(count);
        (await Bridge.Database.ScalarAsync<long>("select count(*) from heard where kind = 'SNAPSHOT'")).ShouldBe(0);
    }

    public ValueTask DisposeAsync() => Bridge.DisposeAsync();
}
