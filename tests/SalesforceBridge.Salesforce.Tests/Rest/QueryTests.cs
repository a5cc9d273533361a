using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class QueryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_text_of_a_query_arrives_as_it_is()
    {
        const string Soql = "select Id from Account where Name = 'A&B #1 100% é😀' and CreatedDate > 2026-01-01T00:00:00+00:00";
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET query", Pages.Page(0, null));
        using var client = new Client(org);

        await client.Rest.QueryAsync(Soql, Ct).ToListAsync(Ct);

        string query = org.Requests.Single().Target.Split("?q=")[1];
        query.ShouldNotContain("+");
        Uri.UnescapeDataString(query).ShouldBe(Soql);
    }

    [Fact]
    public async Task Pages_are_asked_for_one_by_one_as_they_are_read()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET query", Pages.Page(2, "/services/data/v62.0/query/0r8-2", "1"));
        org.On("GET query/0r8-2", Pages.Page(2, null, "2"));
        using var client = new Client(org);

        List<(int Total, int Asked)> seen = [];
        await foreach (QueryPage<Row> page in client.Rest.QueryPagesAsync("select Id from Account", RowJson.Default.Row, Ct))
            seen.Add((page.TotalSize, org.Requests.Count));

        seen.ShouldBe([(2, 1), (2, 2)]);
    }

    [Fact]
    public async Task Deleted_records_are_asked_for_at_a_resource_of_their_own_whose_later_pages_are_a_query_s()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET queryAll", Pages.Page(2, "/services/data/v62.0/query/0r8-1", "1"));
        org.On("GET query/0r8-1", Pages.Page(2, null, "2"));
        using var client = new Client(org);

        List<JsonElement> records = await client.Rest.QueryAllAsync("select Id from Account", Ct).ToListAsync(Ct);

        records.Select(record => record.GetProperty("Id").GetString()).ShouldBe(["1", "2"]);
        org.Requests[0].Target.ShouldStartWith("/services/data/v62.0/queryAll?q=");
    }

    [Fact]
    public async Task An_expired_locator_blames_the_query_and_keeps_its_status()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET queryAll", Pages.Page(2, "/services/data/v62.0/query/0r8-1", "1"));
        org.On("GET query/0r8-1", Answer.Error(400, "INVALID_QUERY_LOCATOR", "invalid query locator"));
        using var client = new Client(org);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(
            client.Rest.QueryAllAsync("select Id from Account", RowJson.Default.Row, Ct).ToListAsync(Ct).AsTask());

        (failure.Code, failure.Status).ShouldBe(("INVALID_QUERY_LOCATOR", System.Net.HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_count_sends_no_records_over()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET query", Pages.Page(1234, null));
        using var client = new Client(org);

        (await client.Rest.CountQueryAsync("select count() from Account", Ct)).ShouldBe(1234);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "1")]
    public async Task A_query_for_one_record_finds_it_or_none(int count, string? id)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET query", Pages.Page(count, null, [.. Enumerable.Range(1, count).Select(n => $"{n}")]));
        using var client = new Client(org);

        (await client.Rest.QuerySingleAsync("select Id from Account", RowJson.Default.Row, Ct))?.Id.ShouldBe(id);
        (await client.Rest.QuerySingleAsync("select Id from Account", Ct))?.GetProperty("Id").GetString().ShouldBe(id);
    }

    [Fact]
    public async Task A_query_for_one_record_that_finds_several_tells_none_of_them()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET query", Pages.Page(4000, "/services/data/v62.0/query/0r8-2", "1", "2"));
        using var client = new Client(org);

        await Should.ThrowAsync<InvalidOperationException>(() => client.Rest.QuerySingleAsync("select Id from Account", RowJson.Default.Row, Ct));

        org.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Typed_records_have_their_moments_and_days()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET query", Answer.Ok("""
            {"totalSize":1,"done":true,"records":[{"attributes":{"type":"Order__c"},"Id":"a01",
             "CreatedDate":"2026-01-02T03:04:05.000+0000","Day__c":"2026-01-02","Closed__c":null}]}
            """));
        using var client = new Client(org);

        Row row = await client.Rest.QueryAsync("select Id from Order__c", RowJson.Default.Row, Ct).SingleAsync(Ct);

        row.ShouldBe(new Row("a01", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), new DateOnly(2026, 1, 2), null));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"totalSize":1,"records":{}}""")]
    [InlineData("""{"totalSize":1,"records":[null]}""")]
    [InlineData("""{"totalSize":"1"}""")]
    [InlineData("""{"totalSize":1,"records":null}""")]
    [InlineData("""{"totalSize":1,"records":[{"Id":1}]}""")]
    [InlineData("""{"totalSize":1,"records":[{"Id":"1","CreatedDate":"soon"}]}""")]
    [InlineData("""{"totalSize":1,"records":[{"Id":"\ud83d"}]}""")]
    [InlineData("""{"totalSize":1,"records":[{"Id":"1"}""")]
    [InlineData("""{"totalSize":1,"records":[{"Id":"1"}]}{""")]
    [InlineData("""{"totalSize":3000000000,"records":[]}""")]
    [InlineData("""{"totalSize":1,"nextRecordsUrl":2,"records":[]}""")]
    [InlineData("""{"totalSize":4000,"done":false,"records":[{"Id":"1"}]}""")]
    [InlineData("""{"totalSize":1,"nextRecordsUrl":"\ud83d","records":[]}""")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("<!DOCTYPE html><html></html>")]
    [InlineData("")]
    public async Task What_is_no_page_is_told_apart_from_an_empty_one(string body)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET query", Answer.Ok(body));
        using var client = new Client(org, Client.NoRetries);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(
            client.Rest.QueryAsync("select Id from Account", RowJson.Default.Row, Ct).ToListAsync(Ct).AsTask());

        failure.Code.ShouldBe(OwnCodes.UnusableReply);
    }

    [Fact]
    public async Task A_page_of_any_size_is_read_and_stays_as_it_was_while_the_next_one_comes()
    {
        string[] first = [.. Enumerable.Range(0, 2000).Select(n => $"first-{n}-{new string('x', 100)}")];
        string[] second = [.. first.Select(id => id.Replace("first", "other"))];
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET query", Pages.Page(4000, "/services/data/v62.0/query/0r8-2", first));
        org.On("GET query/0r8-2", Pages.Page(4000, null, second));
        using var client = new Client(org);

        List<JsonElement> records = await client.Rest.QueryAsync("select Id from Account", Ct).ToListAsync(Ct);

        records.Select(record => record.GetProperty("Id").GetString()).ShouldBe([.. first, .. second]);
    }

    [Fact]
    public async Task A_record_is_read_as_its_type_says_even_if_its_options_say_something_else()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET query", Pages.Page(2, null, "1", "2"));
        using var client = new Client(org);
        JsonTypeInfo<Row> loud = JsonTypeInfo.CreateJsonTypeInfo<Row>(RowJson.Default.Options);
        loud.CreateObject = () => new Row(null, null, null, null);
        JsonPropertyInfo id = loud.CreateJsonPropertyInfo(typeof(string), "Id");
        id.Set = (row, value) => typeof(Row).GetProperty(nameof(Row.Id))!.SetValue(row, $"{value}!");
        loud.Properties.Add(id);

        (await client.Rest.QueryAsync("select Id from Account", loud, Ct).ToListAsync(Ct)).Select(row => row.Id).ShouldBe(["1!", "2!"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_converter_that_stops_within_a_record_or_behind_it_is_no_reader_of_the_page(int tokens)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET query", Answer.Ok("""{"totalSize":2,"records":[{"Id":"1"},{"Id":"2"}]}"""));
        using var client = new Client(org, Client.NoRetries);
        CarelessReader.Tokens.Value = tokens;

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(
            client.Rest.QueryAsync("select Id from Account", RowJson.Default.Careless, Ct).ToListAsync(Ct).AsTask());

        failure.Code.ShouldBe(OwnCodes.UnusableReply);
    }
}
