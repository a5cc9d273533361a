using System.Reflection;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>Brings the schema to the version that this program needs: numbered files, forward only, each once.</summary>
public sealed class Migrations(NpgsqlDataSource database, BridgeSchema schema)
{
    private const string Folder = "schema/";

    /// <summary>The version that this program needs.</summary>
    public static int Newest => Files().Max(file => file.Version);

    /// <summary>Applies what is missing. Two programs that start at once take turns; a file that fails leaves no trace.</summary>
    /// <returns>The names of the files that were applied, in order.</returns>
    /// <exception cref="PostgresException">The database refused a file.</exception>
    public async Task<IReadOnlyList<string>> ApplyAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await LockAsync(connection, ct);
        await RunAsync(connection, $"create schema if not exists {schema}", ct);
        await RunAsync(connection, $"set local search_path = {schema}", ct);
        await RunAsync(connection, "create table if not exists migration (version int primary key, name text not null, applied_at timestamptz not null default now())", ct);

        int reached = await VersionAsync(connection, ct);
        List<string> applied = [];
        foreach (MigrationFile file in Files().Where(file => file.Version > reached).OrderBy(file => file.Version))
        {
            await RunAsync(connection, file.Sql(), ct);
            await RecordAsync(connection, file, ct);
            applied.Add(file.Name);
        }

        await transaction.CommitAsync(ct);
        return applied;
    }

    /// <summary>The version that the database has reached; 0 where there is no schema yet.</summary>
    public async Task<int> VersionAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(ct);
        await using var exists = new NpgsqlCommand("select to_regclass($1) is not null", connection)
        {
            Parameters = { new() { Value = $"{schema}.migration" } },
        };
        if (!(bool)(await exists.ExecuteScalarAsync(ct))!)
            return 0;
        return await VersionAsync(connection, ct);
    }

    private async Task<int> VersionAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"select coalesce(max(version), 0) from {schema}.migration", connection);
        return (int)(await command.ExecuteScalarAsync(ct))!;
    }

    // The lock ends with the transaction, so it works behind a pooler; its key is the schema's, since a database may hold two.
    private async Task LockAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select pg_advisory_xact_lock(hashtextextended($1, 0))", connection)
        {
            Parameters = { new() { Value = $"bridge migrations {schema.Name}" } },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task RecordAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"insert into {schema}.migration (version, name) values ($1, $2)", connection)
        {
            Parameters = { new() { Value = file.Version }, new() { Value = file.Name } },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static IEnumerable<MigrationFile> Files() =>
        typeof(Migrations).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
            .Select(name => new MigrationFile(int.Parse(name.AsSpan(Folder.Length, 4)), name[Folder.Length..]));

    private readonly record struct MigrationFile(int Version, string Name)
    {
        public string Sql()
        {
            using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Folder + Name)!;
            using var reader = new StreamReader(stream);
            return reader.ReadToEnd();
        }
    }
}
