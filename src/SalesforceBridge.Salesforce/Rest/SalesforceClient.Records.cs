using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>
/// The everyday verbs. For one record a refusal is a <see cref="SalesforceException"/>; in a list each record has its own result.
/// </content>
public sealed partial class SalesforceClient
{
    /// <summary>A record by its id.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="id">The record's id.</param>
    /// <param name="fields">The fields to read; null for all.</param>
    /// <param name="type">How it is read.</param>
    /// <param name="ct">Ends the call.</param>
    public Task<T> GetObjectByIdAsync<T>(
        string sObject, string id, IEnumerable<string>? fields, JsonTypeInfo<T> type, CancellationToken ct)
    {
        string query = fields is null ? "" : $"?fields={Uri.EscapeDataString(string.Join(',', fields))}";
        return ReadAsync<T, T>(RecordPath.Record(sObject, id) + query, $"read {sObject}", type, ct);
    }

    /// <summary>A record by its id, as JSON.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="id">The record's id.</param>
    /// <param name="fields">The fields to read; null for all.</param>
    /// <param name="ct">Ends the call.</param>
    public Task<JsonElement> GetObjectByIdAsync(string sObject, string id, IEnumerable<string>? fields, CancellationToken ct) =>
        GetObjectByIdAsync(sObject, id, fields, RestJson.Default.JsonElement, ct);

    /// <summary>Creates a record. When nobody knows whether it came about the exception is <see cref="SalesforceException.InDoubt"/>.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="record">The fields.</param>
    /// <param name="ct">Ends the call.</param>
    public Task<SaveResult> CreateRecordAsync(string sObject, RecordJson record, CancellationToken ct) =>
        SaveOneAsync(SaveVerb.Create, sObject, null, record, ct);

    /// <summary>Changes a record.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="id">The record's id.</param>
    /// <param name="record">The fields to change, without the id.</param>
    /// <param name="ct">Ends the call.</param>
    public Task<SaveResult> UpdateRecordAsync(string sObject, string id, RecordJson record, CancellationToken ct) =>
        SaveOneAsync(SaveVerb.Update, sObject, null, record.With("Id", id), ct);

    /// <summary>Changes the record with an external id, or creates it.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="externalIdField">The external id's field.</param>
    /// <param name="externalId">Its value, as it is: it is encoded here.</param>
    /// <param name="record">The other fields.</param>
    /// <param name="ct">Ends the call.</param>
    public Task<SaveResult> InsertOrUpdateRecordAsync(
        string sObject, string externalIdField, string externalId, RecordJson record, CancellationToken ct) =>
        SaveOneAsync(SaveVerb.Upsert, sObject, externalIdField, record.With(externalIdField, externalId), ct);

    /// <summary>Deletes a record; one that is deleted already counts as success.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="id">The record's id.</param>
    /// <param name="ct">Ends the call.</param>
    public Task<SaveResult> DeleteRecordAsync(string sObject, string id, CancellationToken ct) =>
        SaveOneAsync(SaveVerb.Delete, sObject, null, RecordJson.OfId(id), ct);

    /// <summary>Publishes an event. Success means that it is queued; <see cref="SaveResult.EventUuid"/> is what subscribers will see.</summary>
    /// <param name="eventName">The event's API name, <c>Order_Placed__e</c>.</param>
    /// <param name="fields">Its fields.</param>
    /// <param name="ct">Ends the call.</param>
    public Task<SaveResult> PublishAsync(string eventName, RecordJson fields, CancellationToken ct) =>
        SaveOneAsync(SaveVerb.Create, eventName, null, fields, ct);

    /// <summary>Publishes events, 200 in a call, in their order.</summary>
    /// <param name="eventName">The event's API name.</param>
    /// <param name="events">Their fields.</param>
    /// <param name="ct">Ends the calls.</param>
    public Task<SaveOutcome> PublishAsync(string eventName, IEnumerable<RecordJson> events, CancellationToken ct) =>
        CreateRecordsAsync(eventName, events, ct);

    /// <summary>Creates records, 200 in a call.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="records">Their fields.</param>
    /// <param name="ct">Ends the calls.</param>
    public Task<SaveOutcome> CreateRecordsAsync(string sObject, IEnumerable<RecordJson> records, CancellationToken ct) =>
        SaveAsync(SaveVerb.Create, sObject, null, Bytes(records), allOrNone: false, ct);

    /// <summary>Changes records, 200 in a call.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="records">Their fields, <c>Id</c> among them.</param>
    /// <param name="ct">Ends the calls.</param>
    public Task<SaveOutcome> UpdateRecordsAsync(string sObject, IEnumerable<RecordJson> records, CancellationToken ct) =>
        SaveAsync(SaveVerb.Update, sObject, null, Bytes(records), allOrNone: false, ct);

    /// <summary>Changes records by external id, or creates them, 200 in a call.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="externalIdField">The external id's field.</param>
    /// <param name="records">Their fields, the external id among them.</param>
    /// <param name="ct">Ends the calls.</param>
    public Task<SaveOutcome> InsertOrUpdateRecordsAsync(
        string sObject, string externalIdField, IEnumerable<RecordJson> records, CancellationToken ct) =>
        SaveAsync(SaveVerb.Upsert, sObject, externalIdField, Bytes(records), allOrNone: false, ct);

    /// <summary>Deletes records, 200 in a call.</summary>
    /// <param name="sObject">The object's API name.</param>
    /// <param name="ids">Their ids.</param>
    /// <param name="ct">Ends the calls.</param>
    public Task<SaveOutcome> DeleteRecordsAsync(string sObject, IEnumerable<string> ids, CancellationToken ct) =>
        SaveAsync(SaveVerb.Delete, sObject, null, Bytes(ids.Select(RecordJson.OfId)), allOrNone: false, ct);

    private async Task<SaveResult> SaveOneAsync(
        SaveVerb verb, string sObject, string? externalIdField, RecordJson record, CancellationToken ct)
    {
        SaveOutcome outcome = await SaveAsync(verb, sObject, externalIdField, [record.Utf8], allOrNone: false, ct);
        if (outcome.Failure is { } failure)
            throw failure;
        return Done(outcome.Results[0], verb, sObject);
    }

    private static SaveResult Done(SaveResult result, SaveVerb verb, string sObject) =>
        result.Success ? result : throw new SalesforceException(SaveRequests.Name(verb, sObject), result.Errors, result.Class!);

    private static ReadOnlyMemory<byte>[] Bytes(IEnumerable<RecordJson> records) => [.. records.Select(record => record.Utf8)];
}
