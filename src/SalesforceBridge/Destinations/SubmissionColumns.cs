using System.Text.Json;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Destinations;

/// <summary>The columns of <c>submit X for approval</c>. Their names are matched without regard to case, like those of fields.</summary>
internal static class SubmissionColumns
{
    /// <summary>Which record.</summary>
    public const string Record = "Id";

    private const string Comments = "comments";
    private const string Process = "processDefinitionNameOrId";
    private const string SkipCriteria = "skipEntryCriteria";
    private const string NextApprovers = "nextApproverIds";
    private const string Submitter = "contextActorId";

    /// <summary>All there are.</summary>
    public static readonly IReadOnlyList<string> All = [Record, Comments, Process, SkipCriteria, NextApprovers, Submitter];

    /// <summary>A row as a submission. One without an id is for the org to refuse.</summary>
    public static ApprovalSubmission Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = int.MaxValue });
        var columns = document.RootElement.EnumerateObject().GroupBy(column => column.Name, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(same => same.Key, same => same.Last().Value.ToString(), StringComparer.OrdinalIgnoreCase);
        string? Text(string name) => columns.GetValueOrDefault(name) is { Length: > 0 } text ? text : null;
        return new ApprovalSubmission(Text(Record) ?? "")
        {
            Comments = Text(Comments),
            ProcessNameOrId = Text(Process),
            SkipEntryCriteria = bool.TryParse(Text(SkipCriteria), out bool skips) && skips,
            NextApproverIds = Ids(Text(NextApprovers)),
            SubmitterId = Text(Submitter),
        };
    }

    // An array of PostgreSQL is sent as one text, its values with semicolons between.
    private static string[] Ids(string? text) =>
        text?.Split([';', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}
