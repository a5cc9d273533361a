using Dapper;
using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A message of the inbox without its payload.</summary>
public sealed record MessageHeader
{
    /// <summary>Its place in the log.</summary>
    public long Id { get; init; }

    /// <summary>Where it came from.</summary>
    public string Source { get; init; } = "";

    /// <summary>What it is about, where its source says.</summary>
    public string? Key { get; init; }

    /// <summary>When it was stored.</summary>
    public DateTime ReceivedAt { get; init; }

    /// <summary>When it happened, where the source says.</summary>
    public DateTime? OccurredAt { get; init; }

    /// <summary>What caused it, where a route did.</summary>
    public string? Origin { get; init; }

    /// <summary>The one route that it is for, as what a backfill tells is; null where it is for every route on its source.</summary>
    public string? ForRoute { get; init; }

    /// <summary>How many bytes it is long.</summary>
    public long Bytes { get; init; }

    /// <summary>Why it has no payload that a route can read; null when it has one.</summary>
    public string? Fault { get; init; }
}

/// <summary>A message with everything that is known of it.</summary>
/// <param name="Header">What it is.</param>
/// <param name="Payload">Its payload as JSON; null when it has none that can be read.</param>
/// <param name="Raw">What came, as text, where that is no JSON that can be stored; bytes that are no text are escaped.</param>
/// <param name="Failures">What became of it where a route could not do it: the route, how it stands, and the last error.</param>
public sealed record MessageDetails(MessageHeader Header, string? Payload, string? Raw, IReadOnlyList<string> Failures);

/// <summary>Which messages to list.</summary>
public sealed record MessageFilter
{
    /// <summary>Of one source; null for all.</summary>
    public string? Source { get; init; }

    /// <summary>With this key; null for any.</summary>
    public string? Key { get; init; }

    /// <summary>Older than this id; null from the newest on.</summary>
    public long? Before { get; init; }

    /// <summary>Only those that no route can read.</summary>
    public bool FaultyOnly { get; init; }

    /// <summary>At most so many, from 1.</summary>
    public int Limit { get; init; } = 20;
}

/// <summary>The inbox, to be looked at.</summary>
public sealed class MessageLog(BridgeDatabase database)
{
    private readonly BridgeSchema _s = database.Schema;

    private const string Columns = """
        i.id, i.source, i.key, i.received_at as receivedAt, i.occurred_at as occurredAt, i.origin, i.for_route as forRoute, i.fault,
        coalesce(octet_length(i.payload::text), octet_length(i.raw))::bigint as bytes
        """;

    /// <summary>The newest messages first. Each source is read along its own log, since ids of all together have no index.</summary>
    public async Task<IReadOnlyList<MessageHeader>> ListAsync(MessageFilter filter, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return [.. await connection.QueryAsync<MessageHeader>(new CommandDefinition($"""
            select {Columns}
            from {_s}.cursor c
            cross join lateral (
                select * from {_s}.inbox i
                where i.source = c.name and (@Before::bigint is null or i.id < @Before) and (@Key::text is null or i.key = @Key)
                  and (not @FaultyOnly or i.fault is not null)
                order by i.source desc, i.id desc limit @Limit) i
            where c.name not like 'route %' and c.name not like 'lane %' and (@Source::text is null or c.name = @Source)
            order by i.id desc limit @Limit
            """, filter, cancellationToken: ct))];
    }

    /// <summary>One message; null where there is none of this id, or none any more.</summary>
    public async Task<MessageDetails?> FindAsync(long id, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        MessageHeader? header = await connection.QuerySingleOrDefaultAsync<MessageHeader>(new CommandDefinition(
            $"select {Columns} from {_s}.inbox i where i.id = @id", new { id }, cancellationToken: ct));
        if (header is null)
            return null;
        (string? payload, string? raw) = await connection.QuerySingleAsync<(string?, string?)>(new CommandDefinition(
            $"select payload::text, encode(raw, 'escape') from {_s}.inbox where source = @Source and id = @Id", header, cancellationToken: ct));
        IEnumerable<string> failures = await connection.QueryAsync<string>(new CommandDefinition($"""
            select cursor || ': ' || state || coalesce(' after ' || nullif(attempts, 0) || ' attempts', '') || coalesce(': ' || error, '')
            from {_s}.failure where source = @Source and id = @Id and cursor like 'route %' order by cursor
            """, header, cancellationToken: ct));
        return new MessageDetails(header, payload, raw, [.. failures]);
    }

    /// <summary>The id of the message that a source stored under a dedupe key; null where there is none.</summary>
    public async Task<long?> IdOfAsync(string source, string dedupeKey, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            $"select id from {_s}.inbox where source = @source and dedupe_key = @dedupeKey", new { source, dedupeKey }, cancellationToken: ct));
    }
}
