using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A table that Heroku Connect keeps.</summary>
/// <param name="Schema">The schema of its connection.</param>
/// <param name="Table">The table's name there, without quotes.</param>
public readonly record struct MappedTable(string Schema, string Table)
{
    /// <summary>The table that a route names, as <c>schema.name</c>; either may be in double quotes.</summary>
    /// <exception cref="FormatException">That is no name of a table.</exception>
    public static MappedTable Parse(string table)
    {
        if (!Shapes.Table().IsMatch(table))
            throw new FormatException($"`{table}` names no table with its schema (`salesforce.contact`)");
        string[] parts = [.. Shapes.TablePart().Matches(table).Select(part => ChangeFilter.Folded(part.Value))];
        return new MappedTable(parts[0], parts[1]);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Schema}.{Table}";
}

/// <summary>
/// A connection of Heroku Connect in our database: a schema with its system tables. One database may hold several, each with an org.
/// </summary>
/// <param name="Schema">The schema's name.</param>
/// <param name="Fault">Why it cannot be read, and what to do; null where it can.</param>
public sealed record HerokuConnection(string Schema, string? Fault)
{
    /// <summary>What a person reads where there is none.</summary>
    public const string None =
        "there is no Heroku Connect in this database: no schema has its tables _hcmeta and _trigger_log; connect it to this database, or remove the route";

    /// <summary>The trigger log, quoted.</summary>
    internal string Log => $"{BridgeSchema.Quote(Schema)}._trigger_log";

    /// <summary>Where the log's rows go once they are processed, quoted.</summary>
    internal string Archive => $"{BridgeSchema.Quote(Schema)}._trigger_log_archive";

    /// <summary>All of them, by name.</summary>
    internal static Task<List<HerokuConnection>> FindAsync(NpgsqlConnection connection, CancellationToken ct) =>
        Sql.ReadLastAsync(connection, [Sql.Command($"{Found} order by schema")], row => Read(row, 0), ct);

    /// <summary>A query for them; <see cref="Read"/> takes its columns. It names the tables by the catalog, which needs no right to their schema.</summary>
    internal const string Found = """
        select n.nspname as schema, archive.oid is not null as has_archive,
               has_schema_privilege(n.oid, 'usage') and has_table_privilege(log.oid, 'select')
               and coalesce(has_table_privilege(archive.oid, 'select'), true) as may_read
        from pg_class log join pg_namespace n on n.oid = log.relnamespace
        join pg_class meta on meta.relnamespace = n.oid and meta.relname = '_hcmeta'
        left join pg_class archive on archive.relnamespace = n.oid and archive.relname = '_trigger_log_archive'
        where log.relname = '_trigger_log' and log.relkind = 'r'
        """;

    internal static HerokuConnection Read(NpgsqlDataReader row, int at)
    {
        string schema = row.GetString(at);
        return new HerokuConnection(schema, (row.GetBoolean(at + 1), row.GetBoolean(at + 2)) switch
        {
            (false, _) => $"the schema {schema} has no table _trigger_log_archive, without which Heroku Connect does not work either; recreate the connection",
            (_, false) => $"the bridge's database user may not read the trigger log of {schema}; let its owner run: grant usage on schema {BridgeSchema.Quote(schema)} to ...; "
                + $"grant select on {BridgeSchema.Quote(schema)}._trigger_log, {BridgeSchema.Quote(schema)}._trigger_log_archive to ...",
            _ => null,
        });
    }
}

/// <summary>Tells beforehand what keeps a route on <c>connect-error</c> from being woken. Nothing is changed.</summary>
public sealed class HerokuConnectCheck(BridgeDatabase database)
{
    /// <summary>What is wrong, each with what to do; empty for a route on something else.</summary>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public async Task<IReadOnlyList<string>> FaultsOfAsync(RouteDefinition route, CancellationToken ct)
    {
        if (route.Source.Kind != SourceKind.HerokuConnectError)
            return [];
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        List<HerokuConnection> all = await HerokuConnection.FindAsync(connection, ct);
        if (all.Count == 0)
            return [HerokuConnection.None];
        if (route.ErrorsOf is { } table && !all.Exists(known => known.Schema == table.Schema))
            return [$"the schema {table.Schema} is no connection of Heroku Connect; there is: {string.Join(", ", all.Select(known => known.Schema))}"];
        return [.. all.Where(known => route.ErrorsOf is not { } one || one.Schema == known.Schema).Select(known => known.Fault).OfType<string>()];
    }
}
