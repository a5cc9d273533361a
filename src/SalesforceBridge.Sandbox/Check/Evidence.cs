using Dapper;
using Npgsql;

namespace SalesforceBridge.Sandbox.Check;

/// <summary>An order of the app's archive.</summary>
internal sealed record ArchiveRow(string OrderId, decimal Amount, int Events);

/// <summary>An account of the app's mirror.</summary>
internal sealed record MirrorRow(string Id, string? Name, string? Phone, string? City, int Changes);

/// <summary>A won deal that the app has booked.</summary>
internal sealed record BookingRow(string OpportunityId, string? Name, decimal? Amount, int Notifications);

/// <summary>What a route has sent to a record of the org.</summary>
/// <param name="Lane">The route.</param>
/// <param name="Id">The record.</param>
/// <param name="Passes">How many times.</param>
/// <param name="Value">What it set, the first time.</param>
internal sealed record PassRow(string Lane, string Id, long Passes, string? Value);

/// <summary>What the database holds when all is over.</summary>
internal sealed record Evidence
{
    /// <summary>Rows of the inbox that repeat another one that the org has sent, told by what they say and not by what keeps repeats out. No callouts: two of them can say the same.</summary>
    public required long Repeats { get; init; }

    /// <summary>Rows of the inbox that came by callout.</summary>
    public required long CalloutRows { get; init; }

    /// <summary>The different changes among them.</summary>
    public required long ChangeMessages { get; init; }

    /// <summary>The UUIDs of the order events among them.</summary>
    public required IReadOnlySet<string> EventIds { get; init; }

    /// <summary>By what the inbox knows what came in by callout and outbound message.</summary>
    public required IReadOnlySet<string> CallKeys { get; init; }

    public required IReadOnlyList<BookingRow> Bookings { get; init; }

    /// <summary>What the routes sent whose updates make the org call again.</summary>
    public required IReadOnlyList<PassRow> Passes { get; init; }

    public required IReadOnlyList<ArchiveRow> Archive { get; init; }

    public required IReadOnlyList<MirrorRow> Mirror { get; init; }

    /// <summary>Who gave up on which event.</summary>
    public required IReadOnlyList<(string Cursor, string Uuid)> DeadLetters { get; init; }

    /// <summary>Failures that are neither dead nor over.</summary>
    public required long OpenFailures { get; init; }

    /// <summary>Deliveries that were neither made nor given up.</summary>
    public required long UnsettledDeliveries { get; init; }

    public required long Gaps { get; init; }

    public required long Alerts { get; init; }

    public static async Task<Evidence> ReadAsync(SandboxDatabase database, CancellationToken ct)
    {
        string s = database.Schema;
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(ct);
        return new Evidence
        {
            Repeats = await CountAsync($"""
                select count(*) - count(distinct coalesce(payload->>'Order_Number__c', payload->>'ChangeEventHeader', payload->>'notificationId', dedupe_key))
                from {s}.inbox where {SandboxDatabase.IsOfTheOrg} and source not like 'callout %'
                """),
            CalloutRows = await CountAsync($"select count(*) from {s}.inbox where source like 'callout %'"),
            ChangeMessages = await CountAsync($"select count(distinct payload->'ChangeEventHeader') from {s}.inbox where source = 'change Account'"),
            EventIds = (await RowsAsync<string>($"select dedupe_key from {s}.inbox where source = 'event Order_Placed__e'")).ToHashSet(),
            CallKeys = (await RowsAsync<string>($"select dedupe_key from {s}.inbox where source like 'callout %' or source like 'outbound-message %'")).ToHashSet(),
            Bookings = await RowsAsync<BookingRow>("select opportunity_id as OpportunityId, name, amount, notifications from booking"),
            Passes = await RowsAsync<PassRow>($"""
                select lane, body->>'Id' as Id, count(*) as Passes, min(coalesce(body->>'Badge__c', body->>'Description')) as Value
                from {s}.outbox where lane in ('contact-numbered', 'deal-confirmed') group by lane, body->>'Id'
                """),
            Archive = await RowsAsync<ArchiveRow>("select order_id as OrderId, amount, events from order_archive"),
            Mirror = await RowsAsync<MirrorRow>("select id, name, phone, city, changes from account_mirror"),
            DeadLetters = await RowsAsync<(string, string)>($"""
                select f.cursor, i.dedupe_key from {s}.failure f
                left join {s}.outbox o on f.cursor = 'lane ' || o.lane and o.id = f.id
                left join {s}.inbox i on i.id = case when f.cursor like 'lane %' then o.inbox_id else f.id end
                where f.state = 'dead'
                """),
            OpenFailures = await CountAsync($"select count(*) from {s}.failure where state <> 'dead'"),
            UnsettledDeliveries = await CountAsync($"""
                select count(*) from {s}.outbox o
                where not exists (select from {s}.outcome x where x.lane = o.lane and x.id = o.id)
                  and not exists (select from {s}.failure f where f.cursor = 'lane ' || o.lane and f.id = o.id and f.state = 'dead')
                """),
            Gaps = await CountAsync($"select count(*) from {s}.gap"),
            Alerts = await CountAsync($"select count(*) from {s}.alert"),
        };

        Task<long> CountAsync(string sql) => connection.ExecuteScalarAsync<long>(new CommandDefinition(sql, cancellationToken: ct));

        async Task<IReadOnlyList<T>> RowsAsync<T>(string sql) => [.. await connection.QueryAsync<T>(new CommandDefinition(sql, cancellationToken: ct))];
    }
}
