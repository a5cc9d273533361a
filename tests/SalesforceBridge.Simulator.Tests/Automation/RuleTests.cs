using SalesforceBridge.Simulator.Ledger;
using SalesforceBridge.Simulator.Tests.Drivers;

namespace SalesforceBridge.Simulator.Tests.Automation;

public sealed class RuleTests
{
    [Fact]
    public async Task Rules_run_on_demand_for_the_records_that_they_are_about()
    {
        await using ReceiverDriver receiver = await ReceiverDriver.StartAsync(Reply.Ack);
        await using OrgDriver driver = await OrgDriver.StartAsync(new SimulatorOptions
        {
            RulesYaml = """
                outboundMessages: [{ name: Won, object: Opportunity, when: StageName = 'Closed Won', fields: [Name] }]
                apexTriggers: [{ name: Called, object: Opportunity, on: [insert, update] }]
                """,
        });
        string open = driver.Org.Create("Opportunity", new { Name = "Open", StageName = "Prospecting", CloseDate = "2026-04-03" });
        string won = driver.Org.Win();
        driver.Org.PointRule("Won", receiver.Url);
        driver.Org.PointRule("Called", receiver.Url);

        Answer answer = await driver.PostAsync("process/rules/", new { contextIds = new[] { open, won } });

        answer.Text.ShouldBe("""{"errors":null,"success":true}""");
        SentDelivery only = (await driver.Org.WhenEndedAsync(1)).Single();
        (only.Rule, only.RecordIds.Single()).ShouldBe(("Won", won));
    }

    [Theory]
    [InlineData("{}", 400, "JSON_PARSER_ERROR")]
    [InlineData("""{"contextIds":["nope"]}""", 400, "MALFORMED_ID")]
    [InlineData("""{"contextIds":["006000000000001AAA"]}""", 404, "NOT_FOUND")]
    public async Task Rules_do_not_run_for_what_is_no_record(string body, int status, string code)
    {
        await using OrgDriver driver = await OrgDriver.StartAsync();

        Answer answer = await driver.SendAsync(HttpMethod.Post, "process/rules", body);

        (answer.Status, answer.ErrorCode).ShouldBe((status, code));
    }
}
