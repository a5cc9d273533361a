using System.Text.Json;
using SalesforceBridge.Simulator.Events;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Streaming;

/// <summary><c>sobjects/StreamingChannel/{id}/push</c>: sends text to the subscribers of a generic channel, or to some of them.</summary>
internal sealed class GenericChannelEndpoint(Org org)
{
    private const int MaxPayload = 3000;
    private const string Path = $"/sobjects/{SystemObjects.StreamingChannel}/{{id}}/push";

    public void Map(RouteGroupBuilder api)
    {
        api.MapPost(Path, PushAsync).Is(ApiCallKind.Push);
        api.MapGet(Path, Show).Is(ApiCallKind.Push);
    }

    private async Task<IResult> PushAsync(HttpContext context, string id, CancellationToken ct)
    {
        Record channel = Require(id);
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        if (sent.ValueKind is not JsonValueKind.Object || !sent.TryGetProperty("pushEvents", out JsonElement events) || events.ValueKind is not JsonValueKind.Array)
            throw new ApiException(400, ApiError.Unreadable("pushEvents must be a list of events"));
        EventDraft[] drafts = [.. events.EnumerateArray().Select(Read)];
        HashSet<string> online = Online(channel);
        org.Bus.Publish(RecordChannels.LogOf(channel), drafts);
        return JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray();
            foreach (EventDraft draft in drafts)
                WriteResult(json, draft.Recipients, online);
            json.WriteEndArray();
        });
    }

    private JsonReply Show(string id)
    {
        Record channel = Require(id);
        return JsonReply.Of(StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("OnlineUserIds");
            foreach (string user in Online(channel))
                json.WriteStringValue(user);
            json.WriteEndArray();
            json.WriteString("ChannelName", RecordChannels.NameOf(channel));
            json.WriteEndObject();
        });
    }

    private Record Require(string id)
    {
        ObjectType type = org.Schema.Require(SystemObjects.StreamingChannel);
        string recordId = type.RequireId(id);
        return org.Read(store => store[type].Find(recordId)) is { IsDeleted: false } channel ? channel : throw new ApiException(404, ApiError.NotFound);
    }

    private HashSet<string> Online(Record channel) =>
        [.. org.Sessions.All.Where(session => session.Channels.Contains(RecordChannels.NameOf(channel))).Select(session => session.User.Id)];

    private EventDraft Read(JsonElement sent)
    {
        if (sent.ValueKind is not JsonValueKind.Object || !sent.TryGetProperty("payload", out JsonElement payload) || payload.ValueKind is not JsonValueKind.String)
            throw new ApiException(400, ApiError.Unreadable("The payload of an event must be a text"));
        string text = payload.GetString()!;
        if (text.Length > MaxPayload)
            throw new ApiException(400, new ApiError("STRING_TOO_LONG", $"payload: data value too large (max length={MaxPayload})", "payload"));
        return RecordChannels.Draft(text, org.Now) with
        {
            Recipients = sent.TryGetProperty("userIds", out JsonElement users) && users.ValueKind is JsonValueKind.Array && users.GetArrayLength() > 0
                ? [.. users.EnumerateArray().Select(user => org.Schema.Require(SystemObjects.User).RequireId(user.ToString()))]
                : null,
        };
    }

    private static void WriteResult(Utf8JsonWriter json, IReadOnlyList<string>? recipients, HashSet<string> online)
    {
        json.WriteStartObject();
        json.WriteNumber("fanoutCount", recipients?.Count(online.Contains) ?? (online.Count > 0 ? -1 : 0));
        json.WriteStartObject("userOnlineStatus");
        foreach (string user in recipients ?? [])
            json.WriteBoolean(user, online.Contains(user));
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
