using System.Text.Json;

namespace SalesforceBridge.Simulator.Streaming;

/// <summary>What the client is to do next.</summary>
/// <param name="Reconnect">retry, handshake or none.</param>
/// <param name="Timeout">How long polls are held.</param>
internal sealed record Advice(string Reconnect, TimeSpan? Timeout = null)
{
    public static readonly Advice Handshake = new("handshake");

    public static readonly Advice None = new("none");
}

/// <summary>The reply to a meta message.</summary>
/// <param name="Channel">That of the message.</param>
/// <param name="Id">That of the message.</param>
internal sealed record BayeuxReply(string Channel, string? Id)
{
    public string? ClientId { get; init; }

    /// <summary>Nothing: it went well.</summary>
    public string? Error { get; init; }

    /// <summary><c>ext.sfdc.failureReason</c>: what is really wrong.</summary>
    public string? FailureReason { get; init; }

    public string? Subscription { get; init; }

    public Advice? Advice { get; init; }

    public bool IsHandshake => Channel == "/meta/handshake";

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (ClientId is not null)
            json.WriteString("clientId", ClientId);
        if (IsHandshake)
            WriteHandshakeMembers(json);
        if (Advice is not null)
            WriteAdvice(json, Advice);
        if (FailureReason is not null)
            WriteFailureReason(json, FailureReason);
        json.WriteString("channel", Channel);
        if (Id is not null)
            json.WriteString("id", Id);
        if (Subscription is not null)
            json.WriteString("subscription", Subscription);
        if (Error is not null)
            json.WriteString("error", Error);
        json.WriteBoolean("successful", Error is null);
        json.WriteEndObject();
    }

    private void WriteHandshakeMembers(Utf8JsonWriter json)
    {
        if (Error is null)
        {
            json.WriteStartObject("ext");
            json.WriteBoolean("replay", true);
            json.WriteBoolean("payload.format", true);
            json.WriteEndObject();
        }
        json.WriteString("version", "1.0");
        json.WriteString("minimumVersion", "1.0");
        json.WriteStartArray("supportedConnectionTypes");
        json.WriteStringValue("long-polling");
        json.WriteEndArray();
    }

    private static void WriteAdvice(Utf8JsonWriter json, Advice advice)
    {
        json.WriteStartObject("advice");
        json.WriteNumber("interval", 0);
        if (advice.Timeout is { } timeout)
            json.WriteNumber("timeout", (long)timeout.TotalMilliseconds);
        json.WriteString("reconnect", advice.Reconnect);
        json.WriteEndObject();
    }

    private static void WriteFailureReason(Utf8JsonWriter json, string reason)
    {
        json.WriteStartObject("ext");
        json.WriteStartObject("sfdc");
        json.WriteString("failureReason", reason);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
