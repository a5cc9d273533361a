using System.Buffers;
using System.Text.Json;

namespace SalesforceBridge.Bayeux;

/// <summary>One message to the server: an array of one, since servers limit what a request may carry.</summary>
internal sealed record BayeuxRequest(string MetaChannel, ReadOnlyMemory<byte> Body)
{
    private const string LongPolling = "long-polling";

    public static BayeuxRequest Handshake(ReadOnlyMemory<byte> ext) => Write(BayeuxChannels.Handshake, null, writer =>
    {
        writer.WriteString("version"u8, "1.0"u8);
        writer.WriteString("minimumVersion"u8, "1.0"u8);
        writer.WriteStartArray("supportedConnectionTypes"u8);
        writer.WriteStringValue(LongPolling);
        writer.WriteEndArray();
        WriteExt(writer, ext);
    });

    /// <summary>A connect that the server holds until it has something to say, or answers at once.</summary>
    public static BayeuxRequest Connect(string clientId, bool hold) => Write(BayeuxChannels.Connect, clientId, writer =>
    {
        writer.WriteString("connectionType"u8, LongPolling);
        if (hold)
            return;
        writer.WriteStartObject("advice"u8);
        writer.WriteNumber("timeout"u8, 0);
        writer.WriteEndObject();
    });

    public static BayeuxRequest Subscribe(string clientId, string channel, ReadOnlyMemory<byte> ext) =>
        Write(BayeuxChannels.Subscribe, clientId, writer =>
        {
            writer.WriteString("subscription"u8, channel);
            WriteExt(writer, ext);
        });

    public static BayeuxRequest Unsubscribe(string clientId, string channel) =>
        Write(BayeuxChannels.Unsubscribe, clientId, writer => writer.WriteString("subscription"u8, channel));

    public static BayeuxRequest Disconnect(string clientId) => Write(BayeuxChannels.Disconnect, clientId, _ => { });

    private static BayeuxRequest Write(string metaChannel, string? clientId, Action<Utf8JsonWriter> members)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(body);
        writer.WriteStartArray();
        writer.WriteStartObject();
        writer.WriteString("channel"u8, metaChannel);
        if (clientId is not null)
            writer.WriteString("clientId"u8, clientId);
        // One message a request: its answer needs no other name.
        writer.WriteString("id"u8, "1"u8);
        members(writer);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.Flush();
        return new(metaChannel, body.WrittenMemory);
    }

    private static void WriteExt(Utf8JsonWriter writer, ReadOnlyMemory<byte> ext)
    {
        if (ext.IsEmpty)
            return;
        writer.WritePropertyName("ext"u8);
        writer.WriteRawValue(ext.Span);
    }
}
