using System.Globalization;
using System.Text;
using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Records;
using SalesforceBridge.Simulator.Rest;
using SalesforceBridge.Simulator.Soql;

namespace SalesforceBridge.Simulator.Bulk;

/// <summary>Query jobs: create, pages of results.</summary>
internal sealed class QueryJobEndpoints(Org org) : BulkEndpoints(org, isQuery: true)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder jobs = api.MapGroup("/jobs/query");
        MapJobs(jobs);
        jobs.MapPost("", CreateAsync).Is(ApiCallKind.BulkCreate);
        jobs.MapGet("/{id}/results", Results).Is(ApiCallKind.BulkResults);
    }

    private async Task<IResult> CreateAsync(HttpContext context, CancellationToken ct)
    {
        ApiCall call = context.Call();
        JsonElement sent = await context.Request.ReadJsonAsync(ct);
        string operation = Text(sent, "operation") ?? "";
        if (operation is not ("query" or "queryAll"))
            throw Refuse("InvalidJob", $"The operation '{operation}' is not supported");
        SoqlQuery query = new SoqlBinder(Org.Schema.Objects, Org.IsHidden).Bind(SoqlParser.Parse(Text(sent, "query") ?? ""));
        if (query.Children.Count > 0)
            throw Refuse("InvalidJob", "Aggregate Relationships not supported in Bulk Query");
        if (query.IsCount || query.Offset > 0 || query.Grouping is not null)
            throw Refuse("InvalidJob", "COUNT(), aggregate functions, GROUP BY and OFFSET are not supported in bulk queries");
        BulkJob job = Org.Bulk.Open(new JobOrder
        {
            Operation = operation,
            Type = query.Type!,
            Query = query,
            Form = FormOf(sent),
            Actor = ActorOf(call),
            Version = call.Version,
        });
        return Complete(context, job);
    }

    private IResult Results(HttpContext context, string id)
    {
        BulkJob job = Require(id);
        if (context.Call().Version != job.Order.Version)
            throw new ApiException(409, new ApiError("CONFLICT", $"The results are read with API version {job.Order.Version}.0, which made the job"));
        if (job.State is not JobState.JobComplete)
            return job.IsOver ? throw Refuse("InvalidJobState", $"The job is in state {job.State}") : JsonReply.Empty();
        int from = FirstOf(context.Request.Query["locator"].ToString());
        int most = int.TryParse(context.Request.Query["maxRecords"], NumberStyles.None, CultureInfo.InvariantCulture, out int wanted) && wanted > 0
            ? wanted
            : Org.Options.BulkPageSize;
        if (from > job.Successes.Count)
            throw new ApiException(400, new ApiError("INVALID_QUERY_LOCATOR", "invalid query locator"));
        int count = Math.Min(most, job.Successes.Count - from);
        return new CsvReply(job.Order.Form, job.Columns, job.Successes, [.. Enumerable.Range(from, count)])
        {
            Locator = from + count == job.Successes.Count ? "null" : LocatorOf(from + count),
        };
    }

    private static string LocatorOf(int row) => Convert.ToBase64String(Encoding.ASCII.GetBytes(row.ToString(CultureInfo.InvariantCulture))).TrimEnd('=');

    private static int FirstOf(string locator)
    {
        if (locator.Length == 0)
            return 0;
        Span<byte> text = stackalloc byte[64];
        return Convert.TryFromBase64String(locator.PadRight((locator.Length + 3) / 4 * 4, '='), text, out int length)
            && int.TryParse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture, out int row)
                ? row
                : throw new ApiException(400, new ApiError("INVALID_QUERY_LOCATOR", "invalid query locator"));
    }
}
