using System.Data;
using Npgsql;
using Npgsql.PostgresTypes;

namespace SalesforceBridge.Messaging;

/// <summary>What the database says of a route's statement.</summary>
/// <param name="Faults">What keeps it from running, each with what to do; empty when it can run.</param>
/// <param name="Columns">What it yields, in order; empty for DML.</param>
public sealed record RouteVerdict(IReadOnlyList<string> Faults, IReadOnlyList<RouteColumn> Columns);

/// <summary>
/// Prepares a route's statement alone: the server must find one complete statement in the file's text before that text
/// becomes part of a larger one, so it cannot reach out of its place there. Nothing is run, nothing is kept.
/// </summary>
public sealed class RouteCheck(BridgeDatabase database)
{
    private const string TruncatedName = "42622";
    private const string UnnamedColumn = "?column?";

    /// <summary>Asks the database about one route.</summary>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public async Task<RouteVerdict> RunAsync(RouteDefinition route, CancellationToken ct)
    {
        SqlText sql = SqlText.Read(route.Sql);
        if (sql.Faults.Count > 0)
            return new([.. sql.Faults.Select(fault => $"line {fault.Line + route.SqlLine - 1}: {fault.What}")], []);

        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        List<string> faults = [];
        void Notice(object sender, NpgsqlNoticeEventArgs args)
        {
            if (args.Notice.SqlState == TruncatedName)
                faults.Add($"{args.Notice.MessageText}: PostgreSQL keeps 63 bytes of a name; send this field by a shorter path.");
        }

        connection.Notice += Notice;
        try
        {
            await ShowMessageAsync(connection, ct);
            IReadOnlyList<RouteColumn> columns = await DescribeAsync(connection, route.Sql, ct);
            if (route.Action is RouteAction.Execute)
                columns = [];
            faults.AddRange(FaultsOf(route, columns));
            if (faults.Count == 0)
                await PrepareComposedAsync(connection, route, columns, ct);
            return new(faults, columns);
        }
        catch (PostgresException error) when (StepErrors.BlameFor(error) != Blame.Passing)
        {
            return new([.. faults, Explain(route, error)], []);
        }
        finally
        {
            connection.Notice -= Notice;
        }
    }

    private Task ShowMessageAsync(NpgsqlConnection connection, CancellationToken ct) => Sql.ExecuteAsync(connection,
    [
        Sql.Command($"select {database.Schema}.as_app()"),
        Sql.Command($"create temporary view message as select id, source, key, payload, received_at, occurred_at from {database.Schema}.inbox"),
    ], ct);

    private async Task PrepareComposedAsync(NpgsqlConnection connection, RouteDefinition route, IReadOnlyList<RouteColumn> columns, CancellationToken ct)
    {
        var statements = new RouteSql(database, route, LoopGuard.Carried);
        var shape = new RouteShape(columns, route.Nulls == RouteNulls.Omit);
        await Sql.ExecuteAsync(connection, [Sql.Command("drop view pg_temp.message")], ct);
        await DescribeAsync(connection, statements.Window(1), ct);
        switch (route.Action)
        {
            case RouteAction.Deliver deliver:
                await DescribeAsync(connection, statements.SelectBatch(shape, deliver.Destination, 1), ct);
                break;
            case RouteAction.Execute:
                await DescribeAsync(connection, statements.ExecuteOne(0), ct);
                break;
        }
    }

    // A parameter that is not used keeps Npgsql from taking the text apart at its semicolons: the server sees it as it is.
    private static Task<IReadOnlyList<RouteColumn>> DescribeAsync(NpgsqlConnection connection, string sql, CancellationToken ct) =>
        DescribeAsync(connection, Sql.Command(sql, 0), ct);

    private static async Task<IReadOnlyList<RouteColumn>> DescribeAsync(NpgsqlConnection connection, NpgsqlBatchCommand command, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { command } };
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(CommandBehavior.SchemaOnly, ct);
        return [.. Enumerable.Range(0, reader.FieldCount).Select(n => ColumnOf(reader.GetName(n), reader.GetPostgresType(n)))];
    }

    private static RouteColumn ColumnOf(string name, PostgresType type) => new(name, type.DisplayName) { IsEnum = type is PostgresEnumType };

    private static IEnumerable<string> FaultsOf(RouteDefinition route, IReadOnlyList<RouteColumn> columns)
    {
        if (route.Action is RouteAction.Execute)
            yield break;
        if (columns.Count == 0)
            yield return $"`do: {route.Action}` sends rows, and the statement yields none; write a select, or leave `do:` out for DML.";
        foreach (RouteColumn unnamed in columns.Where(column => column.Name == UnnamedColumn))
            yield return $"A column of type {unnamed.Type} has no name; give it the field's name with `as \"Field__c\"`.";
        foreach (IGrouping<string, RouteColumn> same in columns.GroupBy(column => column.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            yield return $"The column {same.Key} is there {same.Count()} times; a field is sent once.";
        foreach (RouteColumn column in columns.Where(column => !column.IsSendable))
            yield return $"The column {column.Name} has type {column.Type}, which has no form that can be sent; cast it, for example to text.";
    }

    private static string Explain(RouteDefinition route, PostgresException error)
    {
        string line = error.Position > 0 && error.Position <= route.Sql.Length && error.InternalPosition == 0
            ? $"line {route.Sql.AsSpan(0, error.Position - 1).Count('\n') + route.SqlLine}: "
            : "";
        return $"{line}{error.SqlState}: {error.MessageText}{(error.Hint is { } hint ? $" ({hint})" : "")}";
    }
}
