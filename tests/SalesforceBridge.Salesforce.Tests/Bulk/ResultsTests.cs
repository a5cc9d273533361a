using SalesforceBridge.Salesforce.Bulk;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Tests.Drivers;
using static SalesforceBridge.Salesforce.Tests.Drivers.BulkDriver;

namespace SalesforceBridge.Salesforce.Tests.Bulk;

public sealed class ResultsTests
{
    private const string Successes = "\"sf__Id\",\"sf__Created\",Name\n";
    private const string Failures = "\"sf__Id\",\"sf__Error\",Name\n";
    private static readonly BulkColumns Name = new(["Name"]);

    private static BulkJob Half { get; } = Done with { State = new BulkJobState.Failed(BulkError.OfJob("InternalServerError : no"), ErrorTable.Of(BulkError.OfJob("InternalServerError : no"))) };

    [Fact]
    public async Task Each_row_has_exactly_one_outcome()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"GET {Ingest}/successfulResults", Answer.Csv(Successes + "\"0012\",\"true\",\"c\"\n\"0011\",\"true\",\"a\"\n\"0013\",\"true\",\"a stranger\"\n"))
            .On($"GET {Ingest}/failedResults", Answer.Csv(Failures + "\"\",\"STRING_TOO_LONG:too large:Name --\",\"b\"\n"))
            .On($"GET {Ingest}/unprocessedrecords", Answer.Csv("Name\n\"d\"\n"));
        using var client = new Client(org);

        List<RowOutcome<string>> outcomes = await ToListAsync(client.Rest.IngestJobs.OutcomesAsync(Half, Sent("a", "b", "c", "d", "e"), Ct));

        outcomes.OrderBy(outcome => outcome.Tag).Select(Describe).ShouldBe(
            ["a saved as 0011", "b refused with STRING_TOO_LONG", "c saved as 0012", "d unprocessed", "e untold"]);
    }

    [Fact]
    public async Task A_complete_job_is_not_asked_for_what_it_did_not_process()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"GET {Ingest}/successfulResults", Answer.Csv(Successes)).On($"GET {Ingest}/failedResults", Answer.Csv(Failures));
        using var client = new Client(org);

        (await ToListAsync(client.Rest.IngestJobs.OutcomesAsync(Done, Sent(), Ct))).ShouldBeEmpty();
        org.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_job_that_is_not_over_has_no_outcomes()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        using var client = new Client(org);

        await Should.ThrowAsync<ArgumentException>(ToListAsync(client.Rest.IngestJobs.OutcomesAsync(Open, Sent("a"), Ct)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_list_that_breaks_off_is_read_on_without_giving_a_row_twice(bool isChunked)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        Answer whole = Saved(Enumerable.Range(100, 800));
        org.On($"GET {Ingest}/successfulResults",
            whole with { CutAfter = 3_000, IsChunked = isChunked }, whole with { CutAfter = 9_000, IsChunked = isChunked }, whole with { CutAfter = 10 }, whole);
        using var client = new Client(org);

        List<BulkResult.Processed> results = await ToListAsync(client.Rest.IngestJobs.SuccessfulResultsAsync(Done, Ct));

        results.Select(result => result.Result.Id).ShouldBe(Enumerable.Range(100, 800).Select(n => $"{n}"));
        org.Requests.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_list_that_comes_in_another_order_the_second_time_is_not_read_on()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"GET {Ingest}/successfulResults",
            Saved(Enumerable.Range(100, 800)) with { CutAfter = 9_000 }, Saved(Enumerable.Range(100, 800).Reverse()));
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(ToListAsync(client.Rest.IngestJobs.SuccessfulResultsAsync(Done, Ct)));

        failure.Message.ShouldContain("read it from its beginning");
    }

    [Fact]
    public async Task Retries_end_where_no_row_comes_any_more()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"GET {Ingest}/successfulResults", Answer.Csv(Successes + "\"001\",\"true\",\"a\"\n") with { CutAfter = 30 });
        using var client = new Client(org);

        await Should.ThrowAsync<SalesforceException>(ToListAsync(client.Rest.IngestJobs.SuccessfulResultsAsync(Done, Ct)));

        org.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Nothing_at_all_is_no_list_where_the_job_has_counted_rows()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"GET {Ingest}/successfulResults", Answer.Csv(""));
        using var client = new Client(org);

        (await Should.ThrowAsync<SalesforceException>(ToListAsync(client.Rest.IngestJobs.SuccessfulResultsAsync(Done with { Processed = 2 }, Ct)))).Code
            .ShouldBe(OwnCodes.UnusableReply);
        (await ToListAsync(client.Rest.IngestJobs.SuccessfulResultsAsync(Done, Ct))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Results_are_read_in_the_jobs_own_form_and_version()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On($"GET /services/data/v58.0/{Ingest}/failedResults", Answer.Csv("\"sf__Id\"^\"sf__Error\"^\"Id\"\r\n\"\"^\"ENTITY_IS_DELETED:entity is deleted:--\"^\"001\"\r\n"));
        using var client = new Client(org);
        BulkJob job = Done with { ApiVersion = "58.0", Operation = "delete", Format = new BulkFormat(BulkDelimiter.Caret, BulkLineEnding.CrLf) };

        BulkResult.Processed result = (await ToListAsync(client.Rest.IngestJobs.FailedResultsAsync(job, Ct))).Single();

        // What is gone already was to go.
        result.Result.Success.ShouldBeTrue();
        result.Result.Id.ShouldBe("001");
    }

    private static Answer Saved(IEnumerable<int> ids) => Answer.Csv(Successes + string.Concat(ids.Select(id => $"\"{id}\",\"true\",\"Account {id}\"\n")));

    private static SentRows<string> Sent(params string[] names)
    {
        var sent = new SentRows<string>(BulkOperation.Insert, null);
        foreach (string name in names)
            sent.Add(name, Row(Name, name));
        return sent;
    }

    private static string Describe(RowOutcome<string> outcome) => outcome switch
    {
        RowOutcome<string>.Processed { Result: { Success: true } saved } => $"{outcome.Tag} saved as {saved.Id}",
        RowOutcome<string>.Processed refused => $"{outcome.Tag} refused with {refused.Result.Errors[0].Code}",
        RowOutcome<string>.Unprocessed => $"{outcome.Tag} unprocessed",
        _ => $"{outcome.Tag} untold",
    };
}
