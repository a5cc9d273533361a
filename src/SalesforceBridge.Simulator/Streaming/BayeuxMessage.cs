using System.Globalization;
using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;

namespace SalesforceBridge.Simulator.Streaming;

/// <summary>A meta message from a client.</summary>
internal sealed class BayeuxMessage(JsonElement json)
{
    public string Channel => Text("channel") ?? "";

    public string? Id => Text("id");

    public string? ClientId => Text("clientId");

    public string? Subscription => Text("subscription");

    public string? ConnectionType => Text("connectionType");

    /// <summary>How long the client wants a poll held.</summary>
    public TimeSpan? Timeout =>
        Member("advice", "timeout") is { ValueKind: JsonValueKind.Number } milliseconds ? TimeSpan.FromMilliseconds(milliseconds.GetDouble()) : null;

    public IEnumerable<string> ConnectionTypes =>
        json.TryGetProperty("supportedConnectionTypes", out JsonElement types) && types.ValueKind is JsonValueKind.Array
            ? types.EnumerateArray().Select(type => type.ToString())
            : [];

    /// <summary><c>ext.replay</c>, when it is a map.</summary>
    public JsonElement? ReplayMap => Member("ext", "replay") is { ValueKind: JsonValueKind.Object } map ? map : null;

    public ApiCallKind Kind => Channel switch
    {
        "/meta/handshake" => ApiCallKind.Handshake,
        "/meta/connect" => ApiCallKind.Connect,
        "/meta/subscribe" => ApiCallKind.Subscribe,
        "/meta/unsubscribe" => ApiCallKind.Unsubscribe,
        "/meta/disconnect" => ApiCallKind.Disconnect,
        _ => ApiCallKind.Other,
    };

    /// <summary>The replay id the map has for a channel; clients send numbers, and some the same as text.</summary>
    public static long? ReplayId(JsonElement map, string channel) =>
        map.TryGetProperty(channel, out JsonElement value) && long.TryParse(value.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long id)
            ? id
            : null;

    private string? Text(string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private JsonElement? Member(string outer, string inner) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(outer, out JsonElement value)
        && value.ValueKind is JsonValueKind.Object && value.TryGetProperty(inner, out JsonElement member)
            ? member
            : null;
}
