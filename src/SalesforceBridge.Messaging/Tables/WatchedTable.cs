using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A table whose changes are found, as its row in <c>watch</c> says, and what waits of it.</summary>
/// <param name="Source">The source's name.</param>
/// <param name="Key">The columns of its primary key.</param>
/// <param name="HasBaseline">The inbox's last word on each row is kept as a hash.</param>
/// <param name="Due"><c>fill</c>: a baseline is to be made; <c>reconcile</c>: changes may have been missed; <c>renew</c>: both.</param>
/// <param name="First">What the first waiting change did; null where none waits.</param>
internal sealed record WatchedTable(string Source, string[] Key, bool HasBaseline, string? Due, string? First)
{
    /// <summary>It is read from time to time, and no trigger tells of it.</summary>
    public bool IsPolled { get; init; }

    /// <summary>Where reading it goes on; null where that has not begun.</summary>
    public string[]? Position { get; init; }

    /// <summary>How long ago all of it was compared; null: now is the time.</summary>
    public TimeSpan? ReconciledAgo { get; init; }

    /// <summary>Whether somebody said that it is being reloaded: true while it is, false when that is over, null where nobody did.</summary>
    public bool? IsReloading { get; init; }

    /// <summary>Changes may have been missed.</summary>
    public bool HasMissed => Due is "reconcile" or "renew";

    /// <summary>A baseline stands when what is due is done.</summary>
    public bool WillHaveBaseline => HasBaseline || Due is "fill" or "renew";

    /// <summary>All of them, as <paramref name="schema"/> knows them.</summary>
    public static NpgsqlBatchCommand All(BridgeSchema schema) => Sql.Command($"""
        select w.source, w.key, w.baseline, w.due,
               (select c.operation from {schema}.change c where c.source = w.source order by c.source, c.seq limit 1),
               w.mode = 'poll', w.position, clock_timestamp() - w.reconciled_at, w.reload_until > clock_timestamp()
        from {schema}.watch w order by w.source
        """);

    public static WatchedTable Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetFieldValue<string[]>(1), row.GetBoolean(2),
        row.IsDBNull(3) ? null : row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4))
    {
        IsPolled = row.GetBoolean(5),
        Position = row.IsDBNull(6) ? null : row.GetFieldValue<string[]>(6),
        ReconciledAgo = row.IsDBNull(7) ? null : row.GetTimeSpan(7),
        IsReloading = row.IsDBNull(8) ? null : row.GetBoolean(8),
    };
}
