namespace SalesforceBridge.Salesforce.Rest;

/// <content>What changed in an object, and what was deleted.</content>
public sealed partial class SalesforceClient
{
    /// <summary>Which records of an object were created or changed in a span of time, and up to where that is all.</summary>
    /// <param name="sObject">The object's API name; one that can be replicated (<see cref="ObjectDescribe.Replicateable"/>).</param>
    /// <param name="start">The span's begin, at most 30 days ago. The org ignores seconds.</param>
    /// <param name="end">The span's end, a minute or more after <paramref name="start"/>.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="Errors.SalesforceException">
    /// The org refused or could not be reached: <c>INVALID_REPLICATION_DATE</c> for a span that it does not take,
    /// <c>EXCEEDED_ID_LIMIT</c> for more than 600,000 records, which a shorter span avoids, <c>NOT_FOUND</c> for an object unknown to the user.
    /// </exception>
    public Task<UpdatedRecords> GetUpdatedAsync(string sObject, DateTimeOffset start, DateTimeOffset end, CancellationToken ct) =>
        _exchange.SendAsync(
            new SalesforceRequest(HttpMethod.Get, $"{RecordPath.Object(sObject)}/updated{ReplicationSpan.Query(start, end)}") { What = $"list updated {sObject}" },
            reply => Read(reply, RestJson.Default.UpdatedRecords) with { AnsweredAt = ReplicationSpan.AnsweredAt(reply) }, ct);

    /// <summary>Which records of an object were deleted in a span of time, and up to where that is all.</summary>
    /// <param name="sObject">The object's API name; one that can be replicated (<see cref="ObjectDescribe.Replicateable"/>).</param>
    /// <param name="start">
    /// The span's begin, at most 15 days ago; less where the org has shortened its log of deletes, as it may every two hours.
    /// The org ignores seconds.
    /// </param>
    /// <param name="end">The span's end, a minute or more after <paramref name="start"/>.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="Errors.SalesforceException">
    /// The org refused or could not be reached: <c>INVALID_REPLICATION_DATE</c> when its log does not reach back to
    /// <paramref name="start"/>, so that only comparing all records tells what was deleted; <c>EXCEEDED_ID_LIMIT</c> for too many
    /// records, which a shorter span avoids; <c>NOT_FOUND</c> for an object unknown to the user.
    /// </exception>
    public Task<DeletedRecords> GetDeletedAsync(string sObject, DateTimeOffset start, DateTimeOffset end, CancellationToken ct) =>
        _exchange.SendAsync(
            new SalesforceRequest(HttpMethod.Get, $"{RecordPath.Object(sObject)}/deleted{ReplicationSpan.Query(start, end)}") { What = $"list deleted {sObject}" },
            reply => Read(reply, RestJson.Default.DeletedRecords) with { AnsweredAt = ReplicationSpan.AnsweredAt(reply) }, ct);
}
