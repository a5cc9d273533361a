using Npgsql;
using SalesforceBridge.Simulator.Deliveries;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.HerokuConnect;

/// <summary>
/// What stands where Heroku Connect would: keeps tables in a database and a simulated org alike, in its layout and with its triggers,
/// states and known weaknesses. Writes go one by one in the order of the log (Ordered Writes). Nobody reads the org while writes go on.
/// </summary>
public sealed class HerokuConnectStandIn : IAsyncDisposable
{
    // Extensions have a schema of their own on newer databases of Heroku.
    private const string SearchPath = "public,heroku_ext";

    private readonly SimulatedOrg _org;
    private readonly HerokuConnectOptions _options;
    private readonly TimeProvider _time;
    private readonly Layout _layout;
    private readonly TriggerLog _log;
    private readonly OrgReader _reader;
    private readonly LogWriter _writer;
    private readonly NpgsqlDataSource _database;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WakeUp _changed = new();
    private readonly Queue<WrittenEntry> _written = [];
    private HerokuConnectApi? _api;
    private Task[] _running = [];
    private volatile bool _isPaused;
    private volatile string? _trouble;
    private volatile string? _pretended;

    private HerokuConnectStandIn(SimulatedOrg org, HerokuConnectOptions options)
    {
        (_org, _options, _time) = (org, options, org.State.Options.TimeProvider);
        OrgSchema schema = org.State.Schema;
        User user = options.Username is null ? schema.Users[0] : schema.FindUser(options.Username)
            ?? throw new ArgumentException($"The org has no user '{options.Username}'.", nameof(options));
        Mappings = [.. options.Mappings.Select(mapping => new Mapping(schema, mapping, options.Schema))];
        _layout = new Layout(options.Schema);
        _log = new TriggerLog(_layout);
        _reader = new OrgReader(org.State, _time);
        _writer = new LogWriter(_log, new OrgSender(org.State, user), Mappings, options.ArchiveAfter, _time);
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString) { SearchPath = SearchPath, ApplicationName = "Heroku Connect", MaxPoolSize = 4 };
        _database = NpgsqlDataSource.Create(connection);
    }

    /// <summary>Where its API answers.</summary>
    public Uri ApiUrl => _api!.Url;

    /// <summary>By which the API knows the connection.</summary>
    public string ConnectionId { get; } = Guid.CreateVersion7().ToString();

    /// <summary>What the API tells of the connection.</summary>
    public string State => _pretended ?? (_isPaused ? "PAUSED" : _trouble is null ? "IDLE" : "DB_UNAVAILABLE");

    /// <summary>Why the last look at the database or the org failed; nothing when it did not.</summary>
    public string? Trouble => _trouble;

    /// <summary>The newest log entries that were dealt with, in that order; as many as the org's ledger keeps.</summary>
    public IReadOnlyList<WrittenEntry> Written
    {
        get
        {
            lock (_written)
                return [.. _written];
        }
    }

    internal IReadOnlyList<Mapping> Mappings { get; }

    internal HerokuConnectOptions Options => _options;

    internal SimulatedOrg Org => _org;

    /// <summary>Creates what is missing in the database, loads the org's records, and begins to keep both sides alike.</summary>
    /// <exception cref="ArgumentException">A mapping names what the org does not have; the message says what.</exception>
    /// <exception cref="NpgsqlException">The database cannot be reached, or refuses the layout.</exception>
    public static async Task<HerokuConnectStandIn> StartAsync(SimulatedOrg org, HerokuConnectOptions options, CancellationToken ct)
    {
        var standIn = new HerokuConnectStandIn(org, options);
        try
        {
            await using (NpgsqlConnection connection = await standIn._database.OpenConnectionAsync(ct))
                await standIn._layout.CreateAsync(connection, org.OrgId, standIn.Mappings, ct);
            await standIn.ReadNowAsync(ct);
            standIn._api = await HerokuConnectApi.StartAsync(standIn, ct);
            standIn._running = [standIn.ReadAgainAndAgainAsync(standIn._stop.Token), standIn.WriteAgainAndAgainAsync(standIn._stop.Token)];
            await standIn._listens.Task.WaitAsync(ct);
            return standIn;
        }
        catch
        {
            await standIn.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the org now, without waiting for the next look: what it has goes into the tables.</summary>
    public Task ReadNowAsync(CancellationToken ct) => InTurnAsync(ReadAsync, ct);

    /// <summary>Looks into the trigger log now: what apps committed before goes to the org.</summary>
    public Task WriteNowAsync(CancellationToken ct) => InTurnAsync(WriteAsync, ct);

    /// <summary>Empties a mapped table and loads it again. What apps wrote before is sent first; the rows get other ids.</summary>
    /// <exception cref="ArgumentException">The object is not mapped.</exception>
    public Task ReloadAsync(string objectName, ReloadMethod method, CancellationToken ct)
    {
        Mapping mapping = Find(objectName);
        return InTurnAsync(async (connection, ct) =>
        {
            await WriteAsync(connection, ct);
            mapping.Doing = "RELOAD_TABLE";
            await _reader.ReloadAsync(connection, mapping, method, ct);
            mapping.Doing = Mapping.Synced;
        }, ct);
    }

    /// <summary>Drops a mapped table and makes it anew, as when a mapping is deleted and created again: what others put on it is gone.</summary>
    /// <exception cref="ArgumentException">The object is not mapped.</exception>
    public Task RebuildAsync(string objectName, CancellationToken ct)
    {
        Mapping mapping = Find(objectName);
        return InTurnAsync(async (connection, ct) =>
        {
            await WriteAsync(connection, ct);
            mapping.Doing = "INITIAL";
            await using (var drop = new NpgsqlCommand($"drop table if exists {mapping.QualifiedName}", connection))
                await drop.ExecuteNonQueryAsync(ct);
            mapping.Applied.Clear();
            await _layout.CreateAsync(connection, mapping, ct);
            await _reader.ReadAsync(connection, mapping, ct);
            mapping.Doing = Mapping.Synced;
        }, ct);
    }

    /// <summary>Stops reading and writing; when this is done, nothing is under way.</summary>
    public async Task PauseAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        _isPaused = true;
        _turn.Release();
        _changed.Ring();
    }

    /// <summary>Goes on after a pause, and catches up.</summary>
    public async Task ResumeAsync(CancellationToken ct)
    {
        _isPaused = false;
        await WriteNowAsync(ct);
        await ReadNowAsync(ct);
    }

    /// <summary>Has the API tell another state, so that what looks at it can be tested; it works on as before.</summary>
    /// <param name="state">One of the real one's, such as <c>UNAUTHORIZED</c> or <c>BULK_LOAD_ERROR</c>; nothing: the truth again.</param>
    /// <param name="objectName">Of that object's mapping; nothing: of the connection.</param>
    /// <exception cref="ArgumentException">The object is not mapped.</exception>
    public void Pretend(string? state, string? objectName = null)
    {
        if (objectName is null)
            _pretended = state;
        else
            Find(objectName).Pretended = state;
    }

    /// <summary>Waits until a condition holds; it is looked at whenever something was read or written.</summary>
    public async Task WhenAsync(Func<HerokuConnectStandIn, bool> condition, CancellationToken ct)
    {
        while (true)
        {
            Task changed = _changed.Next;
            if (condition(this))
                return;
            await changed.WaitAsync(ct);
        }
    }

    /// <summary>Waits until it looks at either side once more and is done with it.</summary>
    public Task NextPassAsync(CancellationToken ct) => _changed.Next.WaitAsync(ct);

    /// <summary>Waits until a log entry was dealt with, and says how.</summary>
    public async Task<WrittenEntry> UntilWrittenAsync(int logId, CancellationToken ct)
    {
        await WhenAsync(standIn => standIn.Written.Any(entry => entry.Id == logId), ct);
        return Written.Last(entry => entry.Id == logId);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        await OrgDeliveries.StoppedAsync(_running);
        if (_api is not null)
            await _api.DisposeAsync();
        await _database.DisposeAsync();
        _turn.Dispose();
        _stop.Dispose();
    }

    /// <summary>What a mapped table and the log hold of it.</summary>
    internal async Task<MappingCounts> CountAsync(Mapping mapping, CancellationToken ct)
    {
        long inOrg = _org.State.Read(store => store[mapping.Type].Rows.LongCount(record => !record.IsDeleted));
        await using NpgsqlConnection connection = await _database.OpenConnectionAsync(ct);
        (long pending, long errors) = await _log.CountAsync(connection, mapping.Table, _time.GetUtcNow(), ct);
        await using var rows = new NpgsqlCommand($"select count(*) from {mapping.QualifiedName}", connection);
        return new MappingCounts((long)(await rows.ExecuteScalarAsync(ct))!, inOrg, pending, errors);
    }

    private Mapping Find(string objectName) =>
        Mappings.FirstOrDefault(mapping => string.Equals(mapping.Type.Name, objectName, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"'{objectName}' is not mapped.", nameof(objectName));

    private async Task ReadAgainAndAgainAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(_options.ReadEvery, _time);
        while (await timer.WaitForNextTickAsync(ct))
            await TryAsync(() => InTurnAsync(ReadAsync, ct), ct);
    }

    private async Task WriteAgainAndAgainAsync(CancellationToken ct)
    {
        while (true)
        {
            await TryAsync(() => WriteWhenRungAsync(ct), ct);
            await Task.Delay(_options.WritePause, _time, ct);
        }
    }

    private async Task WriteWhenRungAsync(CancellationToken ct)
    {
        await using NpgsqlConnection listener = await _database.OpenConnectionAsync(ct);
        await using (var listen = new NpgsqlCommand($"listen {Names.Quote(_layout.Channel)}", listener))
            await listen.ExecuteNonQueryAsync(ct);
        while (true)
        {
            await InTurnAsync(WriteAsync, ct);
            _listens.TrySetResult();
            await Task.Delay(_options.WritePause, _time, ct);
            await listener.WaitAsync(_options.WriteEvery, ct);
        }
    }

    private async Task ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        foreach (Mapping mapping in Mappings)
            await _reader.ReadAsync(connection, mapping, ct);
    }

    private Task WriteAsync(NpgsqlConnection connection, CancellationToken ct) => _writer.WriteAsync(connection, entry =>
    {
        lock (_written)
        {
            _written.Enqueue(entry);
            if (_written.Count > _org.State.Options.LedgerSize)
                _written.Dequeue();
        }
        _changed.Ring();
    }, ct);

    private async Task InTurnAsync(Func<NpgsqlConnection, CancellationToken, Task> work, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            if (_isPaused)
                return;
            await using NpgsqlConnection connection = await _database.OpenConnectionAsync(ct);
            await work(connection, ct);
            _trouble = null;
        }
        finally
        {
            _turn.Release();
            _changed.Ring();
        }
    }

    // A database that restarts, or a table that somebody broke, ends nothing: the API tells of it, and the next look tries again.
    private async Task TryAsync(Func<Task> work, CancellationToken ct)
    {
        try
        {
            await work();
        }
        catch (NpgsqlException error) when (!ct.IsCancellationRequested)
        {
            _trouble = error.Message;
            _changed.Ring();
        }
    }
}

/// <summary>How many rows a mapping has on both sides, and how many log entries wait or were refused in the last day.</summary>
internal sealed record MappingCounts(long Db, long Sf, long Pending, long Errors);
