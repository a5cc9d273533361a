using System.Globalization;

namespace SalesforceBridge.Salesforce.Rest;

/// <content>
/// What events carry: Platform Events, standard and custom, and change events
/// (<see href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_eventschema.htm">by name</see>,
/// <see href="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_event_eventschema.htm">by id</see>). Since API version 40.0.
/// </content>
public sealed partial class SalesforceClient
{
    /// <summary>Before it there was one form, and orgs refuse to be asked for one.</summary>
    private const decimal EventSchemaFormatsSince = 43;

    /// <summary>What an event carries as it is defined now.</summary>
    /// <param name="eventName">The event's API name, such as <c>Order_Placed__e</c> or <c>AccountChangeEvent</c>.</param>
    /// <param name="format">Whose types it is told in; before API version 43.0 orgs have <see cref="EventSchemaFormat.Compact"/> alone.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="Errors.SalesforceException">The org refused (<c>NOT_FOUND</c> where the user sees no such event) or could not be reached.</exception>
    public Task<EventSchema> GetEventSchemaAsync(string eventName, EventSchemaFormat format, CancellationToken ct) =>
        ReadEventSchemaAsync($"{RecordPath.Object(eventName)}/eventSchema", format, $"read the event schema of {eventName}", ct);

    /// <summary>What an event carries whose <c>schema</c> is this id. A definition never changes: another one has another id.</summary>
    /// <param name="schemaId">The id, 22 characters.</param>
    /// <param name="format">Whose types it is told in; before API version 43.0 orgs have <see cref="EventSchemaFormat.Compact"/> alone.</param>
    /// <param name="ct">Ends the call.</param>
    /// <exception cref="ArgumentException">The id is empty, or made of dots.</exception>
    /// <exception cref="Errors.SalesforceException">The org refused (<c>NOT_FOUND</c> where it has no such schema) or could not be reached.</exception>
    public Task<EventSchema> GetEventSchemaByIdAsync(string schemaId, EventSchemaFormat format, CancellationToken ct) =>
        ReadEventSchemaAsync($"event/eventSchema/{RecordPath.Segment(schemaId)}", format, "read an event schema", ct);

    private Task<EventSchema> ReadEventSchemaAsync(string path, EventSchemaFormat format, string what, CancellationToken ct)
    {
        bool isAsked = decimal.Parse(settings.ApiVersion, CultureInfo.InvariantCulture) >= EventSchemaFormatsSince;
        string query = isAsked ? $"?payloadFormat={(format is EventSchemaFormat.Compact ? "COMPACT" : "EXPANDED")}" : "";
        return GetAsync(path + query, what, body => EventSchemaReader.Read(Read(body, RestJson.Default.JsonElement)), ct);
    }
}
