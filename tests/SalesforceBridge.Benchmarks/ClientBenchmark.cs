using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceBridge.Salesforce.Http;
using SalesforceBridge.Salesforce.OAuth;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Testing;

namespace SalesforceBridge.Benchmarks;

/// <summary>
/// Records through the client, against an HttpClient that sends the same bytes and reads the same answers without looking at them: beside a
/// server that answers at once, where all that is left is what the client does with them, and one that takes its time as an org does.
/// </summary>
internal static class ClientBenchmark
{
    private const int InOneCall = 200;

    // A real org takes several times as long, for a query's records as for those of a save.
    private static readonly TimeSpan ThinksOfEach = TimeSpan.FromMilliseconds(0.1);

    public static async Task RunAsync(Report report)
    {
        // Alone they would be over before most of the code is compiled for the last time.
        await RunAsync(report, "", TimeSpan.Zero, passes: 10, saves: 0.2, queries: 0.13);
        await RunAsync(report, ", 0.1 ms a record", ThinksOfEach, passes: 1, saves: 0.8, queries: 0.8);
    }

    private static async Task RunAsync(Report report, string where, TimeSpan thinksOfEach, int passes, double saves, double queries)
    {
        await using OrgStub org = await OrgStub.StartAsync(thinksOfEach);
        using HttpClient http = SalesforceHttp.Create();
        using HttpClient bare = SalesforceHttp.Create();
        bare.BaseAddress = org.Address;
        bare.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OneToken.Value);
        using var meters = new TestMeters();
        var client = new SalesforceClient(
            http, new OneToken(org.Address), new SalesforceClientSettings(), meters, TimeProvider.System, NullLogger<SalesforceClient>.Instance);

        byte[][] bodies = [.. OrgRecords.Updates.Chunk(InOneCall).Select(BodyOf)];
        await report.CompareAsync($"client, updates of 200{where}", OrgRecords.Count * passes, () => TimeAsync(passes, () => UpdateAsync(client)),
            "HttpClient", () => TimeAsync(passes, () => PatchAsync(bare, bodies)), saves);
        await report.CompareAsync($"client, a query's typed records{where}", OrgRecords.Count * passes, () => TimeAsync(passes, () => QueryAsync(client)),
            "HttpClient", () => TimeAsync(passes, () => GetAsync(bare)), queries);
    }

    private static Task<TimeSpan> TimeAsync(int passes, Func<Task> pass) => Report.TimeAsync(async () =>
    {
        for (int n = 0; n < passes; n++)
            await pass();
    });

    private static async Task UpdateAsync(SalesforceClient client)
    {
        SaveOutcome outcome = await client.SaveAsync(SaveVerb.Update, "Order__c", null, OrgRecords.Updates, allOrNone: false, default);
        Check(outcome.Results.Count(result => result.Success));
    }

    private static async Task PatchAsync(HttpClient http, byte[][] bodies)
    {
        foreach (byte[] body in bodies)
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri("/services/data/v62.0/composite/sobjects", UriKind.Relative)) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using HttpResponseMessage answer = await http.SendAsync(request);
            answer.EnsureSuccessStatusCode();
            await answer.Content.ReadAsByteArrayAsync();
        }
    }

    private static async Task QueryAsync(SalesforceClient client)
    {
        int records = 0;
        await foreach (OrgOrder order in client.QueryAsync("select Id, Name from Order__c", OrgOrderJson.Default.OrgOrder, default))
            records += order.Id is null ? 0 : 1;
        Check(records);
    }

    private static async Task GetAsync(HttpClient http)
    {
        for (int page = 0; page < OrgRecords.Pages.Count; page++)
            await http.GetByteArrayAsync(new Uri(page == 0 ? "/services/data/v62.0/query?q=select" : $"/services/data/v62.0/query/{page}", UriKind.Relative));
    }

    // As the client writes it.
    private static byte[] BodyOf(IEnumerable<ReadOnlyMemory<byte>> records)
    {
        IEnumerable<string> typed = records.Select(record => """{"attributes":{"type":"Order__c"},""" + Encoding.UTF8.GetString(record.Span)[1..]);
        return Encoding.UTF8.GetBytes($$"""{"allOrNone":false,"records":[{{string.Join(',', typed)}}]}""");
    }

    private static void Check(int records)
    {
        if (records != OrgRecords.Count)
            throw new InvalidOperationException($"There were {records} records.");
    }
}

/// <summary>A token that every server of a benchmark takes.</summary>
internal sealed class OneToken(Uri org) : ITokenSource
{
    public const string Value = "token";

    public ValueTask<AccessToken> GetAsync(CancellationToken ct) => new(new AccessToken(Value, org));

    public ValueTask<AccessToken> RenewAsync(AccessToken rejected, CancellationToken ct) => GetAsync(ct);
}
