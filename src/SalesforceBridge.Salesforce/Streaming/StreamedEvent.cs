namespace SalesforceBridge.Salesforce.Streaming;

/// <summary>One event as it came. Its slices are UTF-8 JSON; the text inside their strings is not validated.</summary>
/// <param name="Channel">The channel, as the org named it.</param>
/// <param name="ReplayId">Its position; null if it had none.</param>
/// <param name="Data">The whole <c>data</c> value; empty if the message had none.</param>
/// <param name="Payload">What a route sees: <c>payload</c> of an event, a change or a generic event, <c>sobject</c> of a topic; empty
/// if there is neither.</param>
/// <param name="EventUuid">The id of a platform event, which publishing it returned; null for other kinds.</param>
/// <param name="CreatedDate">When it was created, as the org wrote it: <c>event.createdDate</c> of topics and generic events,
/// <c>payload.CreatedDate</c> of platform events.</param>
/// <param name="Change">The header of a change event; null for other kinds.</param>
public sealed record StreamedEvent(
    string Channel,
    ReplayId? ReplayId,
    ReadOnlyMemory<byte> Data,
    ReadOnlyMemory<byte> Payload,
    string? EventUuid,
    string? CreatedDate,
    ChangeHeader? Change);

/// <summary>What the header of a change event says about its place among other changes. A member that is missing or of another type is
/// null.</summary>
/// <param name="TransactionKey">The transaction, shared by all its changes.</param>
/// <param name="SequenceNumber">The change's place in its transaction.</param>
/// <param name="EntityName">The object type.</param>
/// <param name="ChangeType"><c>CREATE</c>, <c>UPDATE</c>, <c>DELETE</c>, <c>UNDELETE</c>, or one of these behind <c>GAP_</c>.</param>
/// <param name="FirstRecordId">The first of the changed records; changes of the same type may be merged into one event.</param>
/// <param name="CommitTimestamp">When it was committed, in milliseconds since 1970 UTC.</param>
public sealed record ChangeHeader(
    string? TransactionKey, long? SequenceNumber, string? EntityName, string? ChangeType, string? FirstRecordId, long? CommitTimestamp)
{
    /// <summary>
    /// Through what the change came, such as <c>com/salesforce/api/rest/62.0;client=NAME</c>, where NAME is what the call said of itself in
    /// <c>Sforce-Call-Options</c>; null where the header does not say.
    /// </summary>
    public string? ChangeOrigin { get; init; }
}
