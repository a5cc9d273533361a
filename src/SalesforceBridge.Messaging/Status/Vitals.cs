using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>What a process that does no work itself must know to say whether the bridge works.</summary>
public sealed record Vitals
{
    /// <summary>The version of the schema; 0 where there is none yet.</summary>
    public int Version { get; init; }

    /// <summary>How long ago, by the database's clock, any worker was seen last; null when none is known.</summary>
    public double? SecondsSinceWorker { get; init; }

    /// <summary>The cursors that stand still, of routes and lanes that are enabled.</summary>
    public string[] Stopped { get; init; } = [];

    /// <summary>The names of the open alerts.</summary>
    public string[] Alerts { get; init; } = [];

    /// <summary>The id of the org that the database belongs to, 18 characters; null while there was none yet.</summary>
    public string? Org { get; init; }

    /// <summary>Reads them, in one cheap query.</summary>
    /// <param name="connection">An open connection that nobody else uses meanwhile.</param>
    /// <param name="s">The schema of the bridge.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The database could not be asked.</exception>
    public static async Task<Vitals> ReadAsync(NpgsqlConnection connection, BridgeSchema s, CancellationToken ct)
    {
        try
        {
            return (await Sql.ReadLastAsync(connection, [Sql.Command($"""
                select (select coalesce(max(version), 0) from {s}.migration),
                       (select extract(epoch from clock_timestamp() - max(seen_at))::float8 from {s}.worker),
                       array(select name from {s}.cursor where stopped is not null and enabled),
                       array(select name from {s}.alert),
                       (select id from {s}.org)
                """)], Read, ct))[0];
        }
        catch (PostgresException missing) when (StepErrors.BlameFor(missing) == Blame.Route)
        {
            return new Vitals();
        }
    }

    // Not by Dapper: this is all that an idle process asks, and Dapper takes 5 MB.
    private static Vitals Read(NpgsqlDataReader row) => new()
    {
        Version = row.GetInt32(0),
        SecondsSinceWorker = row.IsDBNull(1) ? null : row.GetDouble(1),
        Stopped = row.GetFieldValue<string[]>(2),
        Alerts = row.GetFieldValue<string[]>(3),
        Org = row.IsDBNull(4) ? null : row.GetString(4),
    };
}
