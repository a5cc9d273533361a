using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest;

public sealed partial class RecordTests
{
    [Fact]
    public async Task A_record_is_created_read_updated_and_deleted()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer created = await driver.PostAsync("sobjects/Account", new { Name = "Ågren & Söner", AnnualRevenue = 120000, phone = "1" });
        string path = $"sobjects/Account/{created.Id}";
        created.Status.ShouldBe(201);
        created.Headers.Location!.ToString().ShouldBe($"{OrgDriver.Root}/{path}");
        created.Id.Length.ShouldBe(18);

        JsonElement read = (await driver.GetAsync(path)).Json;
        read.GetProperty("Name").GetString().ShouldBe("Ågren & Söner");
        read.GetProperty("AnnualRevenue").GetRawText().ShouldBe("120000.0");
        read.GetProperty("Phone").GetString().ShouldBe("1");
        read.GetProperty("Website").ValueKind.ShouldBe(JsonValueKind.Null);
        read.GetProperty("CreatedDate").GetString()!.ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$");
        read.GetProperty("attributes").GetProperty("url").GetString().ShouldBe($"{OrgDriver.Root}/{path}");

        (await driver.PatchAsync(path, new { Name = "B", Phone = (string?)null })).Status.ShouldBe(204);
        Answer chosen = await driver.GetAsync(path + "?fields=Name,Phone");
        chosen.Json.GetProperty("Name").GetString().ShouldBe("B");
        chosen.Json.GetProperty("Phone").ValueKind.ShouldBe(JsonValueKind.Null);
        chosen.Json.TryGetProperty("Website", out _).ShouldBeFalse();

