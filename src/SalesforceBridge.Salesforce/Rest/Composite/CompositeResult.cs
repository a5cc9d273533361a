using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Rest.Composite;

/// <summary>What became of a composite, or of a graph.</summary>
/// <param name="Results">What became of each subrequest, in the order in which they were added.</param>
public sealed record CompositeResult(IReadOnlyList<SubrequestResult> Results)
{
    /// <summary>Whether every subrequest succeeded.</summary>
    public bool Success => Results.All(result => result.Success);

    /// <summary>What became of one subrequest.</summary>
    /// <param name="reference">What <see cref="CompositeRequest.Add"/> returned for it.</param>
    public SubrequestResult this[CompositeReference reference] => Results.First(result => result.ReferenceId == reference.ReferenceId);
}

/// <summary>What became of a subrequest.</summary>
public sealed record SubrequestResult
{
    /// <summary>Its name; null in a batch.</summary>
    public string? ReferenceId { get; init; }

    /// <summary>The HTTP status that it alone would have been answered with.</summary>
    public required HttpStatusCode Status { get; init; }

    /// <summary>Its answer's headers by name, without regard to case; a batch tells none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Its answer's JSON body, errors too; empty when there is none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Whether it was done. Of a subrequest to collections this says that it was answered: its items have results of their own.</summary>
    public bool Success => Errors.Count == 0;

    /// <summary>Why it was not done; empty on success.</summary>
    public IReadOnlyList<SalesforceError> Errors { get; init; } = [];

    /// <summary>What to make of the errors; null on success.</summary>
    public ErrorClass? Class => Errors.Count == 0 ? null : ErrorTable.Of(Errors);

    /// <summary>Whether it was right itself but not run, or undone, because of another: that one has the reason.</summary>
    public bool IsHalted => Errors is [{ Code: "PROCESSING_HALTED" or "BATCH_PROCESSING_HALTED" }];

    /// <summary>The id of the record that was created, upserted or read; null when the answer tells none.</summary>
    public string? Id => Success && Body.Span is [(byte)'{', ..] ? RecordBytes.Value(Body, "Id") : null;

    /// <summary>The answer's body.</summary>
    /// <param name="type">How it is read.</param>
    /// <exception cref="SalesforceException">It was not done, or the body is of another form.</exception>
    public T Read<T>(JsonTypeInfo<T> type) => Read(() => JsonSerializer.Deserialize(Body.Span, type) ?? throw new JsonException("The answer is null."));

    /// <summary>
    /// The first page of a query. <see cref="QueryPage{T}.NextRecordsUrl"/> leads to the next: <see cref="SalesforceClient.QueryMoreAsync"/>.
    /// </summary>
    /// <param name="type">How a record is read.</param>
    /// <exception cref="SalesforceException">It was not done, or the body is no page.</exception>
    public QueryPage<T> ReadPage<T>(JsonTypeInfo<T> type) => Read(() => QueryPageReader.Read(Body.Span, type));

    /// <summary>What became of it, without its payload.</summary>
    public override string ToString() => $"{ReferenceId} HTTP {(int)Status}{(Success ? "" : $" {Errors[0].Code}")}";

    internal SalesforceException Failure(string what) => new(what, Errors, Class!);

    private T Read<T>(Func<T> read)
    {
        string what = ReferenceId is null ? "a subrequest" : $"subrequest {ReferenceId}";
        if (!Success)
            throw Failure(what);
        try
        {
            return read();
        }
        catch (JsonException fault)
        {
            SalesforceError[] errors = [new(OwnCodes.UnusableReply, "the answer is not what this subrequest is answered with", [], Status)];
            throw new SalesforceException(what, errors, ErrorTable.Of(errors), inner: fault);
        }
    }
}
