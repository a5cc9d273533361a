using System.Text.Json;
using SalesforceBridge.Simulator.Soql;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest;

public sealed class QueryTests
{
    [Fact]
    public async Task Pages_follow_one_another_until_all_is_read()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        foreach (int number in Enumerable.Range(1, 450))
            driver.Org.Create("Account", new { Name = $"A{number:000}" });

        (string, string) pages = ("Sforce-Query-Options", "batchSize=200");
        Answer first = await driver.SendAsync(HttpMethod.Get, "query?q=select+Name+from+Account+order+by+Name", null, pages);
        Answer second = await driver.SendAsync(HttpMethod.Get, first.Json.GetProperty("nextRecordsUrl").GetString()!, null, pages);
        Answer third = await driver.SendAsync(HttpMethod.Get, second.Json.GetProperty("nextRecordsUrl").GetString()!, null, pages);

        first.Json.GetProperty("totalSize").GetInt32().ShouldBe(450);
        first.Json.GetProperty("done").GetBoolean().ShouldBeFalse();
        second.Json.GetProperty("records")[0].GetProperty("Name").GetString().ShouldBe("A201");
        third.Json.GetProperty("done").GetBoolean().ShouldBeTrue();
        third.Json.GetProperty("records").GetArrayLength().ShouldBe(50);
        third.Json.TryGetProperty("nextRecordsUrl", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Count_answers_with_a_number_and_no_records()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Create("Account", new { Name = "A" });

        Answer answer = await driver.QueryAsync("SELECT COUNT() FROM Account");

        answer.Json.GetProperty("totalSize").GetInt32().ShouldBe(1);
        answer.Json.GetProperty("records").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Deleted_records_are_found_by_queryAll_only()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string id = driver.Org.Create("Account", new { Name = "A" });
        driver.Org.Delete("Account", id);

        (await driver.QueryAsync("select Id from Account")).Json.GetProperty("totalSize").GetInt32().ShouldBe(0);
        (await driver.QueryAsync("select Id from Account where IsDeleted = true", "queryAll")).Json.GetProperty("totalSize").GetInt32().ShouldBe(1);
    }

