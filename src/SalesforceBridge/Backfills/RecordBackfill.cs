using System.Text.Json;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Sources.Soql;

namespace SalesforceBridge.Backfills;

/// <summary>
/// Reads records of the org and tells a route of them, a page a step: first what the org knows to be deleted, then each record, and at
/// last those that were put off, until no message comes while they are read.
/// </summary>
internal sealed class RecordBackfill(BackfillSource source, SalesforceClient org, BackfillLog backfills, Pause pause, TimeProvider time)
{
    private const string TooMany = "EXCEEDED_ID_LIMIT";

    // In one query's address.
    private const int MostAgain = 200;

    // The org's log of deletes reaches back 15 days, less where it was shortened.
    private static readonly TimeSpan LongestReach = TimeSpan.FromDays(15) - TimeSpan.FromHours(1);
    private static readonly TimeSpan ShortestReach = TimeSpan.FromHours(1);
    private static readonly TimeSpan LogLag = TimeSpan.FromMinutes(10);

    private (DeletedRecord[] Records, DateTimeOffset? Since)? _deleted;

    /// <summary>The next page.</summary>
    /// <returns>The backfill after it.</returns>
    /// <exception cref="SalesforceException">The org refused or could not be reached.</exception>
    /// <exception cref="BackfillTakenException">Another session moved it.</exception>
    public async Task<Backfill> StepAsync(Backfill at, CancellationToken ct)
    {
        if (at is { Position: null, Total: null })
            at = await backfills.CountAsync(at, await org.CountQueryAsync(source.Records.Count(), ct), ct);
        BackfillPlace place = BackfillPlace.Read(at.Position) ?? (source.Deleted is null ? BackfillPlace.Records : BackfillPlace.Deletes);
        long noted = await backfills.NewestAsync(at.Source, ct);
        if (place.TellsDeletes)
            return await TellDeletesAsync(at, place, noted, ct);
        return place.Again.Count >= MostAgain || place.AreRead
            ? await TellAgainAsync(at, place, noted, ct)
            : await TellNextAsync(at, place, noted, ct);
    }

    private async Task<Backfill> TellDeletesAsync(Backfill at, BackfillPlace place, long noted, CancellationToken ct)
    {
        (DeletedRecord[] deleted, DateTimeOffset? since) = _deleted ??= await ReadDeletedAsync(ct);
        DeletedRecord[] next = [.. deleted.Where(record => string.CompareOrdinal(record.Id, place.After) > 0).Take(SoqlQuery.PageSize)];
        BackfillPlace behind = next.Length < SoqlQuery.PageSize ? BackfillPlace.Records : place with { After = next[^1].Id };
        var page = new BackfillPage(noted, [.. next.Select(record => new BackfillRecord(record.Id, source.Deleted!(record)))])
        {
            AreDeleted = true,
            DeletesSince = since,
        };
        return await backfills.StoreAsync(at, page, _ => behind.ToString(), ct);
    }

    private async Task<Backfill> TellNextAsync(Backfill at, BackfillPlace place, long noted, CancellationToken ct)
    {
        QueryPage<JsonElement> page = await PageAsync(source.Records.After(place.After), ct);
        BackfillRecord[] records = RecordsOf(page);
        // Of wide rows an org sends fewer in one answer, and says that there are more.
        bool isLast = page.NextRecordsUrl is null && records.Length < SoqlQuery.PageSize;
        return await backfills.StoreAsync(at, new BackfillPage(noted, records), putOff =>
        {
            string[] again = [.. place.Again, .. putOff];
            return isLast && again.Length == 0
                ? null
                : (place with { After = isLast ? null : records[^1].Id, AreRead = isLast, Again = again }).ToString();
        }, ct);
    }

    private async Task<Backfill> TellAgainAsync(Backfill at, BackfillPlace place, long noted, CancellationToken ct)
    {
        string[] some = [.. place.Again.Take(MostAgain)];
        QueryPage<JsonElement> page = await PageAsync(source.Records.These(some), ct);
        BackfillRecord[] records = RecordsOf(page);
        // Those of which the org did not speak are gone, unless it had more to say.
        string[] unread = page.NextRecordsUrl is null ? [] : [.. some.Except(records.Select(record => record.Id))];
        int left = 0;
        Backfill next = await backfills.StoreAsync(at, new BackfillPage(noted, records), putOff =>
        {
            left = putOff.Count;
            string[] again = [.. place.Again.Skip(some.Length), .. unread, .. putOff];
            return place.AreRead && again.Length == 0 ? null : (place with { Again = again }).ToString();
        }, ct);
        if (left == 0)
            pause.Reset();
        else
            await pause.WaitAsync(ct);
        return next;
    }

    private BackfillRecord[] RecordsOf(QueryPage<JsonElement> page) =>
        [.. page.Records.Select(row => new BackfillRecord(SoqlMessages.PlaceOf(row).Id!, source.Record(row)))];

    private async Task<QueryPage<JsonElement>> PageAsync(string soql, CancellationToken ct)
    {
        await foreach (QueryPage<JsonElement> page in org.QueryPagesAsync(soql, SoqlJson.Default.JsonElement, ct))
            return page;
        throw new FormatException("the org's answer to a query has no page");
    }

    // A shorter reach is better than none: what was deleted before it the report leaves open.
    private async Task<(DeletedRecord[] Deleted, DateTimeOffset? Since)> ReadDeletedAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        for (TimeSpan reach = LongestReach; reach > ShortestReach; reach /= 2)
        {
            try
            {
                DeletedRecords log = await org.GetDeletedAsync(source.Records.SObject, now - reach, now, ct);
                IEnumerable<DeletedRecord> all = [.. log.Deleted, .. await ReadLatelyDeletedAsync(now - LogLag, ct)];
                return ([.. all.DistinctBy(record => record.Id).OrderBy(record => record.Id, StringComparer.Ordinal)], now - reach);
            }
            catch (SalesforceException error) when (error.Code is SoqlPass.SpanUnknown or TooMany)
            {
                // Asked again for a shorter time.
            }
        }

        return ([], null);
    }

    // The log ends with the last whole minute, and behind a gap nobody else tells of what was deleted in this one.
    private async Task<List<DeletedRecord>> ReadLatelyDeletedAsync(DateTimeOffset since, CancellationToken ct)
    {
        List<DeletedRecord> deleted = [];
        string soql = $"select Id, SystemModstamp from {source.Records.SObject} where IsDeleted = true and SystemModstamp >= {SoqlPosition.Text(since)}";
        await foreach (JsonElement row in org.QueryAllAsync(soql, ct))
        {
            SoqlPlace place = SoqlMessages.PlaceOf(row);
            deleted.Add(new DeletedRecord(place.Id!, place.Modstamp));
        }

        return deleted;
    }
}
