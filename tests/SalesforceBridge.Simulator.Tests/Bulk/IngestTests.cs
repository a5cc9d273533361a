using System.Text;
using System.Text.Json;
using SalesforceBridge.Simulator.Bulk;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Bulk;

public sealed class IngestTests
{
    private static readonly SimulatorOptions Quick = new() { BulkPace = TimeSpan.Zero };
    private static readonly SimulatorOptions Slow = new() { BulkPace = TimeSpan.FromMinutes(5) };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_is_open_until_its_rows_are_there()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);

        Answer created = await driver.PostAsync("jobs/ingest", new { @object = "Account", operation = "insert", columnDelimiter = "PIPE", lineEnding = "CRLF" });

        created.Status.ShouldBe(200);
        created.Id.ShouldStartWith("750");
        created.Json.GetProperty("state").GetString().ShouldBe("Open");
        created.Json.GetProperty("contentUrl").GetString().ShouldBe($"services/data/v62.0/jobs/ingest/{created.Id}/batches");
        created.Json.GetProperty("apiVersion").GetDecimal().ShouldBe(62.0m);
        created.Json.GetProperty("columnDelimiter").GetString().ShouldBe("PIPE");
        created.Json.GetProperty("lineEnding").GetString().ShouldBe("CRLF");
        (await driver.GetAsync($"jobs/ingest/{created.Id}/successfulResults")).ErrorCode.ShouldBe("INVALIDJOBSTATE");
    }

    [Fact]
    public async Task A_complete_job_can_have_failed_rows()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);

        string id = await RunAsync(driver, "insert", "Account", $"Name,Phone\nA,1\n{new string('x', 300)},2\n\"B,\"\"b\"\"\nb\",#N/A\n");

        JsonElement job = (await driver.GetAsync($"jobs/ingest/{id}")).Json;
        job.GetProperty("state").GetString().ShouldBe("JobComplete");
        job.GetProperty("jobType").GetString().ShouldBe("V2Ingest");
        job.GetProperty("numberRecordsProcessed").GetInt32().ShouldBe(3);
        job.GetProperty("numberRecordsFailed").GetInt32().ShouldBe(1);
        string successes = (await driver.GetAsync($"jobs/ingest/{id}/successfulResults/")).Text;
        successes.ShouldStartWith("\"sf__Id\",\"sf__Created\",\"Name\",\"Phone\"\n\"001");
        successes.ShouldContain("\"true\",\"B,\"\"b\"\"\nb\",\"#N/A\"\n");
        (await driver.GetAsync($"jobs/ingest/{id}/failedResults")).Text.ShouldBe(
            $"\"sf__Id\",\"sf__Error\",\"Name\",\"Phone\"\n\"\",\"STRING_TOO_LONG:Name: data value too large: {new string('x', 300)} (max length=255):Name --\",\"{new string('x', 300)}\",\"2\"\n");
        (await driver.GetAsync($"jobs/ingest/{id}/UNPROCESSEDRECORDS")).Text.ShouldBe("\"Name\",\"Phone\"\n");
    }

    [Fact]
    public async Task An_empty_place_leaves_a_field_and_a_marker_clears_it()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);
        string id = driver.Org.Create("Account", new { Name = "A", Phone = "1", Website = "w" });

        await RunAsync(driver, "update", "Account", $"Id,Name,Phone,Website\n{id},B,,#N/A\n");

        JsonElement account = driver.Org.Read("Account", id)!.Value;
        account.GetProperty("Name").GetString().ShouldBe("B");
        account.GetProperty("Phone").GetString().ShouldBe("1");
        account.GetProperty("Website").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Results_come_shuffled_and_the_same_way_each_time()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);

        string id = await RunAsync(driver, "insert", "Account", "Name\n" + string.Concat(Enumerable.Range(100, 500).Select(n => $"A{n}\n")));
        string[] first = [.. (await driver.GetAsync($"jobs/ingest/{id}/successfulResults")).Text.Split('\n').Skip(1).SkipLast(1)];
        string[] second = [.. (await driver.GetAsync($"jobs/ingest/{id}/successfulResults")).Text.Split('\n').Skip(1).SkipLast(1)];

        first.ShouldBe(second);
        first.SequenceEqual(first.Order()).ShouldBeFalse();
        first.Order().Select(line => line[^5..^1]).ShouldBe(Enumerable.Range(100, 500).Select(n => $"A{n}"));
    }

    [Fact]
    public async Task Content_is_taken_once()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);
        string id = await CreateAsync(driver, "insert", "Account");

        Answer first = await driver.PutCsvAsync($"jobs/ingest/{id}/batches", "Name\nA\n");
        Answer second = await driver.PutCsvAsync($"jobs/ingest/{id}/batches", "Name\nB\n");

        first.Status.ShouldBe(201);
        second.Status.ShouldBe(400);
        second.Message.ShouldContain("Found multiple contents for job");
    }

    [Theory]
    [InlineData("Nope__c\n1\n", "InvalidBatch : Field name not found : Nope__c")]
    [InlineData("Name\r\nA\r\n", "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF")]
    [InlineData("Name,Phone\n\"A\n", "InvalidBatch : Failed to parse CSV.")]
    [InlineData(null, "InvalidBatch : Records not found")]
    public async Task A_content_of_no_use_fails_the_job(string? csv, string error)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);

        string id = await RunAsync(driver, "insert", "Account", csv);

        JsonElement job = (await driver.GetAsync($"jobs/ingest/{id}")).Json;
        job.GetProperty("state").GetString().ShouldBe("Failed");
        job.GetProperty("errorMessage").GetString()!.ShouldStartWith(error);
        driver.Org.Query("select Id from Account").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_can_fail_half_way_on_demand()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);
        driver.Org.Faults.Add(new Fault.FailedBulkJob(2) { Times = 1, Error = "InternalServerError : on demand" });

        string id = await RunAsync(driver, "insert", "Account", "Name\nA\nB\nC\nD\n");

        JsonElement job = (await driver.GetAsync($"jobs/ingest/{id}")).Json;
        job.GetProperty("state").GetString().ShouldBe("Failed");
        job.GetProperty("errorMessage").GetString().ShouldBe("InternalServerError : on demand");
        job.GetProperty("numberRecordsProcessed").GetInt32().ShouldBe(2);
        (await driver.GetAsync($"jobs/ingest/{id}/unprocessedrecords")).Text.Split('\n').SkipLast(1).Order().ShouldBe(["\"C\"", "\"D\"", "\"Name\""]);
    }

    [Fact]
    public async Task A_job_moves_on_by_itself_and_can_be_aborted()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Slow);
        string id = await CreateAsync(driver, "insert", "Account");
        await driver.PutCsvAsync($"jobs/ingest/{id}/batches", "Name\nA\n");

        Answer completed = await driver.PatchAsync($"jobs/ingest/{id}", new { state = "UploadComplete" });
        Answer again = await driver.PatchAsync($"jobs/ingest/{id}", new { state = "UploadComplete" });
        Answer early = await driver.DeleteAsync($"jobs/ingest/{id}");
        Answer aborted = await driver.PatchAsync($"jobs/ingest/{id}", new { state = "Aborted" });
        Answer abortedAgain = await driver.PatchAsync($"jobs/ingest/{id}", new { state = "Aborted" });

        completed.Json.GetProperty("state").GetString().ShouldBe("UploadComplete");
        again.ErrorCode.ShouldBe("INVALIDJOBSTATE");
        early.ErrorCode.ShouldBe("INVALIDJOBSTATE");
        aborted.Json.GetProperty("state").GetString().ShouldBe("Aborted");
        abortedAgain.ErrorCode.ShouldBe("INVALIDJOBSTATE");
        (await driver.DeleteAsync($"jobs/ingest/{id}")).Status.ShouldBe(204);
        (await driver.GetAsync($"jobs/ingest/{id}")).Status.ShouldBe(404);
        driver.Org.Query("select Id from Account").ShouldBeEmpty();
    }

    [Fact]
    public async Task Jobs_are_listed()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);
        string first = await CreateAsync(driver, "insert", "Account");
        string second = await CreateAsync(driver, "hardDelete", "Account");

        JsonElement list = (await driver.GetAsync("jobs/ingest/")).Json;

        list.GetProperty("done").GetBoolean().ShouldBeTrue();
        list.GetProperty("records").EnumerateArray().Select(job => job.GetProperty("id").GetString()).ShouldBe([first, second]);
    }

    [Theory]
    [InlineData("insert", "Nope__c", null, "INVALIDENTITY")]
    [InlineData("merge", "Account", null, "INVALIDJOB")]
    [InlineData("upsert", "Account", null, "INVALIDJOB")]
    [InlineData("upsert", "Account", "Name", "INVALIDJOB")]
    public async Task A_job_that_makes_no_sense_is_refused(string operation, string sObject, string? key, string code)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);

        Answer answer = await driver.PostAsync("jobs/ingest", new { @object = sObject, operation, externalIdFieldName = key });

        answer.Status.ShouldBe(400);
        answer.ErrorCode.ShouldBe(code);
    }

    [Fact]
    public async Task Rows_can_come_with_the_job_itself()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("""{"object":"Account","operation":"insert"}""", Encoding.UTF8, "application/json"), "job" },
            { new StringContent("Name\nA\n", Encoding.UTF8, "text/csv"), "content", "content" },
        };

        Answer created = await driver.SendContentAsync(HttpMethod.Post, "jobs/ingest", form);

        created.Status.ShouldBe(200);
        await WhenOverAsync(driver, created.Id);
        driver.Org.Query("select Name from Account").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Writes_fire_triggers_and_change_events_as_those_of_REST_do()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);
        using var bayeux = new BayeuxDriver(driver);
        await bayeux.HandshakeAsync();
        await bayeux.SubscribeAsync("/data/AccountChangeEvent");

        await RunAsync(driver, "insert", "Account", "Name\nA\nB\n", ("Sforce-Call-Options", "client=bulk"));
        JsonElement[] payloads = [.. (await bayeux.ReceiveAsync(2)).Select(message => message.GetProperty("data").GetProperty("payload"))];

        payloads.Select(payload => payload.GetProperty("Name").GetString()).ShouldBe(["A", "B"]);
        payloads[0].GetProperty("ChangeEventHeader").GetProperty("changeOrigin").GetString().ShouldBe("com/salesforce/api/bulk/62.0;client=bulk");
        driver.Org.Ledger.Writes.Count(write => write.Kind == ApiCallKind.Create).ShouldBe(2);
    }

    [Fact]
    public async Task Hard_deleted_records_are_gone()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);
        string id = driver.Org.Create("Account", new { Name = "A" });

        await RunAsync(driver, "hardDelete", "Account", $"Id\n{id}\n");

        (await driver.QueryAsync("select Id from Account", "queryAll")).Json.GetProperty("totalSize").GetInt32().ShouldBe(0);
    }

    [Fact]
    public async Task Locked_rows_are_tried_again_ten_times()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);
        ActiveFault locked = driver.Org.Faults.Add(new Fault.LockedRow());

        string id = await RunAsync(driver, "insert", "Account", "Name\nA\n");

        locked.Struck.ShouldBe(11);
        (await driver.GetAsync($"jobs/ingest/{id}")).Json.GetProperty("retries").GetInt32().ShouldBe(10);
        (await driver.GetAsync($"jobs/ingest/{id}/failedResults")).Text.ShouldContain("UNABLE_TO_LOCK_ROW:");
    }

    [Fact]
    public async Task Batches_are_counted()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);

        await RunAsync(driver, "insert", "Account", "Name\n" + string.Concat(Enumerable.Range(0, 10_001).Select(n => $"A{n}\n")));

        JsonElement limit = (await driver.GetAsync("limits")).Json.GetProperty("DailyBulkApiBatches");
        (limit.GetProperty("Max").GetInt32() - limit.GetProperty("Remaining").GetInt32()).ShouldBe(2);
    }

    [Fact]
    public async Task Rows_wait_in_files_of_their_own()
    {
        using var rows = new RowFile();
        for (int n = 0; n < 1_000; n++)
            rows.Add(Encoding.UTF8.GetBytes($"{n};"));
        using var copy = new MemoryStream();

        await rows.CopyToAsync(copy, [999, 0, 500], Ct);

        Encoding.UTF8.GetString(copy.ToArray()).ShouldBe("999;0;500;");
        rows.Count.ShouldBe(1_000);
    }

    private static async Task<string> CreateAsync(OrgDriver driver, string operation, string sObject, params (string, string)[] headers) =>
        (await driver.SendAsync(HttpMethod.Post, "jobs/ingest", new { @object = sObject, operation }, headers)).Id;

    private static async Task<string> RunAsync(OrgDriver driver, string operation, string sObject, string? csv, params (string, string)[] headers)
    {
        string id = await CreateAsync(driver, operation, sObject, headers);
        if (csv is not null)
            (await driver.PutCsvAsync($"jobs/ingest/{id}/batches", csv)).Status.ShouldBe(201);
        (await driver.PatchAsync($"jobs/ingest/{id}", new { state = "UploadComplete" })).Status.ShouldBe(200);
        await WhenOverAsync(driver, id);
        return id;
    }

    private static Task WhenOverAsync(OrgDriver driver, string id) =>
        driver.Org.WhenAsync(org => org.State.Bulk.Find(id, isQuery: false)!.IsOver, Ct);
}
