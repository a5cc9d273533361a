using System.Text;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A delivery that a route would write.</summary>
/// <param name="Destination">Where it would go, as in a <c>do:</c> header.</param>
/// <param name="Key">What orders it.</param>
/// <param name="Body">What would be sent, as JSON.</param>
/// <param name="Metadata">The columns that begin with <c>_</c>, as JSON; null where there are none.</param>
public sealed record TrialDelivery(string Destination, string? Key, string Body, string? Metadata);

/// <summary>What a route would do with a message.</summary>
public abstract record TrialOutcome
{
    private TrialOutcome()
    {
    }

    /// <summary>It would write these deliveries, in this order.</summary>
    public sealed record Sends(IReadOnlyList<TrialDelivery> Deliveries) : TrialOutcome;

    /// <summary>Its statement would change so many rows.</summary>
    public sealed record Changes(long Rows) : TrialOutcome;

    /// <summary>It could not do it.</summary>
    /// <param name="Why">What happened and to what.</param>
    public sealed record Fails(string Why) : TrialOutcome;
}

/// <summary>
/// Runs a route for one message in a transaction that is rolled back, read only where the route is a select. Sequences,
/// NOTIFY and whatever a handler does besides its transaction are outside of that.
/// </summary>
public sealed class RouteTrial(BridgeDatabase database, RouteCheck check)
{
    private const string InboxColumns = "id, source, key, payload, received_at, occurred_at";
    private readonly BridgeSchema _s = database.Schema;

    /// <summary>Tries a route with a payload that is in no inbox.</summary>
    /// <param name="route">The route.</param>
    /// <param name="payload">JSON text in UTF-8.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public Task<TrialOutcome> WithPayloadAsync(Route route, ReadOnlyMemory<byte> payload, CancellationToken ct) =>
        JsonFault.Find(payload.Span) is { } fault
            ? Task.FromResult<TrialOutcome>(new TrialOutcome.Fails($"The payload cannot be stored as JSON: {fault}"))
            : RunAsync(route, new Subject(
                "select 0::bigint as id, $1::text as source, null::text as key, $2::jsonb as payload, now() as received_at, now() as occurred_at",
                [route.Definition.Source.ToString(), Encoding.UTF8.GetString(payload.Span)]), ct);

    /// <summary>Tries a route with a message of its source that is in the inbox.</summary>
    /// <param name="route">The route.</param>
    /// <param name="id">The message's id.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public Task<TrialOutcome> WithMessageAsync(Route route, long id, CancellationToken ct) =>
        RunAsync(route, new Subject($"select {InboxColumns} from {_s}.inbox where source = $1 and id = $2", [route.Definition.Source.ToString(), id]), ct);

    private async Task<TrialOutcome> RunAsync(Route route, Subject subject, CancellationToken ct)
    {
        RouteVerdict verdict = await check.RunAsync(route.Definition, ct);
        if (verdict.Faults.Count > 0)
            return new TrialOutcome.Fails(string.Join("; ", verdict.Faults));

        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        try
        {
            await BeginAsync(connection, route, ct);
            Message? message = await ReadAsync(connection, route, subject, ct);
            if (message is null)
                return new TrialOutcome.Fails($"There is no such message of `{route.Definition.Source}`, or no route can read it: see `bridge messages show`.");
            return (route.Handler, route.Definition.Action) switch
            {
                ({ } handler, _) => await HandleAsync(connection, route.Definition, handler, message, ct),
                (_, RouteAction.Deliver or RouteAction.Reply) => await SelectAsync(connection, route.Definition, verdict.Columns, subject, message.Key, ct),
                _ => await ExecuteAsync(connection, route.Definition, subject, ct),
            };
        }
        catch (Exception error) when (!ct.IsCancellationRequested && StepErrors.BlameFor(error) != Blame.Passing)
        {
            return new TrialOutcome.Fails(StepErrors.Describe(error));
        }
    }

    private Task BeginAsync(NpgsqlConnection connection, Route route, CancellationToken ct)
    {
        NpgsqlBatchCommand settings = Sql.Command(
            "select set_config('TimeZone', 'UTC', true), set_config('bridge.origin', $1, true), set_config('bridge.hops', '1', true), set_config('statement_timeout', $2, true)",
            $"bridge:{route.Definition.Name}", $"{(long)route.Definition.Timeout.TotalMilliseconds}");
        NpgsqlBatchCommand asApp = Sql.Command($"select {_s}.as_app()");
        return Sql.ExecuteAsync(connection,
            route is { Handler: null, Definition.Action: RouteAction.Deliver or RouteAction.Reply } ? [settings, asApp, new NpgsqlBatchCommand("set transaction read only")] : [settings, asApp], ct);
    }

    private static async Task<Message?> ReadAsync(NpgsqlConnection connection, Route route, Subject subject, CancellationToken ct)
    {
        string key = route.Definition.KeyExpression is { } expression ? $"(\n{expression}\n)::text" : "null::text";
        List<Message> found = await Sql.ReadLastAsync(connection, [Sql.Command(
            $"with message as ({subject.Query}) select id, source, {key}, payload::text, received_at, occurred_at from message where payload is not null", subject.Parameters)],
            row => new Message(row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetFieldValue<byte[]>(3),
                row.GetFieldValue<DateTimeOffset>(4), row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5)), ct);
        return found.FirstOrDefault();
    }

    private async Task<TrialOutcome> SelectAsync(
        NpgsqlConnection connection, RouteDefinition route, IReadOnlyList<RouteColumn> columns, Subject subject, string? key,
        CancellationToken ct)
    {
        var shape = new RouteShape(columns, route.Nulls == RouteNulls.Omit);
        return new TrialOutcome.Sends(await Sql.ReadLastAsync(connection, [Sql.Command($"""
            select ({shape.Body(_s, "r")})::text, ({shape.Metadata(_s, "r")})::text
            from (with message as ({subject.Query}) select q.* from {SqlText.Read(route.Sql).AsSubquery()} q) r
            """, subject.Parameters)],
            row => new TrialDelivery(route.Action.ToString(), key, row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1)), ct));
    }

    private static async Task<TrialOutcome> ExecuteAsync(NpgsqlConnection connection, RouteDefinition route, Subject subject, CancellationToken ct)
    {
        NpgsqlBatchCommand statement = Sql.Command(SqlText.Read(route.Sql).WithMessage($"message as ({subject.Query})"), subject.Parameters);
        await Sql.ExecuteAsync(connection, [statement], ct);
        return new TrialOutcome.Changes(statement.StatementType == StatementType.Select ? 0 : statement.RecordsAffected);
    }

    // What the handler adds to the outbox is told from what others add meanwhile by the transaction that wrote it.
    private async Task<TrialOutcome> HandleAsync(
        NpgsqlConnection connection, RouteDefinition route, IRouteHandler handler, Message message, CancellationToken ct)
    {
        await handler.HandleAsync(message, new RouteTransaction(connection, new RouteSql(database, route, LoopGuard.Carried), message, hops: 1), ct);
        return new TrialOutcome.Sends(await Sql.ReadLastAsync(connection, [Sql.Command($"""
            select destination, key, body::text, meta::text from {_s}.outbox where lane = $1 and xmin = pg_current_xact_id()::xid order by id
            """, route.Name)],
            row => new TrialDelivery(row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3)), ct));
    }

    /// <summary>The message to try with: a query that yields it as a route sees it, and what that query is given.</summary>
    private sealed record Subject(string Query, object?[] Parameters);
}
