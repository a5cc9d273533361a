using Npgsql;

namespace SalesforceBridge.Messaging;

/// <summary>Records of which an org told that they changed, and not how; a gap until they are read again.</summary>
/// <param name="Gap">The gap's number; 0 before it is stored.</param>
/// <param name="Source">The source that told of them.</param>
/// <param name="SObject">Their object.</param>
/// <param name="Records">Those that are still to be read.</param>
/// <param name="Origin">What caused the change, as of any message.</param>
/// <param name="Hops">How many routes its cause went through.</param>
public sealed record UntoldChange(long Gap, string Source, string SObject, IReadOnlyList<string> Records, string? Origin, int Hops);

/// <summary>
/// The changes of which an org told without their content. What every route is told of a record that was read again is newer than that, unless
/// a message about it came meanwhile: then it is read once more.
/// </summary>
public sealed class UntoldChanges(BridgeDatabase database)
{
    private readonly BridgeSchema _s = database.Schema;
    private readonly BackfillSql _sql = new(database.Schema);

    /// <summary>Notes a change before its message is stored. One that is told again, since the message was not stored, is noted once.</summary>
    /// <param name="change">The change.</param>
    /// <param name="position">Where in the source it was told.</param>
    /// <param name="why">For a person.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public async Task NoteAsync(UntoldChange change, string position, string why, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await Sql.ExecuteAsync(connection,
        [
            Sql.Command($"""
                insert into {_s}.gap (source, from_position, why, object, records, origin, hops) select $1, $2, $3, $4, $5, $6, $7
                where not exists (select from {_s}.gap same where same.source = $1 and same.from_position = $2 and same.records is not null)
                """, change.Source, position, why, change.SObject, Sql.TextArray(change.Records), Sql.Text(change.Origin), (short)change.Hops),
        ], ct);
    }

    /// <summary>The changes whose records are still to be read, oldest first.</summary>
    /// <exception cref="NpgsqlException">The database could not be reached.</exception>
    public async Task<IReadOnlyList<UntoldChange>> OpenAsync(CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        return await Sql.ReadLastAsync(connection,
            [Sql.Command($"select id, source, object, records, origin, hops from {_s}.gap where healed_at is null and records is not null order by id limit $1", 100)],
            row => new UntoldChange(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetFieldValue<string[]>(3), row.IsDBNull(4) ? null : row.GetString(4), row.GetInt16(5)), ct);
    }

    /// <summary>
    /// Stores for every route what was read of some of the records, without those about which a message came meanwhile, and heals the gap when none is
    /// left. Nothing happens where somebody else did so, or a person closed the gap.
    /// </summary>
    /// <param name="change">The change as it was found.</param>
    /// <param name="page">What was read.</param>
    /// <param name="left">The records that are still to be read behind these.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>False where some of the page's records have to be read once more.</returns>
    /// <exception cref="NpgsqlException">The database could not be reached; whether it is done may be unknown, and to do it again is harmless.</exception>
    public async Task<bool> StoreAsync(UntoldChange change, BackfillPage page, IReadOnlyList<string> left, CancellationToken ct)
    {
        await using NpgsqlConnection connection = await database.OpenAsync(ct);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(ct);
        HashSet<string> touched = [.. await Sql.ReadLastAsync(connection,
            [_sql.Lock(change.Source), _sql.Touched(change.Source, null, page.Noted, page.Records.Select(record => record.Id))], row => row.GetString(0), ct)];
        NewMessage[] stored = [.. page.Records.Where(record => !touched.Contains(record.Id)).Select(record => record.Message)];
        string[] again = [.. page.Records.Select(record => record.Id).Where(touched.Contains)];
        List<long> moved = await Sql.ReadLastAsync(connection, [Move(change, [.. left, .. again])], row => row.GetInt64(0), ct);
        if (moved.Count == 0)
            return true;
        NpgsqlBatchCommand[] store = stored.Length == 0 ? [] : [_sql.Insert(null, stored), _sql.Wake(change.Source)];
        await Sql.ExecuteAsync(connection, [.. store, .. Gaps.ClearAlert(_s, change.Source)], ct);
        await transaction.CommitAsync(ct);
        return again.Length == 0;
    }

    private NpgsqlBatchCommand Move(UntoldChange change, string[] next) => Sql.Command($"""
        update {_s}.gap set records = $3, healed_at = case when cardinality($3) = 0 then clock_timestamp() end,
            healed = case when cardinality($3) = 0 then 'the records were read again' end
        where id = $1 and records = $2 and healed_at is null returning id
        """, change.Gap, Sql.TextArray(change.Records), Sql.TextArray(next));
}
