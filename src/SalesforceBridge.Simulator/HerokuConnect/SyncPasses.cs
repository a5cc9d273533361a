using Npgsql;
using SalesforceBridge.Simulator.Deliveries;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.HerokuConnect;

/// <summary>
/// Goes from one side to the other, one pass at a time: when a timer says so, when the trigger log rings, or when it is told to. Nobody
/// reads the org while writes go on.
/// </summary>
internal sealed class SyncPasses : IAsyncDisposable
{
    // Extensions have a schema of their own on newer databases of Heroku.
    private const string SearchPath = "public,heroku_ext";

    private readonly Org _org;
    private readonly HerokuConnectOptions _options;
    private readonly IReadOnlyList<Mapping> _mappings;
    private readonly string _channel;
    private readonly LogWriter _writer;
    private readonly NpgsqlDataSource _database;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<WrittenEntry> _written = [];
    private Task[] _running = [];
    private volatile bool _isPaused;
    private volatile string? _trouble;

    public SyncPasses(Org org, User user, HerokuConnectOptions options, Layout layout, IReadOnlyList<Mapping> mappings)
    {
        (_org, _options, _mappings, _channel) = (org, options, mappings, layout.Channel);
        Log = new TriggerLog(layout);
        Reader = new OrgReader(org, Time);
        _writer = new LogWriter(Log, new OrgSender(org, user), mappings, options.ArchiveAfter, Time);
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString) { SearchPath = SearchPath, ApplicationName = "Heroku Connect", MaxPoolSize = 4 };
        _database = NpgsqlDataSource.Create(connection);
    }

    public TriggerLog Log { get; }

    public OrgReader Reader { get; }

    public bool IsPaused => _isPaused;

    public string? Trouble => _trouble;

    /// <summary>Rings when a pass is over, and for each entry that was dealt with.</summary>
    public WakeUp Changed { get; } = new();

    public IReadOnlyList<WrittenEntry> Written
    {
        get
        {
            lock (_written)
                return [.. _written];
        }
    }

    public ValueTask<NpgsqlConnection> OpenConnectionAsync(CancellationToken ct) => _database.OpenConnectionAsync(ct);

    /// <summary>Begins to go by itself; when this is done, no ring is missed any more.</summary>
    public Task StartAsync(CancellationToken ct)
    {
        _running = [ReadAgainAndAgainAsync(_stop.Token), WriteAgainAndAgainAsync(_stop.Token)];
        return _listens.Task.WaitAsync(ct);
    }

    /// <summary>Brings every table to where the org is.</summary>
    public async Task ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        foreach (Mapping mapping in _mappings)
            await Reader.ReadAsync(connection, mapping, ct);
    }

    /// <summary>Sends what apps have committed.</summary>
    public Task WriteAsync(NpgsqlConnection connection, CancellationToken ct) => _writer.WriteAsync(connection, Note, ct);

    /// <summary>Does something while nothing else goes on; nothing at all during a pause.</summary>
    public async Task InTurnAsync(Func<NpgsqlConnection, CancellationToken, Task> work, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            if (_isPaused)
                return;
            await using NpgsqlConnection connection = await OpenConnectionAsync(ct);
            await work(connection, ct);
            _trouble = null;
        }
        finally
        {
            _turn.Release();
            Changed.Ring();
        }
    }

    /// <summary>When this is done, nothing is under way.</summary>
    public async Task PauseAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        _isPaused = true;
        _turn.Release();
        Changed.Ring();
    }

    public void Resume() => _isPaused = false;

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        await OrgDeliveries.StoppedAsync(_running);
        await _database.DisposeAsync();
        _turn.Dispose();
        _stop.Dispose();
    }

    private TimeProvider Time => _org.Options.TimeProvider;

    private async Task ReadAgainAndAgainAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(_options.ReadEvery, Time);
        while (await timer.WaitForNextTickAsync(ct))
            await TryAsync(() => InTurnAsync(ReadAsync, ct), ct);
    }

    private async Task WriteAgainAndAgainAsync(CancellationToken ct)
    {
        while (true)
        {
            await TryAsync(() => WriteWhenRungAsync(ct), ct);
            await Task.Delay(_options.WritePause, Time, ct);
        }
    }

    private async Task WriteWhenRungAsync(CancellationToken ct)
    {
        await using NpgsqlConnection listener = await OpenConnectionAsync(ct);
        await using (var listen = new NpgsqlCommand($"listen {Names.Quote(_channel)}", listener))
            await listen.ExecuteNonQueryAsync(ct);
        while (true)
        {
            await InTurnAsync(WriteAsync, ct);
            _listens.TrySetResult();
            await Task.Delay(_options.WritePause, Time, ct);
            await listener.WaitAsync(_options.WriteEvery, ct);
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
            Changed.Ring();
        }
    }

    private void Note(WrittenEntry entry)
    {
        lock (_written)
        {
            _written.Enqueue(entry);
            if (_written.Count > _org.Options.LedgerSize)
                _written.Dequeue();
        }
        Changed.Ring();
    }
}
