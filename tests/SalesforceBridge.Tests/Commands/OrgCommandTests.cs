using System.Text.Json;
using SalesforceBridge.Tests.Drivers;
using SalesforceBridge.Tests.Infrastructure;

namespace SalesforceBridge.Tests.Commands;

public sealed class OrgCommandTests
{
    [Fact]
    public async Task A_published_event_goes_through_inbox_and_lane_to_the_org_while_the_worker_runs()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        CommandLine before = (await PublishAsync(bridge, "Order_Placed__e", """{"Order_Number__c":"before any worker"}""")).ShouldSucceed();
        await using TestHost worker = await bridge.RunAsync();
        CommandLine during = (await PublishAsync(bridge, "Large_Order__e", """{"order_id__c":"a001","Amount__c":1200.5}""", "--json")).ShouldSucceed();

        await bridge.UntilOrgAsync(org => org.Ledger.EventCount == 2);

        before.Output.ShouldMatch(@"^Message \d+ is accepted; the worker publishes it by route api-publish\.$");
        during.Json.GetProperty("source").GetString().ShouldBe("api publish");
        JsonElement message = (await CommandLine.RunAsync(bridge.Vars, "messages", "show", $"{during.Json.GetProperty("id")}", "--json")).ShouldSucceed().Json;
        message.GetProperty("payload").GetProperty("event").GetString().ShouldBe("Large_Order__e");
        await bridge.UntilAsync("select count(*) = 2 from bridge.outcome where lane = 'api-publish' and org_id is not null");
    }

    [Theory]
    [InlineData("Order_Placed", "{}", "`Order_Placed` is no Platform Event; its API name ends in __e, such as Order_Placed__e.")]
    [InlineData("Order_Placed__e", "[1]", "The payload is no JSON object. Write the event's fields, such as {\"Order_Id__c\": \"a001\"}.")]
    [InlineData("Nothing__e", "{}", "The org would refuse it: the org has no object Nothing__e, or the integration user may not see it; correct the name or give access.")]
    [InlineData("Order_Placed__e", """{"Amont__c":1}""", "The org would refuse it: Order_Placed__e has no field Amont__c, or the integration user may not see it; correct the column's name or give access.")]
    public async Task What_the_org_would_refuse_never_reaches_the_lane(string name, string payload, string refusal)
    {
        await using Bridge bridge = await Bridge.StartAsync();

        (await PublishAsync(bridge, name, payload)).ShouldRefuse(refusal);

        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox")).ShouldBe(0);
    }

    [Fact]
    public async Task An_event_is_accepted_while_the_org_cannot_be_reached()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        ConfigVars vars = bridge.Vars.With("SALESFORCE_LOGIN_URL", "http://127.0.0.1:1");

        CommandLine published = (await CommandLine.RunAsync(vars, "{}", ["publish", "Order_Placed__e", "--payload", "-"])).ShouldSucceed();

        published.Output.ShouldContain("The org was not asked whether it knows the event: ");
        (await bridge.Database.ScalarAsync<long>("select count(*) from bridge.inbox where source = 'api publish'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_query_prints_every_page_as_a_table_or_as_lines_of_json()
    {
        await using Bridge bridge = await Bridge.StartAsync();
        string account = bridge.Org.Create("Account", new { Name = "Acme" });
        bridge.Org.Create("Order__c", new { Amount__c = 5, Account__c = account });
        bridge.Org.Create("Order__c", new { Amount__c = 1200 });
        const string soql = "select Amount__c, Account__r.Name from Order__c order by Amount__c";

        CommandLine table = (await CommandLine.RunAsync(bridge.Vars, "query", soql)).ShouldSucceed();
        CommandLine lines = (await CommandLine.RunAsync(bridge.Vars, "query", soql, "--json")).ShouldSucceed();
        CommandLine count = (await CommandLine.RunAsync(bridge.Vars, "query", "select count() from Order__c")).ShouldSucceed();

        table.Output.Split('\n').Length.ShouldBe(3);
        table.Output.ShouldContain("Acme");
        lines.Output.Split('\n').Select(line => JsonElement.Parse(line).GetProperty("Amount__c").GetDecimal()).ShouldBe([5, 1200]);
        count.Output.ShouldBe("2 records");
    }

    [Fact]
    public async Task A_query_that_the_org_refuses_is_one_line()
    {
        await using Bridge bridge = await Bridge.StartAsync();

        CommandLine refused = await CommandLine.RunAsync(bridge.Vars, "query", "select Nothing__c from Order__c");

        refused.ExitCode.ShouldBe(1);
        refused.Errors.Split('\n').Length.ShouldBe(1);
        refused.Errors.ShouldContain("INVALID_FIELD");
    }

    private static Task<CommandLine> PublishAsync(Bridge bridge, string name, string payload, params string[] more) =>
        CommandLine.RunAsync(bridge.Vars, payload, ["publish", name, "--payload", "-", .. more]);
}
