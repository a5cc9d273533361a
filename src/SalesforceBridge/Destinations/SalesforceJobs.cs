using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using SalesforceBridge.Messaging;
using SalesforceBridge.Salesforce.Bulk;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using Blame = SalesforceBridge.Salesforce.Errors.Blame;

namespace SalesforceBridge.Destinations;

/// <summary>A lane's deliveries to an object of the org as jobs of Bulk API 2.0. Results find their deliveries by what was sent, in whatever process.</summary>
internal sealed class SalesforceJobs(
    SalesforceClient org, string lane, SaveVerb verb, string sObject, string? externalIdField, Func<SaveResult, DeliveryOutcome> outcomeOf) : IJobs
{
    // Results of a job are recorded by so many at a time.
    private const int Portion = 1_000;

    // CSV takes no files; no custom object has a field for one.
    private static readonly FrozenSet<string> WithFiles =
        new[] { "Attachment", "ContentVersion", "Document", "MailmergeTemplate", "StaticResource" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly BulkOperation _operation = verb switch
    {
        SaveVerb.Update => BulkOperation.Update,
        SaveVerb.Upsert => BulkOperation.Upsert,
        SaveVerb.Delete => BulkOperation.Delete,
        _ => BulkOperation.Insert,
    };

    // What became of an event must be told by its uuid, which a job does not say.
    public static bool CanHold(string sObject) => !WithFiles.Contains(sObject) && !sObject.EndsWith("__e", StringComparison.OrdinalIgnoreCase);

    // Half of what an upload may hold: as CSV a record is seldom longer than as JSON, and never twice as long but for its quotes.
    public long MostBytes => org.IngestJobs.LargestUpload / 2;

    public bool Takes(Delivery delivery) => Read(delivery) is { } record && (_operation switch
    {
        BulkOperation.Insert => !Has(record, "Id"),
        BulkOperation.Delete => record.Cells.Count == 1 && Has(record, "Id"),
        BulkOperation.Update => Has(record, "Id"),
        _ => Has(record, externalIdField!),
    });

    public Task<JobAnswer> OpenAsync(int hops, CancellationToken ct) => AskAsync(async () =>
    {
        BulkJob job = await org.With(DeliveryOptions.Of(lane, hops)).IngestJobs.CreateAsync(
            new IngestRequest(_operation, sObject) { ExternalIdField = externalIdField }, ct);
        return new JobAnswer.Opened(job.Id);
    }, refusal => new JobAnswer.Over(refusal.Message));

    public Task<JobAnswer> SendAsync(string job, IAsyncEnumerable<Delivery> deliveries, CancellationToken ct) => AskAsync(async () =>
    {
        BulkJob open = await org.IngestJobs.GetAsync(job, ct);
        HashSet<string> columns = new(StringComparer.OrdinalIgnoreCase);
        await foreach (BulkRecord record in RecordsAsync(deliveries, ct))
            columns.UnionWith(record.Cells.Select(cell => cell.Key));
        var table = new BulkColumns([.. columns]);
        await org.IngestJobs.UploadAsync(open, table, RecordsAsync(deliveries, ct).Select(record => record.In(table)), ct);
        await org.IngestJobs.CompleteUploadAsync(job, ct);
        return new JobAnswer.Running();
    }, refusal => new JobAnswer.Over(refusal.Message));

    public Task<JobAnswer> LookAsync(string job, CancellationToken ct) =>
        AskAsync(async () => Told(await org.IngestJobs.GetAsync(job, ct)), _ => new JobAnswer.Unknown());

    public Task<JobAnswer> ReadAsync(
        string job, IAsyncEnumerable<Delivery> deliveries, Func<IReadOnlyList<JobResult>, Task> take, CancellationToken ct) => AskAsync(async () =>
    {
        BulkJob over = await org.IngestJobs.GetAsync(job, ct);
        try
        {
            await TellAsync(over, deliveries, take, ct);
        }
        catch (SalesforceException failure) when (over.Processed == 0 && failure.Class is { Blame: Blame.Message, Remedy: Remedy.GiveUp })
        {
            // A job that never got its rows has no results to read.
        }

        return Told(over);
    }, _ => new JobAnswer.Unknown());

    public Task<JobAnswer> EndAsync(string job, CancellationToken ct) =>
        AskAsync(async () => Told(await org.IngestJobs.AbortAsync(job, ct)), _ => new JobAnswer.Running());

    private async Task TellAsync(BulkJob over, IAsyncEnumerable<Delivery> deliveries, Func<IReadOnlyList<JobResult>, Task> take, CancellationToken ct)
    {
        var sent = new SentRows<long>(_operation, externalIdField);
        await foreach (Delivery delivery in deliveries.WithCancellation(ct))
            sent.Add(delivery.Id, RowOf(Read(delivery)!));
        List<JobResult> results = [];
        long processed = 0;
        await foreach (RowOutcome<long> outcome in org.IngestJobs.OutcomesAsync(over, sent, ct))
        {
            if (outcome is RowOutcome<long>.Processed)
                processed++;
            // A job that never got its rows tells of none, and has processed none: they were not done.
            if (Told(outcome, mayBeDone: processed < over.Processed) is { } told)
                results.Add(new JobResult(outcome.Tag, told));
            if (results.Count < Portion)
                continue;
            await take(results);
            results = [];
        }

        await take(results);
    }

    // What blames a job alone is for whoever asks to judge: it is in another state than was thought, or not there any more.
    private static async Task<JobAnswer> AskAsync(Func<Task<JobAnswer>> ask, Func<SalesforceException, JobAnswer> ofJob)
    {
        try
        {
            return await ask();
        }
        catch (SalesforceException failure)
        {
            return failure.Class switch
            {
                { Blame: Blame.Message, Remedy: Remedy.GiveUp } => ofJob(failure),
                { Blame: Blame.Lane, Remedy: Remedy.GiveUp } => new JobAnswer.Refused(new DeliveryOutcome.LaneRefused(failure.Code, failure.Message)),
                var other => new JobAnswer.NotNow(new CallOutcome.NotNow(
                    failure.Code, failure.Message, failure.RetryAfter ?? (other.Remedy as Remedy.Wait)?.For)),
            };
        }
    }

    private static JobAnswer Told(BulkJob job) => job.State switch
    {
        BulkJobState.Open => new JobAnswer.Opened(job.Id),
        BulkJobState.Failed failed => new JobAnswer.Over(failed.Error.ToString()),
        { IsOver: true } => new JobAnswer.Over(),
        _ => new JobAnswer.Running(),
    };

    private DeliveryOutcome? Told(RowOutcome<long> outcome, bool mayBeDone) => outcome switch
    {
        RowOutcome<long>.Processed processed => outcomeOf(processed.Result),
        RowOutcome<long>.Unprocessed => null,
        _ when !mayBeDone => null,
        _ => new DeliveryOutcome.InDoubt("The org's results of the job do not tell of it."),
    };

    private static async IAsyncEnumerable<BulkRecord> RecordsAsync(IAsyncEnumerable<Delivery> deliveries, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (Delivery delivery in deliveries.WithCancellation(ct))
            yield return Read(delivery)!;
    }

    private static BulkRecord? Read(Delivery delivery) =>
        BulkRecord.TryRead(new RecordJson(delivery.Body), blobFields: null, out BulkRecord? record, out _) ? record : null;

    private static BulkRow RowOf(BulkRecord record) => record.In(new BulkColumns([.. record.Cells.Select(cell => cell.Key)]));

    private static bool Has(BulkRecord record, string column) =>
        record.Cells.Any(cell => string.Equals(cell.Key, column, StringComparison.OrdinalIgnoreCase) && cell.Value != BulkRow.Null);
}
