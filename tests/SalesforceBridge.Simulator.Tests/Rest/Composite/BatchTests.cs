using System.Text.Json;
using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest.Composite;

public sealed class BatchTests
{
    [Fact]
    public async Task Subrequests_run_one_after_the_other_and_each_is_a_call()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string id = driver.Org.Create("Account", new { Name = "A" });

        Answer answer = await BatchAsync(driver, false,
            Sub("PATCH", $"v62.0/sobjects/account/{id}", new { Name = "Brand" }),
            Sub("GET", $"v62.0/sobjects/account/{id}?fields=Name"),
            Sub("GET", "/services/data/v62.0/query/?q=SELECT+Id+FROM+Account LIMIT 2"),
            Sub("GET", "v62.0/search?q=" + Uri.EscapeDataString("FIND {Brand} RETURNING Account(Name)")),
            Sub("GET", "v62.0/limits"));

        answer.Status.ShouldBe(200);
        answer.Json.GetProperty("hasErrors").GetBoolean().ShouldBeFalse();
        JsonElement[] results = Results(answer);
        results.Select(result => result.GetProperty("statusCode").GetInt32()).ShouldBe([204, 200, 200, 200, 200]);
        results[0].GetProperty("result").ValueKind.ShouldBe(JsonValueKind.Null);
        results[1].GetProperty("result").GetProperty("Name").GetString().ShouldBe("Brand");
        results[2].GetProperty("result").GetProperty("totalSize").GetInt32().ShouldBe(1);
        results[3].GetProperty("result").GetProperty("searchRecords").GetArrayLength().ShouldBe(1);
        answer.Headers.GetValues("Sforce-Limit-Info").Single().ShouldStartWith("api-usage=5/");
        (await driver.GetAsync("limits")).Headers.GetValues("Sforce-Limit-Info").Single().ShouldStartWith("api-usage=6/");
        driver.Org.Ledger.Count(ApiCallKind.CompositeBatch).ShouldBe(1);
    }

    [Theory]
    [InlineData(false, 201, "")]
    [InlineData(true, 412, "BATCH_PROCESSING_HALTED")]
    public async Task What_fails_undoes_nothing_and_halts_the_rest_if_asked(bool haltOnError, int status, string code)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await BatchAsync(driver, haltOnError,
            Sub("POST", "v62.0/sobjects/Account", new { Name = "A" }), Sub("POST", "v62.0/sobjects/Account", new { }), Sub("POST", "v62.0/sobjects/Account", new { Name = "C" }));

        answer.Json.GetProperty("hasErrors").GetBoolean().ShouldBeTrue();
        JsonElement[] results = Results(answer);
        results.Select(result => result.GetProperty("statusCode").GetInt32()).ShouldBe([201, 400, status]);
        results[2].GetProperty("result").GetRawText().ShouldContain(code);
        driver.Org.Query("select Id from Account").Count.ShouldBe(haltOnError ? 1 : 2);
    }

    [Fact]
    public async Task More_than_25_or_unreadable_is_refused_as_a_whole()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer tooMany = await BatchAsync(driver, false, [.. Enumerable.Range(0, 26).Select(_ => Sub("GET", "v62.0/limits"))]);
        Answer noMethod = await driver.PostAsync("composite/batch", """{"batchRequests":[{"url":"v62.0/limits"}]}""");

        (tooMany.Status, tooMany.ErrorCode).ShouldBe((400, "LIMIT_EXCEEDED"));
        (noMethod.Status, noMethod.ErrorCode).ShouldBe((400, "JSON_PARSER_ERROR"));
    }

    private static object Sub(string method, string url, object? richInput = null) => new { method, url, richInput };

    private static Task<Answer> BatchAsync(OrgDriver driver, bool haltOnError, params object[] batchRequests) =>
        driver.PostAsync("composite/batch", new { haltOnError, batchRequests });

    private static JsonElement[] Results(Answer answer) => [.. answer.Json.GetProperty("results").EnumerateArray()];
}
