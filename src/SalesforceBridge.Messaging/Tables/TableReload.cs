using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Knows a table that is being loaded anew: somebody says so, it was emptied, or more rows than anybody deletes wait to be deleted by
/// Salesforce. While that goes on nothing of it is drained, since most rows come back as they were.
/// </summary>
internal sealed class TableReload(BridgeDatabase database, TimeProvider time)
{
    private readonly TableSql _sql = new(database.Schema);
    private readonly BaselineSql _baseline = new(database.Schema);

    private long _counted;
    private long _deletes;
    private long _quietSince;
    private bool _isOn;

    /// <summary>How a table stands.</summary>
    public enum Phase
    {
        /// <summary>It is not being reloaded.</summary>
        None,

        /// <summary>It is, or was a moment ago.</summary>
        GoesOn,

        /// <summary>Nothing changed for long enough.</summary>
        IsOver,
    }

    /// <summary>Looks at what waits of the table.</summary>
    public async Task<Phase> LookAsync(NpgsqlConnection connection, WatchedTable table, CancellationToken ct)
    {
        if (table is { HasBaseline: true, IsReloading: { } goesOn })
            return goesOn ? Phase.GoesOn : Phase.IsOver;
        if (table is not { HasBaseline: true, First: not null })
        {
            End();
            return Phase.None;
        }

        (long deletes, long last) = await CountAsync(connection, table, _counted, ct);
        bool moved = last > _counted;
        (_deletes, _counted) = (_deletes + deletes, last);
        _isOn = _isOn || table.First == "truncate" || TableReconcile.AreMany(_deletes, known: 0) && await AreManyAsync(connection, table, ct);
        if (moved || !_isOn)
            _quietSince = time.GetTimestamp();
        return !_isOn ? Phase.None : time.GetElapsedTime(_quietSince) < database.Options.ReloadQuiet ? Phase.GoesOn : Phase.IsOver;
    }

    /// <summary>What waited is told, or forgotten.</summary>
    public void End() => (_counted, _deletes, _isOn) = (0, 0, false);

    // Those that were drained meanwhile do not count.
    private async Task<bool> AreManyAsync(NpgsqlConnection connection, WatchedTable table, CancellationToken ct)
    {
        (_deletes, _) = await CountAsync(connection, table, 0, ct);
        long known = (await Sql.ReadLastAsync(connection, [_baseline.Count(table.Source)], row => row.GetInt64(0), ct))[0];
        return TableReconcile.AreMany(_deletes, known);
    }

    private async Task<(long Deletes, long Last)> CountAsync(NpgsqlConnection connection, WatchedTable table, long after, CancellationToken ct) =>
        (await Sql.ReadLastAsync(connection, [_sql.Waiting(table, after)], row => (row.GetInt64(0), row.GetInt64(1)), ct))[0];
}
