using Dapper;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A process that works, or did until it vanished.</summary>
public sealed record WorkerStatus
{
    /// <summary>The dyno, or whatever it calls itself.</summary>
    public string Dyno { get; init; } = "";

    /// <summary>Its program's version; empty where it is not said.</summary>
    public string Version { get; init; } = "";

    /// <summary>How long ago it was seen, by the database's clock.</summary>
    public double SecondsAgo { get; init; }

    /// <summary>Whether it was seen within a lease's time.</summary>
    public bool IsAlive { get; init; }

    /// <summary>The cursors it holds.</summary>
    public string[] Cursors { get; init; } = [];
}

/// <summary>How far a route is on its source, or a lane with its deliveries.</summary>
public sealed record Progress
{
    /// <summary>The route's name, which is its lane's too.</summary>
    public string Name { get; init; } = "";

    /// <summary>The route's source; empty for a lane.</summary>
    public string Source { get; init; } = "";

    /// <summary>Whether a living worker holds it.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Why it stands still; null while it does not.</summary>
    public string? Stopped { get; init; }

    /// <summary>How many messages or deliveries are still before it.</summary>
    public long Behind { get; init; }

    /// <summary>When the first of them came; null when there is none.</summary>
    public DateTime? BehindSince { get; init; }

    /// <summary>How many failed and are tried again by themselves.</summary>
    public long Retrying { get; init; }

    /// <summary>How many wait behind one that failed.</summary>
    public long Waiting { get; init; }

    /// <summary>How many wait for a person.</summary>
    public long Dead { get; init; }
}

/// <summary>A source, and how complete its log is.</summary>
public sealed record SourceStatus
{
    /// <summary>Its name, as in an <c>on:</c> header.</summary>
    public string Name { get; init; } = "";

    /// <summary>Up to where its log is complete, in the source's own words; null where it has no such words.</summary>
    public string? Position { get; init; }

    /// <summary>When its newest message was stored, but for what a backfill told; null when none is kept.</summary>
    public DateTime? LastMessageAt { get; init; }

    /// <summary>How many gaps in it are not healed.</summary>
    public long Gaps { get; init; }

    /// <summary>What a person should look at.</summary>
    public string[] Alerts { get; init; } = [];
}

/// <summary>How the bridge is: what its tables say, read and never changed.</summary>
public sealed class BridgeStatus(BridgeDatabase database)
{
    private readonly BridgeSchema _s = database.Schema;

    private double LeaseSeconds => database.Options.Lease.TotalSeconds;

    /// <summary>The workers, the one seen last first.</summary>
    public Task<IReadOnlyList<WorkerStatus>> WorkersAsync(CancellationToken ct) => ReadAsync<WorkerStatus>($"""
        select w.dyno, w.version, extract(epoch from clock_timestamp() - w.seen_at)::float8 as secondsAgo,
               w.seen_at > clock_timestamp() - make_interval(secs => @LeaseSeconds) as isAlive,
               array(select c.name from {_s}.cursor c where c.worker = w.id order by c.name) as cursors
        from {_s}.worker w order by w.seen_at desc
        """, ct);

    /// <summary>The routes that are enabled, each on its source.</summary>
    public Task<IReadOnlyList<Progress>> RoutesAsync(CancellationToken ct) => ReadAsync<Progress>($"""
        select p.route as name, p.source, {IsHeld("lease")} as isHeld, lease.stopped,
               (select count(*) from {_s}.inbox i where i.source = p.source and i.id > p.position) as behind,
               (select i.received_at from {_s}.inbox i where i.source = p.source and i.id > p.position order by i.id limit 1) as behindSince,
               f.retrying, f.waiting, f.dead
        from (select substring(name from '^route (\S+) on ') as route, substring(name from '^route \S+ on (.*)$') as source,
                     coalesce(position, '0')::bigint as position
              from {_s}.cursor where enabled and name like 'route % on %') p
        left join {_s}.cursor lease on lease.name = 'route ' || p.route
        cross join lateral ({FailuresOf("'route ' || p.route")}) f order by p.route, p.source
        """, ct);

    /// <summary>The lanes that are enabled.</summary>
    public Task<IReadOnlyList<Progress>> LanesAsync(CancellationToken ct) => ReadAsync<Progress>($"""
        select p.lane as name, {IsHeld("p")} as isHeld, p.stopped,
               (select count(*) from {_s}.outbox o where o.lane = p.lane and o.id > p.done) as behind,
               (select o.created_at from {_s}.outbox o where o.lane = p.lane and o.id > p.done order by o.id limit 1) as behindSince,
               f.retrying, f.waiting, f.dead
        from (select substr(name, 6) as lane, coalesce(position, '0')::bigint as done, stopped, worker
              from {_s}.cursor where enabled and name like 'lane %') p
        cross join lateral ({FailuresOf("'lane ' || p.lane")}) f order by p.lane
        """, ct);

    /// <summary>The sources.</summary>
    public Task<IReadOnlyList<SourceStatus>> SourcesAsync(CancellationToken ct) => ReadAsync<SourceStatus>($"""
        select c.name, c.position,
               (select i.received_at from {_s}.inbox i where i.source = c.name and i.for_route is null order by i.source desc, i.id desc limit 1) as lastMessageAt,
               (select count(*) from {_s}.gap g where g.source = c.name and g.healed_at is null) as gaps,
               array(select a.what from {_s}.alert a where starts_with(a.name, c.name || ' ') or a.name in ('gap in ' || c.name, 'poll of ' || c.name) order by a.since) as alerts
        from {_s}.cursor c where (c.name like '% %' or c.name = '{HerokuConnectErrors.Source}') and c.name not like 'route %' and c.name not like 'lane %' order by c.name
        """, ct);

    private string IsHeld(string cursor) => $"""
        exists (select from {_s}.worker w where w.id = {cursor}.worker and w.seen_at > clock_timestamp() - make_interval(secs => @LeaseSeconds))
        """;

    private string FailuresOf(string cursor) => $"""
        select count(*) filter (where state = 'retrying') as retrying, count(*) filter (where state = 'waiting') as waiting,
               count(*) filter (where state = 'dead') as dead
        from {_s}.failure where cursor = {cursor}
        """;

    private async Task<IReadOnlyList<T>> ReadAsync<T>(string sql, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<T>(new CommandDefinition(sql, new { LeaseSeconds }, cancellationToken: ct))];
    }
}
