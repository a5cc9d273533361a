using SalesforceBridge.Testing;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.InteropTests.OpenApi;

/// <summary>The web process of a bridge with callouts, as it runs anywhere: started once for the tests that call it.</summary>
public sealed class BridgeProcess : IAsyncLifetime
{
    /// <summary>What admits a caller.</summary>
    public const string Secret = "a-secret-of-the-test-0123456789";

    private const string Typed = """
        -- on:    callout typed
        -- do:    reply
        -- takes: Name__c text, Amount__c numeric, Count integer, Sure boolean, Day date, At timestamptz, More json, Note text?
        select 12.5 as "Limit__c", 7::bigint as "Count__c", 1::smallint as "Small__c", 1.5::real as "Real__c", 1e100::float8 as "Double__c",
               true as "Sure__c", 'x' as "Name__c", gen_random_uuid() as "Uuid__c", date '2026-01-02' as "Day__c", now() as "At__c",
               timestamp(0) '2026-01-02 03:04:05' as "Local__c", time '03:04' as "Time__c", array[1, 2] as "List__c", payload->'More' as "More__c",
               null::numeric as "Missing__c", null::date as "Never__c"
        from   message
        """;

    private readonly string _routes = Directory.CreateTempSubdirectory("bridge-routes-").FullName;
    private TestDatabase? _database;
    private RunningProcess? _web;

    /// <summary>Where it listens.</summary>
    public string Address { get; private set; } = "";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_routes, "typed.sql"), Typed);
        await File.WriteAllTextAsync(Path.Combine(_routes, "one.sql"), "-- on: callout one-row\n-- do: reply\n-- reply: one\n-- takes: Id text\nselect 1 as \"One\" from message");
        await File.WriteAllTextAsync(Path.Combine(_routes, "kept.sql"), "-- on: callout kept\n-- takes: Id text\nselect 1 from message");
        _database = await TestDatabase.CreateAsync();
        await using (RunningProcess migration = Start("migrate"))
            (await migration.EndAsync()).ShouldBe(0, migration.Output);
        _web = Start("web");
        Address = (await _web.LineWithAsync("event=listening")).Split("url=")[1].Replace("[::]", "127.0.0.1");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_web is not null)
            await _web.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        Directory.Delete(_routes, recursive: true);
    }

    private RunningProcess Start(string command)
    {
        string runtime = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../.."));
        return RunningProcess.Start(Path.Combine(runtime, "dotnet"), [Path.Combine(AppContext.BaseDirectory, "bridge.dll"), command], _routes, new Dictionary<string, string>
        {
            ["DOTNET_ROOT"] = runtime,
            ["DATABASE_URL"] = _database!.Url,
            ["PORT"] = "0",
            ["BRIDGE_ROUTES"] = _routes,
            ["BRIDGE_CALLOUT_SECRETS"] = $"mes={Secret}",
        });
    }
}
