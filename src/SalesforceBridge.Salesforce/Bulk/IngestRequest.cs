using System.Text.Json;

namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>What an ingest job does with its rows.</summary>
public enum BulkOperation
{
    /// <summary>Makes a new record of each row.</summary>
    Insert,

    /// <summary>Changes the records that have the rows' <c>Id</c>.</summary>
    Update,

    /// <summary>Changes the records that have the rows' external ids, or makes them.</summary>
    Upsert,

    /// <summary>Deletes the records that have the rows' <c>Id</c>, into the recycle bin.</summary>
    Delete,

    /// <summary>Deletes the records for good. The user needs the permission Bulk API Hard Delete.</summary>
    HardDelete,
}

/// <summary>An ingest job to be made.</summary>
/// <param name="Operation">What to do with its rows.</param>
/// <param name="SObject">The object's API name; an event's, to publish with <see cref="BulkOperation.Insert"/>.</param>
public sealed record IngestRequest(BulkOperation Operation, string SObject)
{
    /// <summary>The external id's field, for an upsert; else null.</summary>
    public string? ExternalIdField { get; init; }

    /// <summary>The form of the CSV.</summary>
    public BulkFormat Format { get; init; } = new();

    /// <summary>The assignment rule for cases and leads; null for none.</summary>
    public string? AssignmentRuleId { get; init; }

    internal string OperationName => Operation is BulkOperation.HardDelete ? "hardDelete" : Operation.ToString().ToLowerInvariant();

    internal string What => $"bulk {OperationName} of {SObject}";

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteString("object", SObject);
        json.WriteString("operation", OperationName);
        if (ExternalIdField is not null)
            json.WriteString("externalIdFieldName", ExternalIdField);
        if (AssignmentRuleId is not null)
            json.WriteString("assignmentRuleId", AssignmentRuleId);
        json.WriteString("contentType", "CSV");
        json.WriteString("columnDelimiter", Format.DelimiterName);
        json.WriteString("lineEnding", Format.LineEndingName);
    }
}
