using System.Net;
using System.Text.Json;
using SalesforceBridge.Salesforce.Bulk;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;
using static SalesforceBridge.Salesforce.Tests.Drivers.BulkDriver;

namespace SalesforceBridge.Salesforce.Tests.Bulk;

public sealed class QueryJobsTests
{
    private static readonly QueryRequest Names = new("select Name from Account");

    private static readonly SalesforceClientSettings Quick = Client.Patient with
    {
        Bulk = new BulkSettings { FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(5) },
    };

    [Fact]
    public async Task A_query_reads_every_page_and_each_header_once()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithQueryJob().On($"GET {Query}/results", request => request.Target.Split('?')[^1] switch
        {
            "maxRecords=2" => Page("\"Name\"\n\"a\"\n\"b\"\n", "Mg", 2),
            "locator=Mg&maxRecords=2" => Page("\"Name\"\n\"c\"\n\"\"\n", "N/=", 2),
            _ => Page("\"Name\"\n\"e\"\n", null, 1),
        });
        using var client = new Client(org, Quick);

        List<BulkRow> rows = await ToListAsync(client.Rest.QueryJobs.QueryAsync(Names with { MaxRecords = 2, WithDeleted = true }, Ct));

        rows.Select(row => row["name"]).ShouldBe(["a", "b", "c", null, "e"]);
        JsonElement sent = JsonDocument.Parse(org.Requests[0].Body).RootElement;
        sent.GetProperty("operation").GetString().ShouldBe("queryAll");
        sent.GetProperty("query").GetString().ShouldBe(Names.Soql);
        org.Requests[^1].Target.ShouldEndWith("results?locator=N%2F%3D&maxRecords=2");
        org.Requests[^1].Headers["Accept"].ShouldBe("text/csv");
    }

    [Fact]
    public async Task A_query_that_finds_nothing_gives_nothing()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithQueryJob().On($"GET {Query}/results", Page("\"Name\"\n", null, 0));
        using var client = new Client(org, Quick);

        (await ToListAsync(client.Rest.QueryJobs.QueryAsync(Names, Ct))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_page_cut_in_the_middle_is_asked_for_again_from_its_locator(bool isChunked)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        Answer whole = Page("\"Name\"\n" + string.Concat(Enumerable.Range(0, 1_000).Select(n => $"\"Account {n}\"\n")), null, 1_000);
        var second = new Queue<Answer>([whole with { CutAfter = 7_000, IsChunked = isChunked }, whole]);
        org.WithQueryJob().On($"GET {Query}/results", request => request.Target.EndsWith("locator=Mg", StringComparison.Ordinal)
            ? second.Dequeue()
            : Page("\"Name\"\n\"a\"\n\"b\"\n", "Mg"));
        using var client = new Client(org, Quick);

        List<BulkRow> rows = await ToListAsync(client.Rest.QueryJobs.QueryAsync(Names, Ct));

        rows.Select(row => row["Name"]).ShouldBe(["a", "b", .. Enumerable.Range(0, 1_000).Select(n => $"Account {n}")]);
        org.Requests.Count(request => request.Target.EndsWith("results?locator=Mg", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task A_page_with_fewer_rows_than_it_tells_is_not_taken_for_whole()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithQueryJob().On($"GET {Query}/results", Page("\"Name\"\n\"a\"\n", null, 2), Page("\"Name\"\n\"a\"\n\"b\"\n", null, 2));
        using var client = new Client(org, Quick);

        (await ToListAsync(client.Rest.QueryJobs.QueryAsync(Names, Ct))).Select(row => row["Name"]).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task Pages_can_be_read_from_a_locator_on_by_another_process()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithQueryJob().On($"GET {Query}/results", request => request.Target.EndsWith("locator=Mg", StringComparison.Ordinal)
            ? Page("\"Name\"\n\"c\"\n", null)
            : new Answer(500));
        using var client = new Client(org, Quick);
        BulkJob job = await client.Rest.QueryJobs.GetAsync(JobId, Ct);

        await foreach (BulkPage page in client.Rest.QueryJobs.PagesAsync(job, "Mg", null, Ct))
        {
            page.Next.ShouldBeNull();
            (await ToListAsync(page.Rows)).Single()["Name"].ShouldBe("c");
        }
    }

    public static TheoryData<string, Answer> Unusable => new()
    {
        { "a job that is not complete", new Answer(204) },
        { "HTML", Answer.Html(200) },
        { "nothing", Answer.Csv("") },
        { "CSV that says nothing of a next page", Answer.Csv("\"Name\"\n\"a\"\n") },
        { "JSON", Answer.Ok("{}").With("Sforce-Locator", "null") },
    };

    [Theory]
    [MemberData(nameof(Unusable), DisableDiscoveryEnumeration = true)]
    public async Task What_is_no_page_is_a_typed_error(string what, Answer answer)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithQueryJob().On($"GET {Query}/results", answer);
        using var client = new Client(org, Quick with { Retries = 0 });

        (await Should.ThrowAsync<SalesforceException>(ToListAsync(client.Rest.QueryJobs.QueryAsync(Names, Ct)))).Code
            .ShouldBe(OwnCodes.UnusableReply, what);
    }

    [Fact]
    public async Task Another_version_is_a_conflict()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithQueryJob().On($"GET {Query}/results", Answer.Error(409, "CONFLICT"));
        using var client = new Client(org, Quick);

        (await Should.ThrowAsync<SalesforceException>(ToListAsync(client.Rest.QueryJobs.QueryAsync(Names, Ct)))).Status.ShouldBe(HttpStatusCode.Conflict);
    }

    [Theory]
    [InlineData("Failed", "NO_REASON_GIVEN")]
    [InlineData("Aborted", "ABORTED")]
    public async Task A_job_that_ends_without_rows_is_an_error(string state, string code)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithQueryJob().On($"GET {Query}", Job(state));
        using var client = new Client(org, Quick);

        (await Should.ThrowAsync<SalesforceException>(ToListAsync(client.Rest.QueryJobs.QueryAsync(Names, Ct)))).Code.ShouldBe(code);
    }

    [Fact]
    public async Task Who_cancels_while_the_org_works_aborts_the_job()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var stop = new CancellationTokenSource();
        org.WithQueryJob().On($"PATCH {Query}", Job("Aborted")).On($"GET {Query}", _ =>
        {
            stop.Cancel();
            return Job("InProgress");
        });
        using var client = new Client(org, Quick);

        await Should.ThrowAsync<OperationCanceledException>(ToListAsync(client.Rest.QueryJobs.QueryAsync(Names, stop.Token)));

        org.Requests[^1].Route.ShouldBe($"PATCH /services/data/v62.0/{Query}");
        org.Requests[^1].Body.ShouldBe("""{"state":"Aborted"}""");
    }

    [Fact]
    public async Task Who_stops_reading_leaves_the_rest_unread()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithQueryJob().On($"GET {Query}/results", Page("\"Name\"\n\"a\"\n\"b\"\n", "Mg"));
        using var client = new Client(org, Quick);

        await foreach (BulkRow row in client.Rest.QueryJobs.QueryAsync(Names, Ct))
        {
            row["Name"].ShouldBe("a");
            break;
        }

        org.Requests.Count(request => request.Target.Contains("results")).ShouldBe(1);
    }
}
