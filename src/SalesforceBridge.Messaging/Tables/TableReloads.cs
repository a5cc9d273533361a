using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// For whoever knows that a table is being loaded anew, as Heroku Connect's mapping state RELOAD_TABLE says: until that is over nothing
/// of the table is told, and then only the difference. It counts for a table with a baseline; any process may tell it.
/// </summary>
public sealed class TableReloads(BridgeDatabase database)
{
    /// <summary>
    /// A reload goes on. To be said again while it does: after <paramref name="atMost"/> without a word it counts as over.
    /// </summary>
    /// <param name="table">The table as routes name it, <c>schema.name</c>.</param>
    /// <param name="atMost">How long this holds; longer than the time between two looks at the state.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="FormatException">That is no name of a table.</exception>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public Task StartedAsync(string table, TimeSpan atMost, CancellationToken ct) => TellAsync(table,
        $"update {database.Schema}.watch set reload_until = clock_timestamp() + $2 where source = $1", [atMost], ct);

    /// <summary>The reload is over: the difference is told at once. Without effect where none was going on.</summary>
    /// <param name="table">The table as routes name it, <c>schema.name</c>.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="FormatException">That is no name of a table.</exception>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public Task EndedAsync(string table, CancellationToken ct) => TellAsync(table,
        $"update {database.Schema}.watch set reload_until = clock_timestamp() where source = $1 and reload_until > clock_timestamp()", [], ct);

    private async Task TellAsync(string table, string statement, object[] more, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection,
        [
            Sql.Command(statement, [SourceName.Parse($"table {table}").ToString(), .. more]),
            Sql.Command("select pg_notify($1, $2)", database.Schema.Name, TableDrain.CursorOfTables),
        ], ct);
    }
}
