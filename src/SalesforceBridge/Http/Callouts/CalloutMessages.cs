using System.Buffers;
using SalesforceBridge.Messaging;

namespace SalesforceBridge.Http.Callouts;

/// <summary>A callout's body as messages, one for each record: <c>{"operation", "record", "old", ...}</c> and what stood beside the records.</summary>
internal static class CalloutMessages
{
    // What a payload has more than its parts: the names of the members, at most.
    private const int Around = 48;

    /// <summary>The messages, in the order of the records.</summary>
    /// <param name="source">The callout.</param>
    /// <param name="body">What it brought.</param>
    /// <param name="largest">How many bytes they may have together: what stands beside the records is in each of them.</param>
    /// <param name="traceParent">The trace they belong to.</param>
    /// <exception cref="RequestRefusedException">They would be larger.</exception>
    public static IReadOnlyList<NewMessage> Of(string source, CalloutBody body, long largest, string? traceParent)
    {
        long beside = body.Beside.Sum(member => member.Whole.Length + 1L);
        long together = body.Records.Sum(record => record.Record.Length + (long)(record.Old?.Length ?? 0)) + (beside * body.Records.Count);
        if (together > largest)
        {
            throw new RequestRefusedException(
                StatusCodes.Status413PayloadTooLarge, "too_large",
                "What stands beside the records is kept with each of them, and that is too much. Send less of it, or fewer records at once.");
        }

        // One piece of memory for all of them: they come and go together.
        var payloads = new ArrayBufferWriter<byte>((int)together + (body.Records.Count * Around));
        return [.. body.Records.Select(record => new NewMessage(source, PayloadOf(record, body.Beside, payloads)) { Key = record.Id, TraceParent = traceParent })];
    }

    private static ReadOnlyMemory<byte> PayloadOf(CalloutRecord record, IReadOnlyList<JsonMember> beside, ArrayBufferWriter<byte> payload)
    {
        int start = payload.WrittenCount;
        payload.Write("{"u8);
        if (record.Operation is { } operation)
        {
            payload.Write("\"operation\":\""u8);
            payload.Write(System.Text.Encoding.ASCII.GetBytes(operation));
            payload.Write("\","u8);
        }

        payload.Write("\"record\":"u8);
        payload.Write(record.Record.Span);
        if (record.Old is { } old)
        {
            payload.Write(",\"old\":"u8);
            payload.Write(old.Span);
        }

        foreach (JsonMember member in beside)
        {
            payload.Write(","u8);
            payload.Write(member.Whole.Span);
        }

        payload.Write("}"u8);
        return payload.WrittenMemory[start..];
    }
}
