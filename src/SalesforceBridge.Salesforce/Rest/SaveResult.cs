using System.Net;
using SalesforceBridge.Salesforce.Errors;

namespace SalesforceBridge.Salesforce.Rest;

/// <summary>What became of one record.</summary>
public sealed record SaveResult
{
    // Queued is as far as publishing goes; the org reports it in the place of an error.
    private const string Enqueued = "OPERATION_ENQUEUED";
    private static readonly SalesforceError NoReason = new(OwnCodes.NoReason, "the org refused and did not say why", [], HttpStatusCode.OK);

    /// <summary>Whether it was saved, deleted, or queued for publishing.</summary>
    public required bool Success { get; init; }

    /// <summary>The record's id; null for a failed create, and for an upsert before version 46.0 that updated.</summary>
    public string? Id { get; init; }

    /// <summary>Whether a new record was made.</summary>
    public bool Created { get; init; }

    /// <summary>The <c>EventUuid</c> of a published event; its <see cref="Id"/> is neither unique nor delivered.</summary>
    public string? EventUuid { get; init; }

    /// <summary>
    /// The HTTP status of the answer that told this: of a record of its own call, such as 201, or of the call for many, 200 where some are refused. Null
    /// where no call told it: in a Bulk job, and for a record that was not sent.
    /// </summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>Why it failed; empty on success.</summary>
    public IReadOnlyList<SalesforceError> Errors { get; init; } = [];

    /// <summary>What to make of the errors; null on success.</summary>
    public ErrorClass? Class { get; init; }

    /// <summary>
    /// Whether it may have been saved all the same: the errors are from a first try, and the answer of the last one was lost.
    /// </summary>
    public bool InDoubt { get; init; }

    internal static SaveResult Refused(string? id, IReadOnlyList<SalesforceError> errors) =>
        new() { Success = false, Id = id, Status = errors[0].Status, Errors = errors, Class = ErrorTable.Of(errors) with { InDoubt = false } };

    /// <summary>Of a record that was right itself, of which no call tells because it was all or none.</summary>
    internal static SaveResult Undone(string? id, HttpStatusCode? status) => Refused(id,
        [new SalesforceError("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Not done, since another record of its call was refused.", [], status)]);

    internal static SaveResult From(SaveItem item, HttpStatusCode status, SaveVerb verb, string? id)
    {
        SalesforceError[] said = [.. (item.Errors ?? []).OfType<SaveItemError>().Select(error => error.ToError() with { Status = status })];
        bool isDone = item.Success || (verb is SaveVerb.Delete && IsGone(said));
        if (!isDone)
            return Refused(item.Id ?? id, said.Length > 0 ? said : [NoReason with { Status = status }]);
        return new SaveResult
        {
            Success = true,
            Id = item.Id ?? id,
            Status = status,
            Created = item.Created ?? verb is SaveVerb.Create,
            EventUuid = said.FirstOrDefault(error => error.Code == Enqueued)?.Message,
        };
    }

    internal static bool IsGone(IReadOnlyList<SalesforceError> errors) => errors is [{ Code: "ENTITY_IS_DELETED" }];
}

/// <summary>What became of a save: a result for each record that the org answered for, and why it did not for the rest.</summary>
/// <param name="Results">In the order of the records; shorter than they are when a call failed as a whole.</param>
/// <param name="Failure">Why the call for the next records failed as a whole; null when every record has its result.</param>
/// <param name="RecordsInDoubt">
/// How many records, right after those with results, may have been saved all the same; those behind them were never sent.
/// </param>
public sealed record SaveOutcome(IReadOnlyList<SaveResult> Results, SalesforceException? Failure, int RecordsInDoubt);
