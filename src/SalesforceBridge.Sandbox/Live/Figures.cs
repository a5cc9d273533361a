using Dapper;
using Npgsql;

namespace SalesforceBridge.Sandbox.Live;

/// <summary>How far the work is, from the bridge's own tables.</summary>
internal sealed record Figures
{
    /// <summary>Messages in the inbox.</summary>
    public long Received { get; init; }

    /// <summary>Messages that routes are done with, each route for itself.</summary>
    public long RoutesRun { get; init; }

    /// <summary>Those of them that Apex called out with.</summary>
    public long Callouts { get; init; }

    /// <summary>Those of them that came in outbound messages.</summary>
    public long Notifications { get; init; }

    /// <summary>Records of the org that were updated: orders, contacts and won deals.</summary>
    public long Updated { get; init; }

    /// <summary>Alerts about large orders that were published to the org.</summary>
    public long Published { get; init; }

    /// <summary>What the app changed in contacts and the org took.</summary>
    public long Sent { get; init; }

    /// <summary>What the app changed and the org refused.</summary>
    public long Refused { get; init; }

    /// <summary>What the app's route was told of that.</summary>
    public long Told { get; init; }

    /// <summary>What the org changed in contacts and the app's route has followed.</summary>
    public long Followed { get; init; }

    public long DeadLetters { get; init; }

    public long Retrying { get; init; }

    /// <summary>From the org's event until the org's record was updated, in milliseconds: the median of the last hundred.</summary>
    public double Lag { get; init; }

    /// <summary>The longest of the same hundred.</summary>
    public double LongestLag { get; init; }

    public static async Task<Figures> ReadAsync(SandboxDatabase database, CancellationToken ct)
    {
        string s = database.Schema;
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(ct);
        return await connection.QuerySingleAsync<Figures>(new CommandDefinition($"""
            with lags as (
                select extract(epoch from x.at - i.occurred_at)::float8 * 1000 as lag
                from {s}.outcome x join {s}.outbox o on o.lane = x.lane and o.id = x.id
                join {s}.inbox i on i.source = 'event Order_Placed__e' and i.id = o.inbox_id
                where x.lane = 'order-accepted' order by x.lane desc, x.id desc limit 100)
            select (select count(*) from {s}.inbox) as Received,
                   (select coalesce(sum(n), 0)::bigint from {s}.cursor c cross join lateral (
                       select count(*) n from {s}.inbox i
                       where i.source = split_part(c.name, ' on ', 2) and i.id <= case when c.name like 'route % on %' then c.position::bigint end) passed) as RoutesRun,
                   (select count(*) from {s}.inbox where source like 'callout %') as Callouts,
                   (select count(*) from {s}.inbox where source like 'outbound-message %') as Notifications,
                   (select count(*) from {s}.outcome where lane in ('order-accepted', 'contact-numbered', 'deal-confirmed')) as Updated,
                   (select count(*) from {s}.outcome where lane = 'large-order-alert') as Published,
                   (select count(*) from {SandboxDatabase.SyncedSchema}._trigger_log where state = 'SUCCESS') as Sent,
                   (select count(*) from {SandboxDatabase.SyncedSchema}._trigger_log where state = 'FAILED') as Refused,
                   (select coalesce(sum(times), 0) from contact_refusal) as Told,
                   (select coalesce(sum(changes), 0) from contact_card) as Followed,
                   (select count(*) from {s}.failure where state = 'dead') as DeadLetters,
                   (select count(*) from {s}.failure where state <> 'dead') as Retrying,
                   (select coalesce(percentile_cont(0.5) within group (order by lag), 0) from lags) as Lag,
                   (select coalesce(max(lag), 0) from lags) as LongestLag
            """, cancellationToken: ct));
    }
}
