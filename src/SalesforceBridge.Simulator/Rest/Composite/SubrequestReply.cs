using System.Text.Json;
using SalesforceBridge.Simulator.Records;

namespace SalesforceBridge.Simulator.Rest.Composite;

/// <summary>What a subrequest of a composite or of a graph is answered with.</summary>
internal sealed record SubrequestReply(string? ReferenceId, JsonReply Reply)
{
    /// <summary>The answer for a subrequest that was not run, or was undone.</summary>
    public static SubrequestReply Halted(Subrequest request, string why) =>
        Refused(request.ReferenceId, new ApiError("PROCESSING_HALTED", why));

    public static SubrequestReply Refused(string? referenceId, ApiError error) => new(referenceId, JsonReply.Error(400, error));

    /// <summary>Writes <c>compositeResponse</c>, the list of answers.</summary>
    public static void Write(Utf8JsonWriter json, IEnumerable<SubrequestReply> replies)
    {
        json.WriteStartArray("compositeResponse");
        foreach (SubrequestReply reply in replies)
            reply.Write(json);
        json.WriteEndArray();
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WritePropertyName("body");
        Reply.WriteBody(json);
        json.WriteStartObject("httpHeaders");
        if (Reply.Location is not null)
            json.WriteString("Location", Reply.Location);
        json.WriteEndObject();
        json.WriteNumber("httpStatusCode", Reply.Status);
        json.WriteString("referenceId", ReferenceId);
        json.WriteEndObject();
    }
}
