using Npgsql;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Health;

/// <summary>Looks at the database once: is it there, new enough, with room and rights for us?</summary>
internal sealed class DatabaseExamination(DatabaseSettings settings)
{
    private const int OldestVersion = 15;

    // What web, worker and a deploy's overlap may need at once.
    private const int ConnectionsWanted = 10;

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken ct)
    {
        try
        {
            await using NpgsqlDataSource database = NpgsqlDataSource.Create(settings.ConnectionString(ProcessRole.Command));
            return [.. Judge(await LookAsync(database, ct))];
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            var problem = DatabaseProblem.Of(error);
            return [Finding.Fail("database", $"{settings.Url.Address} {problem.Why}", problem.Fix)];
        }
    }

    private async Task<Sight> LookAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        await using NpgsqlCommand command = database.CreateCommand("""
            select current_setting('server_version_num')::int / 10000,
                   current_setting('max_connections')::int,
                   (select count(*)::int from pg_stat_activity where backend_type = 'client backend'),
                   exists (select from pg_namespace where nspname = $1),
                   has_database_privilege(current_database(), 'create')
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = settings.Schema });
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        return new Sight(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), row.GetBoolean(3), row.GetBoolean(4));
    }

    private IEnumerable<Finding> Judge(Sight sight)
    {
        yield return sight.Version >= OldestVersion
            ? Finding.Ok("database", $"{settings.Url.Address} is PostgreSQL {sight.Version}")
            : Finding.Fail("database", $"{settings.Url.Address} is PostgreSQL {sight.Version}", $"Upgrade to {OldestVersion} or later: heroku pg:upgrade");

        int free = sight.MaxConnections - sight.Connections;
        string used = $"{sight.Connections} of {sight.MaxConnections} are in use";
        yield return free >= ConnectionsWanted
            ? Finding.Ok("connections", used)
            : Finding.Warn("connections", used, $"Keep {ConnectionsWanted} free for the bridge, or take a larger plan.");

        yield return sight.HasSchema || sight.MayCreateSchema
            ? Finding.Ok("schema", $"{settings.Schema} {(sight.HasSchema ? "exists" : "can be created")}")
            : Finding.Fail(
                "schema", $"{settings.Schema} does not exist and this user may not create it",
                "Let the database's owner run: grant create on database ... to ...");
    }

    private sealed record Sight(int Version, int MaxConnections, int Connections, bool HasSchema, bool MayCreateSchema);
}
