using System.Text.Json;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Rest;

public sealed class CollectionTests
{
    [Fact]
    public async Task Results_come_in_the_order_of_the_records()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.PostAsync("composite/sobjects", Records(false, Account("A"), Account(""), Account("C")));

        answer.Status.ShouldBe(200);
        answer.Json.EnumerateArray().Select(result => result.GetProperty("success").GetBoolean()).ShouldBe([true, false, true]);
        JsonElement error = answer.Json[1].GetProperty("errors")[0];
        error.GetProperty("statusCode").GetString().ShouldBe("REQUIRED_FIELD_MISSING");
        error.GetProperty("fields")[0].GetString().ShouldBe("Name");
        driver.Org.Query("select Name from Account").Count.ShouldBe(2);
    }

    [Fact]
    public async Task All_or_none_keeps_none()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.PostAsync("composite/sobjects", Records(true, Account("A"), Account("")));

        Code(answer, 0).ShouldBe("ALL_OR_NONE_OPERATION_ROLLED_BACK");
        Code(answer, 1).ShouldBe("REQUIRED_FIELD_MISSING");
        driver.Org.Query("select Name from Account").ShouldBeEmpty();
        (await driver.PostAsync("composite/sobjects", Records(true, Account("A")))).Json[0].GetProperty("success").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Records_are_updated_by_their_ids()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string a = driver.Org.Create("Account", new { Name = "A" });
        string b = driver.Org.Create("Account", new { Name = "B" });
        driver.Org.Delete("Account", b);

        Answer answer = await driver.PatchAsync("composite/sobjects", Records(
            false, Account("A2", a[..15]), Account("B2", b), Account("C2", "001000000000009"), Account("D2", "003000000000009"), Account("E2")));

        answer.Json[0].GetProperty("id").GetString().ShouldBe(a);
        Enumerable.Range(1, 4).Select(index => Code(answer, index)).ShouldBe(["ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID", "MISSING_ARGUMENT"]);
        driver.Org.Read("Account", a)!.Value.GetProperty("Name").GetString().ShouldBe("A2");
    }

    [Fact]
    public async Task A_record_that_is_twice_in_a_call_is_refused_both_times()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string a = driver.Org.Create("Account", new { Name = "A" });

        Answer update = await driver.PatchAsync("composite/sobjects", Records(false, Account("1", a), Account("2", a[..15])));
        Answer upsert = await driver.PatchAsync(
            "composite/sobjects/Order__c/External_Id__c", Records(false, Order("x", 1), Order("X", 2), Order("y", 3)));
        Answer delete = await driver.DeleteAsync($"composite/sobjects?ids={a},{a}");

        new[] { Code(update, 0), Code(update, 1), Code(upsert, 0), Code(upsert, 1), Code(delete, 0) }.ShouldAllBe(code => code == "DUPLICATE_VALUE");
        upsert.Json[2].GetProperty("success").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task An_upsert_tells_which_records_it_created()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        driver.Org.Create("Order__c", new { External_Id__c = "x" });

        Answer answer = await driver.PatchAsync("composite/sobjects/Order__c/External_Id__c", Records(false, Order("x", 1), Order("y", 2)));

        answer.Json.EnumerateArray().Select(result => result.GetProperty("created").GetBoolean()).ShouldBe([false, true]);
    }

    [Fact]
    public async Task Records_are_read_in_the_order_asked_for_with_null_for_what_is_missing()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string a = driver.Org.Create("Account", new { Name = "A" });
        string b = driver.Org.Create("Account", new { Name = "B" });

        Answer answer = await driver.PostAsync("composite/sobjects/Account", new { ids = new[] { b, "001000000000009", a }, fields = new[] { "Name" } });
        Answer byQuery = await driver.GetAsync($"composite/sobjects/Account?ids={b},001000000000009,{a}&fields=Name");

        answer.Json[0].GetProperty("Name").GetString().ShouldBe("B");
        answer.Json[1].ValueKind.ShouldBe(JsonValueKind.Null);
        answer.Json[2].GetProperty("Id").GetString().ShouldBe(a);
        byQuery.Text.ShouldBe(answer.Text);
    }

    [Fact]
    public async Task Records_of_several_objects_are_deleted_together()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();
        string account = driver.Org.Create("Account", new { Name = "A" });
        string order = driver.Org.Create("Order__c", new { });

        Answer answer = await driver.DeleteAsync($"composite/sobjects?ids={account},{order},zzz&allOrNone=false");

        answer.Json.EnumerateArray().Select(result => result.GetProperty("success").GetBoolean()).ShouldBe([true, true, false]);
        driver.Org.Read("Order__c", order).ShouldBeNull();
    }

    [Fact]
    public async Task Events_are_published_together()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.PostAsync("composite/sobjects", Records(
            false,
            new Dictionary<string, object> { ["attributes"] = new { type = "Order_Placed__e" }, ["Amount__c"] = 1 },
            new Dictionary<string, object> { ["attributes"] = new { type = "Large_Order__e" }, ["Order_Id__c"] = "a" },
            new Dictionary<string, object> { ["attributes"] = new { type = "Order_Placed__e" }, ["Amount__c"] = 2 }));

        Enumerable.Range(0, 3).Select(index => Code(answer, index)).ShouldAllBe(code => code == "OPERATION_ENQUEUED");
        driver.Org.Ledger.Events.Where(published => published.EventType == "Order_Placed__e")
            .Select(published => published.Payload.GetProperty("Amount__c").GetDouble()).ShouldBe([1.0, 2.0]);
    }

    [Fact]
    public async Task Too_much_or_unreadable_is_refused_as_a_whole()
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer tooMany = await driver.PostAsync("composite/sobjects", Records(false, [.. Enumerable.Range(0, 201).Select(number => Account($"A{number}"))]));
        Answer unknownField = await driver.PostAsync(
            "composite/sobjects", Records(false, Account("A"), new Dictionary<string, object> { ["attributes"] = new { type = "Account" }, ["Nope__c"] = 1 }));
        Answer unknownType = await driver.PostAsync("composite/sobjects", Records(false, new Dictionary<string, object> { ["attributes"] = new { type = "Nope" } }));

        (tooMany.Status, tooMany.ErrorCode).ShouldBe((400, "EXCEEDED_ID_LIMIT"));
        (unknownField.Status, unknownField.ErrorCode).ShouldBe((400, "INVALID_FIELD"));
        (unknownType.Status, unknownType.ErrorCode).ShouldBe((400, "INVALID_TYPE"));
        driver.Org.Query("select Id from Account").ShouldBeEmpty();
    }

    private static object Records(bool allOrNone, params Dictionary<string, object>[] records) => new { allOrNone, records };

    private static Dictionary<string, object> Account(string name, string? id = null)
    {
        var record = new Dictionary<string, object> { ["attributes"] = new { type = "Account" }, ["Name"] = name };
        if (id is not null)
            record["id"] = id;
        return record;
    }

    private static Dictionary<string, object> Order(string externalId, int amount) =>
        new() { ["attributes"] = new { type = "Order__c" }, ["External_Id__c"] = externalId, ["Amount__c"] = amount };

    private static string? Code(Answer answer, int index) => answer.Json[index].GetProperty("errors")[0].GetProperty("statusCode").GetString();
}

