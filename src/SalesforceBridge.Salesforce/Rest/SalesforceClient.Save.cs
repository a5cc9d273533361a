using System.Net;
using System.Text.Json;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>Saves of any verb and number, from the records' own bytes.</content>
public sealed partial class SalesforceClient
{
    private const int MostInOneCall = 200;

    /// <summary>
    /// Saves records in calls of up to 200, one after the other; a call of one record uses the record's own resource, which tells
    /// more (300, 404). It ends with the first call that fails as a whole. Records that were locked are sent again, if
    /// <see cref="SalesforceClientSettings.Retries"/> says so.
    /// </summary>
    /// <param name="verb">What to do.</param>
    /// <param name="sObject">The object's, or event's, API name.</param>
    /// <param name="externalIdField">The external id's field, for an upsert; else null.</param>
    /// <param name="records">
    /// UTF-8 JSON objects, copied without being taken apart. An update and a delete have a member <c>Id</c>, an upsert has the
    /// external id as a member. A member <c>attributes</c> is left out and written anew.
    /// </param>
    /// <param name="allOrNone">Whether one bad record undoes its whole call of up to 200.</param>
    /// <param name="ct">Ends the save; then nobody knows what became of the call under way.</param>
    /// <returns>What became of each record; a refused or unreachable org is told here and not by an exception.</returns>
    /// <exception cref="JsonException">A record is not one JSON object.</exception>
    /// <exception cref="ArgumentException">An upsert names no external id field.</exception>
    public async Task<SaveOutcome> SaveAsync(
        SaveVerb verb,
        string sObject,
        string? externalIdField,
        IReadOnlyList<ReadOnlyMemory<byte>> records,
        bool allOrNone,
        CancellationToken ct)
    {
        var requests = new SaveRequests(verb, sObject, externalIdField, allOrNone);
        List<SaveResult> results = new(records.Count);
        foreach (ReadOnlyMemory<byte>[] chunk in records.Chunk(MostInOneCall))
        {
            try
            {
                results.AddRange(await SaveChunkAsync(requests, chunk, ct));
            }
            catch (SalesforceException failure)
            {
                return new SaveOutcome(results, failure, failure.InDoubt ? chunk.Length : 0);
            }
        }

        return new SaveOutcome(results, null, 0);
    }

    /// <summary>Saves records in calls of up to 200, as the bytes of records are saved.</summary>
    /// <param name="verb">What to do.</param>
    /// <param name="sObject">The object's, or event's, API name.</param>
    /// <param name="externalIdField">The external id's field, for an upsert; else null.</param>
    /// <param name="records">The records; an update and a delete have a member <c>Id</c>, an upsert has the external id as a member.</param>
    /// <param name="allOrNone">Whether one bad record undoes its whole call of up to 200.</param>
    /// <param name="ct">Ends the save; then nobody knows what became of the call under way.</param>
    /// <returns>What became of each record; a refused or unreachable org is told here and not by an exception.</returns>
    /// <exception cref="ArgumentException">An upsert names no external id field.</exception>
    public Task<SaveOutcome> SaveAsync(
        SaveVerb verb, string sObject, string? externalIdField, IEnumerable<RecordJson> records, bool allOrNone, CancellationToken ct) =>
        SaveAsync(verb, sObject, externalIdField, Bytes(records), allOrNone, ct);

    private async Task<SaveResult[]> SaveChunkAsync(SaveRequests requests, ReadOnlyMemory<byte>[] chunk, CancellationToken ct)
    {
        if (chunk is [{ } record] && requests.ForOne(record) is { } request)
            return [await SaveAloneAsync(requests, request, record, ct)];

        SaveResult[] results = await SaveTogetherAsync(requests, chunk, ct);
        for (int tries = 1; tries <= settings.Retries; tries++)
        {
            int[] locked = [.. Enumerable.Range(0, chunk.Length).Where(i => results[i].Class?.Remedy is Remedy.Retry)];
            if (locked.Length == 0 || requests.AllOrNone)
                break;
            await Task.Delay(settings.PauseBefore(tries), time, ct);
            if (!await TrySaveAgainAsync(requests, chunk, results, locked, ct))
                break;
        }

        return results;
    }

