namespace SalesforceBridge.Salesforce.OutboundMessages;

/// <summary>One notification of an outbound message: a record as it was when the org sent it.</summary>
/// <param name="Header">What all notifications of the message share.</param>
/// <param name="Id">Its own id, the same in every repetition.</param>
/// <param name="ObjectType">The record's type, such as <c>Opportunity</c>; letters, digits and <c>_</c>.</param>
/// <param name="RecordId">The record's id.</param>
/// <param name="Payload">
/// One JSON object in UTF-8: the record's fields under their API names, then <c>notificationId</c>, <c>organizationId</c> and
/// <c>actionId</c>. A field that names an XML Schema type of numbers or booleans is one in JSON too, <c>xsi:nil</c> is null,
/// a record within the record is an object, and everything else is the text as it was sent.
/// </param>
public sealed record OutboundMessageNotification(
    OutboundMessageHeader Header, string Id, string ObjectType, string RecordId, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Keeps payloads out of logs.</summary>
    public override string ToString() => $"notification {Id} of {ObjectType} {RecordId}, {Payload.Length} bytes";
}

/// <summary>What an outbound message says of itself. What would open the org stays out of payloads and texts.</summary>
/// <param name="OrganizationId">The sending org, 15 or 18 characters.</param>
/// <param name="ActionId">The action of the org's automation that sends it.</param>
public sealed record OutboundMessageHeader(string OrganizationId, string ActionId)
{
    /// <summary>A session of the sending user. Orgs have not sent one since February 2026.</summary>
    public string? SessionId { get; init; }

    /// <summary>Where the session counts for the org's own SOAP API.</summary>
    public string? EnterpriseUrl { get; init; }

    /// <summary>Where the session counts for the SOAP API that is the same in all orgs.</summary>
    public string? PartnerUrl { get; init; }

    /// <summary>Whether an org's id, of 15 or 18 characters, is the sender's: the last three of 18 only repeat which letters are capitals.</summary>
    /// <param name="organizationId">The id to compare with.</param>
    public bool IsFrom(string organizationId) =>
        OrganizationId.Length is 15 or 18 && organizationId.Length is 15 or 18 && OrganizationId[..15] == organizationId[..15];

    /// <summary>Keeps the session out of logs.</summary>
    public override string ToString() => $"org {OrganizationId}, action {ActionId}";
}
