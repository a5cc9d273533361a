using System.Net;
using System.Text.Json.Serialization.Metadata;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>Reads and updates that depend on what is known of a record.</content>
public sealed partial class SalesforceClient
{
    /// <summary>A record by its id, if it is another than the one that is known.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="id">The record's id.</param>
    /// <param name="fields">The fields to read; null for all.</param>
    /// <param name="known">The state that is known; null for none, so that the record is told with its state.</param>
    /// <param name="type">How it is read.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="Errors.SalesforceException">The org refused (<c>NOT_FOUND</c>, <c>ENTITY_IS_DELETED</c>) or could not be reached.</exception>
    public Task<ConditionalRead<T>> GetObjectIfChangedAsync<T>(
        string sObject, string id, IEnumerable<string>? fields, RecordVersion? known, JsonTypeInfo<T> type, CancellationToken ct)
    {
        string query = fields is null ? "" : $"?fields={Uri.EscapeDataString(string.Join(',', fields))}";
        var request = new SalesforceRequest(HttpMethod.Get, RecordPath.Record(sObject, id) + query)
        {
            What = $"read {sObject}",
            Headers = known?.IfChanged() ?? [],
        };
        return _exchange.SendAsync<ConditionalRead<T>>(request, reply => reply.Status is HttpStatusCode.NotModified
            ? new ConditionalRead<T>.Unchanged()
            : new ConditionalRead<T>.Changed(Read(reply, type), RecordVersion.Of(reply)), ct);
    }

    /// <summary>Changes a record, if nobody has changed it meanwhile.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="id">The record's id.</param>
    /// <param name="record">The fields to change, without the id.</param>
    /// <param name="known">The state it must still have. One that was read within the second of its change counts as changed.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="Errors.SalesforceException">
    /// The org refused or could not be reached. <see cref="Errors.SalesforceException.ChangedMeanwhile"/> says that the record has another
    /// state; <see cref="Errors.SalesforceException.InDoubt"/> that nobody knows whether the change was made, since it is not made twice.
    /// </exception>
    /// <exception cref="ArgumentException">The state says nothing that could be held against the record.</exception>
    public async Task<SaveResult> UpdateRecordAsync(string sObject, string id, RecordJson record, RecordVersion known, CancellationToken ct)
    {
        Dictionary<string, string> condition = known.IfUnchanged();
        if (condition.Count == 0)
            throw new ArgumentException("The state has neither a time nor an ETag, so nothing can be held against the record.", nameof(known));
        var request = new SalesforceRequest(HttpMethod.Patch, RecordPath.Record(sObject, id))
        {
            What = SaveRequests.Name(SaveVerb.Update, sObject),
            Body = RecordBytes.Single(record.Utf8, "Id"),
            Headers = condition,
        };
        return Done(await _exchange.SendAsync(request, reply => SavedAlone(reply, SaveVerb.Update, id), ct), SaveVerb.Update, sObject);
    }
}
