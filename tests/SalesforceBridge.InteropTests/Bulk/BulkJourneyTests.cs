using System.Text.Json;
using SalesforceBridge.Salesforce.Bulk;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Simulator;
using SalesforceBridge.Simulator.Faults;
using SalesforceBridge.Simulator.Ledger;
using static SalesforceBridge.InteropTests.Bulk.BulkOrg;

namespace SalesforceBridge.InteropTests.Bulk;

/// <summary>Our Bulk client over the simulator, which shuffles results.</summary>
public sealed class BulkJourneyTests
{
    private static readonly IngestRequest InsertAccounts = new(BulkOperation.Insert, "Account");

    public static TheoryData<BulkDelimiter, BulkLineEnding> Forms
    {
        get
        {
            var forms = new TheoryData<BulkDelimiter, BulkLineEnding>();
            foreach (BulkDelimiter delimiter in Enum.GetValues<BulkDelimiter>())
                forms.Add(delimiter, (int)delimiter % 2 == 0 ? BulkLineEnding.Lf : BulkLineEnding.CrLf);
            return forms;
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Whatever_a_text_holds_comes_into_the_org_and_out_of_it(BulkDelimiter delimiter, BulkLineEnding ending)
    {
        await using BulkOrg org = await StartAsync();
        var format = new BulkFormat(delimiter, ending);
        string[] texts = ["a,b;c|d^e`f\tg", "\"quoted\"", "two\nlines", "two\r\nlines", " blanks ", "𝄞 你好"];
        BulkTable table = Table(format, texts.Select((text, n) => new Dictionary<string, object?> { ["Name"] = text, ["NumberOfEmployees"] = n, ["Phone"] = null }));

        BulkJob job = await org.RunAsync(InsertAccounts with { Format = format }, table);
        List<RowOutcome<int>> outcomes = await ToListAsync(org.Ingest.OutcomesAsync(job, Sent(BulkOperation.Insert, null, table), Ct));
        List<BulkRow> rows = await ToListAsync(org.Queries.QueryAsync(new QueryRequest("select Name, Phone from Account order by NumberOfEmployees") { Format = format }, Ct));

        job.State.ShouldBe(new BulkJobState.JobComplete());
        rows.Select(row => row["Name"]).ShouldBe(texts);
        rows.ShouldAllBe(row => row["Phone"] == null);
        outcomes.Count.ShouldBe(texts.Length);
        outcomes.Cast<RowOutcome<int>.Processed>().ShouldAllBe(outcome => org.Org.Read("Account", outcome.Result.Id!)!.Value.GetProperty("Name").GetString() == texts[outcome.Tag]);
    }

    [Fact]
    public async Task Each_of_many_rows_finds_its_own_outcome()
    {
        await using BulkOrg org = await StartAsync();
        // Every name twice, every seventh too long.
        BulkTable table = Table(new BulkFormat(), Enumerable.Range(0, 3_000).Select(n => new Dictionary<string, object?>
        {
            ["Name"] = n % 7 == 0 ? new string('x', 300) : $"Account {n / 2}",
        }));

        BulkJob job = await org.RunAsync(InsertAccounts, table);
        List<RowOutcome<int>> outcomes = await ToListAsync(org.Ingest.OutcomesAsync(job, Sent(BulkOperation.Insert, null, table), Ct));

        outcomes.Select(outcome => outcome.Tag).Order().ShouldBe(Enumerable.Range(0, 3_000));
        outcomes.Cast<RowOutcome<int>.Processed>().ShouldAllBe(outcome => outcome.Result.Success == (outcome.Tag % 7 != 0));
        outcomes.Cast<RowOutcome<int>.Processed>().Where(outcome => outcome.Result.Success).ShouldAllBe(outcome =>
            org.Org.Read("Account", outcome.Result.Id!)!.Value.GetProperty("Name").GetString() == $"Account {outcome.Tag / 2}");
        (job.Processed, job.Failed).ShouldBe((3_000, 429));
    }

    [Fact]
    public async Task Records_are_upserted_updated_and_deleted()
    {
        await using BulkOrg org = await StartAsync();
        string known = org.Org.Create("Order__c", new { External_Id__c = "E 1", Amount__c = 1, Note__c = "old" });
        string account = org.Org.Create("Account", new { Name = "A", External_Id__c = "A/1" });
        var upsert = new IngestRequest(BulkOperation.Upsert, "Order__c") { ExternalIdField = "External_Id__c" };
        BulkTable orders = Table(new BulkFormat(),
            new() { ["External_Id__c"] = "E 1", ["Amount__c"] = 2m, ["Note__c"] = null, ["Account__r"] = new Dictionary<string, object?> { ["External_Id__c"] = "A/1" } },
            new() { ["External_Id__c"] = "E 2", ["Amount__c"] = 3m });

        List<RowOutcome<int>> upserted = await ToListAsync(org.Ingest.OutcomesAsync(await org.RunAsync(upsert, orders), Sent(BulkOperation.Upsert, "External_Id__c", orders), Ct));

        upserted.OrderBy(outcome => outcome.Tag).Cast<RowOutcome<int>.Processed>().Select(outcome => outcome.Result.Created).ShouldBe([false, true]);
        JsonElement order = org.Org.Read("Order__c", known)!.Value;
        order.GetProperty("Amount__c").GetDecimal().ShouldBe(2);
        order.GetProperty("Note__c").ValueKind.ShouldBe(JsonValueKind.Null);
        order.GetProperty("Account__c").GetString().ShouldBe(account);

        BulkTable ids = Table(new BulkFormat(), new() { ["Id"] = known[..15] }, new() { ["Id"] = account });
        BulkJob deleted = await org.RunAsync(new IngestRequest(BulkOperation.Delete, "Order__c"), ids);
        List<RowOutcome<int>> deletes = await ToListAsync(org.Ingest.OutcomesAsync(deleted, Sent(BulkOperation.Delete, null, ids), Ct));
        org.Org.Read("Order__c", known).ShouldBeNull();
        deletes.OrderBy(outcome => outcome.Tag).Cast<RowOutcome<int>.Processed>().Select(outcome => outcome.Result.Errors is [{ Code: var code }, ..] ? code : null)
            .ShouldBe([null, "MALFORMED_ID"]);

        BulkJob again = await org.RunAsync(new IngestRequest(BulkOperation.Delete, "Order__c"), ids);
        (await ToListAsync(org.Ingest.FailedResultsAsync(again, Ct))).Count(result => result.Result.Success).ShouldBe(1);
    }

    [Fact]
    public async Task A_job_that_fails_half_way_tells_what_it_did_and_what_it_did_not()
    {
        await using BulkOrg org = await StartAsync();
        org.Org.Faults.Add(new Fault.FailedBulkJob(AfterRows: 250) { Times = 1 });
        BulkTable table = Accounts(1_000);

        BulkJob job = await org.RunAsync(InsertAccounts, table);
        List<RowOutcome<int>> outcomes = await ToListAsync(org.Ingest.OutcomesAsync(job, Sent(BulkOperation.Insert, null, table), Ct));

        job.State.ShouldBeOfType<BulkJobState.Failed>().Class.Remedy.ShouldBeOfType<Remedy.Retry>();
        outcomes.Count.ShouldBe(1_000);
        outcomes.OfType<RowOutcome<int>.Processed>().Select(outcome => outcome.Tag).Order().ShouldBe(Enumerable.Range(0, 250));
        outcomes.OfType<RowOutcome<int>.Unprocessed>().Select(outcome => outcome.Tag).Order().ShouldBe(Enumerable.Range(250, 750));
        org.Org.Query("select Id from Account").Count.ShouldBe(250);
    }

    [Fact]
    public async Task Another_process_reads_the_outcomes_from_the_jobs_id_and_the_records()
    {
        await using BulkOrg org = await StartAsync();
        BulkTable table = Accounts(500);
        string id = (await org.RunAsync(InsertAccounts, table)).Id;
        // It sees the records beside others, so that its columns are others.
        BulkTable other = Table(new BulkFormat(), [.. table.Rows.Select(row => new Dictionary<string, object?> { ["Name"] = row["Name"] }), new() { ["Phone"] = "1" }]);
        var sent = new SentRows<int>(BulkOperation.Insert, null);
        foreach ((int tag, BulkRow row) in other.Rows.Take(500).Index())
            sent.Add(tag, row);

        List<RowOutcome<int>> outcomes = await ToListAsync(org.Ingest.OutcomesAsync(await org.Ingest.GetAsync(id, Ct), sent, Ct));

        outcomes.Count.ShouldBe(500);
        outcomes.ShouldAllBe(outcome => outcome is RowOutcome<int>.Processed);
    }

    [Fact]
    public async Task A_field_taken_away_fails_the_job_and_loses_nothing()
    {
        await using BulkOrg org = await StartAsync();
        org.Org.Faults.Add(new Fault.HiddenField("Account", "Phone"));
        BulkTable table = Table(new BulkFormat(), Enumerable.Range(0, 300).Select(n => new Dictionary<string, object?> { ["Name"] = $"{n}", ["Phone"] = "1" }));

        BulkJob job = await org.RunAsync(InsertAccounts, table);
        List<RowOutcome<int>> outcomes = await ToListAsync(org.Ingest.OutcomesAsync(job, Sent(BulkOperation.Insert, null, table), Ct));

        BulkJobState.Failed failed = job.State.ShouldBeOfType<BulkJobState.Failed>();
        failed.Error.Message.ShouldBe("Field name not found : Phone");
        failed.Class.Blame.ShouldBe(Blame.Lane);
        outcomes.Count(outcome => outcome is RowOutcome<int>.Unprocessed).ShouldBe(300);
    }

    [Fact]
    public async Task Locked_rows_are_tried_again_by_the_org()
    {
        await using BulkOrg org = await StartAsync();
        org.Org.Faults.Add(new Fault.LockedRow { Times = 3 });

        BulkJob job = await org.RunAsync(InsertAccounts, Accounts(10));

        (job.Failed, job.Retries).ShouldBe((0, 1));
    }

    [Fact]
    public async Task A_load_of_any_length_is_streamed_into_several_jobs()
    {
        await using BulkOrg org = await StartAsync(largestUpload: 20_000);
        var columns = new BulkColumns(["Name"]);

        List<LoadedPart> parts = await ToListAsync(org.Ingest.LoadAsync(InsertAccounts, columns, Rows(columns, 5_000), Ct));
        foreach (LoadedPart part in parts)
            (await org.Ingest.WaitAsync(part.Job.Id, Ct)).Processed.ShouldBe(part.Rows);

        parts.Count.ShouldBe(4);
        org.Org.Query("select Id from Account").Count.ShouldBe(5_000);
    }

    [Fact]
    public async Task A_token_that_expires_before_an_upload_costs_nothing()
    {
        await using BulkOrg org = await StartAsync();
        BulkJob job = await org.Ingest.CreateAsync(InsertAccounts, Ct);
        org.Org.Faults.Add(new Fault.ExpiredToken { Times = 1 });

        await org.Ingest.UploadAsync(job, Accounts(100), Ct);
        await org.Ingest.CompleteUploadAsync(job.Id, Ct);

        (await org.Ingest.WaitAsync(job.Id, Ct)).Processed.ShouldBe(100);
    }

    [Fact]
    public async Task A_query_reads_small_pages_one_after_the_other()
    {
        await using BulkOrg org = await StartAsync();
        for (int n = 0; n < 95; n++)
            org.Org.Create("Account", new { Name = $"A{n}", NumberOfEmployees = n });

        List<BulkRow> rows = await ToListAsync(org.Queries.QueryAsync(new QueryRequest("select Name from Account order by NumberOfEmployees") { MaxRecords = 20 }, Ct));

        rows.Select(row => row["Name"]).ShouldBe(Enumerable.Range(0, 95).Select(n => $"A{n}"));
        org.Org.Ledger.Count(ApiCallKind.BulkResults).ShouldBe(5);
    }

    [Fact]
    public async Task A_cancelled_query_aborts_its_job()
    {
        await using BulkOrg org = await StartAsync(new SimulatorOptions { BulkPace = TimeSpan.FromMinutes(5) });
        using var stop = new CancellationTokenSource();

        Task query = ToListAsync(org.Queries.QueryAsync(new QueryRequest("select Id from Account"), stop.Token));
        await org.Org.WhenAsync(o => o.Ledger.Count(ApiCallKind.BulkRead) > 0, Ct);
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(query);
        SalesforceReply list = await org.Client.SendAsync(new SalesforceRequest(HttpMethod.Get, "jobs/query"), Ct);
        JsonDocument.Parse(list.Body).RootElement.GetProperty("records")[0].GetProperty("state").GetString().ShouldBe("Aborted");
    }

    [Fact]
    public async Task A_query_that_the_org_cannot_read_is_a_typed_error()
    {
        await using BulkOrg org = await StartAsync();

        (await Should.ThrowAsync<SalesforceException>(ToListAsync(org.Queries.QueryAsync(new QueryRequest("select Nope__c from Account"), Ct)))).Code.ShouldBe("INVALID_FIELD");
    }

    [Fact]
    public async Task A_file_goes_in_and_comes_out()
    {
        await using BulkOrg org = await StartAsync();
        byte[] bytes = new byte[1_000_000];
        Random.Shared.NextBytes(bytes);

        SaveResult saved = await org.Client.CreateBlobRecordAsync(
            "ContentVersion", new Dictionary<string, object?> { ["PathOnClient"] = "a.bin" }, "VersionData", "a.bin", new MemoryStream(bytes), Ct);
        await using Stream blob = await org.Client.BlobRetrieveStreamAsync("ContentVersion", saved.Id!, "VersionData", Ct);
        using var read = new MemoryStream();
        await blob.CopyToAsync(read, Ct);

        read.ToArray().ShouldBe(bytes);
    }

    private static BulkTable Accounts(int count) =>
        Table(new BulkFormat(), Enumerable.Range(0, count).Select(n => new Dictionary<string, object?> { ["Name"] = $"Account {n}" }));

    private static SentRows<int> Sent(BulkOperation operation, string? externalIdField, BulkTable table)
    {
        var sent = new SentRows<int>(operation, externalIdField);
        foreach ((int tag, BulkRow row) in table.Rows.Index())
            sent.Add(tag, row);
        return sent;
    }

    private static async IAsyncEnumerable<BulkRow> Rows(BulkColumns columns, int count)
    {
        await Task.Yield();
        for (int n = 0; n < count; n++)
            yield return new BulkRow(columns, [$"Account {n:00000}"]);
    }
}
