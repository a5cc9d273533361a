using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Rest;

/// <summary>What the payloads of events consist of, as Avro schemas. It is the same for every user: no permission hides a field of an event.</summary>
internal sealed class EventSchemaEndpoints(Org org)
{
    private const string FormatParameter = "payloadFormat";

    private const int Since = 40;

    /// <summary>Before there was one form, and it had no name.</summary>
    private const int FormatsSince = 43;

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/sobjects/{type}/eventSchema", (HttpContext context, string type) => Show(context, org.EventSchemas.Find(type))).Is(ApiCallKind.EventSchema);
        api.MapGet("/event/eventSchema/{id}", (HttpContext context, string id) => Show(context, org.EventSchemas.FindById(id))).Is(ApiCallKind.EventSchema);
    }

    private static JsonReply Show(HttpContext context, EventSchema? schema)
    {
        int version = context.Call().Version;
        if (schema is null || version < Since)
            throw new ApiException(404, ApiError.NotFound);
        return IsCompact(version, context.Request.Query[FormatParameter])
            ? JsonReply.Of(StatusCodes.Status200OK, schema.WriteCompact)
            : JsonReply.Of(StatusCodes.Status200OK, schema.WriteExpanded);
    }

    private static bool IsCompact(int version, string? format) => (version >= FormatsSince, format) switch
    {
        (false, null) or (true, "COMPACT") => true,
        (true, null or "EXPANDED") => false,
        (false, _) => throw new ApiException(400, new ApiError("INVALID_INPUT", $"The parameter {FormatParameter} is not supported before version {FormatsSince}.0")),
        (true, _) => throw new ApiException(400, new ApiError("INVALID_INPUT", $"{FormatParameter} is none of EXPANDED, COMPACT: {format}")),
    };
}
