using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Drivers;

/// <summary>An org whose clock, and the workers', a test moves on, and a route that notes what it is told of a query.</summary>
internal sealed class PolledOrg : IAsyncDisposable
{
    public const string Accounts = "soql 1s: select Name, Parent.Name from Account where Name != 'left out'";

    // Every test sees a minute end as soon as it has begun, so none passes only while it is inside of one.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    private readonly OffsetClock _clock = new();

    private PolledOrg()
    {
    }

    public Bridge Bridge { get; private set; } = null!;

    public SimulatedOrg Org => Bridge.Org;

    public DateTimeOffset Now => _clock.GetUtcNow();

    public static async Task<PolledOrg> StartAsync(string on = Accounts, string headers = "")
    {
        var polled = new PolledOrg();
        polled.Bridge = await Bridge.StartAsync(new SimulatorOptions { TimeProvider = polled._clock });
        await polled.Bridge.Database.ExecuteAsync("create table told (n bigint, operation text, id text, name text)");
        polled._clock.Offset = UntilMinuteEnds(TimeProvider.System.GetUtcNow()) - Moment;
        polled.Bridge.WithRoute("telling", $"-- on: {on}\n{headers}insert into told select id, payload->>'operation', key, payload->'record'->>'Name' from message");
        return polled;
    }

    public Task<TestHost> RunAsync() => Bridge.RunAsync(change: Replace);

    /// <summary>Gives another process the same clock.</summary>
    public void Replace(Microsoft.Extensions.DependencyInjection.IServiceCollection services) => _clock.Replace(services);

    /// <summary>Moves the clocks on: after two minutes the org knows of all that happened before.</summary>
    public void Pass(TimeSpan time) => _clock.Offset += time;

    public void PassMinutes(int minutes = 2) => Pass(TimeSpan.FromMinutes(minutes));

    /// <summary>Creates records in one transaction, so in one second.</summary>
    public void CreateAccounts(int count, string name = "A") => Org.Change(transaction =>
    {
        for (int n = 0; n < count; n++)
            transaction.Create("Account", new { Name = $"{name}{n}" });
        return count;
    });

    /// <summary>Waits until a poll that began after this moment has ended.</summary>
    public Task UntilPolledAsync() => Bridge.UntilAsync(
        $"select substring(position from 'polled (.*)$')::timestamptz > '{Now:O}' from bridge.cursor where name like 'soql %'");

    /// <summary>Waits for what nobody signals.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition())
            await timer.WaitForNextTickAsync(limit.Token);
    }

    public Task UntilToldAsync(int count) => Bridge.UntilAsync($"select count(*) >= {count} from told");

    /// <summary>What the route was told, in order.</summary>
    public Task<List<string>> ToldAsync() => Bridge.Database.ColumnAsync<string>("select concat_ws(' ', operation, name) from told order by n");

    public Task<string> PositionAsync() => Bridge.Database.ScalarAsync<string>("select position from bridge.cursor where name like 'soql %'");

    public long Calls(ApiCallKind kind) => Org.Ledger.Counts.GetValueOrDefault(kind);

    public ValueTask DisposeAsync() => Bridge.DisposeAsync();

    private static TimeSpan UntilMinuteEnds(DateTimeOffset now) => TimeSpan.FromTicks(TimeSpan.TicksPerMinute - (now.UtcTicks % TimeSpan.TicksPerMinute));
}
