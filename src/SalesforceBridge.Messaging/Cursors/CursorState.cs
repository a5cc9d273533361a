using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>What a cursor says besides its position.</summary>
/// <param name="Position">The last id that is behind it, or a source's own words.</param>
/// <param name="InFlight">A lane: the highest id handed to the API. A careful route: the id that was begun last.</param>
/// <param name="Tries">How often that id was begun.</param>
/// <param name="Careful">The last holder vanished, so messages run one at a time for a while.</param>
/// <param name="Stopped">Why it stands still; null while it runs.</param>
/// <param name="ProbeIn">How long until a stopped one tries again.</param>
internal sealed record CursorState(string? Position, string? InFlight, int Tries, bool Careful, string? Stopped, TimeSpan ProbeIn);

/// <summary>What the holder of a cursor says about it. Every method is one round trip and fails when the lease is lost.</summary>
internal sealed class HeldCursor(BridgeDatabase database, Cursors cursors, Lease lease)
{
    private readonly BridgeSchema _s = database.Schema;

    public Lease Lease { get; } = lease;

    public async Task<CursorState> ReadAsync(CancellationToken ct)
    {
        List<CursorState> states = await ReadAsync(Sql.Command($"""
            select position, in_flight, tries, careful, stopped, greatest(extract(epoch from probe_at - clock_timestamp()), 0)::float8
            from {_s}.cursor where name = $1
            """, Lease.Cursor), ct);
        return states[0];
    }

    /// <summary>Stands still until the probe: the position stays, and a person is told.</summary>
    public Task StopAsync(string reason, TimeSpan probe, CancellationToken ct) => RunAsync(ct,
        Sql.Command($"update {_s}.cursor set stopped = $2, probe_at = clock_timestamp() + $3, in_flight = null, in_flight_at = null, updated_at = now() where name = $1", Lease.Cursor, reason, probe),
        Alerts.Raise(_s, $"{Lease.Cursor} stopped", reason));

    /// <summary>Goes on.</summary>
    public Task ResumeAsync(CancellationToken ct) => RunAsync(ct,
        Sql.Command($"update {_s}.cursor set stopped = null, probe_at = null, updated_at = now() where name = $1", Lease.Cursor),
        Alerts.Clear(_s, $"{Lease.Cursor} stopped"));

    /// <summary>Commits what is about to be begun, so that whoever takes over knows.</summary>
    public Task BeginAsync(long id, int tries, CancellationToken ct) => RunAsync(ct,
        Sql.Command($"update {_s}.cursor set in_flight = $2, in_flight_at = clock_timestamp(), tries = $3 where name = $1", Lease.Cursor, $"{id}", tries));

    /// <summary>Whether messages run one at a time.</summary>
    public Task SetCarefulAsync(bool careful, CancellationToken ct) => RunAsync(ct,
        Sql.Command($"update {_s}.cursor set careful = $2, in_flight = null, in_flight_at = null, tries = 0 where name = $1", Lease.Cursor, careful));

    private async Task RunAsync(CancellationToken ct, params NpgsqlBatchCommand[] commands)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection, [cursors.Hold(Lease), .. commands], ct);
    }

    private async Task<List<CursorState>> ReadAsync(NpgsqlBatchCommand command, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await Sql.ReadLastAsync(connection, [cursors.Hold(Lease), command], row => new CursorState(
            row.IsDBNull(0) ? null : row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetInt32(2), row.GetBoolean(3),
            row.IsDBNull(4) ? null : row.GetString(4), TimeSpan.FromSeconds(row.IsDBNull(5) ? 0 : row.GetDouble(5))), ct);
    }
}