    /// <summary>Replaces the results of some records by those of a second try; false when that fails as a whole.</summary>
    private async Task<bool> TrySaveAgainAsync(
        SaveRequests requests, ReadOnlyMemory<byte>[] chunk, SaveResult[] results, int[] which, CancellationToken ct)
    {
        try
        {
            SaveResult[] second = await SaveTogetherAsync(requests, [.. which.Select(i => chunk[i])], ct);
            foreach ((int i, SaveResult result) in which.Zip(second))
                results[i] = result;
            return true;
        }
        catch (SalesforceException failure)
        {
            // The first answers stand: what else is known of the records is lost only if the second call may have worked.
            foreach (int i in which)
                results[i] = results[i] with { InDoubt = failure.InDoubt };
            return false;
        }
    }

    private async Task<SaveResult> SaveAloneAsync(
        SaveRequests requests, SalesforceRequest request, ReadOnlyMemory<byte> record, CancellationToken ct)
    {
        string? id = requests.IdOf(record);
        try
        {
            return await _exchange.SendAsync(request, reply => SavedAlone(reply, requests.Verb, id), ct);
        }
        catch (SalesforceException refusal) when (requests.Verb is SaveVerb.Delete && SaveResult.IsGone(refusal.Errors))
        {
            return new SaveResult { Success = true, Id = id, Status = refusal.Status };
        }
        catch (SalesforceException refusal) when (refusal is { InDoubt: false, Class.Blame: not Blame.Org })
        {
            return SaveResult.Refused(id, refusal.Errors);
        }
    }

    // A page of markup may claim success too.
    private static SaveResult SavedAlone(SalesforceReply reply, SaveVerb verb, string? id) =>
        reply.Status is HttpStatusCode.NoContent && verb is not SaveVerb.Create
            ? new SaveResult { Success = true, Id = id, Status = reply.Status }
            : SaveResult.From(Read(reply, RestJson.Default.SaveItem), reply.Status, verb, id);

    private async Task<SaveResult[]> SaveTogetherAsync(SaveRequests requests, ReadOnlyMemory<byte>[] records, CancellationToken ct)
    {
        string?[] ids = [.. records.Select(requests.IdOf)];
        if (requests.Verb is SaveVerb.Delete && !Array.TrueForAll(ids, SaveRequests.CanBeListed))
            return await DeleteThoseWithIdAsync(requests, records, ids, ct);

        return await _exchange.SendAsync(requests.ForMany(records, ids), reply =>
        {
            SaveItem[] items = [.. Read(reply, RestJson.Default.ListSaveItem).OfType<SaveItem>()];
            return items.Length == records.Length
                ? items.Select((item, i) => SaveResult.From(item, reply.Status, requests.Verb, ids[i])).ToArray()
                : throw new JsonException("There is not one result for each record.");
        }, ct);
    }

    // The org takes ids to delete in the URL, with commas between: one that is missing has no place there and no answer, and one with a comma several.
    private async Task<SaveResult[]> DeleteThoseWithIdAsync(
        SaveRequests requests, ReadOnlyMemory<byte>[] records, string?[] ids, CancellationToken ct)
    {
        if (requests.AllOrNone)
            return [.. ids.Select(id => SaveRequests.CanBeListed(id) ? SaveResult.Undone(id, null) : NoId(id))];
        ReadOnlyMemory<byte>[] whole = [.. records.Where((_, i) => SaveRequests.CanBeListed(ids[i]))];
        var answers = new Queue<SaveResult>(whole.Length == 0 ? [] : await SaveTogetherAsync(requests, whole, ct));
        return [.. ids.Select(id => SaveRequests.CanBeListed(id) ? answers.Dequeue() : NoId(id))];
    }

    private static SaveResult NoId(string? id) => SaveResult.Refused(id,
    [
        string.IsNullOrEmpty(id)
            ? new SalesforceError("MISSING_ARGUMENT", "A delete needs the record's Id.", ["Id"], null)
            : new SalesforceError("MALFORMED_ID", "An Id is made of letters and digits.", ["Id"], null),
    ]);
}
