using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;

namespace SalesforceBridge.Salesforce.Bulk;

/// <summary>What an ingest job tells of one row. The rows come in no order.</summary>
/// <param name="Row">The row as it was sent, with <c>sf__</c> columns of the org's beside its own.</param>
public abstract record BulkResult(BulkRow Row)
{
    internal const string IdColumn = "sf__Id";
    internal const string CreatedColumn = "sf__Created";
    internal const string ErrorColumn = "sf__Error";

    /// <summary>The row was processed.</summary>
    /// <param name="Row">The row as it was sent.</param>
    /// <param name="Result">What became of it; a delete of what is deleted already counts as success.</param>
    public sealed record Processed(BulkRow Row, SaveResult Result) : BulkResult(Row);

    /// <summary>The job ended before the row's turn: nothing was done with it.</summary>
    /// <param name="Row">The row as it was sent.</param>
    public sealed record Unprocessed(BulkRow Row) : BulkResult(Row);

    internal static Processed Succeeded(BulkRow row) => new(row, new SaveResult
    {
        Success = true,
        Id = row[IdColumn],
        Created = string.Equals(row[CreatedColumn], "true", StringComparison.OrdinalIgnoreCase),
    });

    internal static Processed Refused(BulkRow row, bool isDelete)
    {
        IReadOnlyList<SalesforceError> errors = BulkError.OfRow(row[ErrorColumn]);
        return new Processed(row, isDelete && SaveResult.IsGone(errors)
            ? new SaveResult { Success = true, Id = row[IdColumn] ?? row["Id"] }
            : SaveResult.Refused(row[IdColumn], errors));
    }
}

/// <summary>What became of a row that was sent.</summary>
/// <param name="Tag">The sender's name for it.</param>
public abstract record RowOutcome<TTag>(TTag Tag)
{
    /// <summary>The row was processed.</summary>
    /// <param name="Tag">The sender's name for it.</param>
    /// <param name="Result">What became of it.</param>
    public sealed record Processed(TTag Tag, SaveResult Result) : RowOutcome<TTag>(Tag);

    /// <summary>The job ended before the row's turn: nothing was done with it, and it may be sent again.</summary>
    /// <param name="Tag">The sender's name for it.</param>
    public sealed record Unprocessed(TTag Tag) : RowOutcome<TTag>(Tag);

    /// <summary>The org tells nothing of the row, so that it may have been processed: results beyond the daily allocation are not recorded.</summary>
    /// <param name="Tag">The sender's name for it.</param>
    public sealed record Untold(TTag Tag) : RowOutcome<TTag>(Tag);
}
