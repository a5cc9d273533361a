using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Bulk;

public sealed class QueryJobTests
{
    private static readonly SimulatorOptions Quick = new() { BulkPace = TimeSpan.Zero };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_query_begins_at_once_and_its_values_are_quoted()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);
        string id = driver.Org.Create("Account", new { Name = "a,\"b\"\nc", NumberOfEmployees = 3, AnnualRevenue = 12 });

        (Answer created, string job) = await RunAsync(driver, "SELECT Id, Name, Owner.Name, NumberOfEmployees, AnnualRevenue, Active__c, Phone FROM Account");
        Answer page = await driver.GetAsync($"jobs/query/{job}/results");

        created.Json.GetProperty("state").GetString().ShouldBe("UploadComplete");
        created.Json.GetProperty("jobType").GetString().ShouldBe("V2Query");
        page.Text.ShouldBe(
            "\"Id\",\"Name\",\"Owner.Name\",\"NumberOfEmployees\",\"AnnualRevenue\",\"Active__c\",\"Phone\"\n"
            + $"\"{id}\",\"a,\"\"b\"\"\nc\",\"Ann Clerk\",\"3\",\"12.0\",\"true\",\"\"\n");
        page.Headers.GetValues("Sforce-Locator").ShouldBe(["null"]);
        page.Headers.GetValues("Sforce-NumberOfRecords").ShouldBe(["1"]);
    }

    [Fact]
    public async Task Each_page_has_the_header_and_the_last_one_says_so()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);
        for (int n = 1; n <= 5; n++)
            driver.Org.Create("Account", new { Name = $"A{n}" });

        (_, string job) = await RunAsync(driver, "select Name from Account order by Name");
        Answer first = await driver.GetAsync($"jobs/query/{job}/results?maxRecords=2");
        Answer second = await driver.GetAsync($"jobs/query/{job}/results?maxRecords=2&locator={first.Headers.GetValues("Sforce-Locator").Single()}");
        Answer third = await driver.GetAsync($"jobs/query/{job}/results?locator={second.Headers.GetValues("Sforce-Locator").Single()}");

        first.Text.ShouldBe("\"Name\"\n\"A1\"\n\"A2\"\n");
        second.Text.ShouldBe("\"Name\"\n\"A3\"\n\"A4\"\n");
        third.Text.ShouldBe("\"Name\"\n\"A5\"\n");
        third.Headers.GetValues("Sforce-Locator").ShouldBe(["null"]);
        (await driver.GetAsync($"jobs/query/{job}/results?locator=nonsense")).ErrorCode.ShouldBe("INVALID_QUERY_LOCATOR");
    }

    [Fact]
    public async Task Rows_are_those_of_the_moment_in_which_the_job_ran()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);
        string id = driver.Org.Create("Account", new { Name = "before" });

        (_, string job) = await RunAsync(driver, "select Name from Account");
        driver.Org.Update("Account", id, new { Name = "after" });

        (await driver.GetAsync($"jobs/query/{job}/results")).Text.ShouldContain("before");
    }

    [Fact]
    public async Task Deleted_rows_come_with_queryAll()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);
        driver.Org.Delete("Account", driver.Org.Create("Account", new { Name = "A" }));

        (_, string job) = await RunAsync(driver, "select Name, IsDeleted from Account", "queryAll");

        (await driver.GetAsync($"jobs/query/{job}/results")).Text.ShouldBe("\"Name\",\"IsDeleted\"\n\"A\",\"true\"\n");
    }

    [Fact]
    public async Task Results_are_read_with_the_version_that_made_the_job()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);

        (_, string job) = await RunAsync(driver, "select Name from Account");

        (await driver.GetAsync($"/services/data/v61.0/jobs/query/{job}/results")).Status.ShouldBe(409);
    }

    [Fact]
    public async Task A_job_that_is_not_complete_has_no_results_and_can_be_aborted()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { BulkPace = TimeSpan.FromMinutes(5) });
        string job = (await driver.PostAsync("jobs/query", new { operation = "query", query = "select Name from Account" })).Id;

        Answer early = await driver.GetAsync($"jobs/query/{job}/results");
        Answer aborted = await driver.PatchAsync($"jobs/query/{job}", new { state = "Aborted" });
        Answer late = await driver.GetAsync($"jobs/query/{job}/results");

        early.Status.ShouldBe(204);
        aborted.Json.GetProperty("state").GetString().ShouldBe("Aborted");
        late.ErrorCode.ShouldBe("INVALIDJOBSTATE");
        (await driver.PatchAsync($"jobs/query/{job}", new { state = "UploadComplete" })).ErrorCode.ShouldBe("INVALIDJOBSTATE");
    }

    [Theory]
    [InlineData("select Nope__c from Account", "INVALID_FIELD", "No such column")]
    [InlineData("select Id from", "MALFORMED_QUERY", "unexpected token")]
    [InlineData("select count() from Account", "INVALIDJOB", "COUNT()")]
    [InlineData("select Type, count(Id) from Account group by Type", "INVALIDJOB", "GROUP BY")]
    [InlineData("select Id from Account offset 1", "INVALIDJOB", "OFFSET")]
    [InlineData("select Id, (select Id from Contacts) from Account", "INVALIDJOB", "Aggregate Relationships not supported in Bulk Query")]
    public async Task A_query_that_cannot_run_is_refused(string soql, string code, string message)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(Quick);

        Answer answer = await driver.PostAsync("jobs/query", new { operation = "query", query = soql });

        answer.ErrorCode.ShouldBe(code);
        answer.Message.ShouldContain(message);
    }

    private static async Task<(Answer Created, string Job)> RunAsync(OrgDriver driver, string soql, string operation = "query")
    {
        Answer created = await driver.PostAsync("jobs/query", new { operation, query = soql });
        await driver.Org.WhenAsync(org => org.State.Bulk.Find(created.Id, isQuery: true)!.IsOver, Ct);
        return (created, created.Id);
    }
}