        (await driver.DeleteAsync(path)).Status.ShouldBe(204);
        Answer again = await driver.DeleteAsync(path);
        (again.Status, again.ErrorCode).ShouldBe((404, "ENTITY_IS_DELETED"));
    }

    [Theory]
    [InlineData("""{"Name":null}""", "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]")]
    [InlineData("""{"Name":"A","Nope__c":1}""", "INVALID_FIELD", "No such column 'Nope__c' on sobject of type Account")]
    [InlineData("""{"Name":"A","CreatedDate":"2026-01-01T00:00:00Z"}""", "INVALID_FIELD_FOR_INSERT_UPDATE", "CreatedDate")]
    [InlineData("""{"Name":"A","AccountNumber":"12345678901234567890123456789012345678901"}""", "STRING_TOO_LONG", "(max length=40)")]
    [InlineData("""{"Name":"A","AnnualRevenue":"much"}""", "JSON_PARSER_ERROR", "Cannot deserialize instance of currency from VALUE_STRING value much")]
    [InlineData("""{"Name":"A","AnnualRevenue":{"x":1}}""", "JSON_PARSER_ERROR", "START_OBJECT")]
    [InlineData("""{"Name":"A","ParentId":"003000000000001"}""", "MALFORMED_ID", "id value of incorrect type: 003000000000001")]
    [InlineData("""{"Name":"A","ParentId":"001000000000001"}""", "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")]
    [InlineData("""{"Name":"A" """, "JSON_PARSER_ERROR", "at [line:1")]
    [InlineData("""["A"]""", "JSON_PARSER_ERROR", "entity body")]
    [InlineData("""{"Name":"\uD800"}""", "JSON_PARSER_ERROR", "invalid characters")]
    public async Task A_wrong_account_says_what_is_wrong(string body, string code, string message)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.PostAsync("sobjects/Account", body);

        answer.Status.ShouldBe(400);
        answer.ErrorCode.ShouldBe(code);
        answer.Message.ShouldContain(message);
    }

    [Theory]
    [InlineData("""{"Status__c":"Lost"}""", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")]
    [InlineData("""{"Amount__c":-1}""", "FIELD_CUSTOM_VALIDATION_EXCEPTION")]
    [InlineData("""{"Status__c":"Shipped"}""", "FIELD_CUSTOM_VALIDATION_EXCEPTION")]
    [InlineData("""{"Ordered_On__c":"2026-01-01T00:00:00Z"}""", "JSON_PARSER_ERROR")]
    [InlineData("""{"External_Id__c":"TAKEN"}""", "DUPLICATE_VALUE")]
    public async Task A_wrong_order_says_what_is_wrong(string body, string code)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Create("Order__c", new { External_Id__c = "taken" });

        Answer answer = await driver.PostAsync("sobjects/Order__c", body);

        (answer.Status, answer.ErrorCode).ShouldBe((400, code));
    }

    [Fact]
    public async Task An_order_takes_its_defaults_its_number_and_its_owner()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer created = await driver.PostAsync("sobjects/Order__c", new { Accepted_At__c = "2026-01-02T03:04:05+0200", Quantity__c = 3.0 });

        JsonElement order = driver.Org.Read("Order__c", created.Id)!.Value;
        order.GetProperty("Status__c").GetString().ShouldBe("New");
        order.GetProperty("Express__c").GetBoolean().ShouldBeFalse();
        order.GetProperty("Name").GetString().ShouldBe("O-00001");
        order.GetProperty("Quantity__c").GetRawText().ShouldBe("3");
        order.GetProperty("Accepted_At__c").GetString().ShouldBe("2026-01-02T01:04:05.000+0000");
        driver.Org.Query("select CreatedBy.Username from Order__c")[0].GetProperty("CreatedBy").GetProperty("Username").GetString().ShouldBe("bridge@example.com");
    }

    [Theory]
    [InlineData("001000000000001AAA", 404, "NOT_FOUND")]
    [InlineData("003000000000001AAA", 400, "MALFORMED_ID")]
    [InlineData("nonsense", 400, "MALFORMED_ID")]
    public async Task A_record_that_is_not_there_is_told_apart(string id, int status, string code)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        foreach (Answer answer in new[]
        {
            await driver.GetAsync($"sobjects/Account/{id}"),
            await driver.PatchAsync($"sobjects/Account/{id}", new { Name = "B" }),
            await driver.DeleteAsync($"sobjects/Account/{id}"),
        })
        {
            (answer.Status, answer.ErrorCode).ShouldBe((status, code));
        }
    }

    [Theory]
    [InlineData("A1")]
    [InlineData("A/1 b")]
    [InlineData("50%+#?&ü")]
    [InlineData("a%2Fb")]
    public async Task An_upsert_creates_then_updates_by_external_id(string value)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string path = "sobjects/Order__c/External_Id__c/" + Uri.EscapeDataString(value);

        Answer created = await driver.PatchAsync(path, new { Amount__c = 1 });
        Answer updated = await driver.PatchAsync(path, new { Amount__c = 2 });
        Answer old = await driver.PatchAsync("/services/data/v45.0/" + path, new { Amount__c = 3 });

        (created.Status, created.Json.GetProperty("created").GetBoolean()).ShouldBe((201, true));
        (updated.Status, updated.Json.GetProperty("created").GetBoolean(), updated.Id).ShouldBe((200, false, created.Id));
        (old.Status, old.Text).ShouldBe((204, ""));
        (await driver.GetAsync(path)).Json.GetProperty("External_Id__c").GetString().ShouldBe(value);
        driver.Org.Query("select Amount__c from Order__c")[0].GetProperty("Amount__c").GetDouble().ShouldBe(3);
        (await driver.DeleteAsync(path)).Status.ShouldBe(204);
        (await driver.GetAsync(path)).Status.ShouldBe(404);
    }

    [Fact]
    public async Task An_ambiguous_external_id_answers_300_with_the_records()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string first = driver.Org.Create("Contact", new { LastName = "A", Badge__c = "7" });
        string second = driver.Org.Create("Contact", new { LastName = "B", Badge__c = "7" });

        Answer answer = await driver.PatchAsync("sobjects/Contact/Badge__c/7", new { LastName = "C" });

        answer.Status.ShouldBe(300);
        answer.Json.EnumerateArray().Select(url => url.GetString()).ShouldBe(
            [$"{OrgDriver.Root}/sobjects/Contact/{first}", $"{OrgDriver.Root}/sobjects/Contact/{second}"]);
    }

    [Theory]
    [InlineData("sobjects/Order__c/External_Id__c/A?updateOnly=true", "{}", 404)]
    [InlineData("sobjects/Order__c/Status__c/A", "{}", 404)]
    [InlineData("sobjects/Order__c/External_Id__c/", "{}", 404)]
    [InlineData("sobjects/Order__c/External_Id__c/A", """{"Id":"a00000000000001"}""", 400)]
    [InlineData("sobjects/Order__c/External_Id__c/A", """{"external_id__c":"A"}""", 400)]
    public async Task An_upsert_that_makes_no_sense_is_refused(string path, string body, int status)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        (await driver.PatchAsync(path, body)).Status.ShouldBe(status);
        driver.Org.Query("select Id from Order__c").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_parent_is_found_by_its_external_id()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string account = driver.Org.Create("Account", new { Name = "A", External_Id__c = "X1" });

        Answer created = await driver.PostAsync("sobjects/Order__c", """{"Account__r":{"External_Id__c":"X1"}}""");
        Answer refused = await driver.PostAsync("sobjects/Order__c", """{"Account__r":{"External_Id__c":"X2"}}""");

        driver.Org.Read("Order__c", created.Id)!.Value.GetProperty("Account__c").GetString().ShouldBe(account);
        refused.Message.ShouldBe("Foreign key external ID: X2 not found for field External_Id__c in entity Account");
    }

    [Fact]
    public async Task Paths_match_in_any_case_and_with_a_trailing_slash()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        (await driver.PostAsync("SOBJECTS/account/", new { Name = "A" })).Status.ShouldBe(201);
        (await driver.GetAsync("limits/")).Status.ShouldBe(200);
        (await driver.GetAsync("query/?q=select+Id+from+account")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_post_can_stand_for_a_patch()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string id = driver.Org.Create("Account", new { Name = "A" });

        (await driver.PostAsync($"sobjects/Account/{id}?_HttpMethod=PATCH", new { Name = "B" })).Status.ShouldBe(204);
        driver.Org.Read("Account", id)!.Value.GetProperty("Name").GetString().ShouldBe("B");
    }

    [Fact]
    public async Task Bodies_may_be_gzipped_both_ways_and_chunked()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionMode.Compress, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("""{"Name":"Zipped"}"""), OrgDriver.Ct);
        zipped.Position = 0;
        using var request = new HttpRequestMessage(HttpMethod.Post, OrgDriver.Root + "/sobjects/Account") { Content = new StreamContent(zipped) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Content.Headers.ContentEncoding.Add("gzip");
        request.Headers.Authorization = new AuthenticationHeaderValue("OAuth", driver.Token);
        request.Headers.TransferEncodingChunked = true;
        request.Headers.AcceptEncoding.ParseAdd("gzip, deflate");

        using HttpResponseMessage response = await driver.Client.SendAsync(request, OrgDriver.Ct);

        response.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        await using var unzipped = new GZipStream(await response.Content.ReadAsStreamAsync(OrgDriver.Ct), CompressionMode.Decompress);
        (await JsonSerializer.DeserializeAsync<JsonElement>(unzipped, cancellationToken: OrgDriver.Ct)).GetProperty("success").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Every_call_is_counted_in_the_header_and_in_limits()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { DailyApiRequests = 3 });

        Answer first = await driver.GetAsync("sobjects");
        Answer second = await driver.GetAsync("sobjects/Nope");
        Answer third = await driver.GetAsync("limits");
        Answer fourth = await driver.GetAsync("limits");

        first.Headers.GetValues("Sforce-Limit-Info").ShouldBe(["api-usage=1/3"]);
        second.Headers.GetValues("Sforce-Limit-Info").ShouldBe(["api-usage=2/3"]);
        third.Json.GetProperty("DailyApiRequests").GetProperty("Remaining").GetInt32().ShouldBe(0);
        (fourth.Status, fourth.ErrorCode, fourth.Message).ShouldBe((403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."));
    }

    [Fact]
    public async Task More_calls_that_are_bought_show_in_the_header_too()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions { DailyApiRequests = 3 });
        driver.Org.DailyApiRequests = 5;

        (await driver.GetAsync("sobjects")).Headers.GetValues("Sforce-Limit-Info").ShouldBe(["api-usage=1/5"]);
    }

    [Fact]
    public async Task Records_are_counted_by_object()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Create("Account", new { Name = "A" });
        driver.Org.Delete("Account", driver.Org.Create("Account", new { Name = "B" }));

        Answer answer = await driver.GetAsync("limits/recordCount?sObjects=Account,Contact,Nope");

        answer.Text.ShouldBe("""{"sObjects":[{"count":1,"name":"Account"},{"count":0,"name":"Contact"}]}""");
    }

    [Theory]
    [InlineData("GET", "/services/data/v62.0/nope", 404, "NOT_FOUND")]
    [InlineData("GET", "/services/data/v62.0/sobjects/Nope", 404, "NOT_FOUND")]
    [InlineData("GET", "/services/data/v30.0/limits", 410, "GONE")]
    [InlineData("GET", "/services/data/v99.0/limits", 404, "NOT_FOUND")]
    [InlineData("PUT", "/services/data/v62.0/sobjects/Account", 405, "METHOD_NOT_ALLOWED")]
    public async Task A_wrong_path_answers_with_an_error_body(string method, string path, int status, string code)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.SendAsync(new HttpMethod(method), path, null);

        (answer.Status, answer.ErrorCode).ShouldBe((status, code));
    }

    [Fact]
    public async Task The_versions_are_listed_without_a_token()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        string text = await driver.Client.GetStringAsync("/services/data", OrgDriver.Ct);

        text.ShouldContain("""{"label":"Summer '14","url":"/services/data/v31.0","version":"31.0"}""");
        text.ShouldContain("""{"label":"Winter '27","url":"/services/data/v68.0","version":"68.0"}""");
        VersionEntry().Count(text).ShouldBe(38);
    }

    [Fact]
    public async Task A_describe_tells_of_fields_and_values()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        JsonElement describe = (await driver.GetAsync("sobjects/Order__c/describe")).Json;
        JsonElement status = describe.GetProperty("fields").EnumerateArray().Single(field => field.GetProperty("name").GetString() == "Status__c");
        JsonElement global = (await driver.GetAsync("sobjects")).Json;

        describe.GetProperty("custom").GetBoolean().ShouldBeTrue();
        status.GetProperty("restrictedPicklist").GetBoolean().ShouldBeTrue();
        status.GetProperty("picklistValues").EnumerateArray().Select(value => value.GetProperty("value").GetString()).ShouldContain("Accepted");
        global.GetProperty("sobjects").EnumerateArray().Select(type => type.GetProperty("name").GetString()).ShouldBe(
            ["Account", "AccountChangeEvent", "Contact", "ContactChangeEvent", "ContentVersion", "Large_Order__e", "Lead", "Opportunity", "Order_Placed__e", "Order__ChangeEvent", "Order__c", "PushTopic", "StreamingChannel", "User", "acme__Shipment__c"]);
    }

    [Fact]
    public async Task Publishing_an_event_answers_with_its_uuid()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.PostAsync("sobjects/Order_Placed__e", new { Amount__c = 12, Order_Id__c = "a00" });

        answer.Status.ShouldBe(201);
        JsonElement error = answer.Json.GetProperty("errors")[0];
        error.GetProperty("statusCode").GetString().ShouldBe("OPERATION_ENQUEUED");
        driver.Org.Ledger.Events.Single().Uuid.ShouldBe(error.GetProperty("message").GetString());
        driver.Org.Ledger.Events[0].Payload.GetProperty("Amount__c").GetRawText().ShouldBe("12.0");
        (await driver.PostAsync("sobjects/Large_Order__e", new { Amount__c = 12 })).ErrorCode.ShouldBe("REQUIRED_FIELD_MISSING");
        (await driver.GetAsync("sobjects/Order_Placed__e/e01000000000001")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task The_ledger_knows_who_wrote_what_in_which_call()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        string id = (await driver.PostAsync("sobjects/Account", new { Name = "A" })).Id;
        await driver.PatchAsync($"sobjects/Account/{id}", new { Name = (string?)null });

        driver.Org.Ledger.Writes.Select(write => (write.Order, write.User, write.Object, write.Id, write.Error)).ShouldBe(
        [
            (1, "bridge@example.com", "Account", id, null),
            (2, "bridge@example.com", "Account", id, "REQUIRED_FIELD_MISSING"),
        ]);
        driver.Org.Ledger.Writes.Select(write => write.Call).ShouldBeUnique();
        driver.Org.Ledger.Writes[0].Fields.GetProperty("Name").GetString().ShouldBe("A");
        driver.Org.Ledger.Count(Simulator.Ledger.ApiCallKind.Update).ShouldBe(1);
    }

    [GeneratedRegex("\"version\"", RegexOptions.None, 1000)]
    private static partial Regex VersionEntry();
}
