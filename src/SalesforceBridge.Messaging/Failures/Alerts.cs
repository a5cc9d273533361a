using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>An open alert.</summary>
/// <param name="Name">What it is about; one alert at a time for each.</param>
/// <param name="What">What happened and what to do.</param>
/// <param name="Since">When it was raised first.</param>
public sealed record Alert(string Name, string What, DateTimeOffset Since);

/// <summary>What a person should look at. An alert lasts until what raised it is over.</summary>
public sealed class Alerts(BridgeDatabase database)
{
    /// <summary>Raises an alert, or brings an open one up to date.</summary>
    public async Task RaiseAsync(string name, string what, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection, [Raise(database.Schema, name, what)], ct);
    }

    /// <summary>Ends an alert; without effect where there is none.</summary>
    public async Task ClearAsync(string name, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection, [Clear(database.Schema, name)], ct);
    }

    /// <summary>The open alerts, oldest first.</summary>
    public async Task<IReadOnlyList<Alert>> ListAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await Sql.ReadLastAsync(connection,
            [Sql.Command($"select name, what, since from {database.Schema}.alert order by since")],
            row => new Alert(row.GetString(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2)), ct);
    }

    internal static NpgsqlBatchCommand Raise(BridgeSchema schema, string name, string what) => Sql.Command($"""
        insert into {schema}.alert (name, what) values ($1, $2) on conflict (name) do update set what = excluded.what, seen_at = clock_timestamp()
        """, name, what);

    internal static NpgsqlBatchCommand Clear(BridgeSchema schema, string name) => Sql.Command($"delete from {schema}.alert where name = $1", name);
}