    [Fact]
    public void A_query_that_is_too_long_or_too_deep_is_refused_and_harms_nobody()
    {
        string[] tooMuch =
        [
            $"select Id from Account where {new string('(', 2_000)}Id = null{new string(')', 2_000)}",
            $"select {string.Concat(Enumerable.Repeat("(select ", 2_000))}",
            $"select Id from Account where Name = '{new string('x', 100_000)}'",
        ];

        foreach (string soql in tooMuch)
            Should.Throw<SoqlException>(() => SoqlParser.Parse(soql)).Error.Code.ShouldBe("QUERY_TOO_COMPLICATED");
        SoqlParser.Parse($"select Id from Account where {new string('(', 500)}Id = null{new string(')', 500)}").Where.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("select Nope__c from Account", "INVALID_FIELD", "No such column 'Nope__c' on entity 'Account'")]
    [InlineData("select Id from Nope__c", "INVALID_TYPE", "sObject type 'Nope__c' is not supported.")]
    [InlineData("select Id from Order_Placed__e", "INVALID_TYPE", "sObject type 'Order_Placed__e' is not supported.")]
    [InlineData("select Boss.Name from Account", "INVALID_FIELD", "Didn't understand relationship 'Boss'")]
    [InlineData("select Id from Account where", "MALFORMED_QUERY", "unexpected token: '<EOF>'")]
    [InlineData("select Id from Account where Name = 'a", "MALFORMED_QUERY", "mismatched character")]
    [InlineData("select Id from Account where Name ~ 'a'", "MALFORMED_QUERY", "no viable alternative")]
    [InlineData("select Id from Account limit x", "MALFORMED_QUERY", "unexpected token: 'x'")]
    [InlineData("select Id from Account where Id = 'nope'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: nope")]
    [InlineData("select Id from Account where AnnualRevenue = '1'", "INVALID_FIELD", "should not be enclosed in quotes")]
    [InlineData("select Id from Account where Name = 1", "INVALID_FIELD", "should be enclosed in quotes")]
    [InlineData("select Id from Account where CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type datetime")]
    [InlineData("select Id from Account where Name = 'a' and Name = 'b' or Name = 'c'", "MALFORMED_QUERY", "unexpected token: 'or'")]
    [InlineData("select Id from Account where Name = 'a' and not Name = 'b'", "MALFORMED_QUERY", "unexpected token: 'not'")]
    [InlineData("select Id from Account where Name = 'a\\q'", "MALFORMED_QUERY", "Illegal character sequence")]
    [InlineData("select Id from Account where Name = TODAY", "INVALID_FIELD", "should be enclosed in quotes")]
    [InlineData("select Id from Account where CreatedDate = LAST_N_DAYS:x", "MALFORMED_QUERY", "no viable alternative")]
    [InlineData("select Id from Account where Type includes ('a')", "INVALID_FIELD", "invalid operator on picklist field")]
    [InlineData("select Id from Account where Active__c > false", "INVALID_FIELD", "invalid operator on boolean field")]
    [InlineData("select Id from Account all rows", "MALFORMED_QUERY", "ALL ROWS not allowed in this context")]
    [InlineData("select FIELDS(ALL) from Account", "MALFORMED_QUERY", "must have a LIMIT of at most 200")]
    [InlineData("select FIELDS(CUSTOM) from Account limit 201", "MALFORMED_QUERY", "must have a LIMIT of at most 200")]
    [InlineData("select FIELDS(SOME) from Account", "MALFORMED_QUERY", "unexpected token: 'SOME'")]
    [InlineData("select Name, name from Account", "INVALID_FIELD", "duplicate field selected")]
    [InlineData("select Name n from Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing")]
    [InlineData("select Name, count(Id) from Account", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name")]
    [InlineData("select Name, Type from Account group by Name", "MALFORMED_QUERY", "Field must be grouped or aggregated: Type")]
    [InlineData("select sum(Name) from Account", "MALFORMED_QUERY", "field Name does not support aggregate operator SUM")]
    [InlineData("select Description from Opportunity group by Description", "MALFORMED_QUERY", "can not be grouped")]
    [InlineData("select count(Id) from Account where count(Id) > 1", "MALFORMED_QUERY", "unexpected token: '('")]
    [InlineData("select count(Id) from Account limit 1", "MALFORMED_QUERY", "Non-grouped query that uses overall aggregate functions cannot also use LIMIT")]
    [InlineData("select count() from Account group by Type", "MALFORMED_QUERY", "COUNT() stands alone")]
    [InlineData("select count() from Account order by Name", "MALFORMED_QUERY", "COUNT() stands alone")]
    [InlineData("select Id, (select count() from Contacts) from Account", "MALFORMED_QUERY", "Only root queries support aggregate expressions")]
    [InlineData("select Id, (select count(Id) from Contacts) from Account", "MALFORMED_QUERY", "Only root queries support aggregate expressions")]
    [InlineData("select Id, (select LastName from Contacts group by LastName) from Account", "MALFORMED_QUERY", "Only root queries support aggregate expressions")]
    [InlineData("select FIELDS(0) from Account limit 1", "MALFORMED_QUERY", "unexpected token: '0'")]
    [InlineData("select Id, (select Id from Contact) from Account", "INVALID_TYPE", "Didn't understand relationship 'Contact' in FROM part of query call.")]
    [InlineData("select Id, (select Nope__c from Contacts) from Account", "INVALID_FIELD", "No such column 'Nope__c' on entity 'Contact'")]
    [InlineData("select Id from Account where Name in (select LastName from Contact)", "MALFORMED_QUERY", "should be an id field, cannot use: 'Name'")]
    [InlineData("select Id from Account where Id in (select LastName from Contact)", "MALFORMED_QUERY", "should point to the same object type")]
    [InlineData("select Id from Account where Id in (select OwnerId from Contact)", "MALFORMED_QUERY", "should point to the same object type")]
    [InlineData("select Id from Account where Id in (select ParentId from Account)", "MALFORMED_QUERY", "should not be on the same object type")]
    [InlineData("select Id from Account where Name = 'a' or Id in (select AccountId from Contact)", "MALFORMED_QUERY", "only allowed at the top level")]
    [InlineData("select Id from Contact where AccountId in (select Id from Account where Id in (select AccountId from Contact))", "MALFORMED_QUERY", "Nesting of semi join")]
    [InlineData("select Id from Account offset 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset")]
    public async Task A_wrong_query_says_what_is_wrong(string soql, string code, string message)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.QueryAsync(soql);

        answer.Status.ShouldBe(400);
        answer.ErrorCode.ShouldBe(code);
        answer.Message.ShouldContain(message);
    }

    [Theory]
    [InlineData("select Id from Account where Nope__c = 1", "\nselect Id from Account where Nope__c = 1\n                             ^\nERROR at Row:1:Column:30\nNo such column 'Nope__c' on entity 'Account'.")]
    [InlineData("select Id\nfrom Nope__c", "\nfrom Nope__c\n     ^\nERROR at Row:2:Column:6\nsObject type 'Nope__c' is not supported.")]
    [InlineData("select Id from Account where Name = 'a rather long name' and Name = 'b' or Name = 'c'", "\ne = 'a rather long name' and Name = 'b' or Name = 'c'\n                                        ^\nERROR at Row:1:Column:73\nunexpected token: 'or'")]
    public async Task A_caret_points_to_what_is_wrong(string soql, string message)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        (await driver.QueryAsync(soql)).Message.ShouldStartWith(message);
    }

    [Fact]
    public async Task Children_are_a_result_within_the_row_with_pages_of_their_own()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string id = driver.Org.Create("Account", new { Name = "Full" });
        driver.Org.Create("Account", new { Name = "Lonely" });
        foreach (int number in Enumerable.Range(1, 250))
            driver.Org.Create("Contact", new { LastName = $"C{number:000}", AccountId = id });
        const string soql = "select Name, (select LastName, Account.Name from Contacts where LastName > 'C010' order by LastName) from Account order by Name";

        (string, string) pages = ("Sforce-Query-Options", "batchSize=200");
        Answer answer = await driver.SendAsync(HttpMethod.Get, "query?q=" + Uri.EscapeDataString(soql), null, pages);
        JsonElement full = answer.Json.GetProperty("records")[0].GetProperty("Contacts");
        Answer next = await driver.SendAsync(HttpMethod.Get, full.GetProperty("nextRecordsUrl").GetString()!, null, pages);

        answer.Json.GetProperty("records")[1].GetProperty("Contacts").ValueKind.ShouldBe(JsonValueKind.Null);
        full.GetProperty("totalSize").GetInt32().ShouldBe(240);
        full.GetProperty("done").GetBoolean().ShouldBeFalse();
        full.GetProperty("records")[0].GetProperty("LastName").GetString().ShouldBe("C011");
        full.GetProperty("records")[0].GetProperty("Account").GetProperty("Name").GetString().ShouldBe("Full");
        full.GetProperty("records")[0].GetProperty("attributes").GetProperty("type").GetString().ShouldBe("Contact");
        next.Json.GetProperty("records")[0].GetProperty("LastName").GetString().ShouldBe("C211");
        next.Json.GetProperty("records").GetArrayLength().ShouldBe(40);
        next.Json.GetProperty("done").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Groups_come_in_one_page_or_not_at_all()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Change(transaction => Enumerable.Range(1, 2001).Select(number => transaction.Create("Account", new { Name = $"A{number}" })).Count());
        const string soql = "select Name, count(Id) from Account group by Name";

        Answer whole = await driver.QueryAsync(soql);
        Answer limited = await driver.QueryAsync(soql + " limit 2000");

        whole.ErrorCode.ShouldBe("EXCEEDED_ID_LIMIT");
        limited.Json.GetProperty("records").GetArrayLength().ShouldBe(2000);
        limited.Json.GetProperty("records")[0].GetProperty("attributes").GetRawText().ShouldBe("""{"type":"AggregateResult"}""");
    }

