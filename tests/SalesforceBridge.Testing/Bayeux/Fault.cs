using System.Text;
using System.Text.Json.Nodes;

namespace SalesforceBridge.Testing.Bayeux;

/// <summary>What a server does instead of answering well.</summary>
/// <param name="TakesEvents">Whether the events that the good reply would carry are gone for the session.</param>
/// <param name="Reply">From the request's message and the good reply to what goes over the wire.</param>
public sealed record Fault(bool TakesEvents, Func<JsonObject, JsonArray, WireReply> Reply)
{
    /// <summary>The message is refused.</summary>
    public static Fault Refuse(string error, string? reconnect = null, string? failureReason = null, int status = 200, string headers = "") =>
        new(false, (request, _) => Json(new JsonArray(Refusal(request, error, reconnect, failureReason)), status, headers));

    /// <summary>An HTTP status with a page for people.</summary>
    public static Fault Page(int status, string headers = "") => new(false, (_, _) =>
        new(status, Encoding.UTF8.GetBytes("<html><body>Down for maintenance</body></html>")) { Headers = "Content-Type: text/html\r\n" + headers });

    /// <summary>The good reply, cut after a share of its bytes.</summary>
    public static Fault Cut(double share) => new(true, (_, reply) =>
    {
        WireReply whole = Json(reply);
        return whole with { CutAt = (int)(whole.Body.Length * share) };
    });

    /// <summary>The good reply, of which a share arrives and the rest never does.</summary>
    public static Fault Stall(double share) => new(true, (_, reply) =>
    {
        WireReply whole = Json(reply);
        return whole with { StallAt = (int)(whole.Body.Length * share) };
    });

    /// <summary>No answer.</summary>
    public static Fault Withhold() => new(true, (_, _) => new WireReply(200, default) { Withheld = true });

    /// <summary>The answer comes before the events.</summary>
    public static Fault AnswerFirst() => new(true, (_, reply) =>
    {
        JsonNode answer = reply[^1]!;
        reply.RemoveAt(reply.Count - 1);
        reply.Insert(0, answer);
        return Json(reply);
    });

    /// <summary>The good reply with another message in it.</summary>
    public static Fault Also(string message) => new(true, (_, reply) =>
    {
        reply.Insert(0, JsonNode.Parse(message));
        return Json(reply);
    });

    /// <summary>Exactly this body.</summary>
    public static Fault Body(byte[] body) => new(true, (_, _) => new WireReply(200, body));

    internal static WireReply Json(JsonArray reply, int status = 200, string headers = "") =>
        new(status, Encoding.UTF8.GetBytes(reply.ToJsonString())) { Headers = "Content-Type: application/json\r\n" + headers };

    private static JsonObject Refusal(JsonObject request, string error, string? reconnect, string? failureReason)
    {
        var refusal = new JsonObject
        {
            ["channel"] = request["channel"]!.GetValue<string>(),
            ["id"] = request["id"]!.GetValue<string>(),
            ["successful"] = false,
            ["error"] = error,
        };
        if (reconnect is not null)
            refusal["advice"] = new JsonObject { ["reconnect"] = reconnect, ["interval"] = 0 };
        if (failureReason is not null)
            refusal["ext"] = new JsonObject { ["sfdc"] = new JsonObject { ["failureReason"] = failureReason } };
        return refusal;
    }
}
