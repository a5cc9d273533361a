using Microsoft.Extensions.Logging.Abstractions;
using SalesforceBridge.Salesforce.Bulk;
using SalesforceBridge.Salesforce.Http;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Simulator;
using SalesforceBridge.Testing;

namespace SalesforceBridge.InteropTests.Bulk;

/// <summary>A simulated org, and our client of it.</summary>
internal sealed class BulkOrg : IAsyncDisposable
{
    private readonly HttpClient _http = SalesforceHttp.Create();
    private readonly TestMeters _meters = new();

    private BulkOrg(SimulatedOrg org, BulkSettings bulk)
    {
        Org = org;
        var settings = new SalesforceClientSettings { FirstPause = TimeSpan.FromMilliseconds(1), Bulk = bulk, ClientName = "bulk tests" };
        Client = new SalesforceClient(_http, new Tokens(org), settings, _meters, TimeProvider.System, NullLogger<SalesforceClient>.Instance);
    }

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public SimulatedOrg Org { get; }

    public SalesforceClient Client { get; }

    public IngestJobs Ingest => Client.IngestJobs;

    public QueryJobs Queries => Client.QueryJobs;

    public static async Task<BulkOrg> StartAsync(SimulatorOptions? options = null, long largestUpload = 100_000_000) => new(
        await SimulatedOrg.StartAsync(options ?? new SimulatorOptions { BulkPace = TimeSpan.Zero }, Ct),
        new BulkSettings { LargestUpload = largestUpload, FirstPause = TimeSpan.FromMilliseconds(5), LongestPause = TimeSpan.FromMilliseconds(20) });

    /// <summary>Creates a job of a table, uploads it and waits until it is over.</summary>
    public async Task<BulkJob> RunAsync(IngestRequest request, BulkTable table)
    {
        BulkJob job = await Ingest.CreateAsync(request, Ct);
        await Ingest.UploadAsync(job, table, Ct);
        await Ingest.CompleteUploadAsync(job.Id, Ct);
        return await Ingest.WaitAsync(job.Id, Ct);
    }

    public static BulkTable Table(BulkFormat format, params IEnumerable<Dictionary<string, object?>> records) =>
        BulkTable.Of([.. records.Select(Record)], new BulkSettings(), format);

    public static async Task<List<T>> ToListAsync<T>(IAsyncEnumerable<T> items)
    {
        List<T> list = [];
        await foreach (T item in items)
            list.Add(item);
        return list;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _meters.Dispose();
        await Org.DisposeAsync();
    }

    private static BulkRecord Record(Dictionary<string, object?> fields) =>
        BulkRecord.TryRead(fields, null, out BulkRecord? record, out BulkRefusal? refusal) ? record : throw new InvalidOperationException($"{refusal}");

    private sealed class Tokens(SimulatedOrg org) : ITokenSource
    {
        private string _session = org.OpenSession("bridge@example.com");

        public ValueTask<AccessToken> GetAsync(CancellationToken ct) => new(new AccessToken(_session, org.InstanceUrl));

        public ValueTask<AccessToken> RenewAsync(AccessToken rejected, CancellationToken ct)
        {
            _session = org.OpenSession("bridge@example.com");
            return GetAsync(ct);
        }
    }
}
