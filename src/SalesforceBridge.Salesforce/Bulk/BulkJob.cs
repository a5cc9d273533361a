using System.Text.Json.Serialization;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>A job as the org last told of it. Its id is all that another process needs; the org keeps a job and its results for 7 days.</summary>
/// <param name="Id">The job's id.</param>
/// <param name="State">How far it is.</param>
public sealed record BulkJob(string Id, BulkJobState State)
{
    /// <summary>What it does: <c>insert</c>, <c>hardDelete</c>, <c>queryAll</c>, ...</summary>
    public required string Operation { get; init; }

    /// <summary>The object's API name.</summary>
    public required string SObject { get; init; }

    /// <summary>The form of its CSV, both ways.</summary>
    public required BulkFormat Format { get; init; }

    /// <summary>The API version it was made with, <c>62.0</c>; its results are read with the same.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>The external id's field of an upsert; else null.</summary>
    public string? ExternalIdField { get; init; }

    /// <summary>How many rows were processed so far, those that failed included; of a query, how many were found.</summary>
    public long Processed { get; init; }

    /// <summary>How many rows failed so far. A job can be complete and have failed rows.</summary>
    public long Failed { get; init; }

    /// <summary>How often the org had to begin a chunk of rows anew.</summary>
    public int Retries { get; init; }

    /// <summary>Where rows are uploaded to; null for a query.</summary>
    internal string? ContentUrl { get; init; }
}

/// <summary>How far a job is.</summary>
public abstract record BulkJobState
{
    private BulkJobState()
    {
    }

    /// <summary>Whether nothing will happen any more.</summary>
    public bool IsOver => this is JobComplete or Failed or Aborted;

    /// <summary>It waits for its rows; nothing was done.</summary>
    public sealed record Open : BulkJobState;

    /// <summary>It has all that it needs, and waits for the org.</summary>
    public sealed record UploadComplete : BulkJobState;

    /// <summary>The org works on it.</summary>
    public sealed record InProgress : BulkJobState;

    /// <summary>Every row was processed; some may have failed.</summary>
    public sealed record JobComplete : BulkJobState;

    /// <summary>The org gave up. What was processed until then stays; the other rows are among the unprocessed ones.</summary>
    /// <param name="Error">What it said.</param>
    /// <param name="Class">What to make of that.</param>
    public sealed record Failed(SalesforceError Error, ErrorClass Class) : BulkJobState;

    /// <summary>Somebody ended it. What was processed until then stays.</summary>
    public sealed record Aborted : BulkJobState;

    /// <summary>A state that this client does not know, of which it assumes that another one follows.</summary>
    /// <param name="Name">As the org wrote it.</param>
    public sealed record Other(string Name) : BulkJobState;

    internal static BulkJobState Read(string name, string? errorMessage)
    {
        switch (name)
        {
            case "Open": return new Open();
            case "UploadComplete": return new UploadComplete();
            case "InProgress": return new InProgress();
            case "JobComplete": return new JobComplete();
            case "Aborted": return new Aborted();
            case "Failed":
                SalesforceError error = BulkError.OfJob(errorMessage);
                return new Failed(error, ErrorTable.Of(error));
            default: return new Other(name);
        }
    }
}

/// <summary>A job on the wire.</summary>
internal sealed record BulkJobItem(
    string Id, string State, string? Operation = null, string? Object = null, decimal? ApiVersion = null, string? ColumnDelimiter = null,
    string? LineEnding = null, string? ExternalIdFieldName = null, string? ContentUrl = null, string? ErrorMessage = null,
    long NumberRecordsProcessed = 0, long NumberRecordsFailed = 0, int Retries = 0)
{
    public BulkJob ToJob(string apiVersion) => new(Id, BulkJobState.Read(State, ErrorMessage))
    {
        Operation = Operation ?? "",
        SObject = Object ?? "",
        Format = BulkFormat.Read(ColumnDelimiter, LineEnding),
        ApiVersion = ApiVersion?.ToString("0.0") ?? apiVersion,
        ExternalIdField = ExternalIdFieldName,
        Processed = NumberRecordsProcessed,
        Failed = NumberRecordsFailed,
        Retries = Retries,
        ContentUrl = ContentUrl,
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BulkJobItem))]
internal sealed partial class BulkJson : JsonSerializerContext;
