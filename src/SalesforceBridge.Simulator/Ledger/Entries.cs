using System.Text.Json;

namespace SalesforceBridge.Simulator.Ledger;

/// <summary>An API call as it was answered.</summary>
/// <param name="Number">1 for the first call of this org.</param>
/// <param name="Kind">What was asked for.</param>
/// <param name="User">Who asked; nothing before a login.</param>
/// <param name="Status">The HTTP status; 0 when the reply was cut off.</param>
public sealed record ReceivedCall(long Number, ApiCallKind Kind, string? User, int Status);

/// <summary>A platform event that was accepted.</summary>
/// <param name="Uuid">The <c>EventUuid</c> that subscribers see.</param>
/// <param name="EventType"><c>Order_Placed__e</c>.</param>
/// <param name="ReplayId">Its position, as subscribers see it.</param>
/// <param name="User">Who published it.</param>
/// <param name="Utf8Payload">The payload object.</param>
public sealed record PublishedEvent(string Uuid, string EventType, string ReplayId, string User, ReadOnlyMemory<byte> Utf8Payload)
{
    /// <summary>The payload, parsed.</summary>
    public JsonElement Payload
    {
        get
        {
            using JsonDocument document = JsonDocument.Parse(Utf8Payload);
            return document.RootElement.Clone();
        }
    }
}

/// <summary>A write of one record that arrived through the API, whether it was done or refused.</summary>
/// <param name="Order">1 for the first write of this org; ascending in the order the org did them.</param>
/// <param name="Call">The <see cref="ReceivedCall.Number"/> it came with.</param>
/// <param name="User">Who wrote.</param>
/// <param name="Kind">Create, update, upsert or delete.</param>
/// <param name="Object">The object's API name.</param>
/// <param name="Id">The record's id, 18 characters; nothing for a refused create.</param>
/// <param name="Fields">What was sent, without attributes.</param>
/// <param name="Error">The error code, or nothing when the record was written.</param>
public sealed record ReceivedWrite(long Order, long Call, string User, ApiCallKind Kind, string Object, string? Id, JsonElement Fields, string? Error);

/// <summary>A run of a flow or an action with one input.</summary>
/// <param name="Order">1 for the first run of this org; ascending in the order the org did them.</param>
/// <param name="Call">The <see cref="ReceivedCall.Number"/> it came with; one call may bring many inputs.</param>
/// <param name="User">As whom it ran.</param>
/// <param name="Action"><c>flow Accept_Order</c>, <c>apex OrderNumbers</c> or <c>standard chatterPost</c>.</param>
/// <param name="Input">The input, as it was sent.</param>
/// <param name="Error">The error code, or nothing when it succeeded.</param>
public sealed record ActionRun(long Order, long Call, string User, string Action, JsonElement Input, string? Error);

/// <summary>A request to submit, approve or reject.</summary>
/// <param name="Order">1 for the first request of this org.</param>
/// <param name="Call">The <see cref="ReceivedCall.Number"/> it came with.</param>
/// <param name="User">Who asked.</param>
/// <param name="Action"><c>Submit</c>, <c>Approve</c> or <c>Reject</c>.</param>
/// <param name="EntityId">The record, 18 characters; nothing where it was not found.</param>
/// <param name="Comments">What was said with it.</param>
/// <param name="Error">The error code, or nothing when it was done.</param>
public sealed record ApprovalStep(long Order, long Call, string User, string Action, string? EntityId, string? Comments, string? Error);
