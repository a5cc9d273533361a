using System.Text.Json;
using System.Text.Json.Serialization;
using SalesforceBridge.Budget;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Sources.Soql;

/// <summary>
/// One poll of a query: the deletes, then page after page of what changed before the org's horizon. A page and the place behind its
/// last row are one transaction, and the next page is a query of its own from there: an org's query locator would end after two days.
/// </summary>
internal sealed class SoqlPass(SoqlSource source, OrgCalls calls, BridgeDatabase database, InboxLog inbox, StorageGauge storage, TimeProvider time)
{
    /// <summary>An org's code for a span of time that it does not answer for.</summary>
    public const string SpanUnknown = "INVALID_REPLICATION_DATE";

    private const string TooMany = "EXCEEDED_ID_LIMIT";

    // No transaction of an org lasts longer, so none that is open began earlier.
    private static readonly TimeSpan HorizonSpan = TimeSpan.FromMinutes(10);

    // An org ignores seconds, and wants a minute between the ends of a span.
    private static readonly TimeSpan ShortestSpan = TimeSpan.FromMinutes(2);

    private readonly Gaps _gaps = new(database);
    private readonly SalesforceClient _org = calls.For(ApiCaller.Poll(source.Name));

    /// <summary>The time between the begins of two polls: longer than the routes say when the bridge's calls of a day run low.</summary>
    public TimeSpan Interval => source.Interval * calls.Stretch;

    /// <summary>Tells what is new.</summary>
    /// <param name="epoch">The epoch under which the source is held.</param>
    /// <param name="position">How far it is told, as stored.</param>
    /// <param name="ct">Ends the poll; what was stored stays.</param>
    /// <returns>How far it is told now, as stored.</returns>
    /// <exception cref="SalesforceException">The org refused or could not be reached.</exception>
    /// <exception cref="LeaseLostException">Another worker holds the source.</exception>
    public async Task<SoqlPosition> RunAsync(long epoch, SoqlPosition position, CancellationToken ct)
    {
        DateTimeOffset begun = time.GetUtcNow();
        DateTimeOffset horizon = await HorizonAsync(begun, ct);
        if (position == SoqlPosition.None && source.From == RouteFrom.Now)
            position = position with { Place = new SoqlPlace(horizon, null) };
        position = source.Deletes ? await TellDeletesAsync(epoch, position, begun, horizon, ct) : position with { Deletes = null };
        // A record may be deleted and come back: its delete must be told before it is told again.
        if (position.Deletes is { } told && told < horizon)
            horizon = told;
        position = await TellRowsAsync(epoch, position, horizon, ct);
        if (position.Again is { } since)
        {
            await _gaps.HealAsync(source.Name,
                $"every row was told again as `{SoqlMessages.Snapshot}`; a record of which none came after {SoqlPosition.Text(since)} is deleted or left the filter", ct);
        }

        return await StoreAsync(epoch, position with { Again = null, Polled = begun }, [], ct);
    }

    // A row that commits late may carry a time before this moment, so the org is asked up to where it knows of all.
    private async Task<DateTimeOffset> HorizonAsync(DateTimeOffset now, CancellationToken ct)
    {
        UpdatedRecords updated;
        try
        {
            updated = await _org.GetUpdatedAsync(source.Query.SObject, now - HorizonSpan, now, ct);
        }
        catch (SalesforceException error) when (error.Code == TooMany)
        {
            updated = await _org.GetUpdatedAsync(source.Query.SObject, now - ShortestSpan, now, ct);
        }

        return Covered(updated.LatestDateCovered, updated.AnsweredAt);
    }

