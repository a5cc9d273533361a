using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>A span of a source that is known or feared lost.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Source">The source.</param>
/// <param name="From">The last position before it, in the source's words.</param>
/// <param name="To">The first position after it, or how the source went on.</param>
/// <param name="Why">What happened.</param>
/// <param name="NoticedAt">When it was noticed.</param>
/// <param name="Healed">How it was healed; null while it is open.</param>
public sealed record Gap(long Id, string Source, string? From, string? To, string Why, DateTimeOffset NoticedAt, string? Healed);

/// <summary>What became of the wish to close a gap.</summary>
public enum GapClosing
{
    /// <summary>It is closed.</summary>
    Closed,

    /// <summary>It was healed or closed before.</summary>
    WasHealed,

    /// <summary>There is none of this number.</summary>
    Unknown,
}

/// <summary>The record of what was lost, or is feared to be: a gap is never silent.</summary>
public sealed class Gaps(BridgeDatabase database)
{
    /// <summary>Records a gap and raises an alert.</summary>
    public async Task RecordAsync(string source, string? from, string? to, string why, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection, Record(database.Schema, source, from, to, why), ct);
    }

    /// <summary>The same where several processes notice one gap at once: it is recorded and told by the first of them alone.</summary>
    public async Task RecordOnceAsync(string source, string from, string? to, string why, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection,
        [
            Sql.Command($"select from {database.Schema}.cursor where name = $1 for no key update", source),
            Sql.Command($"""
                with told as (
                    insert into {database.Schema}.gap (source, from_position, to_position, why) select $1, $2, $3, $4
                    where not exists (select from {database.Schema}.gap same where same.source = $1 and same.from_position = $2)
                    returning source, why)
                insert into {database.Schema}.alert (name, what) select 'gap in ' || source, why from told
                on conflict (name) do update set what = excluded.what, seen_at = clock_timestamp()
                """, source, from, Sql.Text(to), why),
        ], ct);
    }

    /// <summary>Ends the open gaps of a source, and their alert.</summary>
    public async Task HealAsync(string source, string how, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection, Heal(database.Schema, source, how), ct);
    }

    /// <summary>A person has seen to a gap, or can live with it: it is told no longer.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="reason">What was done about it.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<GapClosing> CloseAsync(long id, string reason, CancellationToken ct)
    {
        BridgeSchema s = database.Schema;
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        List<(string Source, bool IsOpen)> found = await Sql.ReadLastAsync(connection,
            [Sql.Command($"select source, healed_at is null from {s}.gap where id = $1 for update", id)], row => (row.GetString(0), row.GetBoolean(1)), ct);
        if (found is not [(var source, true)])
            return found.Count == 0 ? GapClosing.Unknown : GapClosing.WasHealed;
        await Sql.ExecuteAsync(connection,
        [
            Sql.Command($"update {s}.gap set healed = 'closed: ' || $2, healed_at = clock_timestamp() where id = $1", id, reason),
            .. ClearAlert(s, source),
        ], ct);
        await transaction.CommitAsync(ct);
        return GapClosing.Closed;
    }

    /// <summary>The gaps, newest first.</summary>
    public async Task<IReadOnlyList<Gap>> ListAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await Sql.ReadLastAsync(connection,
            [Sql.Command($"select id, source, from_position, to_position, why, noticed_at, healed from {database.Schema}.gap order by id desc")],
            row => new Gap(row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3),
                row.GetString(4), row.GetFieldValue<DateTimeOffset>(5), row.IsDBNull(6) ? null : row.GetString(6)), ct);
    }

    internal static NpgsqlBatchCommand[] Record(BridgeSchema schema, string source, string? from, string? to, string why) =>
    [
        Sql.Command($"insert into {schema}.gap (source, from_position, to_position, why) values ($1, $2, $3, $4)", source, Sql.Text(from), Sql.Text(to), why),
        Alerts.Raise(schema, $"gap in {source}", why),
    ];

    /// <summary>Ends the open gaps of a source.</summary>
    internal static NpgsqlBatchCommand[] Heal(BridgeSchema schema, string source, string how) =>
    [
        Sql.Command($"update {schema}.gap set healed = $2, healed_at = clock_timestamp() where source = $1 and healed_at is null", source, how),
        Alerts.Clear(schema, $"gap in {source}"),
    ];

    /// <summary>Ends the alert of a source whose last open gap is healed.</summary>
    internal static NpgsqlBatchCommand[] ClearAlert(BridgeSchema schema, string source) =>
    [
        Sql.Command($"""
            delete from {schema}.alert where name = 'gap in ' || $1 and not exists (select from {schema}.gap where source = $1 and healed_at is null)
            """, source),
    ];
}
