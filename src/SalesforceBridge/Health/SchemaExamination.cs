using Npgsql;
using SalesforceBridge.Configuration;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Health;

/// <summary>Looks at the bridge's own schema: is it there, as this program needs it, and may this user work with its tables?</summary>
internal sealed class SchemaExamination(DatabaseSettings settings, NpgsqlDataSource database)
{
    private const string Part = "schema";

    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken ct)
    {
        Sight sight = await LookAsync(ct);
        Finding rights = Judge(sight);
        return rights.State == FindingState.Fail
            ? [rights]
            : [rights, JudgeVersion(await new Migrations(database, new BridgeSchema(settings.Schema)).VersionAsync(ct))];
    }

    private async Task<Sight> LookAsync(CancellationToken ct)
    {
        await using NpgsqlCommand command = database.CreateCommand("""
            select has_schema_privilege(n.oid, 'usage'), has_schema_privilege(n.oid, 'create'), array(
                select t.relname::text from pg_class t
                where t.relnamespace = n.oid and t.relkind in ('r', 'p')
                and not (has_table_privilege(t.oid, 'select') and has_table_privilege(t.oid, 'insert') and has_table_privilege(t.oid, 'update') and has_table_privilege(t.oid, 'delete'))
                order by 1),
                case when n.oid is null then has_database_privilege(current_database(), 'create') end
            from (select $1::text as name) wanted left join pg_namespace n on n.nspname = wanted.name
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = settings.Schema });
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        return Read(row);
    }

    private static Sight Read(NpgsqlDataReader row) => row.IsDBNull(3)
        ? new Sight(row.GetBoolean(0), row.GetBoolean(1), row.GetFieldValue<string[]>(2), null)
        : new Sight(false, false, [], row.GetBoolean(3));

    private Finding Judge(Sight sight)
    {
        string name = BridgeSchema.Quote(settings.Schema);
        return sight switch
        {
            { MayCreateSchema: true } => Finding.Fail(Part, $"{settings.Schema} does not exist yet", "Run: bridge migrate"),
            { MayCreateSchema: false } => Finding.Fail(
                Part, $"{settings.Schema} does not exist and this user may not create it", "Let the database's owner run: grant create on database ... to ..."),
            { MayUse: false } => Finding.Fail(
                Part, $"{settings.Schema} exists and this user may not use it",
                $"Let its owner run: grant usage on schema {name} to ...; grant select, insert, update, delete on all tables in schema {name} to ..."),
            { Closed.Count: > 0 } => Finding.Fail(
                Part, $"this user may not read and write {string.Join(", ", sight.Closed)} in {settings.Schema}",
                $"Let their owner run: grant select, insert, update, delete on all tables in schema {name} to ..."),
            { MayCreate: false } => Finding.Warn(
                Part, $"{settings.Schema} exists, and this user may not create tables in it, as `bridge migrate` does",
                $"Migrate as its owner, or let it run: grant create on schema {name} to ..."),
            _ => Finding.Ok(Part, $"{settings.Schema} exists, and this user may work with its tables"),
        };
    }

    private static Finding JudgeVersion(int version)
    {
        const string Version = "schema version";
        return version.CompareTo(Migrations.Newest) switch
        {
            < 0 => Finding.Fail(Version, $"is {version} and this program needs {Migrations.Newest}", "Run: bridge migrate"),
            > 0 => Finding.Warn(Version, $"is {version} and this program knows {Migrations.Newest}", "A newer program has migrated it: deploy that one everywhere."),
            _ => Finding.Ok(Version, $"is {version}"),
        };
    }

    /// <param name="MayUse">The user may see what is in it.</param>
    /// <param name="MayCreate">The user may create tables in it.</param>
    /// <param name="Closed">The tables that the user may not read or write.</param>
    /// <param name="MayCreateSchema">There is no such schema, and whether the user may create it; null where there is one.</param>
    private sealed record Sight(bool MayUse, bool MayCreate, IReadOnlyList<string> Closed, bool? MayCreateSchema);
}