    private async Task<SoqlPosition> TellDeletesAsync(long epoch, SoqlPosition position, DateTimeOffset now, DateTimeOffset horizon, CancellationToken ct)
    {
        if (position.Deletes is not { } told)
            return position with { Deletes = horizon };
        if (now - told < ShortestSpan)
            return position;
        DeletedRecords found;
        try
        {
            found = await DeletedAsync(told, now, ct);
        }
        catch (SalesforceException error) when (error.Code == SpanUnknown)
        {
            return await BeginAgainAsync(epoch, told, horizon, ct);
        }

        IEnumerable<DeletedRecord> since = found.Deleted.Where(record => record.DeletedDate >= told).OrderBy(record => record.DeletedDate);
        foreach (DeletedRecord[] some in since.Chunk(SoqlQuery.PageSize))
            await StoreAsync(epoch, position, [.. some.Select(record => SoqlMessages.Of(source.Name, record))], ct);
        DateTimeOffset covered = Covered(found.LatestDateCovered, found.AnsweredAt);
        return position with { Deletes = covered > told ? covered : told };
    }

    private async Task<DeletedRecords> DeletedAsync(DateTimeOffset start, DateTimeOffset end, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await _org.GetDeletedAsync(source.Query.SObject, start, end, ct);
            }
            catch (SalesforceException error) when (error.Code == TooMany && end - start > ShortestSpan * 2)
            {
                end = start + ((end - start) / 2);
            }
        }
    }

    private async Task<SoqlPosition> BeginAgainAsync(long epoch, DateTimeOffset told, DateTimeOffset horizon, CancellationToken ct)
    {
        await _gaps.RecordOnceAsync(source.Name, SoqlPosition.Text(told), SoqlPosition.Text(horizon),
            $"The org's log of deletes does not reach back to {SoqlPosition.Text(told)} any more, so deletes of {source.Query.SObject} since then are not known. " +
            $"Every row is told again as `{SoqlMessages.Snapshot}`; was the bridge away for long, or was a lot deleted?", ct);
        return await StoreAsync(epoch, new SoqlPosition { Deletes = horizon, Again = horizon }, [], ct);
    }

    private async Task<SoqlPosition> TellRowsAsync(long epoch, SoqlPosition position, DateTimeOffset horizon, CancellationToken ct)
    {
        while (position.Place is not { } told || told.Modstamp < horizon)
        {
            QueryPage<JsonElement> page = await PageAsync(source.Query.After(position.Place, horizon, SoqlQuery.PageSize), ct);
            // Of wide rows an org sends fewer in one answer, and says that there are more.
            bool isLast = page.NextRecordsUrl is null && page.Records.Count < SoqlQuery.PageSize;
            SoqlPlace place = isLast ? new SoqlPlace(horizon, null) : SoqlMessages.PlaceOf(page.Records[^1]);
            if (place == position.Place)
                throw new FormatException($"the org's rows do not go on behind {place.Id}");
            NewMessage[] messages = [.. page.Records.Select(row => SoqlMessages.Of(source.Name, row, position.Again))];
            position = position with { Place = place };
            if (messages.Length > 0)
                await StoreAsync(epoch, position, messages, ct);
        }

        return position;
    }

    private async Task<QueryPage<JsonElement>> PageAsync(string soql, CancellationToken ct)
    {
        await foreach (QueryPage<JsonElement> page in _org.QueryPagesAsync(soql, SoqlJson.Default.JsonElement, ct))
            return page;
        throw new FormatException("the org's answer to a query has no page");
    }

    private async Task<SoqlPosition> StoreAsync(long epoch, SoqlPosition position, IReadOnlyList<NewMessage> messages, CancellationToken ct)
    {
        await storage.WaitForRoomAsync(time, ct);
        await inbox.AcceptAsync([new SourcePosition(source.Name, epoch, position.ToString())], messages, ct);
        return position;
    }

    // Whole seconds, as records have them; and never after the org's own clock, whatever ours said in the question.
    private static DateTimeOffset Covered(DateTimeOffset latest, DateTimeOffset? answered)
    {
        DateTimeOffset covered = answered < latest ? answered.Value : latest;
        return new DateTimeOffset(covered.UtcTicks - (covered.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
    }
}

[JsonSerializable(typeof(JsonElement))]
internal sealed partial class SoqlJson : JsonSerializerContext;
