using System.Text.Json;
using SalesforceBridge.Salesforce.Bulk;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;
using static SalesforceBridge.Salesforce.Tests.Drivers.BulkDriver;

namespace SalesforceBridge.Salesforce.Tests.Bulk;

public sealed class IngestJobsTests
{
    private static readonly BulkColumns Name = new(["Name"]);

    private static readonly SalesforceClientSettings Quick = Client.Patient with
    {
        Bulk = new BulkSettings { FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(5) },
    };

    [Fact]
    public async Task A_job_is_asked_for_in_the_orgs_words()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithIngestJob();
        using var client = new Client(org);

        BulkJob job = await client.Rest.With(new CallOptions { ClientName = "bridge.route.1" }).IngestJobs.CreateAsync(new IngestRequest(BulkOperation.HardDelete, "Order__c")
        {
            ExternalIdField = "Ext__c",
            Format = new BulkFormat(BulkDelimiter.Backquote, BulkLineEnding.CrLf),
            AssignmentRuleId = "01Q",
        }, Ct);

        JsonElement sent = JsonDocument.Parse(org.Requests.Single().Body).RootElement;
        sent.EnumerateObject().Select(member => $"{member.Name}={member.Value}").ShouldBe(
        [
            "object=Order__c", "operation=hardDelete", "externalIdFieldName=Ext__c", "assignmentRuleId=01Q",
            "contentType=CSV", "columnDelimiter=BACKQUOTE", "lineEnding=CRLF",
        ]);
        org.Requests.Single().Headers["Sforce-Call-Options"].ShouldBe("client=bridge.route.1");
        job.Id.ShouldBe(JobId);
        job.State.ShouldBe(new BulkJobState.Open());
        job.ApiVersion.ShouldBe("62.0");
    }

    [Fact]
    public async Task An_upsert_needs_its_field()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org);

        await Should.ThrowAsync<ArgumentException>(() => client.Rest.IngestJobs.CreateAsync(new IngestRequest(BulkOperation.Upsert, "Account"), Ct));
    }

    [Fact]
    public async Task Rows_go_to_the_address_that_the_job_tells()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithIngestJob();
        using var client = new Client(org);
        BulkJob job = await client.Rest.IngestJobs.CreateAsync(Insert, Ct);

        await client.Rest.IngestJobs.UploadAsync(job, Table("a", "b,c"), Ct);

        Received upload = org.Requests[^1];
        upload.Route.ShouldBe($"PUT /services/data/v62.0/{Ingest}/batches");
        upload.Headers["Content-Type"].ShouldBe("text/csv; charset=UTF-8");
        upload.Body.ShouldBe("Name\na\n\"b,c\"\n");
    }

    [Fact]
    public async Task Rows_that_may_have_arrived_are_not_sent_again()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"PUT {Ingest}/batches", Answer.Dropped());
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.IngestJobs.UploadAsync(Open, Table("a"), Ct));

        failure.InDoubt.ShouldBeTrue();
        org.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Rows_that_surely_did_not_arrive_are_sent_again()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"PUT {Ingest}/batches", Answer.SessionExpired(), Answer.Error(503, "SERVER_UNAVAILABLE"), new Answer(201));
        using var client = new Client(org);

        await client.Rest.IngestJobs.UploadAsync(Open, Table("a"), Ct);

        org.Requests.Select(request => request.Body).ShouldBe(["Name\na\n", "Name\na\n", "Name\na\n"]);
    }

    [Fact]
    public async Task A_completed_upload_may_be_completed_again_after_a_lost_answer()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithIngestJob().On($"PATCH {Ingest}", Answer.Dropped(), Answer.Error(400, "INVALIDJOBSTATE", "InvalidJobState : no"));
        using var client = new Client(org);

        BulkJob job = await client.Rest.IngestJobs.CompleteUploadAsync(JobId, Ct);

        job.State.ShouldBe(new BulkJobState.JobComplete());
    }

    [Fact]
    public async Task A_job_that_was_aborted_cannot_be_completed()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"PATCH {Ingest}", Answer.Error(400, "INVALIDJOBSTATE", "InvalidJobState : no")).On($"GET {Ingest}", Job("Aborted"));
        using var client = new Client(org);

        (await Should.ThrowAsync<SalesforceException>(client.Rest.IngestJobs.CompleteUploadAsync(JobId, Ct))).Code.ShouldBe("INVALIDJOBSTATE");
    }

    [Fact]
    public async Task Waiting_looks_until_the_job_is_over()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"GET {Ingest}", Job("UploadComplete"), Job("SomethingNew"), Job("InProgress"), Answer.Html(200), Answer.Ok(""),
            Job("Failed", ",\"errorMessage\":\"InvalidBatch : Field name not found : X\",\"numberRecordsProcessed\":4,\"numberRecordsFailed\":1,\"retries\":2"));
        using var client = new Client(org, Quick);

        BulkJob job = await client.Rest.IngestJobs.WaitAsync(JobId, Ct);

        job.State.ShouldBeOfType<BulkJobState.Failed>().Class.Blame.ShouldBe(Blame.Lane);
        (job.Processed, job.Failed, job.Retries).ShouldBe((4, 1, 2));
        org.Requests.Count.ShouldBe(6);
    }

    [Theory]
    [InlineData("HTML", 200, "text/html", "<html></html>")]
    [InlineData("nothing", 200, "application/json", "")]
    [InlineData("another shape", 200, "application/json", "[]")]
    [InlineData("no id", 200, "application/json", """{"state":"Open"}""")]
    [InlineData("no content", 204, "application/json", "")]
    public async Task What_is_no_job_is_a_typed_error(string what, int status, string type, string body)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"GET {Ingest}", new Answer(status, body) { ContentType = type });
        using var client = new Client(org, Client.NoRetries);

        (await Should.ThrowAsync<SalesforceException>(client.Rest.IngestJobs.GetAsync(JobId, Ct))).Code.ShouldBe(OwnCodes.UnusableReply, what);
    }

    [Fact]
    public async Task A_redirected_upload_is_an_error_and_the_token_goes_nowhere_else()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"PUT {Ingest}/batches", new Answer(302).With("Location", "https://elsewhere.example/"));
        using var client = new Client(org, Client.NoRetries);

        (await Should.ThrowAsync<SalesforceException>(client.Rest.IngestJobs.UploadAsync(Open, Table("a"), Ct))).Code.ShouldBe("HTTP_302");
        await Should.ThrowAsync<SalesforceException>(
            client.Rest.IngestJobs.UploadAsync(Open with { ContentUrl = "//elsewhere.example/batches" }, Table("a"), Ct));
        org.Requests[^1].Route.ShouldBe("PUT /elsewhere.example/batches");
    }

    [Fact]
    public async Task A_load_is_split_by_size_into_jobs_that_each_have_the_header()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithIngestJob();
        // "Name\n" and lines of 10 or 11 bytes.
        using var client = new Client(org, Client.Patient with { Bulk = new BulkSettings { LargestUpload = 45 } });

        List<LoadedPart> parts = await ToListAsync(client.Rest.IngestJobs.LoadAsync(Insert, Name, Rows(Name, 12), Ct));

        parts.Select(part => part.Rows).ShouldBe([4, 4, 3, 1]);
        string[] uploads = [.. org.Requests.Where(request => request.Method == "PUT").Select(request => request.Body)];
        uploads.ShouldAllBe(upload => upload.StartsWith("Name\n", StringComparison.Ordinal) && upload.Length <= 45);
        string.Concat(uploads.Select(upload => upload["Name\n".Length..]))
            .ShouldBe(string.Concat(Enumerable.Range(0, 12).Select(n => $"Account {n}\n")));
    }

    [Fact]
    public async Task A_load_of_nothing_makes_no_job()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org);

        (await ToListAsync(client.Rest.IngestJobs.LoadAsync(Insert, Name, Rows(Name, 0), Ct))).ShouldBeEmpty();
        org.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_row_that_no_upload_can_hold_ends_the_load_and_aborts_its_job()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithIngestJob();
        using var client = new Client(org, Client.Patient with { Bulk = new BulkSettings { LargestUpload = 10 } });

        await Should.ThrowAsync<ArgumentException>(ToListAsync(client.Rest.IngestJobs.LoadAsync(Insert, Name, Rows(Name, 1), Ct)));

        org.Requests[^1].Body.ShouldBe("""{"state":"Aborted"}""");
    }

    [Fact]
    public async Task A_cancelled_load_aborts_the_job_that_is_being_uploaded()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithIngestJob();
        using var client = new Client(org);
        using var stop = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(
            ToListAsync(client.Rest.IngestJobs.LoadAsync(Insert, Name, EndlessRows(stop), stop.Token)));

        org.Requests[^1].Route.ShouldBe($"PATCH /services/data/v62.0/{Ingest}");
        org.Requests[^1].Body.ShouldBe("""{"state":"Aborted"}""");
    }

    [Fact]
    public async Task An_abort_that_nobody_answers_does_not_hold_up_who_cancelled()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.WithIngestJob().On($"PATCH {Ingest}", Answer.Ok("{}") with { After = new TaskCompletionSource().Task });
        using var client = new Client(org, Client.Patient with { Bulk = new BulkSettings { AbortTimeout = TimeSpan.FromMilliseconds(200) } });
        using var stop = new CancellationTokenSource();

        await Should.ThrowAsync<OperationCanceledException>(
            ToListAsync(client.Rest.IngestJobs.LoadAsync(Insert, Name, EndlessRows(stop), stop.Token)).WaitAsync(TimeSpan.FromSeconds(10), Ct));
    }

    private static BulkTable Table(params string[] names) => BulkTable.Of([.. names.Select(Record)], new BulkSettings(), new BulkFormat());

    private static BulkRecord Record(string name)
    {
        BulkRecord.TryRead(new Dictionary<string, object?> { ["Name"] = name }, null, out BulkRecord? record, out _).ShouldBeTrue();
        return record!;
    }

    private static async IAsyncEnumerable<BulkRow> EndlessRows(CancellationTokenSource stop)
    {
        yield return Row(Name, "a");
        await stop.CancelAsync();
        while (true)
            yield return Row(Name, "b");
    }
}
