using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A table whose changes are captured, as its row in <c>watch</c> says, and what waits of it.</summary>
/// <param name="Source">The source's name.</param>
/// <param name="Key">The columns of its primary key.</param>
/// <param name="HasBaseline">The inbox's last word on each row is kept as a hash.</param>
/// <param name="Due"><c>fill</c>: a baseline is to be made; <c>reconcile</c>: changes may have been missed.</param>
/// <param name="First">What the first waiting change did; null where none waits.</param>
internal sealed record WatchedTable(string Source, string[] Key, bool HasBaseline, string? Due, string? First)
{
    /// <summary>All of them, as <paramref name="schema"/> knows them.</summary>
    public static NpgsqlBatchCommand All(BridgeSchema schema) => Sql.Command($"""
        select w.source, w.key, w.baseline, w.due,
               (select c.operation from {schema}.change c where c.source = w.source order by c.source, c.seq limit 1)
        from {schema}.watch w order by w.source
        """);

    public static WatchedTable Read(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetFieldValue<string[]>(1), row.GetBoolean(2),
        row.IsDBNull(3) ? null : row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4));
}
