using Dapper;
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

    /// <summary>Reads them, in one cheap query.</summary>
    /// <param name="connection">An open connection that nobody else uses meanwhile.</param>
    /// <param name="s">The schema of the bridge.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The database could not be asked.</exception>
    public static async Task<Vitals> ReadAsync(NpgsqlConnection connection, BridgeSchema s, CancellationToken ct)
    {
        try
        {
            return await connection.QuerySingleAsync<Vitals>(new CommandDefinition($"""
                select (select coalesce(max(version), 0) from {s}.migration) as version,
                       (select extract(epoch from clock_timestamp() - max(seen_at))::float8 from {s}.worker) as secondsSinceWorker,
                       array(select name from {s}.cursor where stopped is not null and enabled) as stopped,
                       array(select name from {s}.alert) as alerts
                """, cancellationToken: ct));
        }
        catch (PostgresException missing) when (StepErrors.BlameFor(missing) == Blame.Route)
        {
            return new Vitals();
        }
    }
}
