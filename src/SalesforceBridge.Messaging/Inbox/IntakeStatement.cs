using Npgsql;
using NpgsqlTypes;

namespace SalesforceBridge.Messaging;

/// <summary>
/// Stores waiting requests in one round trip and one transaction. The sources' cursors are locked by a statement of their own, so that the
/// one after it sees everything that was stored before: a request is then known as new, as a repetition, or as another one under a used key.
/// </summary>
internal sealed class IntakeStatement(BridgeSchema schema)
{
    private readonly string _enrol = $"""
        insert into {schema}.cursor (name) select name from unnest($1) c(name) order by name on conflict (name) do nothing
        """;

    private readonly string _lock = $"select from {schema}.cursor where name = any ($1) order by name for no key update";

    private readonly string _store = Store(schema, withCallers: false);
    private readonly string _storeWithCallers = Store(schema, withCallers: true);

    /// <summary>Stores them and says what became of each, in their order. Nothing is said before the commit.</summary>
    public async Task<IReadOnlyList<IntakeAnswer>> ExecuteAsync(NpgsqlConnection connection, IReadOnlyList<WaitingRequest> requests, CancellationToken ct)
    {
        NpgsqlParameter sources = Sql.TextArray(requests.SelectMany(request => request.Messages).Select(message => message.Source).Distinct());
        SealedCaller[] callers = [.. requests.Select(request => request.Caller).OfType<SealedCaller>()];
        List<Row> rows = await Sql.ReadLastAsync(connection,
            [
                Sql.Command(_enrol, sources), Sql.Command(_lock, sources.Clone()), Store(requests, callers.Length > 0),
                .. callers.Length > 0 ? [CallerSql.Store(schema, callers)] : Array.Empty<NpgsqlBatchCommand>(),
            ], Read, ct);
        return new Outcome(rows).AnswersTo(requests);
    }

    // One look into the index for each message. A join may be planned, while the inbox is young, as a walk through all of it, and stay so.
    private static string Found(BridgeSchema schema, string row) =>
        $"select * from {schema}.inbox where source = {row}.source and dedupe_key = {row}.dedupe_key limit 1";

    // `past` looks one index behind a request's last message: who finds something there has fewer messages than the first request had.
    private static string Store(BridgeSchema schema, bool withCallers) => $"""
        with u as materialized (
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $17{(withCallers ? ", $18" : "")})
                with ordinality u(request, is_one, {MessageColumns.Names}, user_id{(withCallers ? ", caller" : "")}, n)),
        known as materialized (
            select u.n, u.request, i.id, i.payload is not distinct from u.payload and i.raw is not distinct from u.raw as is_same
            from u cross join lateral ({Found(schema, "u")}) i),
        past as materialized (
            select p.request from unnest($13, $14, $15) p(request, source, dedupe_key)
            cross join lateral ({Found(schema, "p")}) i),
        i as (
            insert into {schema}.inbox ({Columns(withCallers)})
            select {Columns(withCallers).Replace(" origin,", $" coalesce(origin, {OwnUser.OriginOf(schema, "user_id")}),")} from u
            where not exists (select from known k where k.request = u.request and (u.is_one or k.n = u.n))
              and not exists (select from past p where p.request = u.request)
            order by u.n on conflict (source, dedupe_key) do nothing returning id, source, dedupe_key),
        told as (select pg_notify($16, source) from (select distinct source from i) s)
        select null::bigint as n, id, source, dedupe_key, null::boolean as is_same from i
        union all select n, id, null, null, is_same from known
        union all select -1 - request, null, null, null, null from past
        union all select null, null, null, null, null from told
        """;

    private static string Columns(bool withCallers) => withCallers ? MessageColumns.Names + ", caller" : MessageColumns.Names;

