using Npgsql;
using SalesforceBridge.Configuration;

namespace SalesforceBridge.Health;

/// <summary>Looks at the database once: is it there, new enough, with connections left, and with a clock like ours?</summary>
internal sealed class DatabaseExamination(DatabaseSettings settings, TimeProvider time)
{
    private const int OldestVersion = 15;

    // What web, worker and a deploy's overlap may need at once.
    private const int ConnectionsWanted = 10;

    // An org lets a JWT live for three minutes, and events two minutes older than a subscription are passed over.
    private static readonly TimeSpan LargestSkew = TimeSpan.FromSeconds(10);

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

    // A server, a database and a user may each have a limit of their own; the nearest counts. Of other users' sessions hardly more is shown than that they are.
    private async Task<Sight> LookAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand("""
            with session as (select usename, datname from pg_stat_activity where usesysid is not null),
            bound(allowed, used) as (
                select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int, (select count(*)::int from session)
                union all select datconnlimit, (select count(*)::int from session s where s.datname = d.datname) from pg_database d where d.datname = current_database()
                union all select rolconnlimit, (select count(*)::int from session s where s.usename = r.rolname) from pg_roles r where r.rolname = current_user)
            select current_setting('server_version_num')::int / 10000, allowed, used, clock_timestamp()
            from bound where allowed >= 0 order by allowed - used limit 1
            """, connection);
        DateTimeOffset asked = time.GetUtcNow();
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        DateTimeOffset told = time.GetUtcNow();
        return new Sight(row.GetInt32(0), row.GetInt32(1), row.GetInt32(2), (asked + ((told - asked) / 2)).UtcDateTime - row.GetDateTime(3));
    }

    private IEnumerable<Finding> Judge(Sight sight)
    {
        yield return sight.Version >= OldestVersion
            ? Finding.Ok("database", $"{settings.Url.Address} is PostgreSQL {sight.Version}")
            : Finding.Fail("database", $"{settings.Url.Address} is PostgreSQL {sight.Version}", $"Upgrade to {OldestVersion} or later: heroku pg:upgrade");

        string used = $"{sight.Connections} of {sight.MaxConnections} are in use";
        yield return sight.MaxConnections - sight.Connections >= ConnectionsWanted
            ? Finding.Ok("connections", used)
            : Finding.Warn("connections", used, $"Keep {ConnectionsWanted} free for the bridge, or take a larger plan.");

        yield return sight.Ahead.Duration() <= LargestSkew
            ? Finding.Ok("clock", "this machine's agrees with the database's")
            : Finding.Warn(
                "clock", $"this machine's is {Ages.Of(sight.Ahead.Duration())} {(sight.Ahead > TimeSpan.Zero ? "ahead of" : "behind")} the database's",
                "Set it right (NTP): schedules fire by it, and an org refuses a JWT whose time is minutes off.");
    }

    private sealed record Sight(int Version, int MaxConnections, int Connections, TimeSpan Ahead);
}
