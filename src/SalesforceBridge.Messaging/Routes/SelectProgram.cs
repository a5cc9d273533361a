using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A route whose statement yields the records to send: a step is one statement, and no payload leaves the database.</summary>
internal sealed class SelectProgram(RouteDefinition route, RouteSql statements, RouteShape shape, string destination) : RouteProgram(route, statements)
{
    public override async Task<RouteStep> RunBatchAsync(NpgsqlConnection connection, Lease lease, int limit, CancellationToken ct)
    {
        List<RouteStep> steps = await Sql.ReadLastAsync(connection,
            [Statements.Begin(lease), Statements.SelectBatch(shape, destination, limit)],
            row => new RouteStep((int)row.GetInt64(0), (int)row.GetInt64(1), (int)row.GetInt64(2)), Route.Timeout, ct);
        return steps[0];
    }

    public override Task RunOneAsync(NpgsqlConnection connection, Candidate message, CancellationToken ct) =>
        Sql.ExecuteAsync(connection, [Statements.SelectOne(shape, destination, message.Id)], Route.Timeout, ct);
}
