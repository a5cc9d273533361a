using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Simulator.Events;

namespace SalesforceBridge.Simulator.Streaming;

/// <summary>Writes an answer to the wire as it goes along, so that a large replay is never in memory at once.</summary>
internal static class PollWriter
{
    /// <summary>Platform events tell their id from this version of the endpoint on.</summary>
    private const int EventUuidSince = 52;

    private const int FlushAt = 64 * 1024;

    public static async Task WriteAsync(PipeWriter pipe, CometdAnswer answer, CancellationToken ct)
    {
        pipe.Write("["u8);
        bool first = true;
        foreach (OutgoingEvent outgoing in answer.Events)
        {
            Separate(pipe, ref first);
            Write(pipe, outgoing, answer.Version);
            if (pipe.UnflushedBytes > FlushAt)
                await pipe.FlushAsync(ct);
        }
        if (answer.DisconnectedClient is { } clientId)
        {
            Separate(pipe, ref first);
            pipe.Write(Encoding.UTF8.GetBytes($"{{\"channel\":\"/meta/disconnect\",\"clientId\":\"{clientId}\"}}"));
        }
        foreach (BayeuxReply reply in answer.Replies)
        {
            Separate(pipe, ref first);
            Write(pipe, reply);
        }
        pipe.Write("]"u8);
        await pipe.FlushAsync(ct);
    }

    /// <summary>Half of the events, and half of the next one.</summary>
    public static async Task WriteHalfAsync(PipeWriter pipe, CometdAnswer answer, CancellationToken ct)
    {
        var whole = new ArrayBufferWriter<byte>();
        whole.Write("["u8);
        foreach (OutgoingEvent outgoing in answer.Events.Take((answer.Events.Count / 2) + 1))
        {
            if (whole.WrittenCount > 1)
                whole.Write(","u8);
            Write(whole, outgoing, answer.Version);
        }
        pipe.Write(whole.WrittenSpan[..^20]);
        await pipe.FlushAsync(ct);
    }

    private static void Write(PipeWriter pipe, BayeuxReply reply)
    {
        using var json = new Utf8JsonWriter(pipe, OrgJson.Format);
        reply.Write(json);
    }

    private static void Write(IBufferWriter<byte> wire, OutgoingEvent outgoing, int version)
    {
        EventDraft draft = outgoing.Stored.Draft;
        wire.Write("{\"data\":{"u8);
        wire.Write(draft.Head.Span);
        wire.Write(draft.Payload.Span);
        wire.Write(",\"event\":{"u8);
        if (draft.Uuid is not null && version >= EventUuidSince)
        {
            wire.Write("\"EventUuid\":\""u8);
            WriteText(wire, draft.Uuid);
            wire.Write("\","u8);
        }
        wire.Write(draft.EventMembers.Span);
        wire.Write("\"replayId\":"u8);
        Utf8Formatter.TryFormat(outgoing.Stored.ReplayId, wire.GetSpan(20), out int digits);
        wire.Advance(digits);
        wire.Write("}},\"channel\":\""u8);
        WriteText(wire, outgoing.Channel);
        wire.Write("\"}"u8);
    }

    private static void WriteText(IBufferWriter<byte> wire, string text) =>
        wire.Advance(Encoding.UTF8.GetBytes(text, wire.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));

    private static void Separate(PipeWriter pipe, ref bool first)
    {
        if (!first)
            pipe.Write(","u8);
        first = false;
    }
}