    private NpgsqlBatchCommand Store(IReadOnlyList<WaitingRequest> requests, bool withCallers)
    {
        int count = requests.Sum(request => request.Count);
        List<long> owners = new(count);
        List<bool> ones = new(count);
        var columns = new MessageColumns(count);
        for (int r = 0; r < requests.Count; r++)
        {
            WaitingRequest request = requests[r];
            for (int n = 0; n < request.Count; n++)
            {
                owners.Add(r);
                ones.Add(request.IsOne);
                columns.Add(request.Messages[n], request.DedupeKeyOf(n), request.FaultOf(n));
            }
        }

        int[] whole = [.. Enumerable.Range(0, requests.Count).Where(r => requests[r].IsOne)];
        return Sql.Command(withCallers ? _storeWithCallers : _store,
        [
            Sql.BigintArray(owners),
            new NpgsqlParameter { Value = ones },
            .. columns.Parameters(),
            Sql.BigintArray(whole.Select(r => (long)r)),
            Sql.TextArray(whole.Select(r => requests[r].Messages[0].Source)),
            Sql.TextArray(whole.Select(r => requests[r].DedupeKeyOf(requests[r].Count))),
            Sql.Text(schema.Name),
            Sql.TextArray(OfEach(requests, request => request.UserId)),
            .. withCallers ? [Sql.Typed(NpgsqlDbType.Array | NpgsqlDbType.Uuid, OfEach(requests, request => request.Caller?.Id))] : Array.Empty<NpgsqlParameter>(),
        ]);
    }

    // Of each message that of its request.
    private static T[] OfEach<T>(IReadOnlyList<WaitingRequest> requests, Func<WaitingRequest, T> what) =>
        [.. requests.SelectMany(request => Enumerable.Repeat(what(request), request.Count))];

    private static Row Read(NpgsqlDataReader row) => new(
        row.IsDBNull(0) ? null : row.GetInt64(0),
        row.IsDBNull(1) ? null : row.GetInt64(1),
        row.IsDBNull(2) ? null : row.GetString(2),
        row.IsDBNull(3) ? null : row.GetString(3),
        !row.IsDBNull(4) && row.GetBoolean(4));

    private readonly record struct Row(long? N, long? Id, string? Source, string? DedupeKey, bool IsSame);

    // What the statement told, put together per request. Ids are drawn in the order of the messages.
    private sealed class Outcome(List<Row> rows)
    {
        private readonly Dictionary<long, (long Id, bool IsSame)> _known =
            rows.Where(row => row is { N: > 0, Id: not null }).ToDictionary(row => row.N!.Value, row => (row.Id!.Value, row.IsSame));

        private readonly HashSet<long> _longer = [.. rows.Where(row => row.N < 0).Select(row => -1 - row.N!.Value)];

        private readonly Dictionary<(string, string), long> _storedByKey = rows
            .Where(row => row.DedupeKey is not null).ToDictionary(row => (row.Source!, row.DedupeKey!), row => row.Id!.Value);

        private readonly Queue<long> _storedWithoutKey =
            new(rows.Where(row => row is { N: null, Id: not null, DedupeKey: null }).Select(row => row.Id!.Value).Order());

        private long _n;

        public IReadOnlyList<IntakeAnswer> AnswersTo(IReadOnlyList<WaitingRequest> requests) =>
            [.. requests.Select((request, r) => AnswerTo(request, _longer.Contains(r)))];

        private IntakeAnswer AnswerTo(WaitingRequest request, bool firstHadMore)
        {
            int known = 0, same = 0;
            for (int n = 1; n <= request.Count; n++)
            {
                if (!_known.TryGetValue(_n + n, out (long Id, bool IsSame) row))
                    continue;
                known++;
                same += row.IsSame ? 1 : 0;
            }

            if (request.IsOne && (firstHadMore || known > 0 && (known < request.Count || same < request.Count)))
            {
                _n += request.Count;
                return new IntakeAnswer.OtherBody();
            }

            long[] ids = [.. Enumerable.Range(0, request.Count).Select(n => IdOf(request, n))];
            return known == request.Count ? new IntakeAnswer.AlreadyStored(ids) : new IntakeAnswer.Stored(ids);
        }

        private long IdOf(WaitingRequest request, int index)
        {
            _n++;
            if (_known.TryGetValue(_n, out (long Id, bool IsSame) row))
                return row.Id;
            return request.DedupeKeyOf(index) is { } key ? _storedByKey[(request.Messages[index].Source, key)] : _storedWithoutKey.Dequeue();
        }
    }
}
