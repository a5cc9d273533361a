using System.Buffers;
using System.Text.Json;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>Writes the body of an approval call.</summary>
internal static class ApprovalRequest
{
    public static ReadOnlyMemory<byte> Submit(IEnumerable<ApprovalSubmission> submissions) => Write(submissions, (json, submission) =>
    {
        WriteHead(json, "Submit", submission.RecordId, submission.Comments, submission.NextApproverIds);
        if (submission.SubmitterId is { } submitter)
            json.WriteString("contextActorId", submitter);
        if (submission.ProcessNameOrId is { } process)
            json.WriteString("processDefinitionNameOrId", process);
        if (submission.SkipEntryCriteria)
            json.WriteBoolean("skipEntryCriteria", true);
    });

    public static ReadOnlyMemory<byte> Decide(string action, IEnumerable<ApprovalDecision> decisions) => Write(decisions, (json, decision) =>
        WriteHead(json, action, decision.WorkitemId, decision.Comments, decision.NextApproverIds));

    private static ReadOnlyMemory<byte> Write<T>(IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteStartArray("requests");
            foreach (T item in items)
            {
                json.WriteStartObject();
                write(json, item);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static void WriteHead(Utf8JsonWriter json, string action, string contextId, string? comments, IReadOnlyList<string> nextApproverIds)
    {
        json.WriteString("actionType", action);
        json.WriteString("contextId", contextId);
        if (comments is not null)
            json.WriteString("comments", comments);
        if (nextApproverIds.Count == 0)
            return;
        json.WriteStartArray("nextApproverIds");
        foreach (string id in nextApproverIds)
            json.WriteStringValue(id);
        json.WriteEndArray();
    }
}
