using System.Runtime.CompilerServices;

namespace SalesforceBridge.Salesforce.Bulk;

/// <content>What became of the rows, read as it arrives. An answer that breaks off is asked for again, and no row is given twice.</content>
public sealed partial class IngestJobs
{
    /// <summary>The rows that were processed and succeeded, in no order.</summary>
    /// <param name="job">A job that is over.</param>
    /// <param name="ct">Ends the reading.</param>
    public IAsyncEnumerable<BulkResult.Processed> SuccessfulResultsAsync(BulkJob job, CancellationToken ct) =>
        RowsAsync(job, "successfulResults", job.Processed - job.Failed, ct).Select(BulkResult.Succeeded);

    /// <summary>The rows that were processed and failed, in no order. Deletes of what was deleted already are among them, as successes.</summary>
    /// <param name="job">A job that is over.</param>
    /// <param name="ct">Ends the reading.</param>
    public IAsyncEnumerable<BulkResult.Processed> FailedResultsAsync(BulkJob job, CancellationToken ct)
    {
        bool isDelete = job.Operation is "delete" or "hardDelete";
        return RowsAsync(job, "failedResults", job.Failed, ct).Select(row => BulkResult.Refused(row, isDelete));
    }

    /// <summary>The rows that were not processed since the job ended before, in no order.</summary>
    /// <param name="job">A job that is over.</param>
    /// <param name="ct">Ends the reading.</param>
    public IAsyncEnumerable<BulkResult.Unprocessed> UnprocessedRowsAsync(BulkJob job, CancellationToken ct) =>
        RowsAsync(job, "unprocessedrecords", atLeast: 0, ct).Select(row => new BulkResult.Unprocessed(row));

    /// <summary>
    /// What became of each row that was sent to a job: exactly one outcome for each, in no order. Results of rows that were not sent are
    /// passed over.
    /// </summary>
    /// <param name="job">A job that is over.</param>
    /// <param name="sent">Every row that was sent. When the reading ends early, another one begins with rows added anew.</param>
    /// <param name="ct">Ends the reading.</param>
    /// <exception cref="ArgumentException">The job is not over.</exception>
    public async IAsyncEnumerable<RowOutcome<TTag>> OutcomesAsync<TTag>(BulkJob job, SentRows<TTag> sent, [EnumeratorCancellation] CancellationToken ct)
    {
        if (!job.State.IsOver)
            throw new ArgumentException($"Job {job.Id} is not over; wait for it.", nameof(job));
        await foreach (BulkResult result in ResultsAsync(job, ct))
        {
            if (!sent.TryTake(result.Row, out TTag? tag))
                continue;
            yield return result is BulkResult.Processed { Result: var told }
                ? new RowOutcome<TTag>.Processed(tag!, told)
                : new RowOutcome<TTag>.Unprocessed(tag!);
        }

        foreach (TTag tag in sent.Waiting)
            yield return new RowOutcome<TTag>.Untold(tag);
    }

    private async IAsyncEnumerable<BulkResult> ResultsAsync(BulkJob job, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (BulkResult result in SuccessfulResultsAsync(job, ct))
            yield return result;
        await foreach (BulkResult result in FailedResultsAsync(job, ct))
            yield return result;
        // A complete job has processed every row.
        if (job.State is BulkJobState.JobComplete)
            yield break;
        await foreach (BulkResult result in UnprocessedRowsAsync(job, ct))
            yield return result;
    }

    private async IAsyncEnumerable<BulkRow> RowsAsync(BulkJob job, string list, long atLeast, [EnumeratorCancellation] CancellationToken ct)
    {
        using RowReading reading = _resource.Rows(job, list, $"read {list} of a bulk {job.Operation} of {job.SObject}");
        await reading.OpenAsync(ct);
        long count = 0;
        await foreach (BulkRow row in reading.ReadAsync(ct))
        {
            count++;
            yield return row;
        }

        // Nothing at all where the job has counted some is an answer of something else.
        if (count == 0 && atLeast > 0)
            throw reading.Unusable();
    }
}
