using System.Net;
using SalesforceBridge.Salesforce.Errors;
using SalesforceBridge.Salesforce.Rest;
using SalesforceBridge.Salesforce.Tests.Drivers;

namespace SalesforceBridge.Salesforce.Tests.Rest;

public sealed class DescribeTests
{
    private const string Route = "GET sobjects/Account/describe";
    private const string Modified = "Mon, 23 Nov 2026 08:00:00 GMT";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_objects_are_described_without_their_fields()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects", Answer.Ok("""
            {"encoding":"UTF-8","maxBatchSize":200,"sobjects":[
             {"name":"Account","label":"Account","labelPlural":"Accounts","keyPrefix":"001","createable":true,"queryable":true,"searchable":true,"urls":{}},
             {"name":"Order_Placed__e","label":"Order Placed","keyPrefix":null,"custom":true,"createable":true,"queryable":false}]}
            """));
        using var client = new Client(org);

        GlobalDescribe all = await client.Rest.DescribeGlobalAsync(Ct);

        all.SObjects.Select(each => (each.Name, each.KeyPrefix, each.Custom, each.Queryable, each.Searchable))
            .ShouldBe([("Account", "001", false, true, true), ("Order_Placed__e", null, true, false, false)]);
        all.MaxBatchSize.ShouldBe(200);
    }

    [Fact]
    public async Task An_object_is_summarized_with_the_records_seen_last()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On("GET sobjects/Account", Answer.Ok("""{"objectDescribe":{"name":"Account","updateable":true},"recentItems":[{"Id":"001","Name":"A"}]}"""));
        using var client = new Client(org);

        ObjectBasicInfo info = await client.Rest.GetObjectBasicInfoAsync("Account", Ct);

        (info.ObjectDescribe.Name, info.ObjectDescribe.Updateable).ShouldBe(("Account", true));
        info.RecentItems.Single().GetProperty("Name").GetString().ShouldBe("A");
    }

    [Fact]
    public async Task An_object_tells_its_fields_who_refers_to_it_and_its_record_types()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, Answer.Ok("""
            {"name":"Account","labelPlural":"Accounts","custom":false,"searchable":true,
             "fields":[{"name":"Rating","type":"picklist","soapType":"xsd:string","filterable":true,"sortable":true,"nameField":false,"custom":false,
                        "picklistValues":[{"active":true,"defaultValue":false,"label":"Hot","validFor":"gAAA","value":"Hot"}]}],
             "childRelationships":[{"cascadeDelete":true,"childSObject":"Contact","deprecatedAndHidden":false,"field":"AccountId","relationshipName":"Contacts"},
                                   {"cascadeDelete":false,"childSObject":"AccountHistory","field":"AccountId","relationshipName":null}],
             "recordTypeInfos":[{"active":true,"available":true,"defaultRecordTypeMapping":true,"developerName":"Master","master":true,"name":"Master","recordTypeId":"012000000000000AAA","urls":{}}]}
            """));
        using var client = new Client(org);

        ObjectDescribe account = await client.Rest.GetObjectDescribeAsync("Account", Ct);

        (account.LabelPlural, account.Custom, account.Searchable).ShouldBe(("Accounts", false, true));
        FieldDescribe rating = account.Fields.Single();
        (rating.SoapType, rating.Filterable, rating.Sortable, rating.NameField, rating.Custom).ShouldBe(("xsd:string", true, true, false, false));
        rating.PicklistValues.ShouldBe([new PicklistValue("Hot", "Hot", Active: true, ValidFor: "gAAA")]);
        account.ChildRelationships.ShouldBe([new ChildRelationship("Contact", "AccountId", "Contacts", CascadeDelete: true), new ChildRelationship("AccountHistory", "AccountId")]);
        account.RecordTypeInfos.ShouldBe([new RecordTypeInfo("012000000000000AAA", "Master", "Master", Active: true, Available: true, DefaultRecordTypeMapping: true, Master: true)]);
    }

    [Fact]
    public async Task All_objects_are_described_again_only_when_one_changed()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        Answer all = Answer.Ok("""{"sobjects":[{"name":"Account"}]}""").With("Date", "Mon, 23 Nov 2026 10:00:00 GMT").With("Last-Modified", Modified);
        org.On("GET sobjects", all, new Answer(304));
        using var client = new Client(org);

        GlobalDescribe first = await client.Rest.DescribeGlobalAsync(Ct);
        GlobalDescribe second = await client.Rest.DescribeGlobalAsync(Ct);

        second.ShouldBeSameAs(first);
        org.Requests.Select(request => request.Headers.GetValueOrDefault("If-Modified-Since")).ShouldBe([null, Modified]);
    }

    [Fact]
    public async Task A_describe_is_sent_again_only_when_it_changed()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, Describe("Old", Modified), new Answer(304), Describe("New", "Mon, 23 Nov 2026 09:00:00 GMT"), new Answer(304));
        using var client = new Client(org);

        List<string?> labels = [];
        for (int call = 0; call < 4; call++)
            labels.Add((await client.Rest.GetObjectDescribeAsync("Account", Ct)).Label);

        labels.ShouldBe(["Old", "Old", "New", "New"]);
        org.Requests.Select(request => request.Headers.GetValueOrDefault("If-Modified-Since"))
            .ShouldBe([null, Modified, Modified, "Mon, 23 Nov 2026 09:00:00 GMT"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("yesterday")]
    // The second of the answer itself is not over.
    [InlineData("Mon, 23 Nov 2026 10:00:00 GMT")]
    public async Task Without_a_moment_that_is_surely_past_a_describe_is_read_anew(string? modified)
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, Describe("A", modified));
        using var client = new Client(org);

        await client.Rest.GetObjectDescribeAsync("Account", Ct);
        await client.Rest.GetObjectDescribeAsync("Account", Ct);

        org.Requests.ShouldAllBe(request => !request.Headers.ContainsKey("If-Modified-Since"));
    }

    [Fact]
    public async Task Describes_are_kept_each_for_itself()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, Describe("A", Modified));
        org.On("GET sobjects/Contact/describe", Describe("C", Modified));
        using var client = new Client(org);

        (await client.Rest.GetObjectDescribeAsync("Account", Ct)).Label.ShouldBe("A");
        (await client.Rest.GetObjectDescribeAsync("Contact", Ct)).Label.ShouldBe("C");

        org.Requests.ShouldAllBe(request => !request.Headers.ContainsKey("If-Modified-Since"));
    }

    [Fact]
    public async Task A_304_that_nobody_asked_for_is_no_answer()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, new Answer(304));
        using var client = new Client(org, Client.NoRetries);

        SalesforceException failure = await Should.ThrowAsync<SalesforceException>(client.Rest.GetObjectDescribeAsync("Account", Ct));

        (failure.Code, failure.Status).ShouldBe((OwnCodes.UnusableReply, HttpStatusCode.NotModified));
    }

    [Fact]
    public async Task An_object_that_vanished_is_not_described_from_memory()
    {
        await using ScriptedOrg org = await ScriptedOrg.StartAsync();
        org.On(Route, Describe("A", Modified), Answer.Error(404, "NOT_FOUND", "The requested resource does not exist"));
        using var client = new Client(org);
        await client.Rest.GetObjectDescribeAsync("Account", Ct);

        SalesforceException refusal = await Should.ThrowAsync<SalesforceException>(client.Rest.GetObjectDescribeAsync("Account", Ct));

        (refusal.Code, refusal.Status).ShouldBe(("NOT_FOUND", HttpStatusCode.NotFound));
    }

    private static Answer Describe(string label, string? modified)
    {
        Answer answer = Answer.Ok($$"""{"name":"Account","label":"{{label}}","fields":[]}""").With("Date", "Mon, 23 Nov 2026 10:00:00 GMT");
        return modified is null ? answer : answer.With("Last-Modified", modified);
    }
}
