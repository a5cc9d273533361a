using System.Text.Json;
using CsvHelper;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Schema;

namespace SalesforceBridge.Simulator.Bulk;

/// <summary>Works through the rows of an ingest job, 200 in a transaction, so that triggers and change events fire as for other writes.</summary>
internal sealed class IngestRun(Org org, BulkJob job)
{
    private const int TransactionRows = 200;

    // Rows that were locked are tried again with their chunk.
    private const int MaxRetries = 10;

    private readonly RowInput _input = new(org, job.Order);

    // After so many rows the job fails, if it is to fail.
    private readonly Fault.FailedBulkJob? _failure = org.Faults.Strike<Fault.FailedBulkJob>();

    /// <returns>The state in which the job ends.</returns>
    /// <exception cref="ApiException">The content as a whole is of no use.</exception>
    public JobState Run(CancellationToken ends)
    {
        FileStream content = job.OpenContent() ?? throw Unusable("Records not found");
        if (!job.Order.Form.EndsLines(content))
        {
            job.ErrorMessage = $"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {job.Order.Form.LineEnding}";
            return JobState.Failed;
        }
        content.Position = 0;
        using CsvReader csv = job.Order.Form.Read(content);
        try
        {
            return RunRows(csv, ends);
        }
        catch (CsvFormatException fault)
        {
            throw Unusable($"Failed to parse CSV. {fault.Message}");
        }
    }

    private JobState RunRows(CsvReader csv, CancellationToken ends)
    {
        csv.ReadHeader();
        job.Columns = [.. csv.Headers];
        string? unknown = _input.UnknownColumn(job.Columns);
        List<string[]> rows = [];
        bool isOver = false;
        while (csv.Read())
        {
            string[] row = csv.Current.ToArray();
            if (unknown is not null || isOver || ends.IsCancellationRequested)
            {
                job.Unprocessed.Add(job.Order.Form.Line(row));
                continue;
            }
            rows.Add(row);
            isOver = job.Processed + rows.Count == _failure?.AfterRows;
            if (rows.Count == TransactionRows || isOver)
                Flush(rows);
        }
        if (unknown is not null)
            throw Unusable($"Field name not found : {unknown}");
        Flush(rows);
        ends.ThrowIfCancellationRequested();
        if (_failure is null)
            return JobState.JobComplete;
        job.ErrorMessage = _failure.Error;
        return JobState.Failed;
    }

    private void Flush(List<string[]> rows)
    {
        WriteOutcome[] outcomes = Write(rows);
        for (int retry = 1; retry <= MaxRetries; retry++)
        {
            int[] locked = [.. Enumerable.Range(0, rows.Count).Where(row => outcomes[row] is WriteOutcome.Refused { Error.Code: "UNABLE_TO_LOCK_ROW" })];
            if (locked.Length == 0)
                break;
            job.Retries++;
            foreach ((int row, WriteOutcome second) in locked.Zip(Write([.. locked.Select(row => rows[row])])))
                outcomes[row] = second;
        }
        foreach ((string[] row, WriteOutcome outcome) in rows.Zip(outcomes))
            Keep(row, outcome);
        job.Processed += rows.Count;
        rows.Clear();
    }

    private WriteOutcome[] Write(List<string[]> rows) => rows.Count == 0 ? [] : org.Write(job.Order.Actor, transaction =>
        rows.Select(row => Rejection() ?? WriteOne(transaction, row)).ToArray());

    private WriteOutcome WriteOne(OrgTransaction transaction, string[] row)
    {
        try
        {
            return Write(transaction, _input.Read(job.Columns, row));
        }
        catch (ApiException refused)
        {
            return new WriteOutcome.Refused(refused.Error);
        }
    }

    private WriteOutcome Write(OrgTransaction transaction, JsonElement sent)
    {
        ObjectType type = job.Order.Type;
        switch (job.Order.Operation)
        {
            case "insert":
                return transaction.Create(type, sent);
            case "upsert" when job.Order.Key is { Name: not SystemFields.Id } key:
                return RowInput.ValueOf(sent, key) is { } value
                    ? transaction.Upsert(type, key, value, sent)
                    : new WriteOutcome.Refused(new ApiError("MISSING_ARGUMENT", $"{key.Name} not specified", key.Name));
            case "upsert" when RowInput.IdOf(sent) is null:
                return transaction.Create(type, sent);
        }
        string id = type.RequireId(RowInput.IdOf(sent) ?? throw new ApiException(400, new ApiError("MISSING_ARGUMENT", "Id not specified in an update call", SystemFields.Id)));
        if (job.Order.Operation is "update" or "upsert")
            return AsItem(transaction.Update(type, id, sent));
        WriteOutcome outcome = AsItem(transaction.Delete(type, id));
        if (job.Order.Operation == "hardDelete" && !outcome.IsRefused)
            transaction.Store[type].Remove(transaction.Store[type].Find(id)!);
        return outcome;
    }

    private WriteOutcome.Refused? Rejection() => org.Faults.Strike<Fault.RejectedItem>() is { } fault
        ? new WriteOutcome.Refused(new ApiError(fault.StatusCode, fault.Message))
        : null;

    // What is 404 for a record alone has another code among others.
    private static WriteOutcome AsItem(WriteOutcome outcome) => outcome is WriteOutcome.Refused { Error: var error } && error == ApiError.NotFound
        ? new WriteOutcome.Refused(new ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"))
        : outcome;

    private void Keep(string[] row, WriteOutcome outcome)
    {
        CsvForm form = job.Order.Form;
        if (outcome is WriteOutcome.Refused { Error: var error })
        {
            // Each field has a blank behind it.
            string text = $"{error.Code}:{error.Message}:{string.Concat(error.Fields.Select(field => field + " "))}--";
            job.Failures.Add(form.Line([RowInput.IdIn(job.Columns, row), text, .. row]));
            return;
        }
        string created = outcome is WriteOutcome.Written { Created: false } ? "false" : job.Order.Operation is "insert" or "upsert" ? "true" : "false";
        job.Successes.Add(form.Line([outcome.RecordId!, created, .. row]));
    }

    private static ApiException Unusable(string text) => new(400, new ApiError("InvalidBatch", text));
}
