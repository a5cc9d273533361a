using System.Collections.Concurrent;
using System.Text;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A C# handler that answers a callout. Its attribute's headers say <c>do: reply</c>.</summary>
public interface IReplyHandler : IRouteHandler
{
    /// <summary>The answer, as JSON text; null where there is none, which the caller is told as 404.</summary>
    /// <param name="message">The whole request; in no inbox, so its id is 0.</param>
    /// <param name="connection">Inside a transaction that is read only.</param>
    /// <param name="ct">The time for the answer is over.</param>
    Task<string?> ReplyAsync(Message message, NpgsqlConnection connection, CancellationToken ct);

    Task IRouteHandler.HandleAsync(Message message, RouteTransaction transaction, CancellationToken ct) =>
        throw new InvalidOperationException("A route that replies handles no messages.");
}

/// <summary>What came of asking a route for an answer.</summary>
public abstract record ReplyOutcome
{
    private ReplyOutcome()
    {
    }

    /// <summary>The answer, as JSON text.</summary>
    public sealed record Answer(string Json) : ReplyOutcome;

    /// <summary>What its rows have, where only that was asked.</summary>
    public sealed record Described(IReadOnlyList<RouteColumn> Columns) : ReplyOutcome;

    /// <summary>The route answers with one row and there was none.</summary>
    public sealed record NoRow : ReplyOutcome;

    /// <summary>The request's content fails the statement.</summary>
    /// <param name="Why">The database's code and text.</param>
    public sealed record Refused(string Why) : ReplyOutcome;

    /// <summary>The statement is wrong, or writes: nothing in the request can mend that.</summary>
    /// <param name="Why">The database's code and text.</param>
    public sealed record Unfit(string Why) : ReplyOutcome;

    /// <summary>More wait for an answer than may wait.</summary>
    public sealed record Busy : ReplyOutcome;

    /// <summary>There was no answer within the route's time.</summary>
    public sealed record TooSlow : ReplyOutcome;

    /// <summary>The database does not answer.</summary>
    public sealed record DatabaseAway : ReplyOutcome;
}

/// <summary>
/// Answers requests by running a route read only. One answer is made at a time, on the spare connection, so that replies never take what
/// the intake needs; a few more may wait.
/// </summary>
public sealed class Replies(BridgeDatabase database, RouteCheck check, SpareConnection spare, TimeProvider time)
{
    /// <summary>How many requests may wait for their turn.</summary>
    public const int MostWaiting = 16;

    /// <summary>The largest answer, in characters: more than Apex may receive.</summary>
    public const int LargestAnswer = 12 << 20;

    private const string ReadOnlyViolated = "25006";

    // To prepare a statement takes none of the time that its route allows for running it.
    private static readonly TimeSpan TimeToDescribe = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, RouteShape> _shapes = new();
    private int _asking;

    /// <summary>Asks a route for its answer.</summary>
    /// <param name="route">A route that does <c>reply</c>.</param>
    /// <param name="request">The whole request, as JSON text in UTF-8 that jsonb takes.</param>
    /// <param name="ct">The caller left.</param>
    public Task<ReplyOutcome> AskAsync(Route route, ReadOnlyMemory<byte> request, CancellationToken ct) =>
        InTurnAsync(route.Definition, route.Definition.Timeout, limited => RunAsync(route, request, limited), ct);

    /// <summary>Asks what the rows have that a route answers with.</summary>
    /// <param name="route">A SQL route that does <c>reply</c>.</param>
    /// <param name="ct">The caller left.</param>
    public Task<ReplyOutcome> DescribeAsync(RouteDefinition route, CancellationToken ct) => InTurnAsync(
        route, TimeToDescribe, async limited => new ReplyOutcome.Described((await ShapeAsync(route, limited)).Columns), ct);

