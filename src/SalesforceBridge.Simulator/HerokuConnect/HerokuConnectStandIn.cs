using Npgsql;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.HerokuConnect;

/// <summary>
/// What stands where Heroku Connect would: keeps tables in a database and a simulated org alike, in its layout and with its triggers,
/// states and known weaknesses. Writes go one by one in the order of the log (Ordered Writes).
/// </summary>
public sealed class HerokuConnectStandIn : IAsyncDisposable
{
    private readonly Layout _layout;
    private readonly SyncPasses _passes;
    private HerokuConnectApi? _api;
    private volatile string? _pretended;

    private HerokuConnectStandIn(SimulatedOrg org, HerokuConnectOptions options)
    {
        (Org, Options) = (org, options);
        OrgSchema schema = org.State.Schema;
        User user = options.Username is null ? schema.Users[0] : schema.FindUser(options.Username)
            ?? throw new ArgumentException($"The org has no user '{options.Username}'.", nameof(options));
        Mappings = [.. options.Mappings.Select(mapping => new Mapping(schema, mapping, options.Schema))];
        _layout = new Layout(options.Schema);
        _passes = new SyncPasses(org.State, user, options, _layout, Mappings);
    }

    /// <summary>Where its API answers.</summary>
    public Uri ApiUrl => _api!.Url;

    /// <summary>By which the API knows the connection.</summary>
    public string ConnectionId { get; } = Guid.CreateVersion7().ToString();

    /// <summary>What the API tells of the connection.</summary>
    public string State => _pretended ?? (_passes.IsPaused ? "PAUSED" : Trouble is null ? "IDLE" : "DB_UNAVAILABLE");

    /// <summary>Why the last look at the database or the org failed; nothing when it did not.</summary>
    public string? Trouble => _passes.Trouble;

    /// <summary>The newest log entries that were dealt with, in that order; as many as the org's ledger keeps.</summary>
    public IReadOnlyList<WrittenEntry> Written => _passes.Written;

    internal IReadOnlyList<Mapping> Mappings { get; }

    internal HerokuConnectOptions Options { get; }

    internal SimulatedOrg Org { get; }

    /// <summary>Creates what is missing in the database, loads the org's records, and begins to keep both sides alike.</summary>
    /// <exception cref="ArgumentException">A mapping names what the org does not have; the message says what.</exception>
    /// <exception cref="NpgsqlException">The database cannot be reached, or refuses the layout.</exception>
    public static async Task<HerokuConnectStandIn> StartAsync(SimulatedOrg org, HerokuConnectOptions options, CancellationToken ct)
    {
        var standIn = new HerokuConnectStandIn(org, options);
        try
        {
            await using (NpgsqlConnection connection = await standIn._passes.OpenConnectionAsync(ct))
                await standIn._layout.CreateAsync(connection, org.OrgId, standIn.Mappings, ct);
            await standIn.ReadNowAsync(ct);
            standIn._api = await HerokuConnectApi.StartAsync(standIn, ct);
            await standIn._passes.StartAsync(ct);
            return standIn;
        }
        catch
        {
            await standIn.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the org now, without waiting for the next look: what it has goes into the tables.</summary>
    public Task ReadNowAsync(CancellationToken ct) => _passes.InTurnAsync(_passes.ReadAsync, ct);

    /// <summary>Looks into the trigger log now: what apps committed before goes to the org.</summary>
    public Task WriteNowAsync(CancellationToken ct) => _passes.InTurnAsync(_passes.WriteAsync, ct);

    /// <summary>Empties a mapped table and loads it again. What apps wrote before is sent first; the rows get other ids.</summary>
    /// <exception cref="ArgumentException">The object is not mapped.</exception>
    public Task ReloadAsync(string objectName, ReloadMethod method, CancellationToken ct)
    {
        Mapping mapping = Find(objectName);
        return _passes.InTurnAsync(async (connection, ct) =>
        {
            await _passes.WriteAsync(connection, ct);
            mapping.Doing = "RELOAD_TABLE";
            await _passes.Reader.ReloadAsync(connection, mapping, method, ct);
            mapping.Doing = Mapping.Synced;
        }, ct);
    }

    /// <summary>Drops a mapped table and makes it anew, as when a mapping is deleted and created again: what others put on it is gone.</summary>
    /// <exception cref="ArgumentException">The object is not mapped.</exception>
    public Task RebuildAsync(string objectName, CancellationToken ct)
    {
        Mapping mapping = Find(objectName);
        return _passes.InTurnAsync(async (connection, ct) =>
        {
            await _passes.WriteAsync(connection, ct);
            mapping.Doing = "INITIAL";
            await using (var drop = new NpgsqlCommand($"drop table if exists {mapping.QualifiedName}", connection))
                await drop.ExecuteNonQueryAsync(ct);
            mapping.Applied.Clear();
            await _layout.CreateAsync(connection, mapping, ct);
            await _passes.Reader.ReadAsync(connection, mapping, ct);
            mapping.Doing = Mapping.Synced;
        }, ct);
    }

    /// <summary>Stops reading and writing; when this is done, nothing is under way.</summary>
    public Task PauseAsync(CancellationToken ct) => _passes.PauseAsync(ct);

    /// <summary>Goes on after a pause, and catches up.</summary>
    public async Task ResumeAsync(CancellationToken ct)
    {
        _passes.Resume();
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
            Task changed = _passes.Changed.Next;
            if (condition(this))
                return;
            await changed.WaitAsync(ct);
        }
    }

    /// <summary>Waits until it looks at either side once more and is done with it.</summary>
    public Task NextPassAsync(CancellationToken ct) => _passes.Changed.Next.WaitAsync(ct);

    /// <summary>Waits until a log entry was dealt with, and says how.</summary>
    public async Task<WrittenEntry> UntilWrittenAsync(int logId, CancellationToken ct)
    {
        await WhenAsync(standIn => standIn.Written.Any(entry => entry.Id == logId), ct);
        return Written.Last(entry => entry.Id == logId);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _api, null) is { } api)
            await api.DisposeAsync();
        await _passes.DisposeAsync();
    }

    /// <summary>What a mapped table and the log hold of it.</summary>
    internal async Task<MappingCounts> CountAsync(Mapping mapping, CancellationToken ct)
    {
        long inOrg = Org.State.Read(store => store[mapping.Type].Rows.LongCount(record => !record.IsDeleted));
        await using NpgsqlConnection connection = await _passes.OpenConnectionAsync(ct);
        (long pending, long errors) = await _passes.Log.CountAsync(connection, mapping.Table, Org.State.Now, ct);
        await using var rows = new NpgsqlCommand($"select count(*) from {mapping.QualifiedName}", connection);
        return new MappingCounts((long)(await rows.ExecuteScalarAsync(ct))!, inOrg, pending, errors);
    }

    private Mapping Find(string objectName) =>
        Mappings.FirstOrDefault(mapping => string.Equals(mapping.Type.Name, objectName, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"'{objectName}' is not mapped.", nameof(objectName));
}

/// <summary>How many rows a mapping has on both sides, and how many log entries wait or were refused in the last day.</summary>
internal sealed record MappingCounts(long Db, long Sf, long Pending, long Errors);
