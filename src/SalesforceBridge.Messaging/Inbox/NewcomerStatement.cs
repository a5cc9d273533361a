using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Stores requests of one message that come for the first time, as nearly all do: one statement, which looks for nothing before it stores.
/// What it did not store is known already, or is the first of its source, and <see cref="IntakeStatement"/> says which.
/// </summary>
internal sealed class NewcomerStatement(BridgeSchema schema)
{
    // Ids are drawn above the join with the locked cursors, so that of each source they become visible in order. A source is locked, and
    // its messages without a dedupe key are stored, or it is not and none are.
    private readonly string _store = $"""
        with l as materialized (select name from {schema}.cursor where name = any ($1) order by name for no key update),
        i as (
            insert into {schema}.inbox (source, key, dedupe_key, payload, occurred_at, origin)
            select u.source, u.key, u.dedupe_key, u.payload, u.occurred_at, {OwnUser.OriginOf(schema, "u.user_id")}
            from l join unnest($3, $4, $5, $6, $7, $8) with ordinality u(source, key, dedupe_key, payload, occurred_at, user_id, n) on u.source = l.name
            order by u.n on conflict (source, dedupe_key) do nothing returning id, source, dedupe_key),
        told as (select pg_notify($2, source) from (select distinct source from i) s)
        select id, source, dedupe_key from i union all select null, null, null from told
        """;

    /// <summary>Whether requests can be stored so.</summary>
    public static bool Takes(IReadOnlyList<WaitingRequest> requests) => requests.All(
        request => request is { Count: 1, Caller: null } && MessageColumns.HasFew(request.Messages[0], request.FaultOf(0)));

    /// <summary>Stores those that are new and says under which id, in their order; null for the others.</summary>
    public async Task<IReadOnlyList<IntakeAnswer?>> ExecuteAsync(NpgsqlConnection connection, IReadOnlyList<WaitingRequest> requests, CancellationToken ct)
    {
        string[] sources = [.. requests.Select(request => request.Messages[0].Source)];
        var columns = new MessageColumns(requests.Count);
        foreach (WaitingRequest request in requests)
            columns.Add(request.Messages[0], request.DedupeKeyOf(0), fault: null);
        NpgsqlBatchCommand store = Sql.Command(
            _store, [Sql.TextArray(sources.Distinct()), Sql.Text(schema.Name), Sql.TextArray(sources), .. columns.FewParameters(), Sql.TextArray(requests.Select(request => request.UserId))]);
        List<Row?> rows = await Sql.ReadLastAsync(connection, [store], Read, ct);
        var stored = rows.OfType<Row>().OrderBy(row => row.Id).ToLookup(row => (row.Source, row.DedupeKey), row => row.Id);

        Dictionary<string, int> withoutKey = [];
        return [.. requests.Select(AnswerTo)];

        IntakeAnswer? AnswerTo(WaitingRequest request)
        {
            (string source, string? key) = (request.Messages[0].Source, request.DedupeKeyOf(0));
            int place = key is null ? withoutKey[source] = withoutKey.GetValueOrDefault(source, -1) + 1 : 0;
            return stored[(source, key)].ElementAtOrDefault(place) is var id and > 0 ? new IntakeAnswer.Stored([id]) : null;
        }
    }

    private static Row? Read(NpgsqlDataReader row) =>
        row.IsDBNull(0) ? null : new Row(row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2));

    private sealed record Row(long Id, string Source, string? DedupeKey);
}