    [Fact]
    public async Task Fields_stand_for_all_that_may_be_seen()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Create("Account", new { Name = "A" });

        JsonElement custom = (await driver.QueryAsync("select Id, FIELDS(CUSTOM) from Account limit 200")).Json.GetProperty("records")[0];
        JsonElement standard = (await driver.QueryAsync("select FIELDS(STANDARD) from Account")).Json.GetProperty("records")[0];

        custom.EnumerateObject().Select(field => field.Name).ShouldBe(["attributes", "Id", "External_Id__c", "Active__c"]);
        standard.TryGetProperty("SystemModstamp", out _).ShouldBeTrue();
        standard.TryGetProperty("Active__c", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Days_are_those_of_the_clock_of_the_org()
    {
        var clock = new SettableClock();
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { TimeProvider = clock, TokenLifetime = TimeSpan.FromDays(90) });
        driver.Org.Create("Account", new { Name = "A" });

        clock.Advance(TimeSpan.FromDays(3));

        (await driver.QueryAsync("select Id from Account where CreatedDate = TODAY")).Json.GetProperty("totalSize").GetInt32().ShouldBe(0);
        (await driver.QueryAsync("select Id from Account where CreatedDate = N_DAYS_AGO:3")).Json.GetProperty("totalSize").GetInt32().ShouldBe(1);
        (await driver.QueryAsync("select Id from Account where CreatedDate < LAST_N_DAYS:2")).Json.GetProperty("totalSize").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Values_of_a_multipicklist_are_included_or_not()
    {
        const string yaml = """
            users: [{ username: me@example.com, password: secret }]
            objects: [{ name: Ship__c, fields: [{ name: Name, type: string, length: 80 }, { name: Sails__c, type: multipicklist, values: [Jib, Main, Topsail] }] }]
            """;
        await using SimulatedOrg org = await SimulatedOrg.StartAsync(new SimulatorOptions { SchemaYaml = yaml }, OrgDriver.Ct);
        org.Create("Ship__c", new { Name = "Both", Sails__c = "Jib;Main" });
        org.Create("Ship__c", new { Name = "Top", Sails__c = "Topsail" });
        org.Create("Ship__c", new { Name = "None" });

        Names("Sails__c includes ('main')").ShouldBe("Both");
        Names("Sails__c includes ('Jib;Main', 'Topsail')").ShouldBe("Both Top");
        Names("Sails__c includes ('Jib;Topsail')").ShouldBe("");
        Names("Sails__c excludes ('Jib')").ShouldBe("Top None");
        Names("Sails__c = 'Jib;Main'").ShouldBe("Both");

        string Names(string where) => string.Join(' ', org.Query("select Name from Ship__c where " + where).Select(ship => ship.GetProperty("Name").GetString()));
    }

    [Fact]
    public async Task Code_of_the_org_may_ask_for_all_rows()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Delete("Account", driver.Org.Create("Account", new { Name = "A" }));

        driver.Org.Query("select Id from Account all rows").Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_unknown_locator_is_refused()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.GetAsync("query/0r8SM0000000099AAA-2000");

        answer.Status.ShouldBe(400);
        answer.ErrorCode.ShouldBe("INVALID_QUERY_LOCATOR");
    }
}