    private async Task<ReplyOutcome> InTurnAsync(RouteDefinition route, TimeSpan patience, Func<CancellationToken, Task<ReplyOutcome>> ask, CancellationToken ct)
    {
        using var limit = new Deadline(patience, time, ct);
        try
        {
            if (Interlocked.Increment(ref _asking) > MostWaiting + 1)
                return new ReplyOutcome.Busy();
            using IDisposable turn = await spare.TakeTurnAsync(limit.Token);
            return await ask(limit.Token);
        }
        catch (OperationCanceledException) when (limit.HasPassed)
        {
            return new ReplyOutcome.TooSlow();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            _shapes.TryRemove(route.Name, out _);
            return OutcomeOf(error);
        }
        finally
        {
            Interlocked.Decrement(ref _asking);
        }
    }

    private async Task<ReplyOutcome> RunAsync(Route route, ReadOnlyMemory<byte> request, CancellationToken ct)
    {
        RouteShape? shape = route.Handler is null ? await ShapeAsync(route.Definition, ct) : null;
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        await Sql.ExecuteAsync(connection,
        [
            Sql.Command($"select {database.Schema}.as_app(), set_config('TimeZone', 'UTC', true), set_config('statement_timeout', $1, true)", $"{(long)route.Definition.Timeout.TotalMilliseconds}"),
            Sql.Command("set transaction read only"),
        ], ct);
        return route.Handler is IReplyHandler handler
            ? await HandleAsync(handler, route.Definition, request, connection, ct)
            : await SelectAsync(connection, route.Definition, shape!, request, ct);
    }

    private async Task<RouteShape> ShapeAsync(RouteDefinition route, CancellationToken ct)
    {
        if (_shapes.TryGetValue(route.Name, out RouteShape? known))
            return known;
        RouteVerdict verdict = await check.RunAsync(route, ct);
        return verdict.Faults.Count > 0
            ? throw new RouteUnfitException(verdict.Faults)
            : _shapes[route.Name] = new RouteShape(verdict.Columns, omitNulls: false);
    }

    private async Task<ReplyOutcome> HandleAsync(
        IReplyHandler handler, RouteDefinition route, ReadOnlyMemory<byte> request, NpgsqlConnection connection, CancellationToken ct)
    {
        var message = new Message(0, route.Source.ToString(), null, request, time.GetUtcNow(), null);
        return await handler.ReplyAsync(message, connection, ct) is { } json ? new ReplyOutcome.Answer(json) : new ReplyOutcome.NoRow();
    }

    private async Task<ReplyOutcome> SelectAsync(
        NpgsqlConnection connection, RouteDefinition route, RouteShape shape, ReadOnlyMemory<byte> request, CancellationToken ct)
    {
        var rows = new StringBuilder("[");
        List<string> found = await Sql.ReadLastAsync(connection, [Sql.Command($"""
            with message as (select 0::bigint as id, $1::text as source, null::text as key, $2::jsonb as payload,
                                    now() as received_at, null::timestamptz as occurred_at)
            select ({shape.Body(database.Schema, "r")})::text
            from (select q.*, row_number() over () as "row of the reply" from {SqlText.Read(route.Sql).AsSubquery()} q) r
            order by r."row of the reply" {(route.RepliesOne ? "limit 1" : "")}
            """, route.Source.ToString(), Encoding.UTF8.GetString(request.Span))],
            row =>
            {
                string json = row.GetString(0);
                rows.Append(rows.Length > 1 ? "," : "").Append(json);
                return rows.Length <= LargestAnswer ? json : throw new RouteUnfitException([$"The answer is larger than {LargestAnswer} characters; let the statement select less."]);
            }, ct);
        if (!route.RepliesOne)
            return new ReplyOutcome.Answer(rows.Append(']').ToString());
        return found.Count > 0 ? new ReplyOutcome.Answer(found[0]) : new ReplyOutcome.NoRow();
    }

    private static ReplyOutcome OutcomeOf(Exception error) => (StepErrors.CodeOf(error), StepErrors.BlameFor(error)) switch
    {
        (ReadOnlyViolated, _) => new ReplyOutcome.Unfit($"{StepErrors.Describe(error)}: a reply only reads"),
        (_, Blame.Passing) => new ReplyOutcome.DatabaseAway(),
        (_, Blame.TooSlow) => new ReplyOutcome.TooSlow(),
        (not null, Blame.Message) => new ReplyOutcome.Refused(StepErrors.Describe(error)),
        _ => new ReplyOutcome.Unfit(StepErrors.Describe(error)),
    };
}
