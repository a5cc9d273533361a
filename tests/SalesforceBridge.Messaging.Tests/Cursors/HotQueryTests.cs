using Npgsql;
using SalesforceBridge.Messaging.Tests.Drivers;

namespace SalesforceBridge.Messaging.Tests;

/// <summary>What runs again and again must follow its index under a plan that knows no values, however large the neighbours are.</summary>
public sealed class HotQueryTests
{
    private const string Keyed = "-- on: event Idle__e\n-- do: update X\n-- key: payload->>'k'\nselect payload->>'k' as \"Id\" from message";

    [Fact]
    public async Task An_idle_source_or_lane_is_read_by_its_own_index_among_a_million_of_another()
    {
        await using Middle middle = await Middle.StartAsync();
        Route route = Middle.Route("idle", Keyed);
        await middle.EnrolAsync(route);
        await middle.ExecuteAsync("""
            insert into bridge.inbox (source, payload) select 'event Busy__e', '{}' from generate_series(1, 1000000);
            insert into bridge.outbox (lane, destination, body) select 'busy', 'x', '{}' from generate_series(1, 1000000);
            insert into bridge.inbox (source, payload) values ('event Idle__e', '{"k": 1}');
            analyze bridge.inbox; analyze bridge.outbox;
            """);
        var sql = new RouteSql(middle.Database, route.Definition, LoopGuard.Carried);
        var guarded = new RouteSql(middle.Database, route.Definition, LoopGuard.ForEvent(middle.Database.Schema, ["idle"]));
        var shape = new RouteShape([new RouteColumn("Id", "text")], omitNulls: false);

        string inLog = @"using inbox_pkey on inbox.*\n\s*Index Cond: \(\(source = .* AND \(id > ";
        string inLane = @"using outbox_pkey on outbox.*\n\s*Index Cond: \(\(lane = .* AND \(id > ";
        foreach (NpgsqlBatchCommand window in new[] { sql.Window(500), guarded.Window(500), sql.SelectBatch(shape, "update X", 500) })
            (await GenericPlanAsync(middle, window.CommandText)).ShouldMatch(inLog);
        (await GenericPlanAsync(middle, $"select {sql.More.Replace("$4", "$1")} from bridge.cursor c where c.name = $2")).ShouldMatch(inLog);
        var lane = new LaneSql(middle.Database, route.Definition);
        (await GenericPlanAsync(middle, lane.Next(400).CommandText)).ShouldMatch(inLane);
        string forget = await GenericPlanAsync(middle, CallerSql.Forget(middle.Database.Schema, default).CommandText);
        forget.ShouldContain("using outbox_by_caller");
        forget.ShouldContain("using inbox_by_caller");
        (await GenericPlanAsync(middle, CallerSql.Store(middle.Database.Schema, []).CommandText)).ShouldContain("using inbox_by_caller");
        (await GenericPlanAsync(middle, $"select {lane.More} from bridge.cursor c where c.name = $1")).ShouldMatch(inLane);
    }

    private static async Task<string> GenericPlanAsync(Middle middle, string sql)
    {
        await using var connection = new NpgsqlConnection(middle.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var prepare = new NpgsqlCommand($"set plan_cache_mode = force_generic_plan; prepare hot as {sql}", connection);
        await prepare.ExecuteNonQueryAsync();
        await using var count = new NpgsqlCommand("select cardinality(parameter_types) from pg_prepared_statements where name = 'hot'", connection);
        int parameters = (int)(await count.ExecuteScalarAsync())!;
        await using var explain = new NpgsqlCommand($"explain execute hot({string.Join(", ", Enumerable.Repeat("null", parameters))})", connection);
        await using NpgsqlDataReader reader = await explain.ExecuteReaderAsync();
        List<string> lines = [];
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }
}
