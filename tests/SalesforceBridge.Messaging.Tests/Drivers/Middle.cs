using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using SalesforceBridge.LocalPostgres;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Messaging.Tests.Drivers;

/// <summary>The durable middle on a database of its own, with short times and a destination that remembers.</summary>
internal sealed class Middle : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> Template = new(MakeTemplateAsync);
    private readonly TestDatabase _database;

    private readonly bool _isGuest;

    private Middle(TestDatabase database, NpgsqlDataSource source, MessagingOptions options, bool isGuest = false)
    {
        (_database, _isGuest) = (database, isGuest);
        Database = new BridgeDatabase(source, options);
        Cursors = new Cursors(Database);
        Inbox = new InboxLog(Database, Bells);
        Callers = new CallerTokens(Database, Seal);
    }

    public static MessagingOptions Quick { get; } = new()
    {
        Dyno = "test.1",
        Heartbeat = TimeSpan.FromMilliseconds(200),
        Lease = TimeSpan.FromSeconds(2),
        Claim = TimeSpan.FromMilliseconds(50),
        Idle = TimeSpan.FromMilliseconds(500),
        FirstPause = TimeSpan.FromMilliseconds(10),
        LongestPause = TimeSpan.FromMilliseconds(200),
        RouteProbe = TimeSpan.FromMilliseconds(200),
        LaneProbe = TimeSpan.FromMilliseconds(200),
    };

    public BridgeDatabase Database { get; }

    public Cursors Cursors { get; }

    public Bells Bells { get; } = new(TimeProvider.System);

    public InboxLog Inbox { get; }

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public TestLog Log { get; } = new();

    public TestMeters Meters { get; } = new();

    public RecordingDestinations Destinations { get; } = new();

    /// <summary>Under a key, until a test takes another.</summary>
    public CallerTokens Callers { get; set; }

    public CallerSeal Seal { get; } = new("a key of the test, 0123456789");

    public string ConnectionString => _database.ConnectionString;

    public TestDatabase Store => _database;

    public static async Task<Middle> StartAsync(MessagingOptions? options = null)
    {
        TestDatabase database = await TestDatabase.CreateAsync(await Template.Value);
        return new Middle(database, Connect(database), options ?? Quick);
    }

    /// <summary>On a server of the test's own.</summary>
    public static async Task<Middle> StartOnAsync(PostgresServer server, MessagingOptions options)
    {
        TestDatabase database = await TestDatabase.CreateAsync(server);
        var middle = new Middle(database, Connect(database), options);
        await new Migrations(middle.Database.Source, middle.Database.Schema).ApplyAsync(default);
        return middle;
    }

    /// <summary>In another schema.</summary>
    public static async Task<Middle> StartInAsync(string schema)
    {
        TestDatabase database = await TestDatabase.CreateAsync();
        var middle = new Middle(database, Connect(database), Quick with { Schema = schema });
        await new Migrations(middle.Database.Source, middle.Database.Schema).ApplyAsync(default);
        return middle;
    }

    /// <summary>A second process on the same database: other connections, other bells.</summary>
    public Middle Beside(Cable? cable = null, string settings = "") => new(_database, Connect(_database, cable?.Port, settings), Database.Options, isGuest: true);

    /// <summary>The way to this database, for a process that is to lose it.</summary>
    public Cable Cable() => new(new NpgsqlConnectionStringBuilder(ConnectionString).Port);

    public static Route Route(string name, string text)
    {
        RouteFile file = RouteFile.Parse(name, text);
        file.Faults.ShouldBeEmpty();
        return new Route(file.Definition!);
    }

    /// <summary>A handler as a route.</summary>
    public static Route Handler(string name, string headers, Func<Message, RouteTransaction, CancellationToken, Task> handle) =>
        Route(name, $"{headers}\nselect 1 from message") with { Handler = new Handling(handle) };

    /// <summary>Numbered messages, <c>{"n": first}</c> and so on, each with the key <c>n % keys</c>.</summary>
    public Task AcceptNumbersAsync(string source, int count, int keys = 7, int first = 0) =>
        AcceptAsync(source, [.. Enumerable.Range(first, count).Select(n => $$"""{"n":{{n}},"k":"k{{n % keys}}"}""")]);

    public async Task AcceptAsync(string source, params string[] payloads)
    {
        await Cursors.EnrolAsync([(source, null)], default);
        await Inbox.AcceptAsync([new(source, 0, null)], [.. payloads.Select(payload => new NewMessage(source, Encoding.UTF8.GetBytes(payload)))], default);
    }

    public RouteBook Book() =>
        new(Database, Cursors, Bells, new RouteCheck(Database), new LaneDestinations(Destinations, Callers), Time, Log.For<RouteBook>());

    public async Task<RunningWorker> RunAsync(params Route[] routes) =>
        new(new Worker(Database, Cursors, Bells, await Book().OpenAsync(routes, default), Time, Log.For<Worker>()));

    /// <summary>The routes beside what drains their tables.</summary>
    public async Task<RunningWorker> RunWithTablesAsync(params Route[] routes)
    {
        IReadOnlyList<ILeasedWork> works = [.. await Book().OpenAsync(routes, default), Drain(routes)];
        await Cursors.EnrolAsync([.. works.Select(work => (work.Cursor, (string?)null))], default);
        return new(new Worker(Database, Cursors, Bells, works, Time, Log.For<Worker>()));
    }

    public TableDrain Drain(params Route[] routes) => new(
        Database, Cursors, Bells, new StorageGauge(Database), TableWatch.Of(routes.Select(route => route.Definition)), Time, Log.For<TableDrain>());

    /// <summary>Makes the routes' cursors, so that what is accepted afterwards is theirs.</summary>
    public Task EnrolAsync(params Route[] routes) => Book().OpenAsync(routes, default);

    public Task ExecuteAsync(string sql) => _database.ExecuteAsync(sql);

    public Task<T> ScalarAsync<T>(string sql) => _database.ScalarAsync<T>(sql);

    public Task<List<T>> ColumnAsync<T>(string sql) => _database.ColumnAsync<T>(sql);

    /// <summary>Waits until a query says true; fails with the query after a while.</summary>
    public Task UntilAsync(string sql) => UntilAsync(() => _database.ScalarAsync<bool>($"select coalesce(({sql}), false)"), sql);

    /// <summary>Waits until something is so.</summary>
    public static Task UntilAsync(Func<bool> holds, [CallerArgumentExpression(nameof(holds))] string what = "") =>
        UntilAsync(() => Task.FromResult(holds()), what);

    /// <summary>Asks until something is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, [CallerArgumentExpression(nameof(holds))] string what = "")
    {
        var begun = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!await holds())
        {
            begun.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60), what);
            await timer.WaitForNextTickAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Meters.Dispose();
        await Database.Source.DisposeAsync();
        if (!_isGuest)
            await _database.DisposeAsync();
    }

    private static NpgsqlDataSource Connect(TestDatabase database, int? port = null, string settings = "") =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(
            $"{database.ConnectionString};Maximum Pool Size=8;Max Auto Prepare=50;Auto Prepare Min Usages=2;{settings}")
        {
            Port = port ?? new NpgsqlConnectionStringBuilder(database.ConnectionString).Port,
        }.ConnectionString);

    private static async Task<string> MakeTemplateAsync()
    {
        TestDatabase template = await TestDatabase.CreateAsync();
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(template.ConnectionString + ";Pooling=false");
        await new Migrations(source, new BridgeSchema("bridge")).ApplyAsync(default);
        return template.Name;
    }
}

/// <summary>A handler that does what the test says.</summary>
internal sealed class Handling(Func<Message, RouteTransaction, CancellationToken, Task> handle) : IRouteHandler
{
    public Task HandleAsync(Message message, RouteTransaction transaction, CancellationToken ct) => handle(message, transaction, ct);
}

/// <summary>A worker that runs until it is disposed, as one told to stop does.</summary>
internal sealed class RunningWorker : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    public RunningWorker(Worker worker)
    {
        Worker = worker;
        Run = Task.Run(() => worker.RunAsync(_stop.Token));
    }

    public Worker Worker { get; }

    public Task Run { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Run.WaitAsync(TimeSpan.FromSeconds(40));
        _stop.Dispose();
    }
}
