using Npgsql;

namespace SalesforceBridge.Simulator.HerokuConnect;

/// <summary>Creates what Heroku Connect has in a database: its own tables and functions, and a table with triggers for each mapping.</summary>
/// <param name="schema">The connection's schema.</param>
internal sealed class Layout(string schema)
{
    private const int Version = 4;

    private static readonly string System = Read("Layout.sql");
    private static readonly string MappedTable = Read("MappedTable.sql");

    /// <summary>The channel that the trigger log rings.</summary>
    public string Channel => $"{schema}.hc_trigger_log";

    public string Log => $"{Names.Quote(schema)}._trigger_log";

    public string Archive => $"{Names.Quote(schema)}._trigger_log_archive";

    /// <summary>Creates what is missing.</summary>
    public async Task CreateAsync(NpgsqlConnection connection, string orgId, IEnumerable<Mapping> mappings, CancellationToken ct)
    {
        await ExecuteAsync(connection, System.Replace("{schema}", Names.Quote(schema)).Replace("{channel}", Names.Literal(Channel)), ct);
        await ExecuteAsync(connection, $"""
            insert into {Names.Quote(schema)}._hcmeta (id, hcver, org_id) values (1, {Version}, {Names.Literal(orgId)})
            on conflict (id) do update set hcver = excluded.hcver, org_id = excluded.org_id
            """, ct);
        foreach (Mapping mapping in mappings)
            await CreateAsync(connection, mapping, ct);
    }

    /// <summary>Creates the table of a mapping, where it is missing, with its triggers.</summary>
    public Task CreateAsync(NpgsqlConnection connection, Mapping mapping, CancellationToken ct)
    {
        string sql = MappedTable
            .Replace("{table}", mapping.QualifiedName)
            .Replace("{schema}", Names.Quote(schema))
            .Replace("{columns}", string.Join(",\n    ", mapping.Columns.Select(column => $"{Names.Quote(column.Name)} {column.SqlType}")))
            .Replace("{sfid_index}", Names.Quote($"hcu_idx_{mapping.Table}_sfid"))
            .Replace("{systemmodstamp_index}", Names.Quote($"hc_idx_{mapping.Table}_systemmodstamp"))
            .Replace("{status_trigger}", Names.Quote($"hc_{mapping.Table}_status_trigger"))
            .Replace("{log_trigger}", Names.Quote($"hc_{mapping.Table}_logtrigger"))
            .Replace("{state}", Names.Literal(mapping.IsReadWrite ? LogState.New : LogState.ReadOnly));
        string index = mapping.Key is { } key
            ? $"create unique index if not exists {Names.Quote($"hcu_idx_{mapping.Table}_{key.Name}")} on {mapping.QualifiedName} ({Names.Quote(key.Name)})"
            : "";
        return ExecuteAsync(connection, sql + index, ct);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static string Read(string file)
    {
        using Stream stream = typeof(Layout).Assembly.GetManifestResourceStream($"HerokuConnect/{file}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
