using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SalesforceBridge.Messaging;
using SalesforceBridge.Schedules;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Tests.Drivers;

/// <summary>What a worker's clock does at one moment, without the clock: a migrated database of its own, and a time of day that stands still.</summary>
internal sealed class FiringWorker : IAsyncDisposable
{
    private readonly NpgsqlDataSource _connections;
    private readonly Cursors _cursors;

    private FiringWorker(TestDatabase database, StoppedClock clock, MessagingOptions options)
    {
        (Database, Clock) = (database, clock);
        _connections = NpgsqlDataSource.Create(database.ConnectionString);
        Middle = new BridgeDatabase(_connections, options);
        _cursors = new Cursors(Middle);
        Fires = new ScheduleFires(Middle, _cursors, new InboxLog(Middle, new Bells(clock)), new StorageGauge(Middle), clock, NullLogger<ScheduleFires>.Instance);
    }

    public TestDatabase Database { get; }

    public StoppedClock Clock { get; }

    public BridgeDatabase Middle { get; }

    public ScheduleFires Fires { get; }

    public static async Task<FiringWorker> StartAsync(string now, MessagingOptions? options = null)
    {
        TestDatabase database = await TestDatabase.CreateAsync();
        var worker = new FiringWorker(database, new StoppedClock(Moment(now)), options ?? new MessagingOptions());
        await new Migrations(worker._connections, new BridgeSchema("bridge")).ApplyAsync(TestContext.Current.CancellationToken);
        return worker;
    }

    public static DateTimeOffset Moment(string time) => ScheduleMessages.TimeOf(time)!.Value;

    public static ScheduledSource On(string source, Misfire misfire = Misfire.Once)
    {
        var name = SourceName.Parse(source);
        return new ScheduledSource(name.ToString(), Schedule.Of(name), misfire);
    }

    /// <summary>Looks at a time of day what is due, and makes it.</summary>
    public async Task<string> LookAsync(ScheduledSource schedule, string now)
    {
        Clock.Now = Moment(now);
        return ScheduleMessages.Text(await Fires.MakeDueAsync(schedule, TestContext.Current.CancellationToken));
    }

    /// <summary>Every message in order: the time it is for, and how many missed fires it stands for.</summary>
    public Task<List<string>> MessagesAsync() =>
        Database.ColumnAsync<string>("select payload->>'scheduledAt' || ' ' || (payload->>'missed') from bridge.inbox order by id");

    public Task<string> PositionAsync(ScheduledSource schedule) =>
        Database.ScalarAsync<string>($"select position from bridge.cursor where name = '{schedule.Source}'");

    public async ValueTask DisposeAsync()
    {
        await _connections.DisposeAsync();
        await Database.DisposeAsync();
    }
}
