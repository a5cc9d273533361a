using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Bulk;

/// <summary>Runs a query job: its rows as they are at that moment.</summary>
internal sealed class QueryRun(Org org, BulkJob job)
{
    /// <summary>Datetimes in CSV end like those of events.</summary>
    private const string UtcSuffix = "Z";

    /// <returns>The state in which the job ends.</returns>
    public JobState Run()
    {
        SoqlQuery query = job.Order.Query!;
        job.Columns = [.. query.Select.Select(path => string.Join('.', path.Names))];
        org.Read(store =>
        {
            foreach (Record record in SoqlRunner.Run(query, store, withDeleted: job.Order.Operation == "queryAll"))
                job.Successes.Add(job.Order.Form.Line(query.Select.Select(path => Text(path, record, store))));
            return job.Processed = job.Successes.Count;
        });
        return JobState.JobComplete;
    }

    private static string Text(FieldPath path, Record record, RecordStore store) =>
        path.ValueOf(record, store) is { } value ? FieldValue.ToText(path.Field!, value, UtcSuffix) : "";
}
